//! Tracks the client's incomplete frame and message, which tungstenite keeps to itself.

use tokio::time::Instant;

/// The most empty fragments of one message: more move nothing and only keep the server busy.
const MAX_EMPTY: u32 = 64;

/// Follows the frames by their headers.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    header: [u8; 10],
    have: u8,
    /// Bytes of the frame that are still to come: its mask and payload.
    left: u64,
    /// The frame that `left` belongs to ends a message.
    ends: bool,
    /// Fragments of a message came, and its last did not.
    open: bool,
    empty: u32,
    since: Option<Instant>,
}

impl Progress {
    /// Takes what was read. `false`: a message of nothing but empty fragments.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> bool {
        let mut finished = false;
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.left > 0 {
                let taken = self.left.min(bytes.len() as u64);
                self.left -= taken;
                // At most the slice's own length.
                bytes = &bytes[taken as usize..];
                finished |= self.left == 0 && self.ends;
                continue;
            }
            self.header[usize::from(self.have)] = byte;
            self.have += 1;
            bytes = rest;
            if self.have == self.header_length() {
                self.begin_frame();
                finished |= self.left == 0 && self.ends;
            }
        }
        if finished || !self.is_unfinished() {
            self.since = None;
        }
        if self.is_unfinished() && self.since.is_none() {
            self.since = Some(Instant::now());
        }
        self.empty <= MAX_EMPTY
    }

    /// Since when a message is unfinished.
    pub(crate) const fn since(&self) -> Option<Instant> {
        self.since
    }

    /// The number of following bytes that belong to the present frame, as far as its header tells.
    pub(crate) fn frame_left(&self) -> usize {
        // In a header, that which decides how long the frame is may be the next byte.
        usize::try_from(self.left.max(1)).unwrap_or(usize::MAX)
    }

    pub(crate) const fn is_unfinished(&self) -> bool {
        self.open || self.left > 0 || self.have > 0
    }

    /// Without the mask, which is counted with the payload.
    const fn header_length(&self) -> u8 {
        match self.header[1] & 0x7f {
            _ if self.have < 2 => 2,
            126 => 4,
            127 => 10,
            _ => 2,
        }
    }

    fn begin_frame(&mut self) {
        let [first, second, long @ ..] = self.header;
        let payload = match second & 0x7f {
            126 => u64::from(u16::from_be_bytes([long[0], long[1]])),
            127 => u64::from_be_bytes(long),
            short => u64::from(short),
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let (is_last, is_control) = (first & 0x80 != 0, first & 0x08 != 0);
        self.have = 0;
        self.left = payload.saturating_add(mask);
        self.ends = is_last && !is_control;
        if !is_control {
            self.open = !is_last;
            match (is_last, payload) {
                (true, _) => self.empty = 0,
                (false, 0) => self.empty += 1,
                (false, _) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, len: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match u8::try_from(len) {
            Ok(len) if len < 126 => bytes.push(0x80 | len),
            _ => {
                bytes.push(0x80 | 126);
                bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
            }
        }
        bytes.extend(vec![7; 4 + len]);
        bytes
    }

    #[test]
    fn what_is_unfinished_is_known_at_every_byte() {
        let (text, first, last, ping) = (0x81, 0x01, 0x80, 0x89);
        for (frames, unfinished) in [
            (vec![frame(text, 0)], false),
            (vec![frame(text, 300)], false),
            (vec![frame(first, 3)], true),
            (vec![frame(first, 3), frame(ping, 2)], true),
            (vec![frame(first, 3), frame(ping, 2), frame(last, 0)], false),
            (vec![frame(text, 5), frame(first, 1)], true),
        ] {
            let all = frames.concat();
            for step in [1, 2, 7, all.len()] {
                let mut progress = Progress::default();
                assert!(all.chunks(step).all(|bytes| progress.feed(bytes)));
                assert_eq!(progress.since().is_some(), unfinished, "{frames:?}");
            }
            let mut progress = Progress::default();
            progress.feed(&all[..all.len() - 1]);
            assert!(progress.since().is_some());
        }
    }

    #[test]
    fn empty_fragments_are_bounded() {
        let mut progress = Progress::default();
        assert!(progress.feed(&frame(0x01, 0).repeat(64)));
        assert!(!progress.feed(&frame(0x00, 0)));
    }
}
