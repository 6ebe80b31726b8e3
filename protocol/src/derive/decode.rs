//! From the text of parameters to a value, and where in the text it does not fit.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::envelope::Empty;
use crate::error::{InvalidParam, NoItem};
use crate::json::of_misfit;

/// Decodes parameters; those that are absent count as `{}`.
///
/// # Errors
/// [`InvalidParam`] with the path to what does not fit.
pub fn decode<T: DeserializeOwned>(param: Option<&RawValue>) -> Result<T, InvalidParam> {
    let text = param.map_or("{}", RawValue::get);
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) => Err(misfit(text, &error, &|text| {
            serde_json::from_str::<T>(text).err()
        })),
    }
}

/// Everything about an error that needs no type; `again` decodes another text as the same one.
#[cold]
fn misfit(
    text: &str,
    error: &serde_json::Error,
    again: &dyn Fn(&str) -> Option<serde_json::Error>,
) -> InvalidParam {
    let path = of_misfit(text, error, again);
    InvalidParam::new(path, without_position(&error.to_string()))
}

/// serde_json's position counts from the start of the parameters, which the sender does not see.
fn without_position(reason: &str) -> &str {
    reason
        .rfind(" at line ")
        .map_or(reason, |end| &reason[..end])
}

/// Lets the parameters of a variant with named fields pass only as an object, or as nothing.
///
/// # Errors
/// [`InvalidParam`] when they are something else.
pub fn object(param: Option<&RawValue>) -> Result<Option<&RawValue>, InvalidParam> {
    match param {
        Some(param) if !param.get().starts_with('{') => {
            Err(InvalidParam::new("", "the parameters must be an object"))
        }
        _ => Ok(param),
    }
}

/// Checks that the parameters of a command without fields are an object, or nothing.
///
/// # Errors
/// [`InvalidParam`] when they are something else.
pub fn decode_empty(param: Option<&RawValue>) -> Result<(), InvalidParam> {
    decode::<Empty>(param).map(|Empty| ())
}

/// Stands for decoding the items of a command that does not stream.
///
/// # Errors
/// Always.
pub fn no_items() -> Result<NoItem, InvalidParam> {
    Err(InvalidParam::new("", "the command does not stream"))
}
