//! Days, for promises and for what is accepted until then.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer};

/// A day of the calendar: `2026-11-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Date {
    days: i64,
}

impl Date {
    /// The first day: every promise still holds.
    pub(crate) const FIRST: Self = Self { days: i64::MIN };

    /// Today in UTC, so that all machines of a team agree.
    #[must_use]
    pub(crate) fn today() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        // A clock before 1970 is wrong in any case; the first day keeps all promises.
        let seconds = since.map_or(0, |since| since.as_secs());
        Self {
            days: i64::try_from(seconds / 86_400).unwrap_or(i64::MAX),
        }
    }

    /// So many days later.
    #[must_use]
    pub(crate) fn plus(self, days: u32) -> Self {
        Self {
            days: self.days.saturating_add(i64::from(days)),
        }
    }

    /// Days since 1970, by the civil calendar (Hinnant's `days_from_civil`).
    fn from_civil(year: i64, month: i64, day: i64) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Self {
            days: era * 146_097 + days - 719_468,
        }
    }

    fn civil(self) -> (i64, i64, i64) {
        let days = self.days + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (year + era * 400 + i64::from(month <= 2), month, day)
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a date such as 2026-11-21");
        let digits = |part: &str| part.parse::<u16>().ok().map(i64::from);
        let mut parts = text.split('-').map(digits);
        let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let date = Self::from_civil(year, month, day);
        // A day that does not exist comes back as another one.
        match (1..=12).contains(&month) && date.civil() == (year, month, day) {
            true => Ok(date),
            false => Err(wrong()),
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    /// From text, or from a date as TOML writes it without quotes.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Toml(toml::value::Datetime),
        }
        let text = match Form::deserialize(deserializer)? {
            Form::Text(text) => text,
            Form::Toml(date) => date.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_as_they_were_written() {
        for text in ["1970-01-01", "2000-02-29", "2026-11-21", "2100-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-1",
            "tomorrow",
            "2026-01-00",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        let leap: Date = "2028-02-28".parse().unwrap();
        assert_eq!(leap.plus(2).to_string(), "2028-03-01");
    }
}
