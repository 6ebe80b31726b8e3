//! Types without a TypeScript counterpart: the place in the schema, the reason, and the fix.

/// Why a schema has no TypeScript, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The fields on the way there, outermost first.
    pub(super) path: Vec<String>,
    /// The reason.
    pub(super) reason: String,
    /// The fix.
    pub(super) help: &'static str,
}

/// A type, or everything that is refused in it.
pub(super) type Parsed<T> = Result<T, Vec<Refusal>>;

const HELP_OTHER: &str = "use a type whose serde code is derived, or convert it with `#[serde(into = \"…\", from = \"…\")]`";
const HELP_TWICE: &str = "rename one of them with #[serde(rename = \"…\")], or remove the flatten";
const HELP_LARGE: &str = "say how it is to cross the wire: `#[socket(int = \"bigint\")]` above the field or its type \
     (exact: text on the wire, `bigint` in TypeScript), `#[socket(int = \"string\")]` (exact, text in \
     both), `#[socket(int = \"number\")]` (sent up to 2^53 - 1), or `#[protocol(…, int = \"…\")]` for all \
     that `#[payload]` types and the messages themselves name; where they stay small, `u32`, `i32`, `f64` or `Timestamp` need nothing";

const HELP_AMBIGUOUS: &str =
    "tell its forms apart by a tag, #[serde(tag = \"…\")], or write `int = \"string\"` there";

/// Something that no type of TypeScript's, or of this emitter's, describes.
pub(super) fn refuse(reason: impl Into<String>) -> Vec<Refusal> {
    vec![Refusal {
        path: Vec::new(),
        reason: reason.into(),
        help: HELP_OTHER,
    }]
}

/// A key that serde would write twice.
pub(super) fn stands_twice(field: &str) -> Vec<Refusal> {
    vec![Refusal {
        path: Vec::new(),
        reason: format!("its field `{field}` would stand twice in one object"),
        help: HELP_TWICE,
    }]
}

/// A union that holds a `bigint` somewhere.
pub(super) fn ambiguous() -> Vec<Refusal> {
    vec![Refusal {
        path: Vec::new(),
        reason:
            "nothing on the wire tells the forms of this union apart, so the client cannot know \
                 which text is a `bigint`"
                .to_owned(),
        help: HELP_AMBIGUOUS,
    }]
}

/// An integer that JavaScript would round.
pub(super) fn too_large(what: &str) -> Vec<Refusal> {
    vec![Refusal {
        path: Vec::new(),
        reason: format!(
            "{what} does not fit a JavaScript number, which skips integers beyond 2^53"
        ),
        help: HELP_LARGE,
    }]
}

/// The same, one step further in.
pub(super) fn inside(step: &str) -> impl Fn(Vec<Refusal>) -> Vec<Refusal> + use<'_> {
    move |mut refusals| {
        for refusal in &mut refusals {
            refusal.path.insert(0, step.to_owned());
        }
        refusals
    }
}

/// All of them, or everything that is refused in any.
pub(super) fn gather<T>(parsed: impl IntoIterator<Item = Parsed<T>>) -> Parsed<Vec<T>> {
    let (mut good, mut refused) = (Vec::new(), Vec::new());
    for parsed in parsed {
        match parsed {
            Ok(value) => good.push(value),
            Err(refusals) => refused.extend(refusals),
        }
    }
    if refused.is_empty() {
        Ok(good)
    } else {
        Err(refused)
    }
}
