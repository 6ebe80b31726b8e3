use socket_protocol::prelude::*;

#[payload]
pub struct Point {
    #[garde(rang(min = 1))]
    x: i32,
}

fn main() {}

//- rang(
//+ range(
