//! What others wrote, as it may stand in a log: it writes no lines of its own, and none without end.

use std::fmt::{self, Display, Write};

/// The most characters that are shown of a name.
const NAME: usize = 200;

/// The most that are shown of what went wrong, which may quote what others wrote.
const CAUSE: usize = 4000;

/// Shows a name on one line, escaped and cut.
pub(crate) const fn shown<T: Display>(value: T) -> Shown<T> {
    Shown { value, most: NAME }
}

/// The same for what went wrong.
pub(crate) const fn shown_cause<T: Display>(value: T) -> Shown<T> {
    Shown { value, most: CAUSE }
}

/// A value that is shown so.
pub(crate) struct Shown<T> {
    value: T,
    most: usize,
}

impl<T: Display> Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line {
            into: f,
            left: self.most,
        };
        match write!(line, "{}", self.value) {
            Err(_) if line.left == 0 => f.write_char('\u{2026}'),
            written => written,
        }
    }
}

impl<T: Display> fmt::Debug for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

struct Line<'a, 'b> {
    into: &'a mut fmt::Formatter<'b>,
    left: usize,
}

impl Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.left == 0 {
                return Err(fmt::Error);
            }
            self.left -= 1;
            match c {
                // Quotes harm nobody.
                '\'' | '"' => self.into.write_char(c)?,
                c => write!(self.into, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_one_line_of_bounded_length() {
        for (value, expected) in [
            ("socket-ts", "socket-ts"),
            ("it's \"fine\"", "it's \"fine\""),
            ("a\nERROR b\r\x1b[31m\0", "a\\nERROR b\\r\\u{1b}[31m\\0"),
            ("\u{202e}\u{2028}", "\\u{202e}\\u{2028}"),
            ("Ü\\", "Ü\\\\"),
        ] {
            assert_eq!(shown(value).to_string(), expected);
        }
        let long = "x".repeat(NAME);
        assert_eq!(shown(&long).to_string(), long);
        let cut = format!("{long}\u{2026}");
        assert_eq!(shown(format!("{long}y")).to_string(), cut);
        assert_eq!(format!("{:?}", shown("a\nb")), "a\\nb");
    }
}
