use socket_protocol::prelude::*;

#[payload]
#[garde(custom(check))]
pub struct Point {
    x: i32,
}

fn main() {}

//- #[garde(custom(check))]
//+
//-     x: i32
//+     #[garde(range(min = 0))] x: i32
