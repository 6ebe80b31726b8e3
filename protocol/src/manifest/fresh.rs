//! Compares a committed manifest with the protocol that was compiled.

use super::Manifest;
use super::register::Registration;
use super::verify::Report;

/// Panics where the text is not the manifest of its protocol as that is compiled: for a test, so that a
/// server never tells its clients a stale fingerprint. Docs may differ; `socket-codegen check` compares
/// all of it. `socket-codegen init` writes such a test.
///
/// Needs the feature `manifest`, which the tests of a crate turn on for themselves alone:
/// `cargo add --dev socket-protocol --features manifest`.
///
/// ```no_run
/// # use socket_protocol::prelude::*;
/// # #[derive(Commands)]
/// # pub enum Command { Ping }
/// # #[derive(Events)]
/// # pub enum Event { Pong }
/// # #[derive(Protocol)]
/// # #[protocol(name = "chat", commands = Command, events = Event)]
/// # pub struct Chat;
/// # macro_rules! include_str { ($path:literal) => { "" } }
/// #[test]
/// fn manifest_is_fresh() {
///     socket_protocol::manifest::assert_fresh(include_str!("../web/chat.manifest.json"));
/// }
/// ```
///
/// # Panics
/// When the text is no manifest, is stale, or is that of a protocol that is not compiled in; the message
/// says what to do.
#[track_caller]
pub fn assert_fresh(text: &str) {
    if let Err((what, help)) = compare(text) {
        panic!("{what}\n  help: {help}");
    }
}

fn compare(text: &str) -> Result<(), (String, String)> {
    let generate = || "socket-codegen generate".to_owned();
    let committed: Manifest = serde_json::from_str(text)
        .map_err(|error| (format!("this is not a manifest: {error}"), generate()))?;
    let name = &committed.protocol;
    let compiled = inventory::iter::<Registration>
        .into_iter()
        .filter_map(|registration| registration.describe)
        .map(|describe| describe(&mut Report::default()))
        .find(|manifest| manifest.protocol == *name);
    let Some(compiled) = compiled else {
        let help = "only a crate that your code names is linked: add `use my_protocol as _;`";
        let what = format!("the protocol `{name}` is not compiled into this program");
        return Err((what, help.to_owned()));
    };
    let (old, new) = (&committed.fingerprint, &compiled.fingerprint);
    if old != new {
        let what = format!(
            "the manifest of `{name}` is stale: its fingerprint is {old}, the definition's is {new}"
        );
        return Err((what, generate()));
    }
    Ok(())
}
