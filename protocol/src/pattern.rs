//! Channel names from patterns such as `room:{room}`, and back.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use percent_encoding::percent_decode_str;

use crate::id::{ChannelName, InvalidChannelName, is_name_char};

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Text that stands as it is.
    Literal(&'static str),
    /// A parameter, percent-encoded up to the next delimiter.
    Param,
    /// The last parameter, which takes the rest as it stands.
    Rest,
}

/// How the names of one type of channel are made. The derive writes it as a constant and has
/// checked that a literal which follows a parameter begins with a delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// The pieces in order.
    pub segments: &'static [Segment],
    /// The characters of its literals that are neither letters nor digits.
    pub delimiters: &'static str,
}

impl Pattern {
    /// The decoded parameters of a name; `None` when the name is not of this pattern.
    #[must_use]
    pub fn capture<'n, const N: usize>(&self, name: &'n str) -> Option<[Cow<'n, str>; N]> {
        let mut params = [const { Cow::Borrowed("") }; N];
        let mut slots = params.iter_mut();
        let mut rest = name;
        for segment in self.segments {
            match segment {
                Segment::Literal(text) => rest = rest.strip_prefix(text)?,
                Segment::Param => {
                    let end = rest.find(|c| self.delimits(c)).unwrap_or(rest.len());
                    let (param, behind) = rest.split_at(end);
                    *slots.next()? = percent_decode_str(param).decode_utf8().ok()?;
                    rest = behind;
                }
                Segment::Rest => *slots.next()? = Cow::Borrowed(std::mem::take(&mut rest)),
            }
        }
        (rest.is_empty() && params.iter().all(|param| !param.is_empty())).then_some(params)
    }

    /// The name that those parameters make.
    ///
    /// # Errors
    /// [`InvalidChannelName`] when a parameter prints as nothing or the whole is no valid name.
    pub fn print(&self, params: &[&dyn Display]) -> Result<ChannelName, InvalidChannelName> {
        let mut name = String::new();
        let mut params = params.iter();
        for segment in self.segments {
            let start = name.len();
            // Writing to a String cannot fail; a Display that fails prints as nothing.
            let written = match (segment, params.as_slice().first()) {
                (Segment::Literal(text), _) => name.write_str(text),
                (Segment::Param, Some(param)) => {
                    let pattern = self;
                    write!(
                        Encode {
                            pattern,
                            out: &mut name
                        },
                        "{param}"
                    )
                }
                (Segment::Rest, Some(param)) => write!(name, "{param}"),
                (Segment::Param | Segment::Rest, None) => Err(fmt::Error),
            };
            if written.is_err() || name.len() == start {
                return Err(InvalidChannelName::EmptyParameter);
            }
            if !matches!(segment, Segment::Literal(_)) {
                params.next();
            }
        }
        ChannelName::new(&name)
    }

    fn delimits(&self, c: char) -> bool {
        self.delimiters.contains(c)
    }
}

/// Percent-encodes what is written to it.
struct Encode<'a> {
    pattern: &'a Pattern,
    out: &'a mut String,
}

impl fmt::Write for Encode<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if is_name_char(c) && c != '%' && !self.pattern.delimits(c) {
                self.out.push(c);
            } else {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    write!(self.out, "%{byte:02X}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Pattern = Pattern {
        segments: &[Segment::Literal("room:"), Segment::Param],
        delimiters: ":",
    };
    const CELL: Pattern = Pattern {
        segments: &[
            Segment::Param,
            Segment::Literal("/"),
            Segment::Param,
            Segment::Literal("/x"),
            Segment::Rest,
        ],
        delimiters: "/",
    };

    #[test]
    fn parameters_survive_the_way_there_and_back() {
        for room in ["42", "a b", "zoë", "a:b", "100%", "%41", "a/b", "\n"] {
            let name = ROOM.print(&[&room]).unwrap();
            assert_eq!(
                ROOM.capture(name.as_str()),
                Some([Cow::Borrowed(room)]),
                "{name}"
            );
        }
        assert_eq!(ROOM.print(&[&"a:b c"]).unwrap().as_str(), "room:a%3Ab%20c");
    }

    #[test]
    fn the_last_parameter_may_take_the_rest() {
        let name = CELL.print(&[&"a/b", &1, &"y/z:%41"]).unwrap();
        assert_eq!(name.as_str(), "a%2Fb/1/xy/z:%41");
        assert_eq!(
            CELL.capture(name.as_str()),
            Some(["a/b".into(), "1".into(), "y/z:%41".into()])
        );
    }

    #[test]
    fn other_names_are_not_of_the_pattern() {
        for name in ["room", "room:", "room:a:b", "Room:a", "room:%FF"] {
            assert_eq!(ROOM.capture::<1>(name), None, "{name}");
        }
    }

    #[test]
    fn what_makes_no_name_is_an_error() {
        assert_eq!(ROOM.print(&[&""]), Err(InvalidChannelName::EmptyParameter));
        assert!(matches!(
            ROOM.print(&[&"x".repeat(200)]),
            Err(InvalidChannelName::TooLong { bytes: 205 })
        ));
    }
}
