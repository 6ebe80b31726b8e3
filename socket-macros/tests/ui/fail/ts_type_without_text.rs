use socket_protocol::prelude::*;

#[payload]
pub struct Stamp {
    #[ts(type = Date)]
    pub at: String,
}

fn main() {}

//- #[ts(type = Date)]
//+ #[ts(type = "Date")]
