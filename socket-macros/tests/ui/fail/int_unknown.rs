use socket_protocol::prelude::*;

#[payload]
#[socket(int = "text")]
pub struct Account {
    #[socket(integer = "string")]
    balance: u64,
}

fn main() {}

//- int = "text"
//+ int = "string"
//- integer = "string"
//+ int = "string"
