use socket_protocol::prelude::*;

#[payload]
pub struct Stamp {
    #[ts(typ = "Date")]
    pub at: String,
}

fn main() {}

//- #[ts(typ = "Date")]
//+ #[ts(type = "Date")]
