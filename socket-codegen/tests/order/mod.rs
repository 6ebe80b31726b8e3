//! The order inside a crate: which of its modules may name which.
//!
//! A crate or a folder states it in the documentation of its root, under the heading `# Inside`, as a
//! list with the lowest first. One line is one floor; a name is that of a child module:
//! ```text
//! //! # Inside
//! //! Lowest first: each uses what stands above it in this list, and names nothing below.
//! //! - `id`, `code`: names and numbers
//! //! - `envelope`: one message
//! //! - `client`: beside all of it; uses `id`
//! ```
//! A module uses what stands in lines at or above its own. Where its line says ``beside …; uses `x`,
//! `y` ``, it uses these alone, and modules behind it may use it. Whatever way a name is written, it
//! counts for the module that it comes from: see [`resolve`].

mod bites;
mod resolve;
mod rings;
mod source;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use rings::rings;
pub(crate) use source::{Crate, Path, read};

/// Upward names that may stay: crate, module that names, module that is named, and why.
const EXEMPT: [(&str, &str, &str, &str); 0] = [];

/// A floor of the list, as a module on it sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Floor {
    rank: usize,
    /// Where it stands beside the others: all that it may use.
    only: Option<BTreeSet<String>>,
}

pub(crate) type Floors = BTreeMap<String, Floor>;

/// The list under `# Inside`, where the page has one.
pub(crate) fn floors(docs: &str) -> Option<Floors> {
    let (_, list) = docs.split_once("# Inside\n")?;
    let mut floors = Floors::new();
    let mut items: Vec<String> = Vec::new();
    for line in list.lines().take_while(|line| !line.starts_with('#')) {
        match (line.strip_prefix("- "), items.last_mut()) {
            (Some(item), _) => items.push(item.to_owned()),
            // An item may go on in the next line.
            (None, Some(item)) if line.starts_with("  ") => item.push_str(&line[1..]),
            _ => {}
        }
    }
    for (rank, item) in items.iter().enumerate() {
        let (names, what) = item
            .split_once(": ")
            .unwrap_or_else(|| panic!("{item:?} says no more than a name"));
        let only = what
            .split_once("; uses ")
            .filter(|_| what.starts_with("beside "))
            .map(|(_, names)| quoted(names).collect());
        for name in quoted(names) {
            let floor = Floor {
                rank,
                only: only.clone(),
            };
            assert!(
                floors.insert(name.clone(), floor).is_none(),
                "{name} is listed twice"
            );
        }
    }
    Some(floors)
}

fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// What is wrong with the order of a crate and of those of its folders that state one.
pub(crate) fn mistakes(code: &Crate) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut used = BTreeSet::new();
    for (root, module) in &code.modules {
        let Some(floors) = floors(&module.docs) else {
            continue;
        };
        mistakes.extend(unlisted(code, root, &floors));
        for (path, module) in code.below(root) {
            let own = &path[root.len()];
            for named in &module.names {
                for target in resolve::through(code, path, named) {
                    let Some(wrong) = wrong(root, own, &floors, &target) else {
                        continue;
                    };
                    let (from, to) = (path.join("::"), target.join("::"));
                    let exempt = |(of, low, high, _): &&(&str, &str, &str, &str)| {
                        *of == code.name && *low == from && *high == to
                    };
                    match EXEMPT.iter().find(exempt) {
                        Some(exemption) => drop(used.insert(exemption)),
                        None => mistakes.push(format!(
                            "{}: {from} names {to} as `{}`: {wrong}",
                            code.name,
                            named.join("::")
                        )),
                    }
                }
            }
        }
    }
    let idle = EXEMPT
        .iter()
        .filter(|exemption| exemption.0 == code.name && !used.contains(exemption));
    mistakes.extend(
        idle.map(|(_, low, high, _)| format!("nothing needs the exemption {low} -> {high}")),
    );
    mistakes.sort();
    mistakes.dedup();
    mistakes
}

fn below(root: &[String], child: &str) -> Path {
    [root, &[child.to_owned()]].concat()
}

/// Whether the list and the modules of a folder are the same.
fn unlisted(code: &Crate, root: &[String], floors: &Floors) -> Vec<String> {
    let children: BTreeSet<&String> = code.modules[root]
        .children
        .iter()
        .filter(|child| {
            let module = &code.modules[&below(root, child)];
            !module.inline && !module.tests
        })
        .collect();
    let listed: BTreeSet<&String> = floors.keys().collect();
    let place = format!("{}::{}", code.name, root.join("::"));
    let missing = children.difference(&listed);
    let missing = missing.map(|name| format!("{place}: the list `# Inside` lacks `{name}`"));
    let gone = listed.difference(&children);
    let gone =
        gone.map(|name| format!("{place}: the list `# Inside` names `{name}`, which is not there"));
    missing.chain(gone).collect()
}

/// Why a module below `root`, on the floor of `own`, may not name the target. `None`: it may.
fn wrong(root: &[String], own: &str, floors: &Floors, target: &[String]) -> Option<String> {
    let below = target.strip_prefix(root)?;
    // What is defined in the root's own file, as macros are, belongs to no floor.
    let target = below.first()?;
    let floor = floors.get(own)?;
    if target == own {
        return None;
    }
    let Some(other) = floors.get(target) else {
        return Some(format!("`{target}` is the roof, which only users name"));
    };
    match &floor.only {
        Some(only) if !only.contains(target) => Some(format!("`{own}` does not list `{target}`")),
        None if other.rank > floor.rank => Some(format!("`{target}` stands above `{own}`")),
        _ => None,
    }
}
