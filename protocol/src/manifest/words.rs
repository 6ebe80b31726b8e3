//! The words of our own that the derives put into schemas.
//!
//! | word | says |
//! | --- | --- |
//! | `x-alias` | the other names under which a field or variant is read |
//! | `x-open` | variants that are not known are read too |
//! | `x-reserved` | the names that were given up |
//! | `x-rules` | the rules that no keyword says exactly |
//! | `x-length` | a length in the unit of its type; [`lengths`] puts keywords in its place |

use schemars::Schema;
use serde_json::Value;

/// Puts the keywords for a length in the place of the word, where the derive could not know which.
pub(super) fn lengths(schema: &mut Schema) {
    let Some(length) = schema.remove("x-length") else {
        return;
    };
    let is = |name: &str| match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    };
    let unit = if is("array") {
        "Items"
    } else if is("object") {
        "Properties"
    } else {
        // Bytes, of which a text of one character has one to four.
        if let Some(min) = length["min"].as_u64().filter(|min| *min > 1) {
            let rules = schema.ensure_object().entry("x-rules");
            let rules = rules.or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(rules) = rules {
                rules.push(format!("length(min = {min})").into());
            }
        }
        return;
    };
    for bound in ["min", "max"] {
        if let Some(value) = length.get(bound) {
            schema.insert(format!("{bound}{unit}"), value.clone());
        }
    }
}

/// The same for what is written, of which the words about reading alone say nothing: neither what
/// serde takes besides nor the rules that the server checks.
pub(super) fn written(schema: &mut Schema) {
    lengths(schema);
    for word in ["x-alias", "x-open", "x-rules"] {
        schema.remove(word);
    }
}
