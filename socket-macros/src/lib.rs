//! The derives of `socket-protocol`, which re-exports them, as `socket-runtime` does: depend on one
//! of those.
//!
//! | macro | on | makes |
//! | --- | --- | --- |
//! | [`Commands`](macro@Commands) | an enum | a struct per command, the handler trait, the dispatch |
//! | [`Events`](macro@Events) | an enum | a struct per event, encoding and decoding |
//! | [`Channels`](macro@Channels) | an enum | names from patterns and back, the policy trait |
//! | [`ErrorCodes`](macro@ErrorCodes) | an enum | the typed errors of a command |
//! | [`Protocol`](macro@Protocol) | a unit struct | the whole: its name and its sets |
//! | [`payload`](macro@payload) | a struct or enum | a type that messages may carry |
//!
//! # Inside
//! A definition is read, judged and written. Lowest first: each uses what stands above it in this list,
//! and names nothing below.
//! - `nearest`: the name that was meant
//! - `errors`: every mistake of a definition, gathered
//! - `attr`, `name`, `root`: attributes, names on the wire, and the path to the user's dependency
//! - `serde_names`, `pattern`, `rules`: the attributes of serde, channel patterns, garde's rules
//! - `wire`, `life`, `history`: the attributes of fields, of messages and of channels
//! - `ast`: the user's definition, as structs of ours
//! - `delivery`, `check`: the rules that a definition must meet
//! - `fallback`: stubs for a definition with mistakes, so that one mistake is one message
//! - `expand`: the code

mod ast;
mod attr;
mod check;
mod delivery;
mod errors;
mod expand;
mod fallback;
mod history;
mod life;
mod name;
mod nearest;
mod pattern;
mod root;
mod rules;
mod serde_names;
mod wire;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error};

use crate::root::Root;

/// Makes the commands of a protocol out of an enum: the messages from clients to the server.
///
/// For `ChatCommand` it makes
/// - the module `chat_command` with one struct for each variant that has fields; they have `Debug`,
///   `Clone` and `PartialEq` where all fields do;
/// - the trait `ChatCommandHandler<Cx>` with one async method for each variant, named in snake_case
///   (`Move` is `r#move`): `(&self, cx: Cx, param)`, without `param` where there are no fields;
/// - decoding by wire name, the check of the rules, and the way to the method and back.
///
/// ```
/// use socket_protocol::prelude::*;
///
/// /// The answer to a ping.
/// #[payload]
/// pub struct Pong { timestamp: Timestamp }
///
/// /// What a chat client may ask.
/// #[derive(Commands)]
/// pub enum ChatCommand {
///     /// Measures the round trip.
///     #[command(reply = Pong, idempotent)]
///     Ping,
///     /// Says something.
///     Chat {
///         #[garde(length(chars, min = 1, max = 2000))]
///         text: String,
///     },
/// }
///
/// struct Server;
///
/// impl<Cx: Send> ChatCommandHandler<Cx> for Server {
///     async fn ping(&self, _: Cx) -> Result<Pong, Reject> {
///         Ok(Pong { timestamp: Timestamp::now() })
///     }
///
///     async fn chat(&self, _: Cx, say: chat_command::Chat) -> Result<(), Reject> {
///         if say.text == "spam" {
///             return Err(Reject::forbidden("not here"));
///         }
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
///
/// # `#[command(…)]` on a variant
/// | key | meaning | without it |
/// | --- | --- | --- |
/// | `reply = Type` | the type of the answer, a payload | the answer is `{}` |
/// | `stream = Type` | it sends items of that type, a payload, before it answers: its method has `Items<Type>` as the last argument. Those behind it begin while it runs, and clients must give an `id` | no items |
/// | `error = Type` | the command's own errors, made by `#[derive(ErrorCodes)]` | built-in ones only |
/// | `name = "…"` | the name on the wire | the variant in kebab-case |
/// | `idempotent` | may run twice: clients send it again after a lost session | it is sent once |
/// | `concurrent` | those behind it begin while it runs | they wait until it has ended |
/// | `rate = "20/s"` | how often one connection may send it, in a second (`s`), minute (`m`) or hour (`h`), and as often at once; more is answered by `rate-limited` | the server's rate for all commands together |
/// | `alias = "…"`, `alias("…", "…")` | its former names on the wire, which the server still takes | none |
/// | `reserved_fields("…")` | the names of fields that were given up: no field may have one | none |
/// | `since`, `sunset`, `stability` | how long and how firmly it stands, see below | |
///
/// A variant is a unit, has named fields, or one unnamed field, which is then the parameter itself.
///
/// # How long and how firmly a message stands
/// Commands, events, channels and error codes say so; `socket-codegen breaking` holds them to it.
/// | key | meaning | without it |
/// | --- | --- | --- |
/// | `since = "2026-01-31"` | the day of its `#[deprecated]` | not told |
/// | `sunset = "2026-07-31"` | the first day on which it may be gone | never promised |
/// | `stability = "draft"` | `draft`: not compared; `beta`, `stable`: compared | compared |
///
/// `#[commands(reserved("old-name"))]` above the enum names what was given up and must not come back
/// with another meaning: a command that is called so does not compile. The other derives have the
/// same: `#[events(…)]`, `#[channels(…)]` with patterns, `#[error_codes(…)]`.
///
/// # `#[garde(…)]` on a field
/// Checked after decoding and before the handler; what breaks one is answered by `invalid-param`
/// with the path. They hold for `None` as well as for what an `Option` holds.
/// | rule | holds for |
/// | --- | --- |
/// | `length(min = …, max = …)`, `length(equal = …)` | texts, in bytes, and lists |
/// | `length(bytes, …)`, `length(chars, …)`, `length(utf16, …)` | texts, counted so |
/// | `range(min = …, max = …)`, `range(equal = …)` | numbers |
/// | `pattern("…")` | strings that the regular expression matches; an invalid expression refuses all |
/// | `email`, `url`, `ascii`, `alphanumeric` | texts |
/// | `contains("…")`, `prefix("…")`, `suffix("…")` | texts |
/// | `inner(…)` | each item of a list, map, set or option meets the rules inside |
/// | `dive` | types with rules of their own, which are checked without it too |
/// | `custom(function)` | `fn(&T) -> Result<(), impl Display>` |
/// | `skip` | nothing is checked, not even the type's own rules |
///
/// serde's attributes on fields count as usual; on the enum and its variants they are refused.
#[proc_macro_derive(
    Commands,
    attributes(command, commands, garde, socket, serde, schemars, ts)
)]
pub fn commands(input: TokenStream) -> TokenStream {
    derive(input, expand::commands::expand)
}

