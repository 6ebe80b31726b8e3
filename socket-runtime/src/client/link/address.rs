//! Checks the server's address.

use tokio_tungstenite::tungstenite::http::Uri;

/// Returns whether the address uses TLS.
pub(crate) fn is_secure(address: &Uri) -> bool {
    address
        .scheme_str()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("wss"))
}
