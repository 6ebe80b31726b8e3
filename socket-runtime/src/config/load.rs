//! One config from a file and the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::builder::DefaultState;
use config::{ConfigBuilder, Environment, File, FileFormat, Value};

use super::Config;
use crate::suggest::similar;

/// Why no config could be made of a file and the environment. It says where the mistake is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read, or is not TOML. Mend the path, or what stands there.
    #[error("{}: {reason}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file sets something that is no field of [`Config`]. Take it out, or mend its name.
    #[error("{}: unknown limit `{key}`{}", file.display(), hint(.similar.as_deref()))]
    Unknown {
        /// The file.
        file: PathBuf,
        /// What it sets.
        key: String,
        /// The field that was probably meant.
        similar: Option<&'static str>,
    },
    /// A value does not fit its field. Write one that does.
    #[error("{place}: `{key}` is {reason}")]
    Value {
        /// The file, or `the environment`.
        place: String,
        /// The field in the file, or the variable.
        key: String,
        /// What it is, and what it should be.
        reason: String,
    },
}

fn hint(similar: Option<&str>) -> String {
    similar.map_or_else(
        || ". The fields of `socket_runtime::Config` are what it may set".to_owned(),
        |similar| format!(". Was `{similar}` meant?"),
    )
}

impl Config {
    /// The defaults, over them what a TOML file says, over that the environment: `SOCKET_RATE=20`,
    /// `SOCKET_PING="10s"`, `SOCKET_ORIGINS="https://a.example,https://b.example"`. What the program
    /// sets on the result counts most.
    ///
    /// Every field has its own name, in the environment in capitals behind `SOCKET_`. A duration is a
    /// number of milliseconds or a text with its unit: `250ms`, `10s`, `2m`, `1h`. A name in the file
    /// that is none is an error; other variables that begin with `SOCKET_` are not looked at.
    ///
    /// # Errors
    /// [`ConfigError`] when the file is not there or not TOML, sets what is no field, or a value does
    /// not fit. It names the file and the key, or the variable.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::layered(file, variables)
    }

    fn layered(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let ours = variables.filter(|(name, _)| {
            let name = name.strip_prefix("SOCKET_").unwrap_or_default();
            Self::NAMES
                .iter()
                .any(|ours| ours.eq_ignore_ascii_case(name))
        });
        let variables: BTreeMap<_, _> = ours.collect();
        let mut layers = config::Config::builder();
        if let Some(file) = file {
            let source = File::from(file).format(FileFormat::Toml);
            check_file(file, config::Config::builder().add_source(source.clone()))?;
            layers = layers.add_source(source);
        }
        for (name, value) in &variables {
            let one = environment([(name.clone(), value.clone())]);
            let one = config::Config::builder().add_source(one);
            fits(one).map_err(|reason| ConfigError::Value {
                place: "the environment".to_owned(),
                key: name.clone(),
                reason,
            })?;
        }
        // Each of them fits by itself, so that all of them do.
        fits(layers.add_source(environment(variables))).map_err(|reason| ConfigError::Value {
            place: "the config".to_owned(),
            key: "all of it".to_owned(),
            reason,
        })
    }
}

fn environment(variables: impl IntoIterator<Item = (String, String)>) -> Environment {
    Environment::with_prefix("SOCKET")
        .source(Some(variables.into_iter().collect()))
        .try_parsing(true)
        .list_separator(",")
        .with_list_parse_key("origins")
}

/// Whether all that the file sets are fields, and what it sets them to fits.
fn check_file(file: &Path, source: ConfigBuilder<DefaultState>) -> Result<(), ConfigError> {
    let values = source.build().and_then(config::Config::try_deserialize);
    // In the order of their names, so that the same mistake is always told first.
    let values: BTreeMap<String, Value> = values.map_err(|error| ConfigError::File {
        file: file.to_owned(),
        reason: reason(error),
    })?;
    for (key, value) in values {
        if !Config::NAMES.contains(&key.as_str()) {
            return Err(ConfigError::Unknown {
                file: file.to_owned(),
                similar: similar(&key, Config::NAMES.iter().copied()),
                key,
            });
        }
        let one = config::Config::builder().set_override(&key, value);
        one.map_err(reason)
            .and_then(fits)
            .map_err(|reason| ConfigError::Value {
                place: file.display().to_string(),
                key,
                reason,
            })?;
    }
    Ok(())
}

