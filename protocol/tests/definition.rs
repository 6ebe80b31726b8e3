//! A whole definition, from the wire to the handler and back.
#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "a definition in a test"
)]

use socket_protocol::definition::{Decide, Handle};
use socket_protocol::envelope::{EventHead, MessageBuf};
use socket_protocol::prelude::*;
use socket_protocol::{InvalidParam, RequestId, WireError};

/// Where things are.
#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    #[garde(range(min = 0, max = 100))]
    x: i32,
    y: i32,
}

/// The round trip.
#[payload]
pub struct Pong {
    timestamp: u64,
}

/// Who joined.
#[payload]
pub struct Joined {
    room: String,
    members: u32,
}

/// What a chat client may ask.
#[derive(Debug, PartialEq, Commands)]
pub enum ChatCommand {
    /// Measures the round trip.
    #[command(reply = Pong, idempotent)]
    Ping,
    /// Says something.
    Chat {
        /// The words.
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
    #[command(reply = Joined, error = JoinError, name = "enter")]
    JoinRoom {
        room: String,
    },
    Move(Point),
    Leave {},
}

/// What the server tells.
#[derive(Debug, PartialEq, Events)]
pub enum ChatEvent {
    /// Someone spoke.
    Chat {
        user: String,
        text: String,
    },
    #[event(name = "arrived")]
    UserJoined {
        user: String,
    },
    Moved(Point),
    Silence,
}

#[derive(Debug, PartialEq, Channels)]
pub enum ChatChannel {
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}:{seat}", commands(Chat), events(Chat), outsiders(Ping))]
    Room { room: String, seat: u32 },
    #[channel("file/{*path}")]
    File { path: String },
}

#[derive(Debug, PartialEq, ErrorCodes)]
pub enum JoinError {
    /// The room is full.
    #[code(message = "room {room} holds {max} people")]
    RoomFull {
        room: String,
        max: u32,
    },
    NotInvited,
}

/// A chat.
#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

struct Server;
struct Cx;

impl ChatCommandHandler<Cx> for Server {
    async fn ping(&self, _: Cx) -> Result<Pong, Reject> {
        Ok(Pong { timestamp: 7 })
    }

    async fn chat(&self, _: Cx, say: chat_command::Chat) -> Result<(), Reject> {
        assert_eq!(say.text, "hi");
        Ok(())
    }

    async fn join_room(
        &self,
        _: Cx,
        join: chat_command::JoinRoom,
    ) -> Result<Joined, Reject<JoinError>> {
        if join.room == "full" {
            let room = join.room;
            return Err(JoinError::RoomFull { room, max: 3 }.into());
        }
        if join.room == "secret" {
            return Err(Reject::forbidden("no"));
        }
        let chat_command::JoinRoom { room } = join;
        Ok(Joined { room, members: 1 })
    }

    async fn r#move(&self, _: Cx, _: Point) -> Result<(), Reject> {
        Ok(())
    }

    async fn leave(&self, _: Cx) -> Result<(), Reject> {
        Err(Reject::unavailable("later"))
    }
}

impl ChatChannelPolicy<Cx> for Server {
    async fn may_join_lobby(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_room(&self, _: &Cx, room: &chat_channel::Room) -> Result<(), Reject> {
        if room.seat > 10 {
            return Err(Reject::forbidden("no such seat"));
        }
        Ok(())
    }

    async fn may_join_file(&self, _: &Cx, _: &chat_channel::File) -> Result<(), Reject> {
        Ok(())
    }
}

fn raw(json: &str) -> Box<serde_json::value::RawValue> {
    serde_json::value::RawValue::from_string(json.to_owned()).expect("JSON")
}

fn decode(name: &str, json: &str) -> Result<ChatCommand, InvalidParam> {
    let index = ChatCommand::index_of(name).expect(name);
    ChatCommand::decode(index, Some(&raw(json)))
}

/// Polls a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(outcome) => outcome,
        std::task::Poll::Pending => panic!("the handler waits"),
    }
}

