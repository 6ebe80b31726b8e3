//! From the names of Rust to the names of the wire.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;

/// `JoinRoom` as `join-room`, `HTTPGet` as `http-get`, `Level2` as `level2`.
pub(crate) fn kebab(rust: &str) -> String {
    words(rust).join("-")
}

/// `JoinRoom` as `join_room`.
pub(crate) fn snake(rust: &str) -> String {
    words(rust).join("_")
}

/// The identifier of a module, a method or a parameter, raw where the name is a keyword.
pub(crate) fn snake_ident(prefix: &str, rust: &Ident) -> Ident {
    let name = format!("{prefix}{}", snake(&rust.unraw().to_string()));
    let span = rust.span().resolved_at(Span::call_site());
    match name.as_str() {
        // These four cannot be raw.
        "self" | "super" | "crate" | "_" => Ident::new(&format!("{name}_"), span),
        _ => syn::parse_str::<Ident>(&name)
            .map_or_else(|_| Ident::new_raw(&name, span), |_| Ident::new(&name, span)),
    }
}

/// A new word begins at an upper-case letter that follows a lower-case letter or a digit, and at
/// the last of several upper-case letters when a lower-case one follows: acronyms stay whole, and
/// digits stay with what they follow.
fn words(rust: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in rust.split('_').filter(|part| !part.is_empty()) {
        let chars: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (i, c) in chars.iter().enumerate() {
            let begins = c.is_uppercase()
                && i > 0
                && (!chars[i - 1].is_uppercase()
                    || chars.get(i + 1).is_some_and(|next| next.is_lowercase()));
            if begins {
                words.push(std::mem::take(&mut word));
            }
            word.extend(c.to_lowercase());
        }
        words.push(word);
    }
    words
}

/// `true` if the name consists of lower-case words of letters and digits, joined by `-`.
pub(crate) fn is_kebab(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(|word| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_become_kebab_case() {
        for (rust, wire) in [
            ("Ping", "ping"),
            ("JoinRoom", "join-room"),
            ("HTTPGet", "http-get"),
            ("GetHTTP", "get-http"),
            ("HTTP", "http"),
            ("Level2", "level2"),
            ("Level2Up", "level2-up"),
            ("V2", "v2"),
            ("Utf8Text", "utf8-text"),
            ("A1B2", "a1-b2"),
            ("Set_Name", "set-name"),
            ("IPv4Address", "i-pv4-address"),
            ("X", "x"),
        ] {
            assert_eq!(kebab(rust), wire, "{rust}");
            assert!(is_kebab(wire), "{wire}");
        }
    }

    #[test]
    fn other_names_are_not_kebab_case() {
        for name in [
            "", "A", "a_b", "-a", "a-", "a--b", "1a", "über", ":a", "a b",
        ] {
            assert!(!is_kebab(name), "{name:?}");
        }
    }

    #[test]
    fn keywords_become_raw() {
        for (rust, expected) in [
            ("Move", "r#move"),
            ("Super", "super_"),
            ("JoinRoom", "join_room"),
        ] {
            let ident = Ident::new(rust, Span::call_site());
            assert_eq!(snake_ident("", &ident).to_string(), expected);
        }
    }
}
