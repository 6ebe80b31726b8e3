//! Large messages are announced: a client that sees whole messages alone would take the time that
//! one needs on a slow line for silence.

use bytes::Bytes;

use crate::frame::system;

/// Above this size a message is announced, in bytes. The slowest line needs 2 s for it, less than
/// a client waits for an answer after its page woke up.
const LARGE: usize = 16 * 1024;

/// The slowest line that is supposed, in bytes a millisecond: 64 kbit/s.
const SLOWEST: usize = 8;

/// The frame that goes ahead of this one.
pub(super) fn announcement(frame: &Bytes) -> Option<Bytes> {
    (frame.len() > LARGE)
        .then(|| system::large((frame.len() / SLOWEST) as u64))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_frame_is_announced_with_the_time_that_a_slow_line_needs() {
        assert_eq!(announcement(&Bytes::from(vec![0; LARGE])), None);
        let announced = announcement(&Bytes::from(vec![0; 900_000])).unwrap();
        let text = String::from_utf8_lossy(&announced).into_owned();
        assert!(
            text.ends_with(r#"{"cmd":":large","param":{"within":112500}}"#),
            "{text}"
        );
    }
}
