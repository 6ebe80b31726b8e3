//! Fields that are called as the emitted code calls its own.
#![deny(warnings)]

use socket_protocol::definition::{Channels as _, Commands as _, ErrorCodes as _, Events as _};
use socket_protocol::prelude::*;

#[derive(Debug, PartialEq, Commands)]
pub enum AnyCommand {
    Put { id: u64, channel: String, param: bool, handler: u8, cx: u8, carrier: u8, index: u8 },
}

#[derive(Debug, PartialEq, Events)]
pub enum AnyEvent {
    Put { head: u64, name: String, param: bool, f: u8, other: u8, decoded: u8 },
}

#[derive(Debug, PartialEq, Channels)]
pub enum AnyChannel {
    #[channel("{name}:{text}:{policy}:{cx}")]
    Any { name: String, text: String, policy: u8, cx: u8 },
}

#[derive(ErrorCodes)]
pub enum AnyError {
    #[code(message = "{text} {data} {code}")]
    Any { text: u8, data: u8, code: u8 },
}

fn main() {
    let put = AnyCommand::Put {
        id: 1,
        channel: "a".to_owned(),
        param: true,
        handler: 2,
        cx: 3,
        carrier: 4,
        index: 5,
    };
    let message = put.encode(None, None).unwrap();
    assert_eq!(
        message.text(),
        br#"{"cmd":"put","param":{"id":1,"channel":"a","param":true,"handler":2,"cx":3,"carrier":4,"index":5}}"#
    );
    let told = AnyEvent::Put {
        head: 1,
        name: "a".to_owned(),
        param: true,
        f: 2,
        other: 3,
        decoded: 4,
    };
    assert!(told.encode(Default::default()).is_ok());
    let channel = AnyChannel::Any { name: "a".to_owned(), text: "b".to_owned(), policy: 1, cx: 2 };
    let name = channel.name().unwrap();
    assert_eq!(name.as_str(), "a:b:1:2");
    assert_eq!(AnyChannel::parse(&name), Some(channel));
    assert_eq!(AnyError::Any { text: 1, data: 2, code: 3 }.into_wire().message, "1 2 3");
}
