use socket_protocol::prelude::*;

#[payload]
#[garde(custom(check))]
pub struct Point {
    x: i32,
}

fn main() {}
