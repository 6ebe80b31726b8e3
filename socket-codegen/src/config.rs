//! `socket.toml` at the workspace root.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

use crate::breaking::Allow;
use crate::emit::Emit;
use crate::finding::{Finding, Outcome, Place, nearest};

/// The name of the file.
pub(crate) const FILE: &str = "socket.toml";

/// The settings of a workspace, in `socket.toml`. Flags override them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The packages to describe. Default: every workspace member that depends on the protocol crate.
    pub(crate) packages: Option<Vec<String>>,
    /// The folder to write to, from the workspace root. Default: `generated-ts`.
    pub(crate) out: Option<String>,
    /// The form of the output. Default: `ts`.
    pub(crate) emit: Option<Emit>,
    /// Writes validators too. Default: false.
    pub(crate) validate: Option<bool>,
    /// Writes hooks for React too. Default: false.
    pub(crate) react: Option<bool>,
    /// Writes the mock server for tests too. Default: false.
    pub(crate) testing: Option<bool>,
    /// Several folders, where one is not enough. What stands above them holds for each.
    #[serde(default)]
    pub(crate) output: Vec<Output>,
    /// The folder of the manifests of older versions, from the workspace root. Default: none, and no
    /// `PROTOCOL.versions.json` is written.
    pub(crate) kept: Option<String>,
    /// How many days a message must have been deprecated before it goes. Default: none are asked.
    pub(crate) grace_days: Option<u32>,
    /// Breaks of the protocol that are accepted, each with its reason.
    #[serde(default)]
    pub(crate) allow: Vec<Allow>,
}

/// One `[[output]]`: a folder that is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    /// The packages whose protocols it holds.
    pub(crate) packages: Option<Vec<String>>,
    /// The folder, from the workspace root.
    pub(crate) out: Option<String>,
    /// The form of this output.
    pub(crate) emit: Option<Emit>,
    /// Writes validators there too.
    pub(crate) validate: Option<bool>,
    /// Writes hooks for React there too.
    pub(crate) react: Option<bool>,
    /// Writes the mock server for tests there too.
    pub(crate) testing: Option<bool>,
}

impl Config {
    /// Reads the file of a workspace; without one, everything has its default.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub(crate) fn read(root: &Path) -> Outcome<Self> {
        match fs::read_to_string(root.join(FILE)) {
            Ok(text) => Self::parse(&text).map_err(Into::into),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Finding::of_file("read", Path::new(FILE), &error).into()),
        }
    }

    /// The folders to write, each with what it does not say itself filled in.
    #[must_use]
    pub(crate) fn outputs(&self) -> Vec<Output> {
        let whole = Output {
            packages: self.packages.clone(),
            out: self.out.clone(),
            emit: self.emit,
            validate: self.validate,
            react: self.react,
            testing: self.testing,
        };
        if self.output.is_empty() {
            return vec![whole];
        }
        let filled = |output: &Output| Output {
            packages: output.packages.clone().or_else(|| whole.packages.clone()),
            out: output.out.clone(),
            emit: output.emit.or(whole.emit),
            validate: output.validate.or(whole.validate),
            react: output.react.or(whole.react),
            testing: output.testing.or(whole.testing),
        };
        self.output.iter().map(filled).collect()
    }

    fn parse(text: &str) -> Result<Self, Finding> {
        let config = Self::parse_keys(text)?;
        let wrong = |what: &str, help: &str| Err(Finding::new(format!("{FILE}: {what}"), help));
        if !config.output.is_empty() && config.out.is_some() {
            return wrong(
                "`out` stands beside `[[output]]`",
                "give each [[output]] its own `out`, and remove the one above them",
            );
        }
        if config.output.iter().any(|output| output.out.is_none()) {
            return wrong(
                "an `[[output]]` has no `out`",
                "name its folder: out = \"web/src/socket\"",
            );
        }
        for (at, output) in config.output.iter().enumerate() {
            let same = |other: &Output| other.out == output.out;
            if config.output[..at].iter().any(same) {
                return wrong(
                    &format!(
                        "two `[[output]]` write to `{}`",
                        output.out.as_deref().unwrap_or_default()
                    ),
                    "merge them, with the packages of both, or give each its own folder",
                );
            }
        }
        Ok(config)
    }

    fn parse_keys(text: &str) -> Result<Self, Finding> {
        toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map(|span| 1 + text[..span.start].matches('\n').count());
            let (what, help) = match unknown_key(error.message()) {
                Some((key, known)) => {
                    let meant = nearest(key, known.iter().copied())
                        .map_or(String::new(), |near| format!("did you mean `{near}`? "));
                    (
                        format!("unknown key `{key}` in {FILE}"),
                        format!("{meant}The keys are `{}`.", known.join("`, `")),
                    )
                }
                None => (
                    format!("{FILE}: {}", error.message()),
                    format!("for example: {}", example(text, line)),
                ),
            };
            let line = line.and_then(|line| u32::try_from(line).ok());
            Finding::new(what, help).at(line.map(|line| Place {
                file: FILE.to_owned(),
                line,
            }))
        })
    }
}

