//! Files that name each other, directly or round a corner: none can be read before the others.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve;
use super::source::{Crate, Path};

/// The rings of a crate, each with the files that stand in it. What counts is where a name is defined,
/// and a folder may pass on what its files define.
pub(crate) fn rings(code: &Crate) -> Vec<BTreeSet<Path>> {
    let mut edges: BTreeMap<Path, BTreeSet<Path>> = BTreeMap::new();
    for (path, module) in &code.modules {
        let from = code.file(path).to_vec();
        let to = edges.entry(from.clone()).or_default();
        for named in &module.names {
            if module.passed_on.contains(named) && module.children.contains(&named[0]) {
                continue;
            }
            if let Some(end) = resolve::end(code, path, named) {
                let end = code.file(&end);
                if end != from {
                    to.insert(end.to_vec());
                }
            }
        }
    }
    let reach: BTreeMap<&Path, BTreeSet<&Path>> = edges
        .keys()
        .map(|from| (from, reached(&edges, from)))
        .collect();
    let mut rings: Vec<BTreeSet<Path>> = Vec::new();
    for (from, reached) in &reach {
        if reached.contains(from) && !rings.iter().any(|ring| ring.contains(*from)) {
            let both = reached.iter().filter(|other| reach[*other].contains(from));
            rings.push(both.map(|path| (*path).clone()).collect());
        }
    }
    rings
}

fn reached<'a>(edges: &'a BTreeMap<Path, BTreeSet<Path>>, from: &Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Path> = edges[from].iter().collect();
    while let Some(path) = open.pop() {
        if reached.insert(path)
            && let Some(next) = edges.get(path)
        {
            open.extend(next);
        }
    }
    reached
}
