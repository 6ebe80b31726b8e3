use socket_protocol::prelude::*;

#[payload]
#[socket(int = "text")]
pub struct Account {
    #[socket(integer = "string")]
    balance: u64,
}

fn main() {}
