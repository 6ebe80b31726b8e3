//! Doc comments.

use super::ty::{Docs, Field, Ty};

/// The text of a comment: the author's words, then the generator's notes.
#[derive(Debug, Clone, Default)]
pub(super) struct Comment {
    text: String,
    added: Option<String>,
    deprecated: Option<String>,
}

/// The meaning of a format; for large integers, how JavaScript represents them.
fn integer(format: &str, ty: &Ty) -> String {
    let bits = match format {
        "int64" => "i64",
        "uint64" => "u64",
        "int128" => "i128",
        "uint128" => "u128",
        "int" => "isize",
        "uint" => "usize",
        other => return format!("Format: `{other}`."),
    };
    if ty.is_made_of(&|ty| matches!(ty, Ty::String(_))) {
        format!("The digits of a Rust `{bits}`: `BigInt(text)` counts with it.")
    } else if ty.is_made_of(&|ty| matches!(ty, Ty::BigInt(_))) {
        format!("A Rust `{bits}`.")
    } else if bits.starts_with('u') {
        format!("A Rust `{bits}`, at most 2^53 - 1.")
    } else {
        format!("A Rust `{bits}`, at most 2^53 - 1 either way.")
    }
}

impl Comment {
    pub(super) fn new(docs: &Docs) -> Self {
        Self {
            text: docs.text.trim().replace('\r', ""),
            added: None,
            deprecated: docs.deprecated.clone(),
        }
    }

    /// The comment of something that the manifest describes itself.
    pub(super) fn of(text: &str, deprecated: Option<&str>) -> Self {
        Self::new(&Docs {
            text: text.to_owned(),
            deprecated: deprecated.map(str::to_owned),
        })
    }

    /// The comment of a field, with what its text or number means.
    pub(super) fn of_field(field: &Field) -> Self {
        let mut this = Self::new(&field.docs);
        this.added = match field.ty.format() {
            // Its author may have said it already.
            Some("epoch-millis") if this.text.to_lowercase().contains("millisecond") => None,
            Some("epoch-millis") => Some("Milliseconds since 1970.".to_owned()),
            Some(format) => Some(integer(format, &field.ty)),
            None => None,
        };
        this
    }

    /// The same, with the path of the Rust type.
    pub(super) fn rust(mut self, rust: Option<&str>) -> Self {
        self.added = rust.map(|rust| format!("Rust: `{rust}`."));
        self
    }

    /// The comment and a line end, or nothing.
    pub(super) fn print(&self, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let mut paragraphs = Vec::new();
        match &self.added {
            Some(added) if self.text.is_empty() => paragraphs.push(added.clone()),
            Some(added) if !self.text.contains('\n') => {
                let stop = if self.text.ends_with(['.', '!', '?', ':']) {
                    ""
                } else {
                    "."
                };
                paragraphs.push(format!("{}{stop} {added}", self.text));
            }
            added => {
                paragraphs.push(self.text.clone());
                paragraphs.extend(added.clone());
            }
        }
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        if let Some(note) = &self.deprecated {
            // A tag ends at the next one, so a note of several lines stays whole.
            paragraphs.push(format!("@deprecated {}", note.trim()).trim_end().to_owned());
        }
        let text = paragraphs.join("\n\n").replace("*/", "*\\/");
        if text.is_empty() {
            String::new()
        } else if text.contains('\n') {
            let mut comment = format!("{pad}/**\n");
            for line in text.lines() {
                comment.push_str(format!("{pad} * {line}").trim_end());
                comment.push('\n');
            }
            comment + &pad + " */\n"
        } else {
            format!("{pad}/** {text} */\n")
        }
    }
}
