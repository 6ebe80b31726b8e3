//! The words of whatever a program of ours prints or sends: errors of derives, messages on the wire,
//! findings of the generator. They say what is true in the positive, and what to do with "fix".

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Lit;

/// The folders whose texts reach a terminal or cross the wire.
const SOURCES: [&str; 5] = [
    "protocol/src",
    "socket-macros/src",
    "socket-runtime/src",
    "socket-codegen/src",
    "socket-codegen/client/src",
];

/// Texts that hold such words for a reason: file, a part of the text, the reason.
const EXEMPT: &[(&str, &str, &str)] = &[];

/// The turns of phrase that stay out, and what is fine although it looks like one.
fn offence(text: &str) -> Option<&'static str> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    for (at, word) in words.iter().enumerate() {
        let next = |by: usize| words.get(at + by).map(String::as_str);
        match (word.as_str(), next(1), next(2)) {
            ("mend" | "mends" | "mended" | "mending", ..) => return Some("mend"),
            ("is" | "are" | "was", Some("none"), _) => return Some("is none"),
            ("is" | "are" | "was", Some("no"), Some(what)) if what != "longer" => {
                return Some("is no …");
            }
            _ => {}
        }
    }
    None
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // Modules of tests print nothing.
            if !path.ends_with("tests") {
                found.extend(files(&path, ending));
            }
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The string literals of Rust code, those in calls of macros too: docs and modules of tests
/// are left out.
fn rust_texts(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut tests = false;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let inner = usize::from(
                    matches!(tokens.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == '!'),
                );
                if let Some(TokenTree::Group(group)) = tokens.get(at + 1 + inner)
                    && group.delimiter() == Delimiter::Bracket
                {
                    let text = group.stream().to_string();
                    tests |= text == "cfg (test)" || text == "cfg(test)";
                    if text.starts_with("doc") {
                        at += 2 + inner;
                        continue;
                    }
                }
            }
            TokenTree::Ident(ident) if tests && ident == "mod" => {
                // `mod tests { … }` or `mod tests;`
                at += 3;
                tests = false;
                continue;
            }
            TokenTree::Group(group) => rust_texts(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal.clone()) {
                    found.push(text.value());
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The string literals of TypeScript code, those with placeholders too.
fn typescript_texts(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if "\"'`".contains(first) {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == first && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.map_or(rest.len(), |end| end + 2);
            found.push(rest[..end].to_owned());
            end
        } else {
            first.len_utf8()
        };
        rest = &rest[skipped..];
    }
    found
}

fn rust_texts_of(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    rust_texts(code.parse().unwrap(), &mut found);
    found
}

#[test]
fn texts_say_what_is_true_in_the_positive() {
    let mut faults = Vec::new();
    let mut seen = 0;
    let mut used = vec![false; EXEMPT.len()];
    for folder in SOURCES {
        let ending = if folder.contains("client/src") && folder.starts_with("socket-codegen") {
            ".ts"
        } else {
            ".rs"
        };
        for path in files(&root().join(folder), ending) {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            let code = fs::read_to_string(&path).unwrap();
            let texts = match ending {
                ".rs" => rust_texts_of(&code),
                _ => typescript_texts(&code),
            };
            for text in texts {
                seen += 1;
                let Some(offence) = offence(&text) else {
                    continue;
                };
                let exempt = EXEMPT
                    .iter()
                    .position(|(file, part, _)| name == *file && text.contains(part));
                match exempt {
                    Some(exempt) => used[exempt] = true,
                    None => faults.push(format!("{name}: \"{offence}\" in {text:?}")),
                }
            }
        }
    }
    assert!(seen > 1000, "{seen} texts were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for ((file, part, _), used) in EXEMPT.iter().zip(used) {
        assert!(
            used,
            "{file} does not say {part:?} any more: remove the exemption"
        );
    }
}

#[test]
fn the_test_bites() {
    let code = r##"
        //! This is no text of a program.
        /// Nor is no doc, which is none.
        #[error("`{0}` is no rate")]
        struct Wrong;
        fn print() {
            println!("mend: {}", format_args!(r"the name is none"));
            let fine = ["recommend", "is no longer there", "is not a rate", "is normal"];
        }
        #[cfg(test)]
        mod tests { const TEXT: &str = "is no text that a program prints"; }
    "##;
    let found: Vec<_> = rust_texts_of(code)
        .iter()
        .filter_map(|text| offence(text))
        .collect();
    assert_eq!(found, ["is no …", "mend", "is none"]);

    let code = "// 'is no text'\n/* \"is none\" */\nthrow new Error(`\\`${name}\\` is no name`);\n";
    let found: Vec<_> = typescript_texts(code)
        .iter()
        .filter_map(|text| offence(text))
        .collect();
    assert_eq!(found, ["is no …"]);
}