/// The key that is not known, and those that are: of the file, or of an entry in it.
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let (key, rest) = message.strip_prefix("unknown field `")?.split_once('`')?;
    // Between the names stand commas, so every second piece is one.
    Some((key, rest.split('`').skip(1).step_by(2).collect()))
}

/// An example of each key.
const EXAMPLES: &[(&str, &str)] = &[
    ("packages", "packages = [\"chat\"]"),
    ("out", "out = \"web/src/socket\""),
    ("emit", "emit = \"ts\"   (or \"js\", or \"iife\")"),
    ("validate", "validate = true"),
    ("react", "react = true"),
    ("testing", "testing = true"),
    ("kept", "kept = \"releases\""),
    ("grace_days", "grace_days = 30"),
    (
        "rule",
        "rule = \"FIELD_ADDED_REQUIRED\"   (a report names it)",
    ),
    ("path", "path = \"chat.send.param.kind\""),
    ("reason", "reason = \"no page sends it\""),
    ("until", "until = 2027-01-31"),
    (
        "[[allow]]",
        "[[allow]] with rule = \"…\", path = \"…\" and reason = \"…\"",
    ),
    ("[[output]]", "[[output]] with out = \"web/src/socket\""),
];

/// An example of the line in its correct form.
fn example(text: &str, line: Option<usize>) -> &'static str {
    let line = line.and_then(|line| text.lines().nth(line - 1));
    let key = line.and_then(|line| line.split('=').next()).unwrap_or("");
    EXAMPLES
        .iter()
        .find(|(known, _)| *known == key.trim())
        .map_or(
            "packages = [\"chat\"], out = \"web/src/socket\", emit = \"ts\"",
            |(_, example)| example,
        )
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
             help: did you mean `packages`? The keys are `packages`, `out`, `emit`, `validate`, `react`, `testing`, `output`, `kept`, `grace_days`, `allow`."
        );
        let finding = Config::parse("emit = \"tsx\"\n").unwrap_err();
        assert!(
            finding.what.contains("unknown variant `tsx`"),
            "{}",
            finding.what
        );
        assert_eq!(finding.places[0].line, 1);
    }

    #[test]
    fn says_what_a_wrong_line_should_look_like() {
        for (text, expected) in [
            (
                "out = \"web\"\nemit = 7\n",
                "socket.toml:2\n  help: for example: emit = \"ts\"",
            ),
            (
                "packages = \"chat\"\n",
                "socket.toml:1\n  help: for example: packages = [\"chat\"]",
            ),
            (
                "[[allow]]\nrule = \"FIELD_REMOVED\"\npath = \"x\"\nreason = \"y\"\n",
                "socket.toml:2\n  help: for example: rule = \"FIELD_ADDED_REQUIRED\"",
            ),
            (
                "[[allow]]\nrule = \"MESSAGE_REMOVED\"\n",
                "missing field `path`\n  --> socket.toml:1\n  help: for example: [[allow]] with rule",
            ),
            (
                "[[allow]]\nruel = \"MESSAGE_REMOVED\"\n",
                "unknown key `ruel` in socket.toml\n  --> socket.toml:2\n  help: did you mean `rule`?",
            ),
            (
                "[[output]]\nout = \"a\"\nemti = \"js\"\n",
                "unknown key `emti` in socket.toml\n  --> socket.toml:3\n  help: did you mean `emit`?",
            ),
        ] {
            let finding = Config::parse(text).unwrap_err().to_string();
            assert!(finding.contains(expected), "{finding}");
        }
    }

    #[test]
    fn several_outputs_share_what_stands_above_them() {
        let text = "packages = [\"a\"]\n[[output]]\nout = \"ts\"\n\n[[output]]\nout = \"js\"\nemit = \"js\"\n";
        let outputs = Config::parse(text).unwrap().outputs();
        let one = |out: &str, emit| Output {
            packages: Some(vec!["a".to_owned()]),
            out: Some(out.to_owned()),
            emit,
            ..Output::default()
        };
        assert_eq!(outputs, [one("ts", None), one("js", Some(Emit::Js))]);
    }

    #[test]
    fn refuses_outputs_that_cannot_be_told_apart() {
        for (text, expected) in [
            (
                "out = \"a\"\n[[output]]\nout = \"b\"\n",
                "`out` stands beside",
            ),
            ("[[output]]\nemit = \"js\"\n", "has no `out`"),
            (
                "[[output]]\nout = \"a\"\n[[output]]\nout = \"a\"\n",
                "two `[[output]]` write to `a`",
            ),
        ] {
            let finding = Config::parse(text).unwrap_err();
            assert!(finding.what.contains(expected), "{finding}");
        }
    }
}
