use socket_protocol::prelude::*;

#[payload]
#[serde(crate = "serde", rename_all = "camelCase")]
pub struct Point {
    x: i32,
}

fn main() {}

//- crate = "serde", 
//+
