//! Checks that the shim was built with the versions of the user's `Cargo.lock`. `--locked` cannot
//! do that, because the shim's own lock always has one package more.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::read;
use crate::finding::{Finding, Outcome};

/// The versions of each package, by name and source.
type Versions = BTreeMap<(String, String), Vec<String>>;

pub(super) fn check(root: &Path, shim: &Path) -> Outcome<()> {
    let path = root.join("Cargo.lock");
    if !path.exists() {
        return Ok(());
    }
    let user = versions(&read(&path)?);
    let shim = versions(&read(&shim.join("Cargo.lock"))?);
    let mut moved = Vec::new();
    for (package, versions) in &shim {
        // A package that the user's lock lacks is used only for describing.
        let Some(locked) = user.get(package) else {
            continue;
        };
        for version in versions {
            if !locked.contains(version) && locked.iter().any(|locked| compatible(locked, version))
            {
                moved.push(format!(
                    "{} {version} instead of {}",
                    package.0,
                    locked.join(", ")
                ));
            }
        }
    }
    if moved.is_empty() {
        return Ok(());
    }
    Err(Finding::new(
        format!(
            "Cargo.lock is not up to date: cargo took {}",
            moved.join(", ")
        ),
        "cargo check   (it brings Cargo.lock up to date), then run this again",
    )
    .into())
}

fn versions(lock: &str) -> Versions {
    let mut versions = Versions::new();
    let table: Table = toml::from_str(lock).unwrap_or_default();
    for package in table
        .get("package")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |key: &str| {
            package
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        versions
            .entry((text("name"), text("source")))
            .or_default()
            .push(text("version"));
    }
    versions
}

/// Returns whether cargo may substitute one version for the other.
fn compatible(a: &str, b: &str) -> bool {
    fn significant(version: &str) -> Vec<&str> {
        let numbers: Vec<&str> = version.split(['.', '-', '+']).take(3).collect();
        let zeros = numbers.iter().take_while(|number| **number == "0").count();
        numbers.into_iter().take(zeros + 1).collect()
    }
    significant(a) == significant(b)
}

#[cfg(test)]
mod tests {
    use super::compatible;

    #[test]
    fn knows_which_versions_replace_each_other() {
        assert!(compatible("1.2.3", "1.9.0"));
        assert!(compatible("0.2.3", "0.2.9"));
        assert!(!compatible("0.2.3", "0.3.0"));
        assert!(!compatible("1.0.0", "2.0.0"));
        assert!(!compatible("0.0.1", "0.0.2"));
    }
}
