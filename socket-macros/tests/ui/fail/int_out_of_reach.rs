use socket_protocol::prelude::*;

#[payload]
pub struct Account {
    #[socket(int = "string")]
    balances: (u64, u64),
}

fn main() {}
