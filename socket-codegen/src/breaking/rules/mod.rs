//! The rules, by family: a rule `FIELD_…` is found in `field.rs`, `INT_…` and `FLOAT_…` in
//! `number.rs`. Each looks at one kind of change and says what it saw; `table/` says how bad it is.
//!
//! - `message`: MESSAGE_…, NAME_REUSED, RESERVATION_DROPPED, ALIAS_DROPPED, ORDER_CHANGED
//! - `lifecycle`: DEPRECATION_SKIPPED, STABILITY_LOWERED
//! - `call`: REPLY_…, STREAMING_CHANGED, IDEMPOTENCY_…
//! - `channel`: CHANNEL_PATTERN_CHANGED, RECOVERY_…, SIZE_LIMIT_…
//! - `field`: FIELD_…, UNKNOWN_…, DEFAULT_CHANGED
//! - `types`: TYPE_…, NULL_…
//! - `number`: INT_…, FLOAT_TO_INT
//! - `union`: UNION_…, ENUM_…, TAGGING_CHANGED
//! - `constraint`: CONSTRAINT_… of text and lists
//! - `map`: MAP_KEY_CHANGED
//! - `prose`: DOC_CHANGED, DEPRECATED_ADDED

pub(super) mod call;
pub(super) mod channel;
mod constraint;
mod field;
pub(super) mod lifecycle;
mod map;
pub(super) mod message;
mod number;
pub(super) mod prose;
mod types;
mod union;
