//! What an address asks for.

use tokio_tungstenite::tungstenite::http::Uri;

/// Whether the address asks for TLS.
pub(crate) fn is_secure(address: &Uri) -> bool {
    address
        .scheme_str()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("wss"))
}
