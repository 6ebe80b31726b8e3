//! What channels keep, and what happens to events where a connection is slow.

use socket_protocol::definition::{HistorySpec, NoCommands};
use socket_protocol::manifest::model::Delivery;
use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    Said { text: String },
    #[event(latest = "user")]
    Typing { user: String, word: u32 },
    #[event(latest("type", "id"))]
    Moved { r#type: String, id: u32, field_id: u32 },
    #[event(latest)]
    Price(u32),
    #[event(latest)]
    Tick,
    #[event(volatile)]
    Cursor { x: u32 },
}

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby")]
    Lobby,
    #[channel("hall", history)]
    Hall,
    #[channel("room:{room}", history(events = 500, keep = "10m"))]
    Room { room: String },
    #[channel("wall", history(keep = "1d"))]
    Wall,
}

#[derive(Protocol)]
#[protocol(
    name = "chat",
    commands = NoCommands,
    events = ChatEvent,
    channels = ChatChannel,
    user_history(events = 20),
    all_history
)]
pub struct Chat;

fn main() {
    let kept: Vec<_> = ChatChannel::CHANNELS.iter().map(|channel| channel.history).collect();
    assert_eq!(
        kept,
        [
            None,
            Some(HistorySpec::DEFAULT),
            Some(HistorySpec::new(500, 600)),
            Some(HistorySpec::new(100, 86_400)),
        ]
    );
    assert_eq!(Chat::USER_HISTORY, Some(HistorySpec::new(20, 120)));
    assert_eq!(Chat::ALL_HISTORY, Some(HistorySpec::DEFAULT));
    let classes: Vec<_> = ChatEvent::EVENTS.iter().map(|event| event.delivery).collect();
    use Delivery::{Latest, Reliable, Volatile};
    assert_eq!(classes, [Reliable, Latest, Latest, Latest, Latest, Volatile]);
    let user = "ann".to_owned();
    for (event, key) in [
        (ChatEvent::Said { text: String::new() }, None),
        (ChatEvent::Typing { user, word: 3 }, Some(r#"["ann"]"#)),
        (ChatEvent::Moved { r#type: "a".to_owned(), id: 7, field_id: 8 }, Some(r#"["a",7]"#)),
        (ChatEvent::Price(3), Some("null")),
        (ChatEvent::Tick, Some("null")),
        (ChatEvent::Cursor { x: 1 }, None),
    ] {
        assert_eq!(event.key().as_deref(), key);
    }
}
