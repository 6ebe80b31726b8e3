//! Which package gets which of the wanted features.

use std::collections::BTreeMap;

use cargo_metadata::{Package, PackageId};

use crate::finding::{Finding, Outcome, nearest};

/// `--features a,pkg/b`, shared out among the packages that have them.
pub(super) fn shared_out<'a>(
    described: &[&'a Package],
    wanted: &[String],
) -> Outcome<BTreeMap<&'a PackageId, Vec<String>>> {
    let mut features: BTreeMap<&PackageId, Vec<String>> = BTreeMap::new();
    for wanted in wanted {
        let (of, feature) = wanted
            .split_once('/')
            .map_or((None, wanted.as_str()), |(p, f)| (Some(p), f));
        let mut found = false;
        for package in described {
            if of.is_none_or(|of| *package.name == of) && package.features.contains_key(feature) {
                features
                    .entry(&package.id)
                    .or_default()
                    .push(feature.to_owned());
                found = true;
            }
        }
        if !found {
            let known: Vec<&str> = described
                .iter()
                .flat_map(|package| package.features.keys().map(String::as_str))
                .collect();
            let meant = nearest(feature, known.iter().copied())
                .map_or(String::new(), |near| format!("did you mean `{near}`?"));
            return Err(Finding::new(
                format!("unknown feature `{wanted}`: the described packages do not have it"),
                meant,
            )
            .into());
        }
    }
    Ok(features)
}
