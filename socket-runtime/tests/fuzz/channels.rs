//! Channel names and patterns: from a name to a channel and back.

use socket_runtime::ChannelName;
use socket_runtime::definition::Channels as _;
use socket_runtime::prelude::*;

#[derive(Debug, Clone, PartialEq, Channels)]
pub enum Place {
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}")]
    Room { room: String },
    #[channel("seat:{row}/{seat}")]
    Seat { row: u8, seat: i64 },
    #[channel("chat.{from}-{to}")]
    Chat { from: String, to: String },
    #[channel("file:{owner}:{*path}")]
    File { owner: String, path: String },
    #[channel("{a}/{b}=x")]
    Pair { a: String, b: String },
    #[channel("{any}")]
    Any { any: String },
}

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(name) = ChannelName::new(text) {
        assert!((1..=128).contains(&name.as_str().len()) && !name.is_reserved());
        assert!(name.as_str().bytes().all(is_allowed));
        parse(&name);
    }
    // The same text as parameters, which may hold anything.
    let (first, second) = text.split_once('\0').unwrap_or((text, "x"));
    let (first, second) = (first.to_owned(), second.to_owned());
    let number = first
        .bytes()
        .fold(0_i64, |sum, byte| sum.wrapping_mul(31) + i64::from(byte));
    for place in [
        Place::Room {
            room: first.clone(),
        },
        Place::Seat {
            row: number as u8,
            seat: number,
        },
        Place::Chat {
            from: first.clone(),
            to: second.clone(),
        },
        Place::File {
            owner: first.clone(),
            path: second.clone(),
        },
        Place::Pair {
            a: first.clone(),
            b: second,
        },
        Place::Any { any: first },
    ] {
        let Ok(name) = place.name() else { continue };
        assert!(name.as_str().bytes().all(is_allowed), "{name}");
        let parsed = parse(&name).expect("its own pattern takes it");
        // A pattern that was declared before may take the name, as P 3.4 says; nobody else's
        // parameters come out of its own.
        if parsed.index() == place.index() {
            assert_eq!(parsed, place);
        } else {
            assert!(
                parsed.index() < place.index(),
                "{name}: {parsed:?} for {place:?}"
            );
        }
    }
}

/// The channel of a name, which prints as that name and nothing else.
fn parse(name: &ChannelName) -> Option<Place> {
    let place = Place::parse(name)?;
    assert_eq!(place.name().as_ref(), Ok(name), "{place:?}");
    Some(place)
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.:/@#~+=%".contains(&byte)
}