fn fits(layers: ConfigBuilder<DefaultState>) -> Result<Config, String> {
    let config = layers.build().and_then(config::Config::try_deserialize);
    config.map_err(reason)
}

/// What is wrong, without the places that we know better.
fn reason(error: config::ConfigError) -> String {
    match error {
        config::ConfigError::At { error, .. } => reason(*error),
        config::ConfigError::Type {
            unexpected,
            expected,
            ..
        } => format!("{unexpected}, and should be {expected}"),
        config::ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("socket-{}-{name}.toml", std::process::id()))
    }

    fn layered(name: &str, file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let path = path(name);
        std::fs::write(&path, file).unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::layered(Some(&path), variables);
        std::fs::remove_file(&path).unwrap();
        config.map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_counts_more_than_the_file_and_the_file_more_than_the_defaults() {
        let file = "rate = 10\nburst = 20\nping = \"1m\"\ndrain = 1500\n";
        let variables = [
            ("SOCKET_RATE", "7"),
            ("SOCKET_TIMEOUT", "250ms"),
            ("SOCKET_SPREAD", "3000"),
            ("SOCKET_ORIGINS", "https://a.example,https://b.example"),
            ("SOCKET_PATH", "somebody else's"),
            ("RATE", "1"),
        ];
        let config = layered("layers", file, &variables).unwrap();
        assert_eq!((config.rate, config.burst, config.channels), (7, 20, 128));
        assert_eq!(config.ping, Duration::from_secs(60));
        assert_eq!(config.drain, Duration::from_millis(1500));
        assert_eq!(config.timeout, Duration::from_millis(250));
        assert_eq!(config.spread, Duration::from_secs(3));
        assert_eq!(config.origins, ["https://a.example", "https://b.example"]);
    }

    #[test]
    fn every_field_can_be_set_by_the_environment() {
        let debug = format!("{:?}", Config::default());
        let fields = debug.trim_start_matches("Config {").split(", ");
        let fields: Vec<_> = fields
            .filter_map(|field| Some(field.split_once(':')?.0.trim()))
            .collect();
        assert_eq!(fields, Config::NAMES);
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_what_mends_it() {
        let of_type = "an integer";
        for (name, file, variables, says) in [
            ("close", "rates = 10", None, "`rates`. Was `rate` meant?"),
            (
                "dash",
                "message-bytes = 1",
                None,
                "Was `message_bytes` meant?",
            ),
            (
                "far",
                "[server]\nport = 1",
                None,
                "named `server`. The fields of",
            ),
            (
                "text",
                "rate = \"much\"",
                None,
                "`rate` is string \"much\", and should be",
            ),
            ("text", "rate = \"much\"", None, of_type),
            ("unit", "ping = \"10 parsecs\"", None, "`ping` is"),
            (
                "unit",
                "ping = \"10 parsecs\"",
                None,
                "\"250ms\", \"10s\", \"2m\" or \"1h\"",
            ),
            ("toml", "burst = 1\nrate 10", None, "line 2"),
            (
                "value",
                "rate = 1",
                Some(("SOCKET_RATE", "-1")),
                "`SOCKET_RATE` is 64-bit integer `-1`",
            ),
            (
                "value",
                "",
                Some(("SOCKET_PING", "soon")),
                "`SOCKET_PING` is",
            ),
        ] {
            let error = layered(name, file, variables.as_slice()).unwrap_err();
            let place = match variables {
                Some(_) => "the environment: ".to_owned(),
                None => format!("{}: ", path(name).display()),
            };
            assert!(error.starts_with(&place) && error.contains(says), "{error}");
        }
        let nowhere = Path::new("/nowhere.toml");
        let error = Config::layered(Some(nowhere), std::iter::empty()).unwrap_err();
        assert!(error.to_string().contains("/nowhere.toml"), "{error}");
    }
}
