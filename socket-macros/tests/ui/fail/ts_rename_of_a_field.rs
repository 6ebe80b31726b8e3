use socket_protocol::prelude::*;

#[payload]
pub struct Stamp {
    #[ts(rename = "time")]
    pub at: String,
}

fn main() {}

//- #[ts(rename = "time")]
//+ #[serde(rename = "time")]
