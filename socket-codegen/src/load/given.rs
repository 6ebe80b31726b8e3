//! Manifests that are given as they are, for repositories that hold no Rust.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use socket_protocol::manifest::{FORMAT, Manifest};

use super::{Loaded, Samples, Sources};
use crate::finding::{Failure, Finding, Outcome, Place, nearest};

/// No manifest is larger; one with 1,000 commands has about 1 MB.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Reads manifests from files and addresses.
///
/// # Errors
/// When one cannot be read or is invalid: all findings at once.
pub(crate) fn load(files: &[PathBuf], urls: &[String]) -> Outcome<Loaded> {
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
    if let Some(pair) = manifests
        .windows(2)
        .find(|pair| pair[0].protocol == pair[1].protocol)
    {
        return Err(Finding::new(
            format!(
                "two of the manifests describe the protocol `{}`",
                pair[0].protocol
            ),
            "name only one of them: --manifest FILE",
        )
        .into());
    }
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
            format!(
                "{} has {size} bytes, more than the limit of {MOST_BYTES} for a manifest",
                path.display()
            ),
            WHAT_IT_IS,
        )
    };
    let cannot = |error: io::Error| {
        let mut finding = Finding::of_file("read", path, &error);
        if error.kind() == io::ErrorKind::NotFound {
            finding.help = meant(path);
        }
        finding
    };
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > MOST_BYTES {
        return Err(too_large(size));
    }
    std::fs::read_to_string(path).map_err(cannot)
}

/// Suggests another file for one that is missing: one beside it, or one that is still to be made.
fn meant(path: &Path) -> String {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut beside: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .collect();
    beside.sort();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&name, beside.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {}?", path.with_file_name(near).display()),
        None => format!(
            "name the file that `socket-codegen generate` wrote where the Rust is, \
             PROTOCOL.manifest.json; relative paths start at {}",
            std::env::current_dir().unwrap_or_default().display()
        ),
    }
}

const WHAT_IT_IS: &str = "a manifest is what `socket-codegen generate` writes as \
    PROTOCOL.manifest.json, or `socket-codegen manifest` prints";

fn parse(text: &str, origin: &str) -> Result<Manifest, Finding> {
    let none = |error: &dyn std::fmt::Display| {
        Finding::new(format!("{origin} is not a manifest: {error}"), WHAT_IT_IS)
    };
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let line = u32::try_from(error.line()).ok();
        none(&error).at(line.map(|line| Place {
            file: origin.to_owned(),
            line,
        }))
    })?;
    let format = value.get("format").and_then(Value::as_u64);
    let format = format.ok_or_else(|| none(&"the key `format` is missing"))?;
    if format > u64::from(FORMAT) {
        return Err(Finding::new(
            format!("{origin} has format {format}, but this program reads formats up to {FORMAT}"),
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
                    format!("the server answered with status {status}"),
                    "look at the answer: curl -i URL   (behind a login: download it, then --manifest FILE)",
                ),
                Error::BodyExceedsLimit(most) => {
                    (format!("the answer exceeds the limit of {most} bytes for a manifest"), super::WHAT_IT_IS)
                }
                Error::Timeout(_) => (
                    format!("timed out after {} s", LONGEST.as_secs()),
                    "try again, or download the file yourself: --manifest FILE",
                ),
                Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed => (
                    error.to_string(),
                    "check that it answers: curl -i URL   (or download the file yourself: --manifest FILE)",
                ),
                other => (
                    other.to_string(),
                    "a URL begins with http:// or https://; for a file: --manifest FILE",
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
            "cargo install socket-codegen, or download the file yourself: --manifest FILE",
        ))
    }
}
