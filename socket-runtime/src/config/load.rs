//! One config from a file and the environment.

use std::path::Path;

use config::{Environment, File, FileFormat};

use super::Config;

/// Why no config could be made of a file and the environment. Mend what it names.
#[derive(Debug, thiserror::Error)]
#[error("the config cannot be read: {0}")]
pub struct ConfigError(#[from] config::ConfigError);

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
    /// [`ConfigError`] when the file is not there or not TOML, names no field, or a value does not
    /// fit.
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
        let environment = Environment::with_prefix("SOCKET")
            .source(Some(ours.collect()))
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("origins");
        let mut layers = config::Config::builder();
        if let Some(file) = file {
            layers = layers.add_source(File::from(file).format(FileFormat::Toml));
        }
        Ok(layers.add_source(environment).build()?.try_deserialize()?)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn layered(name: &str, file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let path = std::env::temp_dir().join(format!("socket-{}-{name}.toml", std::process::id()));
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
    fn what_does_not_fit_is_named() {
        for (name, file, variables, says) in [
            ("name", "rates = 10", [("SOCKET_BURST", "1")], "rates"),
            ("text", "rate = \"much\"", [("SOCKET_BURST", "1")], "rate"),
            (
                "unit",
                "ping = \"10 parsecs\"",
                [("SOCKET_BURST", "1")],
                "ping",
            ),
            ("value", "", [("SOCKET_RATE", "-1")], "rate"),
            ("toml", "rate 10", [("SOCKET_BURST", "1")], "TOML"),
        ] {
            let error = layered(name, file, &variables).unwrap_err();
            assert!(
                error.to_lowercase().contains(&says.to_lowercase()),
                "{name}: {error}"
            );
        }
        assert!(Config::layered(Some(Path::new("/nowhere.toml")), std::iter::empty()).is_err());
    }
}
