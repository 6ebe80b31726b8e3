//! Finds the derives in a source text. It reads tokens only as far as it must, since the compiler
//! reads the rest: what it finds backs warnings and lines, never the protocol itself.

/// The derives that define something.
pub(super) const DERIVES: &[&str] = &["Commands", "Events", "Channels", "ErrorCodes", "Protocol"];

/// A derive in a source text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) derive: &'static str,
    pub(super) name: String,
    /// The line of the type's name.
    pub(super) line: u32,
}

/// The derives of a text, those under `#[cfg(test)]` left out.
pub(super) fn derives(source: &str) -> Vec<Found> {
    let code = without_tests(blanked(source));
    let mut found = Vec::new();
    for (at, _) in code.match_indices("derive(") {
        let Some(list) = code[at..]
            .find(')')
            .map(|end| &code[at + "derive(".len()..at + end])
        else {
            continue;
        };
        let listed = |name: &str| {
            list.split(',')
                .any(|item| item.trim().rsplit("::").next() == Some(name))
        };
        for derive in DERIVES.iter().filter(|derive| listed(derive)) {
            if let Some((name, offset)) = item_after(&code, at) {
                found.push(Found {
                    derive,
                    name,
                    line: line_of(&code, offset),
                });
            }
        }
    }
    found
}

/// The line of a word after an offset's line: a variant in an enum, a field in a type.
pub(super) fn line_of_word(
    source: &str,
    from_line: u32,
    matches: impl Fn(&str) -> bool,
) -> Option<u32> {
    let code = blanked(source);
    for (at, line) in code
        .lines()
        .enumerate()
        .skip(from_line.saturating_sub(1) as usize)
    {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if words.any(&matches) {
            return u32::try_from(at + 1).ok();
        }
    }
    None
}

/// The line where a type of that name is declared.
pub(super) fn line_of_type(source: &str, name: &str) -> Option<u32> {
    let code = blanked(source);
    ["struct", "enum"].into_iter().find_map(|keyword| {
        code.match_indices(keyword).find_map(|(at, _)| {
            let (found, offset) = word_after(&code, at + keyword.len())?;
            (found == name).then(|| line_of(&code, offset))
        })
    })
}

fn item_after(code: &str, from: usize) -> Option<(String, usize)> {
    ["struct", "enum"]
        .into_iter()
        .filter_map(|keyword| {
            code[from..].match_indices(keyword).find_map(|(at, _)| {
                let at = from + at;
                let before = code[..at]
                    .chars()
                    .next_back()
                    .is_none_or(char::is_whitespace);
                let after = code[at + keyword.len()..].starts_with(char::is_whitespace);
                (before && after).then_some(at + keyword.len())
            })
        })
        .min()
        .and_then(|at| word_after(code, at))
}

fn word_after(code: &str, from: usize) -> Option<(String, usize)> {
    let rest = &code[from..];
    let start = rest.find(|c: char| !c.is_whitespace())?;
    let word: String = rest[start..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (start > 0 && !word.is_empty()).then_some((word, from + start))
}

fn line_of(code: &str, offset: usize) -> u32 {
    u32::try_from(1 + code[..offset].matches('\n').count()).unwrap_or(u32::MAX)
}

/// The text with everything under `#[cfg(test)]` blanked.
fn without_tests(mut code: String) -> String {
    while let Some(start) = code.find("#[cfg(test)]") {
        let mut depth = 0_usize;
        let mut end = code.len();
        for (at, c) in code[start..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth <= 1 => {
                    end = start + at + 1;
                    break;
                }
                '}' => depth -= 1,
                ';' if depth == 0 => {
                    end = start + at + 1;
                    break;
                }
                _ => {}
            }
        }
        let blank: String = code[start..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(start..end, &blank);
    }
    code
}

/// The text with comments and string literals blanked, line for line.
fn blanked(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = comment(rest).or_else(|| text(rest));
        match length {
            Some(length) => {
                code.extend(
                    rest[..length]
                        .chars()
                        .map(|c| if c == '\n' { '\n' } else { ' ' }),
                );
                rest = &rest[length..];
            }
            None => {
                code.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    code
}

/// The length of the comment that begins here.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let bytes = rest.as_bytes();
    let (mut at, mut depth) = (2, 1);
    while depth > 0 && at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (at, depth) = (at + 2, depth + 1),
            Some(b"*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    // The two bytes that end a comment are ASCII, so this is the border of a character.
    Some(at)
}

/// The length of the text or character literal that begins here.
fn text(rest: &str) -> Option<usize> {
    if let Some(raw) = rest.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let body = 1 + hashes + 1;
            return Some(
                rest[body..]
                    .find(&end)
                    .map_or(rest.len(), |at| body + at + end.len()),
            );
        }
    }
    // A quote in a character literal begins no text; a lifetime is no literal at all.
    for literal in ["'\"'", "'\\\"'", "'\\''"] {
        if rest.starts_with(literal) {
            return Some(literal.len());
        }
    }
    let body = rest.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_derives_and_nothing_that_only_looks_like_one() {
        let source = r##"
// #[derive(Commands)] enum A {}
/* #[derive(Commands)] /* nested */ enum B {} */
const TEXT: &str = "#[derive(Events)] enum C {}";
const RAW: &str = r#"#[derive(Events)] "enum D {}"#;
const QUOTE: char = '"';
#[derive(Debug, socket_protocol::Commands)]
#[commands(x)]
pub(crate) enum Chat<'a> { Say }
#[derive(Clone)]
struct Structure;
#[cfg(test)]
mod tests {
    #[derive(Events)]
    enum InTest { A {} }
}
#[derive(Protocol)]
struct
    Late;
"##;
        let found = |derive, name: &str, line| Found {
            derive,
            name: name.to_owned(),
            line,
        };
        assert_eq!(
            derives(source),
            [found("Commands", "Chat", 9), found("Protocol", "Late", 19)]
        );
        assert_eq!(line_of_type(source, "Structure"), Some(11));
        assert_eq!(line_of_word(source, 9, |word| word == "Say"), Some(9));
    }
}
