//! Names and texts, safe inside TypeScript.

use serde_json::Value;

/// Names that the emitted file uses itself.
const TAKEN: &[&str] = &[
    "Commands",
    "Events",
    "Channels",
    "Protocol",
    "protocol",
    "Message",
    "Channel",
    "Socket",
    "socket",
    "JsonValue",
    "integers",
    "codec",
];

/// Words that cannot name a type.
const KEYWORDS: &[&str] = &[
    "any",
    "as",
    "async",
    "await",
    "bigint",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "never",
    "new",
    "null",
    "number",
    "object",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unknown",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "arguments",
    "eval",
];

/// Why a name cannot name a type, if it cannot.
#[must_use]
pub(super) fn why_not_a_type_name(name: &str) -> Option<&'static str> {
    if TAKEN.contains(&name) || name.starts_with('$') {
        Some("the emitted file uses that name itself")
    } else if KEYWORDS.contains(&name) {
        Some("it is a reserved word")
    } else if !is_identifier(name) {
        Some("it is not an identifier")
    } else {
        None
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    // Rust and JavaScript take their identifiers from the same table of Unicode.
    chars
        .next()
        .is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '$'))
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

/// A field's name: as it is where it is a plain identifier, else quoted.
#[must_use]
pub(super) fn property(name: &str) -> String {
    if is_identifier(name) && name.is_ascii() {
        name.to_owned()
    } else {
        string(name)
    }
}

/// A text in double quotes.
#[must_use]
pub(super) fn string(text: &str) -> String {
    // JSON's escapes are JavaScript's; the two line separators are legal and unreadable.
    Value::from(text)
        .to_string()
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// The name of a protocol's namespace in the index: `my-chat` is `myChat`.
#[must_use]
pub(super) fn namespace(protocol: &str) -> String {
    let mut name = String::new();
    let mut upper = false;
    for c in protocol.chars() {
        if !c.is_alphanumeric() {
            upper = !name.is_empty();
        } else if upper {
            name.extend(c.to_uppercase());
            upper = false;
        } else {
            name.push(c);
        }
    }
    if KEYWORDS.contains(&name.as_str()) || !is_identifier(&name) {
        name.insert(0, '_');
    }
    name
}

/// Globals of pages whose names a protocol could have too.
const GLOBALS: &[&str] = &[
    "Animation",
    "Array",
    "Attr",
    "Audio",
    "Blob",
    "Boolean",
    "Cache",
    "Comment",
    "Crypto",
    "Date",
    "Document",
    "Element",
    "Error",
    "Event",
    "File",
    "Function",
    "Gamepad",
    "Headers",
    "Highlight",
    "History",
    "Image",
    "Ink",
    "Iterator",
    "Location",
    "Lock",
    "Map",
    "Math",
    "Navigation",
    "Navigator",
    "Node",
    "Notification",
    "Number",
    "Object",
    "Option",
    "Performance",
    "Plugin",
    "Presentation",
    "Promise",
    "Proxy",
    "Range",
    "Reflect",
    "Report",
    "Request",
    "Response",
    "Scheduler",
    "Screen",
    "Selection",
    "Sensor",
    "Set",
    "Storage",
    "String",
    "Symbol",
    "Text",
    "Touch",
    "Window",
    "Worker",
    "Worklet",
];

/// The one global that a script leaves: `my-chat` is `MyChat`, and `event`, which would hide the page's
/// own `Event`, is `EventProtocol`.
#[must_use]
pub(super) fn global(protocol: &str) -> String {
    let name = namespace(protocol);
    let name = name.trim_start_matches('_');
    let mut name: String = name
        .chars()
        .take(1)
        .flat_map(char::to_uppercase)
        .chain(name.chars().skip(1))
        .collect();
    if GLOBALS.contains(&name.as_str()) {
        name.push_str("Protocol");
    }
    if !is_identifier(&name) {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_is_no_identifier() {
        assert_eq!(property("user_id"), "user_id");
        assert_eq!(property("user-id"), "\"user-id\"");
        assert_eq!(property("a\"b"), "\"a\\\"b\"");
        assert_eq!(property("1st"), "\"1st\"");
        assert_eq!(property(""), "\"\"");
        assert_eq!(string("a\u{2028}b\\"), "\"a\\u2028b\\\\\"");
    }

    #[test]
    fn globals_hide_nothing_of_the_page() {
        for (protocol, expected) in [
            ("chat", "Chat"),
            ("my-chat", "MyChat"),
            ("delete", "Delete"),
            ("2d-game", "_2dGame"),
            ("notification", "NotificationProtocol"),
        ] {
            assert_eq!(global(protocol), expected);
        }
    }

    #[test]
    fn namespaces_are_identifiers() {
        assert_eq!(namespace("my-chat"), "myChat");
        assert_eq!(namespace("delete"), "_delete");
        assert_eq!(namespace("2d-game"), "_2dGame");
    }
}
