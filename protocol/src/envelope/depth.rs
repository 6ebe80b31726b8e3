//! How deep a frame nests, before anything of it is decoded.

use super::decode::InvalidMessage;

/// Checks that arrays and objects lie in each other at most `limit` deep, in the whole frame: what
/// is kept as raw text would be passed on at any depth.
///
/// ```
/// use socket_protocol::envelope::check_depth;
///
/// assert!(check_depth(r#"{"param": [["[[["]]}"#, 3).is_ok());
/// assert!(check_depth("[[[[]]]]", 3).is_err());
/// ```
///
/// # Errors
/// [`InvalidMessage`] when they lie deeper. It carries the `id` where one could be read.
pub fn check_depth(frame: &str, limit: usize) -> Result<(), InvalidMessage> {
    if openers(frame.as_bytes()) <= limit {
        return Ok(());
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in frame.bytes() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return Err(InvalidMessage::of(
                        frame,
                        format!("nested more than {limit} levels deep"),
                    ));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// How many bytes would open an array or an object if none of them stood in a text: the most
/// levels that there can be. Nearly every frame has few, and to count them is quick.
fn openers(bytes: &[u8]) -> usize {
    // So many that their count fits a byte, which the processor adds up in long rows.
    bytes
        .chunks(255)
        .map(|chunk| {
            let opens = |byte: &u8| u8::from(byte | 0x20 == b'{');
            usize::from(chunk.iter().map(opens).sum::<u8>())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::check_depth;
    use crate::id::RequestId;

    #[test]
    fn levels_count_and_texts_do_not() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        for (text, ok) in [
            (nested(4), true),
            (nested(5), false),
            (format!("[{0},{0}]", nested(3)), true),
            (r#"["[[[[[", "\"[[[[[", "\\"]"#.to_owned(), true),
            (r#"["\\", [[[[]]]]]"#.to_owned(), false),
            ("]]]]]]]]]".to_owned(), true),
            ("{\"a\":".repeat(20_000), false),
        ] {
            assert_eq!(check_depth(&text, 4).is_ok(), ok, "{text:.40}");
        }
    }

    #[test]
    fn the_id_is_kept() {
        let deep = "[".repeat(20_000) + &"]".repeat(20_000);
        for (text, id) in [
            (format!(r#"{{"id":7,"param":{deep}}}"#), RequestId::new(7)),
            (format!(r#"{{"param":{deep},"id":7}}"#), RequestId::new(7)),
            (format!(r#"[{{"id":7,"param":{deep}}}]"#), None),
            (deep.clone(), None),
        ] {
            assert_eq!(check_depth(&text, 128).unwrap_err().id, id);
        }
    }
}
