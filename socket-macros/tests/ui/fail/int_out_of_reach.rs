use socket_protocol::prelude::*;

#[payload]
pub struct Account {
    #[socket(int = "string")]
    balances: (u64, u64),
}

fn main() {}

//- #[socket(int = "string")]
//+
//- (u64, u64)
//+ Both
//- pub struct Account
//+ #[socket(int = "string")] pub struct Both { first: u64, second: u64 } #[payload] pub struct Account
