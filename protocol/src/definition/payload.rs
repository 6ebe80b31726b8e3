//! Types that messages may carry.

/// A type that messages may carry: serde's two traits and, under the feature `manifest`, schemars'
/// `JsonSchema`. Made by `#[payload]`; every type that has them is one.
#[cfg(not(feature = "manifest"))]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be carried by a message",
    label = "not a payload",
    note = "put `#[payload]` above the type, or derive serde's `Serialize` and `Deserialize` for it"
)]
pub trait Payload: serde::Serialize + serde::de::DeserializeOwned {}

#[cfg(not(feature = "manifest"))]
#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Payload for T {}

/// A type that messages may carry: serde's two traits and, under the feature `manifest`, schemars'
/// `JsonSchema`. Made by `#[payload]`; every type that has them is one.
#[cfg(feature = "manifest")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be carried by a message",
    label = "not a payload",
    note = "put `#[payload]` above the type, or derive serde's `Serialize` and `Deserialize` and schemars' `JsonSchema` for it"
)]
pub trait Payload: serde::Serialize + serde::de::DeserializeOwned + schemars::JsonSchema {}

#[cfg(feature = "manifest")]
#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + serde::de::DeserializeOwned + schemars::JsonSchema> Payload for T {}
