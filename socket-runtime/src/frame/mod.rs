//! Messages and control frames as they lie on the wire. A server's frames are not masked, so the
//! same bytes serve every receiver.

pub(crate) mod system;

use bytes::{Buf, Bytes};
use socket_protocol::envelope::MessageBuf;

const FINAL: u8 = 0x80;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;

/// From how many bytes on a frame is made as short as it can be.
const LONG: usize = 2048;

/// The longest payload of a control frame, in bytes.
const MAX_CONTROL: usize = 125;

/// Writes a message's header into the room in front of it.
pub(crate) fn text(message: MessageBuf) -> Bytes {
    whole(TEXT, message.into_bytes())
}

/// A frame with the given payload.
pub(crate) fn copy(opcode: u8, payload: &[u8]) -> Bytes {
    let mut bytes = vec![0; MessageBuf::HEADROOM];
    bytes.extend_from_slice(payload);
    whole(opcode, bytes)
}

fn whole(opcode: u8, mut bytes: Vec<u8>) -> Bytes {
    // It may be held for a while: of a long one no more than it needs.
    if bytes.len() > LONG && bytes.capacity() > bytes.len() / 4 * 5 {
        bytes.shrink_to_fit();
    }
    let len = bytes.len() - MessageBuf::HEADROOM;
    let start = match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len), _) if usize::from(len) <= MAX_CONTROL => {
            bytes[8..10].copy_from_slice(&[FINAL | opcode, len]);
            8
        }
        (_, Ok(len)) => {
            bytes[6..8].copy_from_slice(&[FINAL | opcode, 126]);
            bytes[8..10].copy_from_slice(&len.to_be_bytes());
            6
        }
        _ => {
            bytes[..2].copy_from_slice(&[FINAL | opcode, 127]);
            bytes[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            0
        }
    };
    let mut frame = Bytes::from(bytes);
    frame.advance(start);
    frame
}

/// A WebSocket ping.
pub(crate) const fn ping() -> Bytes {
    Bytes::from_static(&[FINAL | PING, 0])
}

/// A close with a code and a phrase, which is cut where a control frame ends.
pub(crate) fn close(code: u16, reason: &str) -> Bytes {
    let reason = &reason[..reason.floor_char_boundary(MAX_CONTROL - 2)];
    let mut bytes = Vec::with_capacity(4 + reason.len());
    // At most 125 by the line above.
    bytes.extend([FINAL | CLOSE, 2 + reason.len() as u8]);
    bytes.extend(code.to_be_bytes());
    bytes.extend(reason.as_bytes());
    bytes.into()
}

/// Returns whether the frame is a message, which a browser sees, and not a control frame.
pub(crate) fn is_message(frame: &[u8]) -> bool {
    frame.first() == Some(&(FINAL | TEXT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    #[test]
    fn headers_have_three_lengths() {
        for len in [0, 1, 100, 125, 126, 200, 65_535, 65_536, 100_000] {
            let message = MessageBuf::encode(&"x".repeat(len)).unwrap();
            let expected = message.text().to_vec();
            let frame = std::io::Cursor::new(text(message).to_vec());
            let mut client = WebSocket::from_raw_socket(frame, Role::Client, None);
            assert_eq!(client.read().unwrap().into_data(), expected, "{len}");
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let frame = close(4503, &"é".repeat(100));
        assert_eq!(frame.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&frame[4..]).is_ok());
    }
}
