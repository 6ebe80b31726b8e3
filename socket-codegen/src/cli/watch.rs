//! `watch`: generates again whenever a source changes, until Ctrl-C.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::emitted::Options as Emitted;
use super::generate::apply;
use super::print::{end, fail, shown, to_stderr};
use crate::config::FILE;
use crate::finding::{Failure, Finding, Outcome};
use crate::watch::Watch;

#[derive(Debug, Args)]
// The group of `generate` has this name already.
#[group(skip)]
pub(super) struct Options {
    #[command(flatten)]
    emitted: Emitted,

    /// Where to build [default: socket-codegen/watch in the target directory, so that neither your
    /// builds nor your editor wait for it]
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> ExitCode {
    end(watch(options), options.emitted.json)
}

/// Goes on until the program is ended from outside.
fn watch(options: &Options) -> Outcome<ExitCode> {
    if options.emitted.source.is_remote() {
        let help = "watch a file with --manifest FILE, or run `socket-codegen generate --url …` when it changes";
        return Err(Finding::new("`watch` cannot watch a URL", help).into());
    }
    let mut watch = Watch::default();
    loop {
        watch.begin();
        if let Err(failure) = pass(options, &mut watch) {
            if watch.count() == 0 {
                return Err(failure);
            }
            fail(&failure, options.emitted.json);
        }
        to_stderr(&format!(
            "watching {} files; end with Ctrl-C",
            watch.count()
        ));
        let changed = watch.wait();
        let here = std::env::current_dir().unwrap_or_default();
        to_stderr(&format!("{} changed", shown(&changed, &here)));
    }
}

fn pass(options: &Options, watch: &mut Watch) -> Result<(), Failure> {
    let mut origin = options.emitted.source.origin()?;
    watch.add(
        origin.folders(),
        options
            .emitted
            .source
            .files()
            .into_iter()
            .chain([origin.root.join(FILE)]),
    );
    origin.build_in(options.target_dir.as_deref());
    let run = options.emitted.prepare(&origin)?;
    watch.add([], run.sources.iter().cloned());
    apply(&run, &options.emitted).map(|_| ())
}
