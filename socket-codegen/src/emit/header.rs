//! The first lines of each file: what made it, from what, and how to make it again. They also say
//! whose a file is: one without them is never overwritten or deleted.

use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::versions::Versions;

const MADE_BY: &str = "// Made by socket-codegen ";
const DO_NOT_EDIT: &str =
    "// Do not edit: change the Rust definition and run `socket-codegen generate`.\n";

fn made_by() -> String {
    format!("{MADE_BY}{}", env!("CARGO_PKG_VERSION"))
}

/// The header of a protocol's file.
pub(crate) fn of_protocol(manifest: &Manifest) -> String {
    format!(
        "{} from the protocol `{}` (Rust: `{}`).\n// Fingerprint: {}\n{DO_NOT_EDIT}",
        made_by(),
        manifest.protocol,
        manifest.rust,
        manifest.fingerprint,
    )
}

/// The header of the index.
pub(super) fn of_index() -> String {
    format!("{}.\n{DO_NOT_EDIT}", made_by())
}

/// The header of the copy of the client, which says the rest itself.
pub(crate) fn of_runtime() -> String {
    format!("{}.\n", made_by())
}

/// Returns whether a file of this name and text was made by this tool, in any version.
#[must_use]
pub(crate) fn is_ours(name: &str, text: &str) -> bool {
    if name.ends_with(".manifest.json") {
        return serde_json::from_str::<Manifest>(text).is_ok();
    }
    if name.ends_with(".versions.json") {
        return serde_json::from_str::<Versions>(text).is_ok();
    }
    text.starts_with(MADE_BY)
}
