use socket_protocol::prelude::*;

pub struct Inner {
    pub tone: String,
}

#[payload]
pub struct Outer {
    pub inner: Inner,
    pub more: u8,
}

#[derive(Commands)]
pub enum ChatCommand {
    Chat { how: Outer, list: Vec<Outer> },
    Move(Outer),
}

fn main() {}

//- pub struct Inner
//+ #[payload] pub struct Inner
