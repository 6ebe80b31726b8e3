use socket_protocol::prelude::*;

#[payload]
#[derive(JsonSchema)]
pub struct Point {
    x: i32,
}

fn main() {}

//- #[derive(JsonSchema)]
//+
