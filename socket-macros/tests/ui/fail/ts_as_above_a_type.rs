use socket_protocol::prelude::*;

#[payload]
#[ts(as = "String")]
pub struct Stamp(pub String);

fn main() {}

//- #[ts(as = "String")]
//+ #[ts(type = "string")]
