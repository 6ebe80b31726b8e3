//! Reads one config from a file and the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::builder::DefaultState;
use config::{ConfigBuilder, Environment, File, FileFormat, Value};

use super::limit::OutOfRange;
use super::table::Config;
use crate::suggest::similar;

/// A config could not be made of a file and the environment. The error says where the mistake is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read, or is not TOML. Correct the path or the file.
    #[error("{}: {reason}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The mistake.
        reason: String,
    },
    /// The file has an unknown key. Remove it or correct it; [`Config::KEYS`] lists the keys.
    #[error("{}: unknown limit `{key}`{}", file.display(), hint(.similar.as_deref()))]
    Unknown {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
        /// The key that was probably meant.
        similar: Option<&'static str>,
    },
    /// A value has another type than its limit, or lies outside its range. Write one that fits.
    #[error("{place}: `{key}` is {reason}")]
    Value {
        /// The file, or `the environment`.
        place: String,
        /// The key in the file, or the variable.
        key: String,
        /// The value, and what is allowed.
        reason: String,
    },
}

fn hint(similar: Option<&str>) -> String {
    similar.map_or_else(
        || "; `socket_runtime::Config::KEYS` lists the known keys".to_owned(),
        |similar| format!("; did you mean `{similar}`?"),
    )
}

impl Config {
    /// Reads the limits: the defaults, overridden by a TOML file, overridden by the environment
    /// (`SOCKET_RATE=20`, `SOCKET_PING="10s"`,
    /// `SOCKET_ORIGINS="https://a.example,https://b.example"`). A value that the program sets on
    /// the result overrides all of them.
    ///
    /// Each limit has one key, flat and without its group: `rate = 20` in the file, in the environment
    /// in capitals behind `SOCKET_`. The docs of its field name it, and [`Config::KEYS`] lists all. A
    /// duration is a number of milliseconds or a text with its unit: `250ms`, `10s`, `2m`, `1h`. A key
    /// of the file that names no limit is an error; other variables that begin with `SOCKET_` belong to
    /// other programs and are passed over.
    ///
    /// # Errors
    /// [`ConfigError`] when the file is missing or is not TOML, has an unknown key, or a value has
    /// another type or lies outside of its range. It names the file and the key, or the variable.
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
            Self::KEYS
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
        .with_list_parse_key("hosts")
        .with_list_parse_key("trusted_proxies")
}

/// Checks that all keys of the file are known and that their values fit.
fn check_file(file: &Path, source: ConfigBuilder<DefaultState>) -> Result<(), ConfigError> {
    let values = source.build().and_then(config::Config::try_deserialize);
    // In the order of their names, so that the same mistake is always told first.
    let values: BTreeMap<String, Value> = values.map_err(|error| ConfigError::File {
        file: file.to_owned(),
        reason: reason(error),
    })?;
    for (key, value) in values {
        if !Config::KEYS.contains(&key.as_str()) {
            return Err(ConfigError::Unknown {
                file: file.to_owned(),
                similar: similar(&key, Config::KEYS.iter().copied()),
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
    let config: Config = config.map_err(reason)?;
    match config.check() {
        Ok(()) => Ok(config),
        Err(OutOfRange { value, allowed, .. }) => Err(format!("{value}; allowed: {allowed}")),
    }
}

/// The mistake, without the places, which the caller knows better.
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
    use std::fmt::Write;
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
        assert_eq!((config.rates.rate, config.rates.burst), (7, 20));
        assert_eq!(config.limits.channels, 128);
        assert_eq!(config.timeouts.ping, Duration::from_secs(60));
        assert_eq!(config.timeouts.drain, Duration::from_millis(1500));
        assert_eq!(config.timeouts.pong, Duration::from_millis(250));
        assert_eq!(config.timeouts.spread, Duration::from_secs(3));
        let origins = &config.http.origins;
        assert_eq!(*origins, ["https://a.example", "https://b.example"]);
    }

    #[test]
    fn every_limit_can_be_set_by_the_file_and_by_the_environment() {
        let value = |key: &str| match key {
            "origins" | "hosts" | "trusted_proxies" => "[\"https://a.example\"]",
            "forwarded_header" => "\"X-Real-IP\"",
            "json_depth" => "100",
            _ => "12345",
        };
        let of_default = format!("{:?}", Config::default());
        let defaults = of_default.split(", ").count();
        let mut file = String::new();
        for key in Config::KEYS {
            writeln!(file, "{key} = {}", value(key)).unwrap();
        }
        let from_file = layered("every", &file, &[]).unwrap();
        let debug = format!("{from_file:?}");
        let differs = debug.split(", ").zip(of_default.split(", "));
        assert_eq!(
            differs.filter(|(one, other)| one != other).count(),
            defaults
        );
        let variables: Vec<_> = Config::KEYS
            .iter()
            .map(|key| {
                let value = value(key).trim_matches(['[', ']', '"']).to_owned();
                (format!("SOCKET_{}", key.to_uppercase()), value)
            })
            .collect();
        let variables: Vec<_> = variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(layered("no", "", &variables).unwrap(), from_file);
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_what_mends_it() {
        let of_type = "an integer";
        for (name, file, variables, says) in [
            ("close", "rates = 10", None, "`rates`; did you mean `rate`?"),
            (
                "dash",
                "message-bytes = 1",
                None,
                "did you mean `message_bytes`?",
            ),
            (
                "far",
                "[server]\nport = 1",
                None,
                "limit `server`; `socket_runtime::Config::KEYS` lists",
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
            (
                "range",
                "message_bytes = 0",
                None,
                "`message_bytes` is 0; allowed: 1 B to 1 GiB",
            ),
            (
                "range",
                "",
                Some(("SOCKET_HEAD_TIMEOUT", "0s")),
                "`SOCKET_HEAD_TIMEOUT` is 0 s; allowed: 1 ms or more",
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
