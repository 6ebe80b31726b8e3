use socket_protocol::prelude::*;

#[payload]
pub struct Note {
    #[garde(range(max = 20))]
    text: String,
}

fn main() {}

//- range(max = 20)
//+ length(max = 20)
