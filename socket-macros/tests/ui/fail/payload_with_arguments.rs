use socket_protocol::prelude::*;

#[payload(rename_all = "camelCase")]
pub struct Point {
    x: i32,
}

fn main() {}
