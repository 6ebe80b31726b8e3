use socket_protocol::prelude::*;

#[payload]
pub struct Account {
    #[socket(int = "bigint")]
    balance: u64,
}

fn main() {}

//- "bigint"
//+ "string"
