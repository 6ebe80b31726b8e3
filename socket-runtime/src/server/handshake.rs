//! What HTTP and RFC 6455 ask of the head of a handshake, beyond asking to upgrade.

use std::collections::HashSet;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use super::rejection::UpgradeRejection;
use crate::admission::Authority;

/// What may stand in a handshake once at most.
const SINGLE: [(HeaderName, &str); 4] = [
    (header::HOST, "the request has more than one Host"),
    (
        header::SEC_WEBSOCKET_KEY,
        "the request has more than one Sec-WebSocket-Key",
    ),
    (
        header::SEC_WEBSOCKET_VERSION,
        "the request has more than one Sec-WebSocket-Version",
    ),
    (header::ORIGIN, "the request has more than one Origin"),
];

/// Refuses what RFC 9112 and RFC 6455 forbid; returns whom the request is meant for.
pub(super) fn check(headers: &HeaderMap, uri: &Uri) -> Result<Authority, UpgradeRejection> {
    for (name, said) in SINGLE {
        if headers.get_all(name).iter().count() > 1 {
            return Err(UpgradeRejection::Malformed(said));
        }
    }
    // What came with a length as well has lost it on its way here; a handshake has no body anyway.
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get_all(header::CONTENT_LENGTH)
            .iter()
            .any(|length| length != "0");
    if has_body {
        return Err(UpgradeRejection::Malformed("the request has a body"));
    }
    let host = headers
        .get(header::HOST)
        .ok_or(UpgradeRejection::Malformed("the request has no Host"))?;
    let invalid = UpgradeRejection::Malformed("the request's Host is not a host");
    let host = text(host).and_then(Authority::parse).ok_or(invalid)?;
    // RFC 9112, 3.2.2: where the target names the host, the header does not count.
    match uri.authority() {
        None => Ok(host),
        Some(named) => Authority::parse(named.as_str()).ok_or(UpgradeRejection::Malformed(
            "the request's target is not a host's",
        )),
    }
}

/// A header's value, where it is text.
pub(super) fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

/// Sixteen bytes in base64.
pub(super) fn is_key(key: &[u8]) -> bool {
    key.strip_suffix(b"==").is_some_and(|digits| {
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        digits.len() == 22 && digits.iter().all(is_digit)
    })
}

/// Whether a list names each word once, as RFC 6455 asks of subprotocols. Empty elements do not
/// count in HTTP's lists.
pub(super) fn are_distinct<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = HashSet::new();
    words
        .filter(|word| !word.is_empty())
        .all(|word| seen.insert(word))
}
