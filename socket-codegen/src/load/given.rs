//! Manifests that are given as they are, for repositories that hold no Rust.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use socket_protocol::manifest::{FORMAT, Manifest};

use super::{Loaded, Sources, io_finding};
use crate::finding::{Failure, Finding, Outcome};
use crate::verify::Samples;

/// No manifest is larger; one with 1,000 commands has about 1 MB.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Reads manifests from files and addresses.
///
/// # Errors
/// When one cannot be had or is none: all findings at once.
pub fn load(files: &[PathBuf], urls: &[String]) -> Outcome<Loaded> {
    let mut failure = Failure::default();
    let mut manifests = Vec::new();
    let texts = files
        .iter()
        .map(|path| (path.display().to_string(), read(path)));
    let fetched = urls.iter().map(|url| (url.clone(), fetch::get(url)));
    for (origin, text) in texts.chain(fetched) {
        match text.and_then(|text| parse(&text, &origin)) {
            Ok(manifest) => manifests.push(manifest),
            Err(finding) => failure.findings.push(finding),
        }
    }
    if !failure.findings.is_empty() {
        return Err(failure);
    }
    manifests.sort_by(|a, b| a.protocol.cmp(&b.protocol));
    Ok(Loaded {
        manifests,
        others: vec![BTreeSet::new()],
        sources: Sources::default(),
        problems: Vec::new(),
        warnings: Vec::new(),
        faults: Vec::new(),
        samples: Samples::new(),
        opinions: Vec::new(),
    })
}

fn read(path: &Path) -> Result<String, Finding> {
    let too_large = |size: u64| {
        Finding::new(
            format!("{} has {size} bytes: that is no manifest", path.display()),
            "",
        )
    };
    let cannot = |error| io_finding("read", path, &error);
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > MOST_BYTES {
        return Err(too_large(size));
    }
    std::fs::read_to_string(path).map_err(cannot)
}

fn parse(text: &str, origin: &str) -> Result<Manifest, Finding> {
    let none = |error: &dyn std::fmt::Display| {
        Finding::new(
            format!("{origin} is not a manifest: {error}"),
            "a manifest is what `socket-codegen generate` writes as PROTOCOL.manifest.json, or \
             `socket-codegen manifest` prints",
        )
    };
    let value: Value = serde_json::from_str(text).map_err(|error| none(&error))?;
    let format = value.get("format").and_then(Value::as_u64);
    let format = format.ok_or_else(|| none(&"it has no `format`"))?;
    if format > u64::from(FORMAT) {
        return Err(Finding::new(
            format!("{origin} has format {format}; this program knows up to {FORMAT}"),
            "cargo install socket-codegen   (the version that wrote it, or newer)",
        ));
    }
    serde_json::from_value(value).map_err(|error| none(&error))
}

#[cfg(feature = "url")]
mod fetch {
    use std::time::Duration;

    use ureq::{Agent, Error};

    use super::MOST_BYTES;
    use crate::finding::Finding;

    const LONGEST: Duration = Duration::from_secs(30);

    /// The text behind an address.
    pub(super) fn get(url: &str) -> Result<String, Finding> {
        let config = Agent::config_builder()
            .timeout_global(Some(LONGEST))
            .user_agent(concat!("socket-codegen/", env!("CARGO_PKG_VERSION")))
            .build();
        let text = Agent::new_with_config(config)
            .get(url)
            .call()
            .and_then(|mut response| {
                let body = response.body_mut().with_config();
                body.limit(MOST_BYTES).read_to_string()
            });
        text.map_err(|error| {
            let (why, help) = match &error {
                Error::StatusCode(status) => (
                    format!("it answers with status {status}"),
                    "look at it: curl -i ADDRESS   (what needs a login: curl it, then --manifest FILE)",
                ),
                Error::BodyExceedsLimit(most) => {
                    (format!("it has more than {most} bytes: that is no manifest"), "")
                }
                Error::Timeout(_) => (
                    format!("no whole answer within {} s", LONGEST.as_secs()),
                    "try again, or download it in another way: --manifest FILE",
                ),
                Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed => (
                    error.to_string(),
                    "see whether it answers: curl -i ADDRESS   (or download it, then --manifest FILE)",
                ),
                other => (
                    other.to_string(),
                    "an address is http://… or https://…; for a file: --manifest FILE",
                ),
            };
            Finding::new(format!("cannot get {url}: {why}"), help)
        })
    }
}

#[cfg(not(feature = "url"))]
mod fetch {
    use crate::finding::Finding;

    pub(super) fn get(url: &str) -> Result<String, Finding> {
        Err(Finding::new(
            format!("cannot get {url}: this program was built without the feature `url`"),
            "cargo install socket-codegen, or download it in another way: --manifest FILE",
        ))
    }
}