/// Makes the events of a protocol out of an enum: the messages from the server to clients.
///
/// For `ChatEvent` it makes the module `chat_event` with one struct for each variant that has
/// fields, the conversion from it to the variant, and encoding and decoding.
///
/// ```
/// use socket_protocol::prelude::*;
///
/// #[derive(Events)]
/// pub enum ChatEvent {
///     Chat { user: String, text: String },
///     #[event(name = "arrived")]
///     UserJoined { user: String },
/// }
///
/// let event = ChatEvent::from(chat_event::UserJoined { user: "ann".to_owned() });
/// let message = event.encode(Default::default())?.close();
/// assert_eq!(message.text(), br#"{"cmd":"arrived","param":{"user":"ann"}}"#);
/// # Ok::<(), socket_protocol::envelope::EncodeError>(())
/// ```
///
/// # `#[event(…)]` on a variant
/// | key | meaning | without it |
/// | --- | --- | --- |
/// | `name = "…"` | the name on the wire | the variant in kebab-case |
/// | `latest = "user"`, `latest("user", "room")`, `latest` | a newer one for the same channel and fields replaces an older one that a slow connection has not been sent yet | it is reliable: sent in order, or the connection is closed and recovers |
/// | `volatile` | it is dropped for a connection that is slow | as above |
/// | `reserved_fields("…")` | the names of fields that were given up | none |
/// | `since`, `sunset`, `stability` | as for [commands](macro@Commands#how-long-and-how-firmly-a-message-stands) | |
///
/// History keeps reliable events only.
///
/// There is no `alias`: the server sends an event under one name. To rename one, keep the old variant
/// as well, deprecated, and send both until no page needs the old one.
#[proc_macro_derive(Events, attributes(event, events, garde, socket, serde, schemars, ts))]
pub fn events(input: TokenStream) -> TokenStream {
    derive(input, expand::events::expand)
}

