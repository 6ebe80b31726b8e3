//! The table of limits as a macro: each row becomes a field, its docs, its default, its range, and
//! its key in files and in the environment.

use std::time::Duration;

use serde::de::DeserializeOwned;

/// Declares [`Config`](super::Config): its groups, and in each a row for every limit. A row reads
/// `field "key": type = default, least ..= most;`, where the range, or its upper end, may be
/// absent.
macro_rules! limits {
    (
        $(#[$of_config:meta])*
        $config:ident;
        $(
            $(#[$of_group:meta])*
            $group:ident: $name:ident {
                $(
                    $(#[$doc:meta])*
                    $field:ident $key:literal: $type:ty = $default:tt $($unit:ident)?
                    $(, $least:literal $($least_unit:ident)? $(..= $most:literal $($most_unit:ident)?)? $(..)?)?;
                )*
            }
        )*
    ) => {
        $(#[$of_config])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $config {
            $(
                $(#[$of_group])*
                pub $group: $name,
            )*
        }

        $(
            $(#[$of_group])*
            #[derive(Debug, Clone, PartialEq, Eq)]
            #[non_exhaustive]
            pub struct $name {
                $(
                    $(#[$doc])*
                    ///
                    #[doc = concat!(
                        "Default: ", stringify!($default) $(, " ", stringify!($unit))?, "."
                        $(, " Allowed: ", allowed!($least $($least_unit)? $(..= $most $($most_unit)?)?), ".")?,
                        " Key: `", $key, "`.",
                    )]
                    pub $field: $type,
                )*
            }

            impl Default for $name {
                fn default() -> Self {
                    Self {
                        $($field: amount!($default $($unit)?),)*
                    }
                }
            }
        )*

        impl $config {
            /// The key of every limit, as it is used in files and, in capitals after `SOCKET_`, in
            /// the environment.
            pub const KEYS: &'static [&'static str] = &[$($($key,)*)*];

            /// Checks that every limit lies in its range. [`Config::load`] and
            /// [`Builder::build`](crate::Builder::build) do this too.
            ///
            /// # Errors
            /// [`OutOfRange`] with the first limit that lies outside of its range.
            pub fn check(&self) -> Result<(), OutOfRange> {
                $($($(
                    let value = &self.$group.$field;
                    if *value < amount!($least $($least_unit)?) $(|| *value > amount!($most $($most_unit)?))? {
                        return Err(OutOfRange {
                            limit: concat!(stringify!($group), ".", stringify!($field)),
                            key: $key,
                            value: value.shown(),
                            allowed: allowed!($least $($least_unit)? $(..= $most $($most_unit)?)?),
                        });
                    }
                )?)*)*
                Ok(())
            }

            /// The same with no time longer than a century.
            pub(super) fn within_a_century(mut self) -> Self {
                $($(Limit::shorten(&mut self.$group.$field);)*)*
                self
            }

            /// Sets the limit of that key to the value that follows.
            fn read<'de, M: MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut M,
            ) -> Result<(), M::Error> {
                match key {
                    $($(
                        $key => self.$group.$field = Limit::from_written(map.next_value()?),
                    )*)*
                    unknown => return Err(Error::unknown_field(unknown, Self::KEYS)),
                }
                Ok(())
            }
        }

        /// Reads an object with flat keys, as in a settings file. An unknown key is an error.
        impl<'de> Deserialize<'de> for $config {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_map(Keys)
            }
        }

        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = $config;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("limits by their keys")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<$config, M::Error> {
                let mut config = $config::default();
                while let Some(key) = map.next_key::<String>()? {
                    config.read(&key, &mut map)?;
                }
                Ok(config)
            }
        }
    };
}

/// A number with its unit, as a value.
macro_rules! amount {
    (none) => {
        Vec::new()
    };
    ($text:tt header) => {
        $text.to_owned()
    };
    ($number:tt) => {
        $number
    };
    ($number:tt B) => {
        $number
    };
    ($number:tt KiB) => {
        $number << 10
    };
    ($number:tt MiB) => {
        $number << 20
    };
    ($number:tt GiB) => {
        $number << 30
    };
    ($number:tt ms) => {
        Duration::from_millis($number)
    };
    ($number:tt s) => {
        Duration::from_secs($number)
    };
    ($number:tt h) => {
        Duration::from_secs($number * 60 * 60)
    };
}

/// A range of them, as a text.
macro_rules! allowed {
    ($least:tt $($unit:ident)?) => {
        concat!(stringify!($least) $(, " ", stringify!($unit))?, " or more")
    };
    ($least:tt $($unit:ident)? ..= $most:tt $($most_unit:ident)?) => {
        concat!(
            stringify!($least) $(, " ", stringify!($unit))?,
            " to ",
            stringify!($most) $(, " ", stringify!($most_unit))?
        )
    };
}

pub(super) use {allowed, amount, limits};

/// A limit that lies outside its range. Set it to a value within [`allowed`](Self::allowed).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the limit `{limit}` (key `{key}`) is {value}; allowed: {allowed}")]
#[non_exhaustive]
pub struct OutOfRange {
    /// The field of [`Config`](super::Config), with its group.
    pub limit: &'static str,
    /// Its key in files and in the environment.
    pub key: &'static str,
    /// The value.
    pub value: String,
    /// The range.
    pub allowed: &'static str,
}

/// A type that a limit may have.
pub(super) trait Limit: Sized {
    /// Its form in a file.
    type Written: DeserializeOwned;

    fn from_written(written: Self::Written) -> Self;

    /// Its form in an error.
    fn shown(&self) -> String;

    /// Shortens a time that exceeds the clock's range: "never" is written as `Duration::MAX`.
    fn shorten(&mut self) {}
}

macro_rules! plain {
    ($($type:ty),*) => {
        $(
            impl Limit for $type {
                type Written = Self;

                fn from_written(written: Self) -> Self {
                    written
                }

                fn shown(&self) -> String {
                    format!("{self:?}")
                }
            }
        )*
    };
}

plain!(usize, u32, String, Vec<String>);

impl Limit for Duration {
    type Written = super::duration::Written;

    fn from_written(written: Self::Written) -> Self {
        written.0
    }

    fn shown(&self) -> String {
        if self.is_zero() {
            "0 s".to_owned()
        } else {
            format!("{self:?}")
        }
    }

    fn shorten(&mut self) {
        const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        *self = (*self).min(CENTURY);
    }
}