fn text(message: &MessageBuf) -> String {
    String::from_utf8(message.text().to_vec()).expect("UTF-8")
}

fn run(name: &str, json: &str) -> Result<Option<String>, WireError> {
    let command = decode(name, json)?;
    let answer = now(command.handle(&Server, Cx, RequestId::new(7).into()))?;
    Ok(answer.as_ref().map(text))
}

#[test]
fn commands_reach_their_handler_and_their_answer_comes_back() {
    for (name, json, expected) in [
        ("ping", "{}", r#"{"re":7,"param":{"timestamp":7}}"#),
        ("chat", r#"{"text":"hi"}"#, r#"{"re":7,"param":{}}"#),
        (
            "enter",
            r#"{"room":"a"}"#,
            r#"{"re":7,"param":{"room":"a","members":1}}"#,
        ),
        ("move", r#"{"x":1,"y":2}"#, r#"{"re":7,"param":{}}"#),
    ] {
        assert_eq!(
            run(name, json).unwrap().as_deref(),
            Some(expected),
            "{name}"
        );
    }
}

#[test]
fn refusals_come_back_with_their_code() {
    for (name, json, code, message) in [
        (
            "enter",
            r#"{"room":"full"}"#,
            "room-full",
            "room full holds 3 people",
        ),
        ("enter", r#"{"room":"secret"}"#, "forbidden", "no"),
        ("leave", "{}", "unavailable", "later"),
        (
            "leave",
            "[]",
            "invalid-param",
            "invalid type: sequence, expected an object",
        ),
    ] {
        let error = run(name, json).unwrap_err();
        assert_eq!((&*error.code, error.message.as_str()), (code, message));
    }
    let full = JoinError::RoomFull {
        room: "a".to_owned(),
        max: 3,
    };
    let wire = full.into_wire();
    assert_eq!(wire.data.unwrap().get(), r#"{"room":"a","max":3}"#);
    assert_eq!(JoinError::NotInvited.into_wire().message, "not invited");
    assert!(JoinError::NotInvited.into_wire().data.is_none());
}

#[test]
fn rules_are_checked_before_the_handler() {
    for (name, json, path) in [
        ("chat", r#"{"text":""}"#, "text"),
        ("move", r#"{"x":101,"y":0}"#, "x"),
        ("chat", r#"{"text":1}"#, "text"),
        ("chat", "{}", ""),
    ] {
        assert_eq!(decode(name, json).unwrap_err().path, path, "{name} {json}");
    }
}

#[test]
fn names_are_kebab_case_or_what_they_are_renamed_to() {
    let names: Vec<_> = ChatCommand::COMMANDS.iter().map(|spec| spec.name).collect();
    assert_eq!(names, ["ping", "chat", "enter", "move", "leave"]);
    assert!(ChatCommand::COMMANDS[0].idempotent);
    assert_eq!(ChatCommand::COMMANDS[0].docs, "Measures the round trip.");
    let names: Vec<_> = ChatEvent::EVENTS.iter().map(|spec| spec.name).collect();
    assert_eq!(names, ["chat", "arrived", "moved", "silence"]);
    let codes: Vec<_> = JoinError::CODES.iter().map(|spec| spec.code).collect();
    assert_eq!(codes, ["room-full", "not-invited"]);
    assert_eq!(Chat::NAME, "chat");
}

#[test]
fn commands_are_encoded_for_clients() {
    let say = ChatCommand::Chat {
        text: "hi".to_owned(),
    };
    let lobby = ChannelName::new("lobby").unwrap();
    let message = say.encode(RequestId::new(1), Some(&lobby)).unwrap();
    assert_eq!(
        text(&message),
        r#"{"cmd":"chat","channel":"lobby","param":{"text":"hi"},"id":1}"#
    );
    let message = ChatCommand::Ping.encode(None, None).unwrap();
    assert_eq!(text(&message), r#"{"cmd":"ping","param":{}}"#);
}

#[test]
fn events_survive_the_way_there_and_back() {
    let chat = || chat_event::Chat {
        user: "ann".to_owned(),
        text: "hi".to_owned(),
    };
    for (event, name, param) in [
        (
            ChatEvent::from(chat()),
            "chat",
            r#"{"user":"ann","text":"hi"}"#,
        ),
        (
            ChatEvent::Moved(Point { x: 1, y: 2 }),
            "moved",
            r#"{"x":1,"y":2}"#,
        ),
        (ChatEvent::Silence, "silence", "{}"),
    ] {
        let decoded = ChatEvent::decode(name, Some(&raw(param))).unwrap();
        assert_eq!(decoded.unwrap(), event);
        assert_eq!(ChatEvent::EVENTS[event.index()].name, name);
        let message = event.encode(EventHead::default()).unwrap().close();
        assert_eq!(
            text(&message),
            format!(r#"{{"cmd":"{name}","param":{param}}}"#)
        );
    }
    assert!(ChatEvent::decode("other", None).is_none());
}

#[test]
fn channels_are_parsed_and_printed() {
    for (channel, name) in [
        (ChatChannel::Lobby, "lobby"),
        (
            ChatChannel::Room {
                room: "a b:c".to_owned(),
                seat: 4,
            },
            "room:a%20b%3Ac:4",
        ),
        (
            ChatChannel::File {
                path: "x/y:%20".to_owned(),
            },
            "file/x/y:%20",
        ),
    ] {
        let name = ChannelName::new(name).unwrap();
        assert_eq!(channel.name().as_ref(), Ok(&name));
        assert_eq!(ChatChannel::parse(&name), Some(channel));
    }
    for other in [
        "Lobby",
        "room:a",
        "room:a:x",
        "room:a:04",
        "room:%41:1",
        "file/",
    ] {
        let name = ChannelName::new(other).unwrap();
        assert_eq!(ChatChannel::parse(&name), None, "{other}");
    }
}

#[test]
fn policies_decide_per_channel() {
    let room = |seat| ChatChannel::Room {
        room: "a".to_owned(),
        seat,
    };
    for (channel, code) in [
        (ChatChannel::Lobby, None),
        (room(1), None),
        (room(11), Some("forbidden")),
    ] {
        let decision = now(channel.may_join(&Server, &Cx));
        assert_eq!(decision.err().map(|error| error.code), code.map(Into::into));
    }
}

#[test]
fn structs_have_the_traits_that_their_fields_have() {
    let joined = chat_event::UserJoined {
        user: "ann".to_owned(),
    };
    assert_eq!(joined.clone(), joined);
    assert_eq!(format!("{joined:?}"), r#"UserJoined { user: "ann" }"#);
}

#[test]
fn any_parameter_survives_the_way_there_and_back() {
    let alphabet: Vec<char> = "ab9_-.:/@#~+=% \0\u{7f}äß漢🦀".chars().collect();
    // A small generator of its own: the same cases on every machine.
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    for _ in 0..5_000 {
        let length = 1 + next(8);
        let room: String = (0..length)
            .map(|_| alphabet[next(alphabet.len())])
            .collect();
        let seat = u32::try_from(next(1000)).expect("small");
        let channel = ChatChannel::Room { room, seat };
        let name = channel.name().expect("short enough");
        assert_eq!(ChatChannel::parse(&name), Some(channel), "{name}");
        let text: String = (0..length).map(|_| alphabet[next(16)]).collect();
        if let Ok(name) = ChannelName::new(&format!("room:{text}")) {
            let printed = ChatChannel::parse(&name).map(|channel| channel.name());
            assert!(
                printed.is_none_or(|printed| printed.as_ref() == Ok(&name)),
                "{name}"
            );
        }
    }
}
