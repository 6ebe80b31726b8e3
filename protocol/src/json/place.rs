//! Where in a JSON text something went wrong, found without any code per type.
//!
//! A value that is refused while it is written stands where the text ends so far. One that is refused
//! while it is read stands near the place that serde_json tells: it reads on to the end of the object
//! or list before it tells. Which of the two it was, and whether a value or what holds it refused, is
//! found by decoding beginnings of the text once more: a reader that has seen enough refuses again, one
//! that has not waits for more.

use std::fmt::Write as _;

/// The kinds of what is read as a whole: a bracket, a comma, a colon, or a text, number, `true`, `false` or `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Comma,
    Colon,
    Text,
    Scalar,
}

/// One of them, with the place behind its last byte.
#[derive(Debug, Clone, Copy)]
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
}

/// Reads the text token by token. What a text is cut off in counts as a whole.
struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = &self.text[self.at..];
        self.at += rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let start = self.at;
        let first = *self.text.get(start)?;
        let rest = &self.text[start + 1..];
        let (kind, more) = match first {
            b'{' | b'[' => (Kind::Open, 0),
            b'}' | b']' => (Kind::Close, 0),
            b',' => (Kind::Comma, 0),
            b':' => (Kind::Colon, 0),
            b'"' => (Kind::Text, length_of_text(rest)),
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"{}[],:\"".contains(byte);
                let more = rest.iter().position(ends).unwrap_or(rest.len());
                (Kind::Scalar, more)
            }
        };
        self.at = start + 1 + more;
        Some(Token {
            kind,
            start,
            end: self.at,
        })
    }
}

/// How many bytes of a text follow its first quote.
fn length_of_text(rest: &[u8]) -> usize {
    let mut escaped = false;
    let end = rest.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |end| end + 1)
}

/// An object or a list that the text is inside of.
#[derive(Debug)]
struct Frame {
    list: bool,
    /// Behind its opening bracket.
    start: usize,
    /// How many commas it has had.
    commas: usize,
    /// The key at hand, with its quotes.
    key: Option<(usize, usize)>,
    /// Where the entry at hand begins.
    entry: Option<usize>,
}

/// The beginning of a text, up to a token.
#[derive(Debug)]
struct Walk<'a> {
    text: &'a str,
    frames: Vec<Frame>,
    last: Option<Token>,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            frames: Vec::new(),
            last: None,
        }
    }

    fn step(&mut self, token: Token) {
        let behind_colon = self.last.is_some_and(|last| last.kind == Kind::Colon);
        if let Some(frame) = self.frames.last_mut() {
            match token.kind {
                Kind::Comma => {
                    frame.commas += 1;
                    frame.key = None;
                    frame.entry = None;
                }
                Kind::Colon | Kind::Close => {}
                Kind::Open | Kind::Text | Kind::Scalar => {
                    frame.entry.get_or_insert(token.start);
                    if !frame.list && !behind_colon {
                        frame.key = Some((token.start, token.end));
                    }
                }
            }
        }
        match token.kind {
            Kind::Open => self.frames.push(Frame {
                list: self.text.as_bytes()[token.start] == b'[',
                start: token.end,
                commas: 0,
                key: None,
                entry: None,
            }),
            Kind::Close => {
                self.frames.pop();
            }
            Kind::Comma | Kind::Colon | Kind::Text | Kind::Scalar => {}
        }
        self.last = Some(token);
    }

    /// The path of the entry at hand in each of these frames.
    fn path(&self, frames: usize) -> String {
        let mut path = String::new();
        for frame in &self.frames[..frames] {
            if frame.list {
                // Writing to a String cannot fail.
                let _ = write!(path, "[{}]", frame.commas);
            } else if let Some((start, end)) = frame.key {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&unquoted(&self.text[start..end]));
            }
        }
        path
    }

    /// The path of the object or list that the text is inside of.
    fn around(&self) -> String {
        self.path(self.frames.len().saturating_sub(1))
    }

    /// The path of what stands last: of the value that it completes or opens, or of the key.
    fn here(&self) -> String {
        match self.last.map(|last| last.kind) {
            Some(Kind::Open) => self.around(),
            _ => self.path(self.frames.len()),
        }
    }

    /// `true` if the last token is the key of an object.
    fn at_key(&self) -> bool {
        let (Some(frame), Some(last)) = (self.frames.last(), self.last) else {
            return false;
        };
        !frame.list && frame.key == Some((last.start, last.end))
    }
}

fn unquoted(key: &str) -> String {
    serde_json::from_str(key).unwrap_or_else(|_| key.trim_matches('"').to_owned())
}

