use socket_protocol::prelude::*;

pub struct Inner;

#[payload]
#[serde(tag = "kind")]
pub enum Outer {
    One(Inner),
    Two { list: Vec<String> },
}

#[payload]
pub struct Around {
    pub outer: Option<Outer>,
}

fn main() {}

//- pub struct Inner;
//+ #[payload] pub struct Inner {}
