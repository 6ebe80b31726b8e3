//! From the derives that were compiled in to the document: each registers itself, and [`collect`]
//! describes every protocol among them.

use std::ffi::OsString;
use std::panic::catch_unwind;
use std::{fs, io};

pub use super::carried::{Carried, ProbeFn, SchemaFn};
pub use super::describe::{
    CommandTypes, DescribeChannels, DescribeCommands, DescribeErrors, DescribeEvents, Describer,
    VariantTypes, describe,
};
use super::model::{Collected, Described, FORMAT, Opinion};
pub use super::register::{Place, Registration, SecondOpinion, declared};
use super::verify::Report;

/// Describes every protocol that was compiled in, in the order of their names, and verifies each
/// type of a message with that many samples.
#[must_use]
pub fn collect(samples: u32) -> Collected {
    let mut report = Report {
        samples,
        ..Report::default()
    };
    let mut protocols = Vec::new();
    let mut sites = Vec::new();
    for registration in inventory::iter::<Registration> {
        let site = registration.place.site(registration.place.line);
        if let Some(describe) = registration.describe {
            protocols.push(Described {
                site: site.clone(),
                manifest: describe(&mut report),
            });
        }
        sites.push(site);
    }
    protocols.sort_by(|a, b| (&a.manifest.protocol, &a.site).cmp(&(&b.manifest.protocol, &b.site)));
    sites.sort();
    Collected {
        format: FORMAT,
        protocols,
        sites,
        problems: report.problems,
        faults: report.faults,
        opinions: opinions(),
        samples: report.drawn,
    }
}

/// The declarations by ts-rs; a type that it cannot declare is left out.
fn opinions() -> Vec<Opinion> {
    let mut opinions: Vec<Opinion> = inventory::iter::<SecondOpinion>
        .into_iter()
        .filter_map(|opinion| {
            let text = catch_unwind(opinion.declare).ok()?;
            let rust = opinion.rust.to_owned();
            Some(Opinion { rust, text })
        })
        .collect();
    opinions.sort();
    opinions
}

/// The whole of the program that `socket-codegen` runs: writes what [`collect`] found to the file
/// that the first argument names. The second says how many samples verify each type; none without.
///
/// # Errors
/// When an argument is wrong or the file cannot be written.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> io::Result<()> {
    // A schema's panic is reported as a problem; its backtrace would only be in the way.
    std::panic::set_hook(Box::new(|_| ()));
    let mut arguments = arguments.into_iter().skip(1);
    let path = arguments.next().ok_or(io::ErrorKind::InvalidInput)?;
    let samples = arguments.next().map_or(Ok(0), |samples| {
        let samples = samples.to_str().and_then(|samples| samples.parse().ok());
        samples.ok_or(io::ErrorKind::InvalidInput)
    })?;
    fs::write(path, serde_json::to_vec(&collect(samples))?)
}
