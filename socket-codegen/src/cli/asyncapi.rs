//! `asyncapi`: a protocol as an AsyncAPI 3.0 document.

use std::process::ExitCode;

use super::document::Options;
use super::print::end;
use crate::document::asyncapi::asyncapi;

pub(super) fn run(options: &Options) -> ExitCode {
    end(options.tell(|manifest| Ok(asyncapi(manifest))), false)
}
