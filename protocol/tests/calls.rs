//! Commands as a typed client calls them, and the answers that they know.
#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "a definition in a test"
)]

use socket_protocol::definition::Command;
use socket_protocol::prelude::*;
use socket_protocol::{ErrorCode, InvalidParam, WireError};

#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    x: i32,
}

/// Named like a command, which must not hide it.
#[payload]
#[derive(Debug, Clone, PartialEq)]
struct Ping {
    timestamp: u64,
}

// Private, as most definitions in one file are.
#[derive(Debug, PartialEq, Commands)]
enum ChatCommand {
    #[command(reply = Ping)]
    Ping,
    Echo {
        ping: Ping,
    },
    #[command(reply = Point, error = JoinError)]
    JoinRoom {
        room: String,
    },
    Move(Point),
}

#[derive(Debug, PartialEq, ErrorCodes)]
enum JoinError {
    RoomFull {
        max: u32,
    },
    #[code(name = "by-invitation")]
    NotInvited,
    Away(Point),
}

fn reply<C: Command<ChatCommand>>(_: &C, json: &str) -> Result<C::Reply, InvalidParam> {
    let param: Box<serde_json::value::RawValue> = serde_json::from_str(json).expect("JSON");
    C::decode_reply(Some(&param))
}

fn error<C: Command<ChatCommand>>(_: &C, error: WireError) -> Result<C::Error, WireError> {
    C::decode_error(error)
}

#[test]
fn every_shape_is_called_by_its_name() {
    assert_eq!(chat_command::Ping.into_command(), ChatCommand::Ping);
    let point = Point { x: 1 };
    let go = chat_command::Move(point.clone());
    assert_eq!(go.into_command(), ChatCommand::Move(point));
    let (room, ping) = ("a".to_owned(), Ping { timestamp: 7 });
    let join = chat_command::JoinRoom { room: room.clone() };
    assert_eq!(join.into_command(), ChatCommand::JoinRoom { room });
    let echo = chat_command::Echo { ping: ping.clone() };
    assert_eq!(echo.into_command(), ChatCommand::Echo { ping });
}

#[test]
fn replies_have_their_own_type() {
    let pong = reply(&chat_command::Ping, r#"{"timestamp": 7}"#);
    assert_eq!(pong, Ok(Ping { timestamp: 7 }));
    assert_eq!(reply(&chat_command::Move(Point { x: 1 }), "{}"), Ok(()));
    let room = "a".to_owned();
    let wrong = reply(&chat_command::JoinRoom { room }, r#"{"x": "y"}"#);
    assert_eq!(wrong.map_err(|error| error.path), Err("x".to_owned()));
}

#[test]
fn declared_errors_survive_the_way_there_and_back() {
    let join = chat_command::JoinRoom {
        room: "a".to_owned(),
    };
    for declared in [
        || JoinError::RoomFull { max: 3 },
        || JoinError::NotInvited,
        || JoinError::Away(Point { x: 2 }),
    ] {
        assert_eq!(error(&join, declared().into_wire()), Ok(declared()));
        // A command without errors of its own takes none for one.
        let other = error(&chat_command::Ping, declared().into_wire());
        assert!(matches!(other, Err(wire) if wire == declared().into_wire()));
    }
    let built_in = WireError::new(ErrorCode::Forbidden, "no");
    assert_eq!(error(&join, built_in.clone()), Err(built_in));
    let broken = WireError {
        data: None,
        ..JoinError::RoomFull { max: 3 }.into_wire()
    };
    assert_eq!(error(&join, broken.clone()), Err(broken));
}
