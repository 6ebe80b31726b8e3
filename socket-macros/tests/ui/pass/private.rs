//! Definitions that no other module sees, and derives that the user adds.
#![deny(warnings)]

use socket_protocol::prelude::*;

mod inner {
    use socket_protocol::prelude::*;

    #[payload]
    #[derive(Debug, Clone, PartialEq)]
    pub(super) struct Text(pub(super) String);

    #[derive(Debug, Clone, PartialEq, Events)]
    pub(super) enum Told {
        Said { text: Text },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Channels)]
enum Place {
    #[channel("seat-{row}.{seat}")]
    Seat { row: u8, seat: u8 },
    #[channel("{*path}")]
    Other { path: u64 },
}

fn main() {
    let told = inner::Told::from(inner::told::Said {
        text: inner::Text("hi".to_owned()),
    });
    assert_eq!(told.clone(), told);
    let place = Place::Seat { row: 1, seat: 2 };
    let name = socket_protocol::Channels::name(&place).unwrap();
    assert_eq!(name.as_str(), "seat-1.2");
    assert_eq!(<Place as socket_protocol::Channels>::parse(&name), Some(place));
    let other = Place::Other { path: 7 };
    let name = socket_protocol::Channels::name(&other).unwrap();
    assert_eq!(<Place as socket_protocol::Channels>::parse(&name), Some(other));
}
