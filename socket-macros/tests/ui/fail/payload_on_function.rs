use socket_protocol::prelude::*;

#[payload]
pub fn point() {}

fn main() {}

//- pub fn point() {}
//+ pub struct Point;
