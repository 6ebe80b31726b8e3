//! The checks that the code written by the derives calls, beside garde's own.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Display;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use garde::rules::pattern::Pattern;
use garde::rules::pattern::regex::Regex;

use crate::error::InvalidParam;
use crate::validate::Validate;

/// Turns the outcome of one rule into ours, with the path of its field.
fn rule(path: &str, outcome: Result<(), garde::Error>) -> Result<(), InvalidParam> {
    outcome.map_err(|error| InvalidParam::new(path, error.message()))
}

macro_rules! rules {
    ($($(#[$doc:meta])+ $name:ident($($module:ident)::+, $bound:ident as $trait:ident, $args:ty), $what:literal, $note:literal;)+) => {
        $(
            /// A type that the rule of that name can check.
            #[diagnostic::on_unimplemented(message = $what, label = "the rule does not fit this type", note = $note)]
            pub trait $trait: garde::rules::$($module)::+::$bound {}

            #[diagnostic::do_not_recommend]
            impl<T: garde::rules::$($module)::+::$bound> $trait for T {}

            $(#[$doc])+
            ///
            /// # Errors
            /// When the value breaks it.
            pub fn $name<T: $trait>(path: &str, value: &T, args: $args) -> Result<(), InvalidParam> {
                rule(path, garde::rules::$($module)::+::apply(value, args))
            }
        )+
    };
}

rules! {
    /// The rule `length`, in bytes for a text and in items for a list.
    length_simple(length::simple, Simple as HasLength, (usize, usize)),
        "`length` cannot measure `{Self}`", "it is for strings and lists; write `range(min = …, max = …)` for a number";
    /// The rule `length(bytes)`.
    length_bytes(length::bytes, Bytes as HasBytes, (usize, usize)),
        "`length(bytes)` cannot measure `{Self}`", "it is for strings; write `length(min = …, max = …)` for a list";
    /// The rule `length(chars)`.
    length_chars(length::chars, Chars as HasChars, (usize, usize)),
        "`length(chars)` cannot measure `{Self}`", "it is for strings; write `length(min = …, max = …)` for a list";
    /// The rule `length(utf16)`.
    length_utf16(length::utf16, Utf16CodeUnits as HasUtf16, (usize, usize)),
        "`length(utf16)` cannot measure `{Self}`", "it is for strings; write `length(min = …, max = …)` for a list";
    /// The rule `email`.
    email(email, Email as MayBeEmail, ()),
        "`email` cannot check `{Self}`", "`email` is for strings";
    /// The rule `url`.
    url(url, Url as MayBeUrl, ()),
        "`url` cannot check `{Self}`", "`url` is for strings";
    /// The rule `ascii`.
    ascii(ascii, Ascii as MayBeAscii, ()),
        "`ascii` cannot check `{Self}`", "`ascii` is for strings";
    /// The rule `alphanumeric`.
    alphanumeric(alphanumeric, Alphanumeric as MayBeAlphanumeric, ()),
        "`alphanumeric` cannot check `{Self}`", "`alphanumeric` is for strings";
    /// The rule `contains`.
    contains(contains, Contains as MayContain, (&str,)),
        "`contains` cannot check `{Self}`", "`contains` is for strings";
    /// The rule `prefix`.
    prefix(prefix, Prefix as MayBegin, (&str,)),
        "`prefix` cannot check `{Self}`", "`prefix` is for strings";
    /// The rule `suffix`.
    suffix(suffix, Suffix as MayEnd, (&str,)),
        "`suffix` cannot check `{Self}`", "`suffix` is for strings";
}

/// A type that the rule `range` can check.
#[diagnostic::on_unimplemented(
    message = "`range` cannot compare `{Self}`",
    label = "the rule does not fit this type",
    note = "it is for numbers; write `length(min = …, max = …)` for a string or a list"
)]
pub trait HasRange {
    /// The type of its bounds.
    type Bound;

    /// Compares it.
    ///
    /// # Errors
    /// When it lies outside.
    fn compare(
        &self,
        min: Option<Self::Bound>,
        max: Option<Self::Bound>,
    ) -> Result<(), garde::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: garde::rules::range::Bounds> HasRange for T {
    type Bound = T::Size;

    fn compare(&self, min: Option<T::Size>, max: Option<T::Size>) -> Result<(), garde::Error> {
        garde::rules::range::apply(self, (min, max))
    }
}

/// The rule `range`.
///
/// # Errors
/// When the value breaks it.
pub fn range<T: HasRange>(
    path: &str,
    value: &T,
    (min, max): (Option<T::Bound>, Option<T::Bound>),
) -> Result<(), InvalidParam> {
    rule(path, value.compare(min, max))
}

/// The rule `custom`: the outcome of the user's own function.
///
/// # Errors
/// The error of that function.
pub fn custom<E: Display>(path: &str, outcome: Result<(), E>) -> Result<(), InvalidParam> {
    outcome.map_err(|reason| InvalidParam::new(path, reason))
}

/// The rule `dive`: the rules of the field's own type, which must have some.
///
/// # Errors
/// The rule that is broken.
pub fn dive<T: Validate + ?Sized>(path: &str, value: &T) -> Result<(), InvalidParam> {
    value.validate().map_err(|error| error.within(path))
}

/// The rule `pattern`, compiled when it is first needed. A text that is not a regular expression
/// refuses every value and says so: a server goes on, and nothing unchecked comes in.
#[derive(Debug)]
pub struct RulePattern(LazyLock<Compiled, fn() -> Compiled>);

type Compiled = Result<Regex, String>;

impl RulePattern {
    /// The pattern that `compile` makes.
    #[must_use]
    pub const fn new(compile: fn() -> Compiled) -> Self {
        Self(LazyLock::new(compile))
    }

    /// Compiles the text.
    ///
    /// # Errors
    /// The reason why it is not a regular expression.
    pub fn compile(text: &str) -> Compiled {
        Regex::new(text).map_err(|error| format!("the rule's own pattern is invalid: {error}"))
    }

    /// Checks the value.
    ///
    /// # Errors
    /// When it does not match.
    pub fn check<T: Pattern>(&self, path: &str, value: &T) -> Result<(), InvalidParam> {
        match &*self.0 {
            Ok(regex) => rule(path, garde::rules::pattern::apply(value, (regex,))),
            Err(reason) => Err(InvalidParam::new(path, reason)),
        }
    }
}

/// A container whose items the rule `inner` checks.
#[diagnostic::on_unimplemented(
    message = "`inner(…)` does not know the items of `{Self}`",
    label = "not a list, a map, a set or an option",
    note = "put the rules on the item's own type, with `#[payload]`"
)]
pub trait Inner {
    /// The type of its items.
    type Item;

