use socket_protocol::prelude::*;

#[payload(rename_all = "camelCase")]
pub struct Point {
    x: i32,
}

fn main() {}

//- #[payload(rename_all = "camelCase")]
//+ #[payload] #[serde(rename_all = "camelCase")]
