//! The origin check. A browser sends a user's cookies whichever page asks, so a foreign page would
//! act in the user's name.

use axum::http::{HeaderMap, header};

/// Checks that a page of the request's origin may connect; the error is that origin.
pub(super) fn check(headers: &HeaderMap, allowed: &[String]) -> Result<(), String> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(origin.as_bytes()).into_owned();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let own = host.is_some_and(|host| is_own(&text, host));
    if own
        || allowed
            .iter()
            .any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(&text))
    {
        return Ok(());
    }
    Err(text)
}

/// Returns whether the origin belongs to that host. The scheme is not compared: behind a proxy that
/// ends TLS the server does not know its own.
fn is_own(origin: &str, host: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        let (Some(start), Some(rest)) = (origin.get(..scheme.len()), origin.get(scheme.len()..))
        else {
            return false;
        };
        start.eq_ignore_ascii_case(scheme) && rest.eq_ignore_ascii_case(host)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_page_of_another_origin_is_named() {
        for (origin, host, allowed, ok) in [
            (None, "a.example", "", true),
            (Some("https://a.example"), "a.example", "", true),
            (Some("http://A.example:8080"), "a.example:8080", "", true),
            (Some("https://a.example:8080"), "a.example", "", false),
            (Some("https://a.example.evil"), "a.example", "", false),
            (Some("null"), "a.example", "", false),
            (
                Some("https://b.example"),
                "a.example",
                "https://b.example",
                true,
            ),
            (
                Some("https://b.example"),
                "a.example",
                "https://c.example",
                false,
            ),
            (Some("https://b.example"), "a.example", "*", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            let allowed = [allowed.to_owned()];
            assert_eq!(
                check(&headers, &allowed).is_ok(),
                ok,
                "{origin:?} at {host}"
            );
        }
    }
}
