use socket_protocol::prelude::*;

#[payload]
pub enum Shape {
    #[garde(range(min = 1))]
    Circle { radius: f64 },
}

fn main() {}

//-     #[garde(range(min = 1))]
//+
//- { radius
//+ { #[garde(range(min = 1.0))] radius
