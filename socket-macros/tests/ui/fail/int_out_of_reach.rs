use socket_protocol::prelude::*;

#[payload]
pub struct Account {
    #[socket(int = "string")]
    balances: std::ops::Range<u64>,
}

fn main() {}

//- #[socket(int = "string")]
//+
//- std::ops::Range<u64>
//+ Both
//- pub struct Account
//+ #[socket(int = "string")] pub struct Both { first: u64, second: u64 } #[payload] pub struct Account
