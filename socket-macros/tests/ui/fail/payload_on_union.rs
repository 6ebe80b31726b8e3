use socket_protocol::prelude::*;

#[payload]
pub union Number {
    x: i32,
}

fn main() {}

//- pub union
//+ pub struct
