//! Which cargo, and for which machine: the shim has to run on this one.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::Table;

use crate::finding::{Finding, Outcome};

/// The cargo that runs this program, or the one on the path.
pub(super) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// This machine, where the user's configuration names another one (a wasm frontend, for example).
pub(super) fn host_where_another_is_set(root: &Path) -> Outcome<Option<String>> {
    let set = match env::var("CARGO_BUILD_TARGET") {
        Ok(target) => Some(target),
        Err(_) => config_files(root)
            .iter()
            .find_map(|path| build_target(path)),
    };
    let Some(set) = set else {
        return Ok(None);
    };
    let output = Command::new(cargo()).arg("-vV").current_dir(root).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let host = said.ok().and_then(|said| {
        said.lines()
            .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
    });
    let Some(host) = host else {
        return Err(Finding::new(
            "cargo did not tell which machine this is",
            "look at its answer: cargo -vV",
        )
        .into());
    };
    // With `--target` cargo builds everything anew in a folder of its own.
    Ok((host != set).then_some(host))
}

/// Cargo's configuration files, the strongest first.
fn config_files(root: &Path) -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let folders = root
        .ancestors()
        .map(|folder| folder.join(".cargo"))
        .chain(home);
    folders
        .flat_map(|folder| [folder.join("config.toml"), folder.join("config")])
        .collect()
}

fn build_target(path: &Path) -> Option<String> {
    let table: Table = toml::from_str(&fs::read_to_string(path).ok()?).ok()?;
    let target = table.get("build")?.get("target")?;
    let first = target.as_array().and_then(|targets| targets.first());
    first.unwrap_or(target).as_str().map(str::to_owned)
}
