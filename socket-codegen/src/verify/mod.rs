//! The results of running samples through the user's serde code: the findings, and the samples as a
//! file.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use socket_protocol::manifest::model::Fault;

use crate::finding::{Finding, Outcome, Place};
use crate::load::Samples;

/// How many samples each type is tried with.
pub(crate) const SAMPLES: u32 = 64;

const HELP: &str = "the types say something else than serde does: a `Serialize` or `Deserialize` by hand, `with`, or \
     names that meet in a `flatten`; describe what crosses the wire by `#[schemars(with = \"…\")]`, or \
     go without this: --no-verify";
const HELP_UNTRIED: &str = "nothing is proven wrong: the type has rules that its schema does not say, so no sample \
     was taken; a format may tell: #[schemars(extend(\"format\" = \"date-time\"))]";

/// Proven mistakes, and parts that could not be checked.
pub(crate) fn findings(
    faults: &[Fault],
    place: impl Fn(&Fault) -> Place,
) -> (Vec<Finding>, Vec<Finding>) {
    let mut wrong = Vec::new();
    let mut untried = Vec::new();
    for fault in faults {
        let Fault {
            message,
            sample,
            reason,
            ..
        } = fault;
        let finding = |what: String, help: &str| Finding::new(what, help).at([place(fault)]);
        if fault.untried {
            let what = format!("{message} is not verified: of {sample} serde says: {reason}");
            untried.push(finding(what, HELP_UNTRIED));
        } else {
            let what = format!("{message}: given {sample}, {reason}");
            wrong.push(finding(what, HELP));
        }
    }
    (wrong, untried)
}

/// The samples as one JSON document: by protocol and message, what crosses the wire.
///
/// # Errors
/// When one of them is no JSON, which serde would not have written.
pub(crate) fn document(samples: &Samples) -> Outcome<String> {
    let mut protocols = BTreeMap::new();
    for (protocol, messages) in samples {
        let mut lists = BTreeMap::new();
        for (message, texts) in messages {
            let values: Result<Vec<Value>, _> = texts
                .iter()
                .map(|text| serde_json::from_str(text))
                .collect();
            let values = values
                .map_err(|error| Finding::new(format!("a sample of {message}: {error}"), ""))?;
            lists.insert(message, values);
        }
        protocols.insert(protocol, lists);
    }
    Ok(format!("{:#}\n", json!(protocols)))
}
