//! The protocol's own commands and events, those whose names begin with `:` and the three beside
//! them: names and parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::WireError;
use crate::id::{ConnectionId, RequestId};

/// The WebSocket subprotocol of full mode.
pub const SUBPROTOCOL: &str = "socket.v1";

/// The wire names of the protocol's own commands and events.
pub mod name {
    /// The handshake.
    pub const CONNECT: &str = ":connect";
    /// Enter a channel.
    pub const JOIN: &str = ":join";
    /// Quit a channel.
    pub const LEAVE: &str = ":leave";
    /// List a channel's members.
    pub const MEMBERS: &str = ":members";
    /// Read a channel's history.
    pub const HISTORY: &str = ":history";
    /// Bring a new token, or ask for one.
    pub const REFRESH: &str = ":refresh";
    /// Give up a call.
    pub const CANCEL: &str = ":cancel";
    /// Ask for a sign of life.
    pub const PING: &str = ":ping";
    /// The sign of life.
    pub const PONG: &str = ":pong";
    /// An error that answers no call.
    pub const ERROR: &str = ":error";
    /// The server put the connection into a channel.
    pub const JOINED: &str = ":joined";
    /// The server took the connection out of a channel.
    pub const CLOSED: &str = ":closed";
    /// Something was lost that could not be replayed.
    pub const GAP: &str = ":gap";
    /// The server is going away.
    pub const DRAIN: &str = ":drain";
    /// A large message follows.
    pub const LARGE: &str = ":large";
    /// A member came or went.
    pub const ONLINE_UPDATE: &str = "online-update";
    /// The server asks the client to close and stay closed.
    pub const CLOSE_CONNECTION: &str = "close-connection";
    /// A member's presence data changed.
    pub const PRESENCE_UPDATE: &str = "presence-update";

    /// The names that no definition may use besides those that begin with `:`.
    pub const RESERVED: &[&str] = &[ONLINE_UPDATE, CLOSE_CONNECTION, PRESENCE_UPDATE];
}

/// The parameters of `:connect`. All are optional.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Connect {
    /// The credentials, where they come in band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The session to resume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The protocol that the client was generated from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ProtocolId>,
    /// The channels to be in, by name as the client wrote it: a bad name is answered alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, Join>,
    /// The names of the protocol's own events that the client understands beyond the first ones.
    /// The server sends those to no other client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub knows: Vec<String>,
    /// Which client this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientInfo>,
}

/// A protocol by name and, where it is known, fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolId {
    /// The protocol's name.
    pub name: String,
    /// The hash of its manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// The data of the error `upgrade-required`: what the server speaks, and what the client does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradeRequired {
    /// The protocol's name.
    pub name: String,
    /// The fingerprint of the server's version, where the server knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The changes since the client's version, if the server knows that version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// A change that breaks clients of an older version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The compatibility rule that it breaks: `FIELD_ADDED_REQUIRED`.
    pub rule: String,
    /// The place, from the message's root: `chat.param.kind`.
    pub path: String,
    /// The change, as the rest of a sentence about the path.
    pub reason: String,
}

/// Which client library speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The reply to `:connect`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connected {
    /// The connection's id.
    pub connection: ConnectionId,
    /// The token that resumes this session, where sessions are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `true` if an earlier session continues.
    pub resumed: bool,
    /// Who the connection belongs to; `null` if nobody.
    pub user: Option<UserInfo>,
    /// The protocol of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ProtocolId>,
    /// Milliseconds of silence after which the server asks for a sign of life.
    pub ping: u64,
    /// Milliseconds that it waits for one.
    pub timeout: u64,
    /// Milliseconds over which clients spread their first reconnect.
    pub spread: u64,
    /// Milliseconds until the token runs out; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// The limits of the server.
    pub limits: Limits,
    /// The answer for each channel that was named, and for the default channel.
    pub channels: BTreeMap<String, JoinOutcome>,
}

/// A user as others see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The id.
    pub id: String,
    /// The name to show.
    pub name: String,
}

/// The limits of one connection. A limit that the server does not enforce is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The largest message it takes, in bytes.
    pub message: u64,
    /// The most channels a connection may be in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u64>,
    /// Commands per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u64>,
    /// Commands at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
}

/// The parameters of `:join`, and what `:connect` says of each channel.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Join {
    /// The last event seen, to go on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Position>,
    /// `true` if the answer is to list the members.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub members: bool,
}

/// A place in a channel's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which history.
    pub epoch: String,
    /// The offset in it.
    pub at: u64,
}

/// The outcome for one channel of `:connect`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum JoinOutcome {
    /// It was refused.
    Refused {
        /// Why.
        error: WireError,
    },
    /// It was joined.
    Joined(JoinResult),
}

/// The answer to a join.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct JoinResult {
    /// The outcome for the events since the position that the client gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// The channel's history, where it keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// The members, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Members>,
    /// The data that the join decision hands out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

/// The outcome for the events that a client missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recovery {
    /// No position was given.
    Fresh,
    /// Everything after the position follows.
    Complete,
    /// That is no longer possible.
    Gap,
    /// The channel keeps no history.
    None,
}

/// The parameters of `:members`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MembersQuery {
    /// The cursor of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The most members to list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The parameters of `:history`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryQuery {
    /// The most events to list; as many as the server lists at once where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The offset before which they lie; the newest where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// The answer to `:history`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct History {
    /// Which history.
    pub epoch: String,
    /// Where it stands.
    pub at: u64,
    /// Whole events, the oldest first.
    pub events: Vec<Box<RawValue>>,
}

/// A page of a channel's members.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Members {
    /// How many there are in all.
    pub count: u64,
    /// This page's.
    pub members: Vec<Member>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One connection in a channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub connection: ConnectionId,
    /// Whose it is; `null` if nobody's.
    pub user: Option<UserInfo>,
    /// Its presence data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

/// The parameters of `:cancel`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Cancel {
    /// The call to give up.
    pub id: RequestId,
}

/// The parameters of `:refresh`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refresh {
    /// The new credentials.
    pub token: String,
}

/// The reply to `:refresh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// Milliseconds until the new token runs out; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
}

/// The parameters of `online-update`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineUpdate {
    /// The user's id; empty if nobody's.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The member.
    pub connection: ConnectionId,
    /// The user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `true` if the member joined, `false` if it left.
    pub connected: bool,
    /// `true` if this is the user's only connection in the channel.
    pub last: bool,
}

/// The parameters of `:drain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drain {
    /// Reconnect at a random moment between those milliseconds from now.
    pub after: [u64; 2],
}

/// The parameters of `:large`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Large {
    /// How much longer than usual the next message may take, in milliseconds.
    pub within: u64,
}

/// The parameters of `:closed`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Closed {
    /// Why.
    pub reason: WireError,
}
