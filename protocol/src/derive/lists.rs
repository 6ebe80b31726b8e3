//! Checks that a protocol has what its channels list. The compiler asks, on each name; so all of this
//! runs while a program is compiled, and writes its message in a buffer of its own.

use crate::definition::{Commands, Events, Protocol};
use crate::nearest::Nearest;

macro_rules! questions {
    ($($(#[$docs:meta])* $ask:ident of $Set:ident, $ALL:ident;)*) => {$(
        $(#[$docs])*
        ///
        /// # Panics
        /// While the protocol is compiled, where it has none of that name.
        #[track_caller]
        pub const fn $ask<P: Protocol>(channel: &str, listed: &str) {
            // What a definition with mistakes does not have is no further mistake.
            if <P::$Set as $Set>::IS_STUB {
                return;
            }
            let all = <P::$Set as $Set>::$ALL;
            // Every name that is right goes this way, and the compiler gives up on what takes long.
            let mut i = 0;
            while i < all.len() {
                if same(all[i].variant.as_bytes(), listed.as_bytes()) {
                    return;
                }
                i += 1;
            }
            let mut near = Nearest::new(listed);
            let mut message = Message::new();
            message.begin(channel, stringify!($ask), listed);
            let mut i = 0;
            while i < all.len() {
                near.look_at(all[i].variant, i);
                i += 1;
            }
            if let Some(i) = near.place() {
                message.suggest(all[i].variant);
            }
            if all.is_empty() {
                message.add("declare it in the protocol, or remove it from the list");
            }
            let mut i = 0;
            while i < all.len() {
                message.name(all[i].variant, i, all.len());
                i += 1;
            }
            panic!("{}", message.text());
        }
    )*};
}

questions! {
    /// Stands on a command that a channel lists.
    command of Commands, COMMANDS;
    /// Stands on an event that a channel lists.
    event of Events, EVENTS;
}

/// Looks from the end: names that begin alike are many, and the compiler is slow at this.
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = a.len();
    if i != b.len() {
        return false;
    }
    while i > 0 {
        i -= 1;
        if a[i] != b[i] {
            return false;
        }
    }
    true
}

/// The longest message, in bytes; names beyond it are left out.
const ROOM: usize = 512;

/// A text that grows while the compiler runs.
struct Message {
    bytes: [u8; ROOM],
    length: usize,
    /// `true` if names were left out for lack of room.
    cut: bool,
}

impl Message {
    const fn new() -> Self {
        Self {
            bytes: [0; ROOM],
            length: 0,
            cut: false,
        }
    }

    /// Adds a text, or nothing where it has no room.
    const fn add(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.length + text.len() > ROOM {
            return;
        }
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.length] = text[i];
            self.length += 1;
            i += 1;
        }
    }

    const fn begin(&mut self, channel: &str, kind: &str, listed: &str) {
        self.add("the channel `");
        self.add(channel);
        self.add("` lists the ");
        self.add(kind);
        self.add(" `");
        self.add(listed);
        self.add("`, which the protocol does not have\nhelp: ");
    }

    const fn suggest(&mut self, name: &str) {
        self.add("write `");
        self.add(name);
        self.add("`; ");
    }

    /// One of all names that the protocol has.
    const fn name(&mut self, name: &str, at: usize, of: usize) {
        if at == 0 && of == 1 {
            self.add("the only option is ");
        } else if at == 0 {
            self.add("the options are ");
        } else if self.cut {
            return;
        } else if self.length + name.len() + 16 > ROOM {
            self.cut = true;
            self.add(" and more");
            return;
        } else if at + 1 == of {
            self.add(" and ");
        } else {
            self.add(", ");
        }
        self.add("`");
        self.add(name);
        self.add("`");
    }

    const fn text(&self) -> &str {
        let (written, _) = self.bytes.split_at(self.length);
        match std::str::from_utf8(written) {
            Ok(text) => text,
            Err(_) => "a channel lists what the protocol does not have",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_whole() {
        let long = "a".repeat(65);
        for (a, b, expected) in [
            ("Say", "Say", true),
            ("Say", "Sai", false),
            ("Say", "SayAll", false),
            ("", "", true),
            (&long, &long, true),
        ] {
            assert_eq!(same(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_message_has_an_end() {
        let mut message = Message::new();
        message.begin("Lobby", "command", "Sya");
        message.suggest("Say");
        for at in 0..1000 {
            message.name("SomethingLong", at, 1000);
        }
        let text = message.text();
        assert!(text.starts_with(
            "the channel `Lobby` lists the command `Sya`, which the protocol does not have\n\
             help: write `Say`; the options are `SomethingLong`, `SomethingLong`"
        ));
        assert!(
            text.len() <= ROOM && text.ends_with("`SomethingLong` and more"),
            "{text}"
        );
    }
}
