use socket_protocol::prelude::*;

#[payload]
pub fn point() {}

fn main() {}
