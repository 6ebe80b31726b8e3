use socket_protocol::prelude::*;

#[payload]
#[derive(Debug, Serialize, Clone)]
pub struct Point {
    x: i32,
}

fn main() {}

//- Debug, Serialize, Clone
//+ Debug, Clone
