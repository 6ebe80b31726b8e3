//! `manifest`: a protocol as data.

use std::process::ExitCode;

use super::document::Options;
use super::print::end;
use crate::finding::Finding;

pub(super) fn run(options: &Options) -> ExitCode {
    let tell = options.tell(|manifest| {
        let value = serde_json::to_value(manifest);
        Ok(value.map_err(|error| Finding::new(error.to_string(), ""))?)
    });
    end(tell, false)
}
