//! serde's attributes on fields reach the struct, and stand for what a type does not have.
#![deny(warnings)]

use std::time::Duration;

use socket_protocol::definition::Commands as _;
use socket_protocol::prelude::*;

mod millis {
    use std::time::Duration;

    use socket_protocol::__private::serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &Wait, serializer: S) -> Result<S::Ok, S::Error> {
        value.0.as_millis().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Wait, D::Error> {
        u64::deserialize(deserializer).map(|millis| Wait(Duration::from_millis(millis)))
    }

    pub struct Wait(pub Duration);
}

#[derive(Commands)]
pub enum SleepCommand {
    Sleep {
        #[serde(rename = "forMs", with = "millis")]
        #[schemars(with = "u64")]
        wait: millis::Wait,
        #[serde(default)]
        loudly: bool,
        #[serde(skip)]
        since: Option<std::time::Instant>,
    },
}

fn main() {
    let param = socket_protocol::__private::serde_json::value::RawValue::from_string(
        r#"{"forMs": 5}"#.to_owned(),
    )
    .unwrap();
    let SleepCommand::Sleep { wait, loudly, since } = SleepCommand::decode(0, Some(&param)).unwrap();
    assert_eq!((wait.0, loudly, since), (Duration::from_millis(5), false, None));
}
