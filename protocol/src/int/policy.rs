//! How a whole protocol writes its large integers.
//!
//! A type may be part of several protocols, so it does not know: it asks, while it is written and
//! read, and gets the answer of the protocol whose message is at hand on this thread. Outside of
//! messages, where a program stores a value for instance, integers are numbers.

use std::cell::Cell;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Textual;

/// How integers of 64 bits and more cross the wire: `#[protocol(int = "…")]`.
///
/// A field or type that says `#[socket(int = "…")]` itself is not concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IntPolicy {
    /// `"number"`: as numbers. What JavaScript would round, beyond 2^53 - 1, is an error when it is sent.
    #[default]
    Number,
    /// `"string"`: as text, exact, which is text in TypeScript too.
    Text,
    /// `"bigint"`: as text, exact, which is `bigint` in TypeScript.
    BigInt,
}

thread_local! {
    static AS_TEXT: Cell<bool> = const { Cell::new(false) };
}

impl IntPolicy {
    /// Runs what writes or reads a message of a protocol with this policy.
    ///
    /// ```
    /// use socket_protocol::prelude::*;
    /// use socket_protocol::IntPolicy;
    ///
    /// #[payload]
    /// struct Account { balance: u64 }
    ///
    /// # use socket_protocol::__private::serde_json;
    /// let account = Account { balance: u64::MAX };
    /// let written = IntPolicy::BigInt.within(|| serde_json::to_string(&account))?;
    /// assert_eq!(written, r#"{"balance":"18446744073709551615"}"#);
    /// assert_eq!(serde_json::to_string(&account)?, r#"{"balance":18446744073709551615}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn within<T>(self, run: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        run()
    }

    /// The same until the guard is dropped.
    pub(crate) fn enter(self) -> Entered {
        Entered(AS_TEXT.replace(self != Self::Number))
    }
}

/// While it lives, messages of a protocol are written and read on this thread.
#[derive(Debug)]
pub(crate) struct Entered(bool);

impl Drop for Entered {
    fn drop(&mut self) {
        AS_TEXT.set(self.0);
    }
}

/// serde's `with`: integers as the protocol at hand has them.
pub mod by_protocol {
    use super::{AS_TEXT, Deserialize, Deserializer, Serialize, Serializer, Textual};

    /// Writes integers.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<T: Textual + Serialize, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        if AS_TEXT.get() {
            value.write(to)
        } else {
            value.serialize(to)
        }
    }

    /// Reads integers.
    ///
    /// # Errors
    /// When there is something else.
    pub fn deserialize<'de, T: Textual + Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        if AS_TEXT.get() {
            T::read(from)
        } else {
            T::deserialize(from)
        }
    }
}

/// Integers that are all that a message carries.
#[derive(Debug, Serialize, Deserialize)]
#[serde(
    transparent,
    bound = "T: Textual + Serialize + for<'any> Deserialize<'any>"
)]
pub struct Open<T>(#[serde(with = "by_protocol")] pub T);
