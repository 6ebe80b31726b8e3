//! ts-rs as a second opinion: where a type derives `TS` too, what ts-rs declares is held against what
//! the wire says. A program that uses ts-rs' type must neither be given what that denies nor be let
//! send what serde refuses.

mod compare;
mod parse;

use std::collections::BTreeMap;

use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::model::Opinion;

use self::compare::{Named, Opinions, Side};
use super::schema::definitions;
use crate::finding::Finding;
use crate::load::{Locate, Spot};

/// Where ts-rs says something else than the types of these protocols.
#[must_use]
pub(crate) fn second_opinions(
    manifests: &[Manifest],
    opinions: &[Opinion],
    locate: Locate<'_>,
) -> Vec<Finding> {
    let declared: Opinions = opinions
        .iter()
        .filter_map(|opinion| {
            let (name, ty) = parse::declaration(&opinion.text)?;
            let rust = opinion.rust.clone();
            Some((name, Named { rust, ty }))
        })
        .collect();
    let mut findings = BTreeMap::new();
    for manifest in manifests {
        let (receive, _) = definitions(&manifest.types.receive);
        let (send, _) = definitions(&manifest.types.send);
        for said in declared.values() {
            for (wire, side) in [(&receive, Side::Receive), (&send, Side::Send)] {
                let of_wire = wire
                    .values()
                    .find(|definition| definition.rust.as_ref() == Some(&said.rust));
                let Some(of_wire) = of_wire else {
                    continue;
                };
                let differ = compare::differ(&of_wire.ty, &said.ty, side, wire, &declared);
                for difference in differ {
                    let field = difference.path.first().map(String::as_str);
                    let place = locate(Spot {
                        rust: &said.rust,
                        variant: None,
                        field,
                    });
                    let key = (said.rust.clone(), difference.path.clone());
                    findings.entry(key).or_insert_with(|| {
                        Finding::new(difference.says(&said.rust, side), HELP).at(place)
                    });
                }
            }
        }
    }
    findings.into_values().collect()
}

const HELP: &str = "the generated type says what serde does; correct ts-rs with `#[ts(type = \"…\")]` or `#[ts(optional)]`, or leave out `TS`";