/// The path of the value that was refused while it was to be written behind that text.
#[cold]
pub(crate) fn of_unwritten(written: &[u8]) -> String {
    let text = String::from_utf8_lossy(written);
    let mut walk = Walk::new(&text);
    for token in (Tokens {
        text: text.as_bytes(),
        at: 0,
    }) {
        walk.step(token);
    }
    let mut path = walk.path(walk.frames.len());
    // A value in a list stands behind a bracket or a comma; a key that was refused has only a place.
    if let Some(frame) = walk.frames.last()
        && !frame.list
        && frame.key.is_none()
    {
        let _ = write!(path, "[{}]", frame.commas);
    }
    path
}

/// The path to what was refused, in a JSON text that is whole; empty for the text itself. `again`
/// decodes a beginning of it as the same type.
#[cold]
pub(crate) fn of_misfit(
    text: &str,
    error: &serde_json::Error,
    again: &dyn Fn(&str) -> Option<serde_json::Error>,
) -> String {
    let refuses = |text: &str| again(text).filter(|error| !error.is_eof());
    let all = || Tokens {
        text: text.as_bytes(),
        at: 0,
    };
    let mut walk = Walk::new(text);
    for token in all().take(seen(text, error, all(), &refuses)) {
        walk.step(token);
    }
    let (Some(last), Some(frame)) = (walk.last, walk.frames.last()) else {
        return walk.here();
    };
    let first = frame.commas == 0;
    let holder_refuses = match last.kind {
        Kind::Comma => true,
        // A variant that is not known is refused by its enum, a key by itself.
        Kind::Text if walk.at_key() && first => {
            let empty = format!("{}}}", &text[..frame.start]);
            again(&empty).is_some_and(|error| error.is_syntax())
        }
        Kind::Open | Kind::Colon => false,
        _ if first => false,
        // A key is refused by itself wherever it stands, and twice the same by what holds it.
        _ if walk.at_key() => !refuses_alone(text, frame, last, &refuses),
        _ if told_where_it_ends(text, last, again) => false,
        _ if frame.list => !refuses_alone(text, frame, last, &refuses),
        _ => is_tag(text, frame, again),
    };
    if holder_refuses {
        walk.around()
    } else {
        walk.here()
    }
}

/// How many tokens were read when the value was refused.
fn seen(
    text: &str,
    error: &serde_json::Error,
    tokens: Tokens<'_>,
    refuses: &dyn Fn(&str) -> Option<serde_json::Error>,
) -> usize {
    if error.line() == 0 {
        // An enum that is the whole text tells no place.
        let tokens: Vec<Token> = tokens.collect();
        return 1 + tokens.partition_point(|token| refuses(&text[..token.end]).is_none());
    }
    let told = offset(text, error);
    let read: Vec<Token> = tokens.take_while(|token| token.start < told).collect();
    let mut seen = read.len();
    // A bracket, a comma and what follows one may have been read only to tell the place.
    while let Some([.., before, last]) = read.get(..seen)
        && (matches!(last.kind, Kind::Close | Kind::Comma) || before.kind == Kind::Comma)
        && refuses(&text[..before.end]).is_some()
    {
        seen -= 1;
    }
    // What is refused at its first byte is told at the place before it.
    let enough = seen < read.len()
        || read
            .last()
            .is_some_and(|last| refuses(&text[..last.end]).is_some());
    seen + usize::from(!enough)
}

/// `true` if the entry at hand is refused where it is the only one.
fn refuses_alone(
    text: &str,
    frame: &Frame,
    last: Token,
    refuses: &dyn Fn(&str) -> Option<serde_json::Error>,
) -> bool {
    let entry = frame.entry.unwrap_or(last.start);
    let alone = format!("{}{}", &text[..frame.start], &text[entry..last.end]);
    refuses(&alone).is_some()
}

/// `true` if the place that is told is the end of that value, however far it is to what follows: then
/// it was refused while it was read.
fn told_where_it_ends(
    text: &str,
    last: Token,
    again: &dyn Fn(&str) -> Option<serde_json::Error>,
) -> bool {
    let apart = format!("{} ", &text[..last.end]);
    again(&apart).is_some_and(|error| offset(&apart, &error) <= last.end)
}

/// `true` if the value at hand names a variant, and its content, which stands before it, does not fit:
/// any other value in its place is refused itself.
fn is_tag(text: &str, frame: &Frame, again: &dyn Fn(&str) -> Option<serde_json::Error>) -> bool {
    let Some((_, end)) = frame.key else {
        return false;
    };
    let other = format!("{}:\"\\u0000\"", &text[..end]);
    again(&other).is_some_and(|error| {
        error.to_string().starts_with("unknown variant") && offset(&other, &error) == other.len()
    })
}

/// The place that an error tells, in bytes.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before = error.line().saturating_sub(1);
    let line: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    (line + error.column()).min(text.len())
}
