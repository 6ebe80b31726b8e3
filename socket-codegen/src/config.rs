//! `socket.toml` at the workspace root.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

use crate::breaking::Allow;
use crate::emit::Emit;
use crate::finding::{Finding, Outcome, Place, nearest};

/// The name of the file.
pub const FILE: &str = "socket.toml";

/// What a workspace settles once. Flags win over it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The packages to describe. Default: every workspace member that depends on the protocol crate.
    pub packages: Option<Vec<String>>,
    /// The folder to write to, from the workspace root. Default: `generated-ts`.
    pub out: Option<String>,
    /// What to write. Default: `ts`.
    pub emit: Option<Emit>,
    /// How many days a message must have been deprecated before it goes. Default: none are asked.
    pub grace_days: Option<u32>,
    /// Breaks of the protocol that are accepted, each with its reason.
    #[serde(default)]
    pub allow: Vec<Allow>,
}

const KEYS: &[&str] = &["packages", "out", "emit", "grace_days", "allow"];

impl Config {
    /// Reads the file of a workspace; without one, everything has its default.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn read(root: &Path) -> Outcome<Self> {
        match fs::read_to_string(root.join(FILE)) {
            Ok(text) => Self::parse(&text).map_err(Into::into),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Finding::new(format!("cannot read {FILE}: {error}"), "").into()),
        }
    }

    fn parse(text: &str) -> Result<Self, Finding> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count());
            let unknown = error
                .message()
                .strip_prefix("unknown field `")
                // An entry of `allow` has keys of its own, and the message names them.
                .filter(|rest| rest.contains("`packages`"))
                .and_then(|rest| rest.split_once('`'))
                .map(|(key, _)| key);
            let (what, help) = match unknown {
                Some(key) => {
                    let meant = nearest(key, KEYS.iter().copied())
                        .map_or(String::new(), |near| format!("did you mean `{near}`? "));
                    (format!("unknown key `{key}` in {FILE}"), format!("{meant}The keys are `{}`.", KEYS.join("`, `")))
                }
                None => {
                    let help = "for example: packages = [\"chat\"], out = \"web/src/socket\", emit = \"ts\"";
                    (format!("{FILE}: {}", error.message()), help.to_owned())
                }
            };
            let line = line.and_then(|line| u32::try_from(line).ok());
            Finding::new(what, help).at(line.map(|line| Place { file: FILE.to_owned(), line }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_knows() {
        let config = Config::parse("packages = [\"a\"]\nout = \"web\"\nemit = \"js\"\n").unwrap();
        assert_eq!(config.packages, Some(vec!["a".to_owned()]));
        assert_eq!(config.emit, Some(Emit::Js));
    }

    #[test]
    fn names_the_key_that_was_meant_and_its_line() {
        let finding = Config::parse("out = \"web\"\npackage = [\"a\"]\n").unwrap_err();
        assert_eq!(
            finding.to_string(),
            "unknown key `package` in socket.toml\n  --> socket.toml:2\n  \
             help: did you mean `packages`? The keys are `packages`, `out`, `emit`, `grace_days`, `allow`."
        );
        let finding = Config::parse("emit = \"tsx\"\n").unwrap_err();
        assert!(
            finding.what.contains("unknown variant `tsx`"),
            "{}",
            finding.what
        );
        assert_eq!(finding.places[0].line, 1);
    }
}
