//! The names that serde reads, as far as the path of a broken rule needs them.

use proc_macro2::TokenTree;
use syn::{Attribute, LitStr, Token, parse_quote};

use crate::attr::named;

/// How a container changes the names of what it holds.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) rename_all: Option<String>,
    pub(crate) rename_all_fields: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) untagged: bool,
}

impl Container {
    /// Reads what serde itself checks: what is malformed is serde's to report.
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let mut found = Self::default();
        for_each_key(attrs, |key, value| match key {
            "rename_all" => found.rename_all = value,
            "rename_all_fields" => found.rename_all_fields = value,
            "tag" => found.tag = value,
            "content" => found.content = value,
            "untagged" => found.untagged = true,
            _ => {}
        });
        found
    }
}

/// The name that `rename` gives to what is received.
pub(crate) fn received(attrs: &[Attribute]) -> Option<String> {
    value_of(attrs, "rename")
}

/// The name that `rename` gives to what is written.
pub(crate) fn written(attrs: &[Attribute]) -> Option<String> {
    let mut found = None;
    for_each(attrs, "serialize", |key, value| {
        if key == "rename" {
            found = value;
        }
    });
    found
}

/// The text of a key of serde's.
pub(crate) fn value_of(attrs: &[Attribute], wanted: &str) -> Option<String> {
    let mut found = None;
    for_each_key(attrs, |key, value| {
        if key == wanted {
            found = value;
        }
    });
    found
}

/// The word for a schema that says which other names a field or a variant is read under.
pub(crate) fn alias_in_schema(attrs: &[Attribute]) -> Option<Attribute> {
    let mut alias = Vec::new();
    for_each_key(attrs, |key, value| {
        if key == "alias" {
            alias.extend(value);
        }
    });
    // A flattened field has no name.
    if alias.is_empty() || has_key(attrs, |key| key == "flatten") {
        return None;
    }
    Some(parse_quote!(#[schemars(extend("x-alias" = [#(#alias),*]))]))
}

/// `true` if a variant stands for unknown ones.
pub(crate) fn is_other(attrs: &[Attribute]) -> bool {
    has_key(attrs, |key| key == "other")
}

/// `true` if attributes of a field stand for traits that its type would need.
pub(crate) fn by_hand(attrs: &[Attribute]) -> bool {
    has_key(attrs, |key| {
        key.ends_with("with") || key.starts_with("skip")
    })
}

/// `true` if a container has a name of its own for schemas.
pub(crate) fn renamed(attrs: &[Attribute]) -> bool {
    has_key(attrs, |key| key == "rename")
}

/// `true` if serde's attributes have this key.
pub(crate) fn in_serde(attrs: &[Attribute], key: &str) -> bool {
    any_key(named(attrs, "serde"), |told| told == key)
}

/// `true` if schemars' attributes have one of these keys.
pub(crate) fn in_schemars(attrs: &[Attribute], keys: &[&str]) -> bool {
    any_key(named(attrs, "schemars"), |key| keys.contains(&key))
}

/// `true` if an attribute of serde or schemars has such a key.
pub(crate) fn has_key(attrs: &[Attribute], such: impl Fn(&str) -> bool) -> bool {
    any_key(named(attrs, "serde").chain(named(attrs, "schemars")), such)
}

fn any_key<'a>(attrs: impl Iterator<Item = &'a Attribute>, such: impl Fn(&str) -> bool) -> bool {
    attrs
        .filter_map(|attr| attr.meta.require_list().ok())
        .flat_map(|list| list.tokens.clone())
        .any(|token| matches!(token, TokenTree::Ident(key) if such(&key.to_string())))
}

/// Each key of `#[serde(…)]` with its text; of `rename(deserialize = "…")` the one that counts for
/// what is received.
fn for_each_key(attrs: &[Attribute], each: impl FnMut(&str, Option<String>)) {
    for_each(attrs, "deserialize", each);
}

/// The same for either direction.
fn for_each(attrs: &[Attribute], direction: &str, mut each: impl FnMut(&str, Option<String>)) {
    for attr in named(attrs, "serde") {
        // An error ends the reading; serde's own derive reports it.
        let _ = attr.parse_nested_meta(|meta| {
            let key = meta.path.get_ident().map(ToString::to_string);
            let key = key.unwrap_or_default();
            if meta.input.peek(Token![=]) {
                let value: syn::Expr = meta.value()?.parse()?;
                let text = match value {
                    syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Str(text),
                        ..
                    }) => Some(text.value()),
                    _ => None,
                };
                each(&key, text);
            } else if meta.input.peek(syn::token::Paren) {
                meta.parse_nested_meta(|inner| {
                    let text: LitStr = inner.value()?.parse()?;
                    if inner.path.is_ident(direction) {
                        each(&key, Some(text.value()));
                    }
                    Ok(())
                })?;
            } else {
                each(&key, None);
            }
            Ok(())
        });
    }
}

/// The Rust name of a field, written as serde's `rename_all` says.
pub(crate) fn field(name: &str, rule: Option<&str>) -> String {
    match rule {
        Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => name.to_ascii_uppercase(),
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => name.to_ascii_uppercase().replace('_', "-"),
        Some("PascalCase") => pascal(name),
        Some("camelCase") => uncapitalized(&pascal(name)),
        _ => name.to_owned(),
    }
}

/// The Rust name of a variant, written as serde's `rename_all` says.
pub(crate) fn variant(name: &str, rule: Option<&str>) -> String {
    let snake = || {
        let mut snake = String::new();
        for (i, c) in name.char_indices() {
            if i > 0 && c.is_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        snake
    };
    match rule {
        Some("lowercase") => name.to_ascii_lowercase(),
        Some("UPPERCASE") => name.to_ascii_uppercase(),
        Some("camelCase") => uncapitalized(name),
        Some("snake_case") => snake(),
        Some("SCREAMING_SNAKE_CASE") => snake().to_ascii_uppercase(),
        Some("kebab-case") => snake().replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => snake().to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}

fn pascal(name: &str) -> String {
    name.split('_').map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + chars.as_str()
    })
}

fn uncapitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_ascii_lowercase().to_string() + chars.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_serde_writes_them() {
        for (rule, of_field, of_variant) in [
            (None, "very_tasty", "VeryTasty"),
            (Some("lowercase"), "very_tasty", "verytasty"),
            (Some("UPPERCASE"), "VERY_TASTY", "VERYTASTY"),
            (Some("PascalCase"), "VeryTasty", "VeryTasty"),
            (Some("camelCase"), "veryTasty", "veryTasty"),
            (Some("snake_case"), "very_tasty", "very_tasty"),
            (Some("SCREAMING_SNAKE_CASE"), "VERY_TASTY", "VERY_TASTY"),
            (Some("kebab-case"), "very-tasty", "very-tasty"),
            (Some("SCREAMING-KEBAB-CASE"), "VERY-TASTY", "VERY-TASTY"),
        ] {
            assert_eq!(field("very_tasty", rule), of_field);
            assert_eq!(variant("VeryTasty", rule), of_variant);
        }
    }
}
