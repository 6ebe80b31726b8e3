use socket_protocol::prelude::*;

mod text {
    use socket_protocol::__private::serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &u8, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
        u8::deserialize(from)
    }
}

#[payload]
pub struct Small {
    #[serde(with = "text")]
    small: u8,
}

fn main() {}

//- #[serde(with = "text")]
//+ #[serde(with = "text")] #[schemars(with = "String")]