/// Makes the channels of a protocol out of an enum: the named groups of connections.
///
/// For `ChatChannel` it makes the module `chat_channel` with one struct for each variant that has
/// fields, the trait `ChatChannelPolicy<Cx>` with one async decision for each variant
/// (`may_join_room(&self, cx: &Cx, room: &chat_channel::Room)`), and parsing and printing of names.
///
/// ```
/// use socket_protocol::prelude::*;
///
/// #[derive(Debug, PartialEq, Channels)]
/// pub enum ChatChannel {
///     #[channel("lobby")]
///     Lobby,
///     #[channel("room:{room}", commands(Chat), events(Chat, UserJoined))]
///     Room { room: String },
/// }
///
/// let room = ChatChannel::Room { room: "tea & cake".to_owned() };
/// let name = room.name()?;
/// assert_eq!(name.as_str(), "room:tea%20%26%20cake");
/// assert_eq!(ChatChannel::parse(&name), Some(room));
/// # Ok::<(), socket_protocol::InvalidChannelName>(())
/// ```
///
/// # `#[channel("pattern", …)]` on a variant
/// The pattern holds letters, digits and `_ - . : / @ # ~ + =`, and each field once as `{field}`; a
/// delimiter stands between two fields. The last may be `{*field}` and takes the rest of the name as
/// it stands. Fields need `FromStr` and `Display`. Where two patterns fit a name, the one that is
/// declared first counts.
/// | key | meaning | without it |
/// | --- | --- | --- |
/// | `commands(A, B)` | the commands that it takes, by variant | every command |
/// | `events(A, B)` | the events that it carries, by variant | every event |
/// | `outsiders(A)` | the commands that it takes from connections that are not in it | none |
/// | `history(events = 500, keep = "10m")` | keeps its last reliable events, so many and so long (`s`, `m`, `h`, `d`), for those who come back; what is not said is 100 events and 120 s, with `history` alone both | nothing is kept |
/// | `since`, `sunset`, `stability` | as for [commands](macro@Commands#how-long-and-how-firmly-a-message-stands) | |
#[proc_macro_derive(Channels, attributes(channel, channels, garde, serde, schemars))]
pub fn channels(input: TokenStream) -> TokenStream {
    derive(input, expand::channels::expand)
}

/// Makes the error codes of a command out of an enum, which the command names by `error = …`.
///
/// The code is the variant in kebab-case; its fields are the error's `data`.
///
/// ```
/// use socket_protocol::prelude::*;
///
/// #[derive(ErrorCodes)]
/// pub enum JoinError {
///     #[code(message = "the room holds {max} people")]
///     RoomFull { max: u32 },
///     /// Only those who are invited may join.
///     NotInvited,
/// }
///
/// let error = JoinError::RoomFull { max: 8 }.into_wire();
/// assert_eq!((&*error.code, &*error.message), ("room-full", "the room holds 8 people"));
/// ```
///
/// # `#[code(…)]` on a variant
/// | key | meaning | without it |
/// | --- | --- | --- |
/// | `name = "…"` | the code on the wire; none of the built-in ones | the variant in kebab-case |
/// | `message = "…"` | for people, with `{field}`, or `{0}` for an unnamed field | the first line of the docs, else the code in words |
/// | `reserved_fields("…")` | the names of fields that were given up | none |
/// | `since`, `sunset`, `stability` | as for [commands](macro@Commands#how-long-and-how-firmly-a-message-stands) | |
#[proc_macro_derive(
    ErrorCodes,
    attributes(code, error_codes, garde, socket, serde, schemars, ts)
)]
pub fn error_codes(input: TokenStream) -> TokenStream {
    derive(input, expand::error_codes::expand)
}

/// Puts a protocol together: its name and its sets of messages.
///
/// ```
/// use socket_protocol::definition::NoEvents;
/// use socket_protocol::prelude::*;
///
/// #[derive(Commands)]
/// pub enum EchoCommand {
///     #[command(reply = String)]
///     Echo { text: String },
/// }
///
/// #[derive(Protocol)]
/// #[protocol(name = "echo", commands = EchoCommand, events = NoEvents)]
/// pub struct Echo;
///
/// assert_eq!(Echo::NAME, "echo");
/// ```
///
/// # `#[protocol(…)]`
/// | key | meaning | without it |
/// | --- | --- | --- |
/// | `name = "…"` | the protocol's name, in kebab-case | required |
/// | `commands = Type` | made by `#[derive(Commands)]`, or `NoCommands` | required |
/// | `events = Type` | made by `#[derive(Events)]`, or `NoEvents` | required |
/// | `channels = Type` | made by `#[derive(Channels)]` | there are no channels |
/// | `user_history(events = 500, keep = "10m")` | keeps what is sent to each user, on `:user`, as a [channel's](macro@Channels) `history` does | nothing is kept |
/// | `all_history(events = 500, keep = "10m")` | the same for what is sent to everybody, on `:all` | nothing is kept |
/// | `int = "bigint"`, `"string"` or `"number"` | how integers of 64 bits or more cross the wire where their field and type say nothing | the generator refuses them |
///
/// Text reaches what `#[payload]` types and the messages name, also as a whole parameter or reply; of
/// `Duration` and `SystemTime` those that are written `std::time::Duration`. Everything else the
/// generator refuses, with its place. A payload may be part of protocols that differ, and outside of
/// messages, where it is stored for instance, its integers are numbers.
///
/// A command or event that a channel lists and the protocol does not have stops the compiler, on its
/// name in that list.
#[proc_macro_derive(Protocol, attributes(protocol, serde, schemars))]
pub fn protocol(input: TokenStream) -> TokenStream {
    derive(input, expand::protocol::expand)
}

