//! Rules on parameters, checked after decoding and before the handler: garde's rules, called by
//! code that the derives write.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::BuildHasher;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::InvalidParam;

/// A type whose values must meet rules. Made by `#[payload]` from the `#[garde(…)]` attributes of
/// its fields; implement it by hand for rules that span fields.
///
/// ```
/// use socket_protocol::{InvalidParam, Validate};
///
/// struct Range { from: u32, to: u32 }
///
/// impl Validate for Range {
///     fn validate(&self) -> Result<(), InvalidParam> {
///         if self.from <= self.to {
///             Ok(())
///         } else {
///             Err(InvalidParam::new("to", "lies before `from`"))
///         }
///     }
/// }
/// assert!(Range { from: 2, to: 1 }.validate().is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rules to check",
    label = "has no rules",
    note = "put `#[payload]` on the type, or implement `Validate` for it"
)]
pub trait Validate {
    /// Checks every rule.
    ///
    /// # Errors
    /// [`InvalidParam`] names the first field that breaks one.
    fn validate(&self) -> Result<(), InvalidParam>;
}

macro_rules! without_rules {
    ($($type:ty),+ $(,)?) => {
        $(impl Validate for $type {
            fn validate(&self) -> Result<(), InvalidParam> {
                Ok(())
            }
        })+
    };
}

without_rules!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    str,
    String,
    uuid::Uuid,
    serde_json::Value,
    crate::timestamp::Timestamp,
    crate::id::ChannelName,
    crate::id::ConnectionId,
);

macro_rules! pointers {
    ($($type:ty),+ $(,)?) => {
        $(impl<T: Validate + ?Sized> Validate for $type {
            fn validate(&self) -> Result<(), InvalidParam> {
                (**self).validate()
            }
        })+
    };
}

pointers!(&T, Box<T>, Rc<T>, Arc<T>);

macro_rules! lists {
    ($([$($generics:tt)*] $type:ty),+ $(,)?) => {
        $(impl<$($generics)*> Validate for $type {
            fn validate(&self) -> Result<(), InvalidParam> {
                self.iter().enumerate().try_for_each(|(index, item)| {
                    item.validate().map_err(|error| error.within(format_args!("[{index}]")))
                })
            }
        })+
    };
}

lists!(
    [T: Validate] [T],
    [T: Validate] Vec<T>,
    [T: Validate] VecDeque<T>,
    [T: Validate] BTreeSet<T>,
    [T: Validate, S: BuildHasher] HashSet<T, S>,
    [T: Validate, const N: usize] [T; N],
);

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty),+ $(,)?) => {
        $(impl<$($generics)*> Validate for $type {
            fn validate(&self) -> Result<(), InvalidParam> {
                self.iter().try_for_each(|(key, value)| {
                    value.validate().map_err(|error| error.within(key))
                })
            }
        })+
    };
}

maps!(
    [K: std::fmt::Display, V: Validate] BTreeMap<K, V>,
    [K: std::fmt::Display, V: Validate, S: BuildHasher] HashMap<K, V, S>,
);

impl<T: Validate> Validate for Option<T> {
    fn validate(&self) -> Result<(), InvalidParam> {
        self.as_ref().map_or(Ok(()), Validate::validate)
    }
}

impl<T: Validate + ToOwned + ?Sized> Validate for Cow<'_, T> {
    fn validate(&self) -> Result<(), InvalidParam> {
        (**self).validate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Odd(u32);

    impl Validate for Odd {
        fn validate(&self) -> Result<(), InvalidParam> {
            if self.0 % 2 == 1 {
                Ok(())
            } else {
                Err(InvalidParam::new("", "even"))
            }
        }
    }

    #[test]
    fn containers_say_where() {
        let nested = BTreeMap::from([("a", vec![Some(Odd(1)), None, Some(Odd(2))])]);
        assert_eq!(nested.validate(), Err(InvalidParam::new("a[2]", "even")));
        assert_eq!(Box::new([Odd(1), Odd(3)]).validate(), Ok(()));
    }
}
