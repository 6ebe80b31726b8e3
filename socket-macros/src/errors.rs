//! Every mistake of a definition, gathered, each on its token and with what to write instead.

use std::fmt::{Display, Write as _};

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

use crate::nearest::nearest;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    /// Notes a mistake on those tokens: what is wrong, and what to write instead.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, what: impl Display, help: impl Display) {
        self.push(Error::new_spanned(tokens, message(what, help)));
    }

    /// The same at a span.
    pub(crate) fn at(&mut self, span: Span, what: impl Display, help: impl Display) {
        self.push(Error::new(span, message(what, help)));
    }

    /// Notes what a parser made of [`mistake`].
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// `true` if the definition had no mistakes.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many mistakes there are so far.
    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }

    /// One `compile_error!` for each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.into_iter().map(Error::into_compile_error).collect()
    }
}

/// A mistake inside a parser.
pub(crate) fn mistake(span: Span, what: impl Display, help: impl Display) -> Error {
    Error::new(span, message(what, help))
}

fn message(what: impl Display, help: impl Display) -> String {
    format!("{what}\nhelp: {help}")
}

/// `` `a`, `b` and `c` ``
pub(crate) fn list<T: AsRef<str>>(words: &[T]) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        let before = match index {
            0 => "",
            _ if index + 1 == words.len() => " and ",
            _ => ", ",
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "{before}`{}`", word.as_ref());
    }
    text
}

/// `` the options are `a` and `b` ``
pub(crate) fn options<T: AsRef<str>>(known: &[T]) -> String {
    match known {
        [only] => format!("the only option is `{}`", only.as_ref()),
        _ => format!("the options are {}", list(known)),
    }
}

/// The advice for an unknown word: the one that was probably meant, if one is near, and all known ones.
pub(crate) fn suggest(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("write `{near}`; {}", options(known)),
        None => options(known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_aloud() {
        assert_eq!(list(&["a"]), "`a`");
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