    /// Checks each item with its path.
    ///
    /// # Errors
    /// The first that breaks a rule.
    fn try_each(
        &self,
        path: &str,
        check: &mut ItemCheck<'_, Self::Item>,
    ) -> Result<(), InvalidParam>;
}

/// Checks one item, given its path.
type ItemCheck<'a, T> = dyn FnMut(&T, &str) -> Result<(), InvalidParam> + 'a;

macro_rules! lists {
    ($([$($generics:tt)*] $type:ty),+ $(,)?) => {
        $(impl<$($generics)*> Inner for $type {
            type Item = T;

            fn try_each(
                &self,
                path: &str,
                check: &mut ItemCheck<'_, T>,
            ) -> Result<(), InvalidParam> {
                self.iter()
                    .enumerate()
                    .try_for_each(|(index, item)| check(item, &format!("{path}[{index}]")))
            }
        })+
    };
}

lists!(
    [T] Vec<T>,
    [T] VecDeque<T>,
    [T] Box<[T]>,
    [T] BTreeSet<T>,
    [T, S: BuildHasher] HashSet<T, S>,
    [T, const N: usize] [T; N],
);

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty),+ $(,)?) => {
        $(impl<$($generics)*> Inner for $type {
            type Item = T;

            fn try_each(
                &self,
                path: &str,
                check: &mut ItemCheck<'_, T>,
            ) -> Result<(), InvalidParam> {
                self.iter().try_for_each(|(key, value)| check(value, &format!("{path}.{key}")))
            }
        })+
    };
}

maps!(
    [K: Display, T] BTreeMap<K, T>,
    [K: Display, T, S: BuildHasher] HashMap<K, T, S>,
);

impl<T> Inner for Option<T> {
    type Item = T;

    fn try_each(&self, path: &str, check: &mut ItemCheck<'_, T>) -> Result<(), InvalidParam> {
        self.as_ref().map_or(Ok(()), |item| check(item, path))
    }
}

/// Checks the rules of a field's own type, where it has any: [`ViaRules`] is found first for a
/// type that implements [`Validate`], [`ViaNothing`] for every other.
#[derive(Debug)]
pub struct Field<'a, T: ?Sized>(pub &'a T);

/// See [`Field`].
pub trait ViaRules {
    /// Checks them.
    ///
    /// # Errors
    /// The rule that is broken.
    fn check(&self, path: &str) -> Result<(), InvalidParam>;
}

impl<T: Validate + ?Sized> ViaRules for Field<'_, T> {
    fn check(&self, path: &str) -> Result<(), InvalidParam> {
        dive(path, self.0)
    }
}

/// See [`Field`].
pub trait ViaNothing {
    /// There is nothing to check.
    ///
    /// # Errors
    /// Never.
    fn check(&self, path: &str) -> Result<(), InvalidParam>;
}

impl<T: ?Sized> ViaNothing for &Field<'_, T> {
    fn check(&self, _: &str) -> Result<(), InvalidParam> {
        Ok(())
    }
}