/// Makes a struct or an enum a type that messages may carry.
///
/// It derives serde's `Serialize` and `Deserialize` (and schemars' `JsonSchema` under the feature
/// `manifest`) without a dependency of the user's own on them, and implements `Validate` from the
/// rules on its fields: the same `#[garde(…)]` as on a command's. serde's attributes go below it.
///
/// `#[payload(reserved("old_name"))]` names what was given up: no field of the struct, or no variant
/// of the enum, may be called so on the wire.
///
/// ```
/// use socket_protocol::prelude::*;
///
/// #[payload]
/// #[derive(Debug, Clone)]
/// #[serde(rename_all = "camelCase")]
/// pub struct Page<T> {
///     #[garde(length(max = 2))]
///     items: Vec<T>,
///     next_page: Option<u32>,
/// }
///
/// let page = Page { items: vec![1, 2, 3], next_page: None };
/// assert_eq!(page.validate().unwrap_err().path, "items");
/// ```
///
/// # `#[socket(int = "…")]` on a field, or above the type for all of its fields
/// JavaScript rounds integers beyond 2^53, so the generator refuses `u64`, `i64`, `u128`, `i128`,
/// `usize` and `isize`, also those in `Duration` and `SystemTime`, until it is said how they cross
/// the wire; the fields of commands, events and errors take the attribute too, and so do the enums
/// themselves, for all of their fields. `#[protocol(int = "…")]` says it for a whole protocol.
/// | way | on the wire | in TypeScript |
/// | --- | --- | --- |
/// | `"bigint"` | text, exact | `bigint`, which the generated client makes of it |
/// | `"string"` | text, exact | `string`; `BigInt(text)` counts with it |
/// | `"number"` | a number up to 2^53 - 1 either way; sending a larger one is an error | `number` |
///
/// As text they stand alone, in options, lists, sets, boxes, tuples and `Result`, and as values of
/// maps. The keys of maps are text always, and exact.
///
/// ```
/// use socket_protocol::prelude::*;
///
/// #[payload]
/// pub struct Account {
///     #[socket(int = "bigint")]
///     balance: u64,
/// }
///
/// let account = Account { balance: u64::MAX };
/// let json = socket_protocol::__private::serde_json::to_string(&account)?;
/// assert_eq!(json, r#"{"balance":"18446744073709551615"}"#);
/// # Ok::<(), socket_protocol::__private::serde_json::Error>(())
/// ```
///
/// # `#[ts(…)]`
/// Overrides the TypeScript of a type or field, in the attributes of ts-rs; ts-rs itself is not
/// needed. The fields of commands, events and errors take it too.
/// | key | meaning |
/// | --- | --- |
/// | `type = "…"` | this TypeScript, as it is written, on a field or above the type |
/// | `as = "…"` | the TypeScript of that Rust type, on a field |
/// | `rename = "…"` | the type's name there, above the type |
///
/// A type that derives ts-rs' `TS` itself keeps its attributes, and those that are read here count.
/// Where ts-rs then says something else than the wire does, `socket-codegen` warns.
#[proc_macro_attribute]
pub fn payload(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let root = match Root::find() {
        Ok(root) => root,
        Err(error) => return with_error(&error, item),
    };
    match syn::parse(item.clone()) {
        Ok(input) => expand::payload::expand(&arguments.into(), input, &root).into(),
        Err(_) => with_error(&expand::payload::not_a_type(), item),
    }
}

/// Makes nothing: it lets serde's attributes stand above a type whose twin serde's derives see.
#[doc(hidden)]
#[proc_macro_derive(SerdeAttributes, attributes(serde))]
pub fn serde_attributes(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

fn with_error(error: &Error, item: TokenStream) -> TokenStream {
    let mut tokens = TokenStream::from(error.to_compile_error());
    tokens.extend(item);
    tokens
}

fn derive(
    input: TokenStream,
    expand: fn(&DeriveInput, &Root) -> proc_macro2::TokenStream,
) -> TokenStream {
    let expanded = Root::find()
        .and_then(|root| syn::parse(input).map(|input: DeriveInput| expand(&input, &root)));
    expanded.unwrap_or_else(Error::into_compile_error).into()
}
