//! From a path as it is written to the modules that it leads through.
//!
//! `crate::…`, the crate's own name, `self::…`, `super::…` and a child's name are the same path in
//! the end. Where a name on the way is an import, the path goes on where that came from, so that a
//! re-export hides nothing.

use std::collections::BTreeSet;

use super::source::{Crate, Path};

/// Every module that the path leads through, from a module on.
pub(crate) fn through(code: &Crate, from: &[String], path: &[String]) -> BTreeSet<Path> {
    let mut passed = BTreeSet::new();
    follow(code, from, path, &mut passed, 0);
    passed
}

/// The module in which the path ends: where the name is defined.
pub(crate) fn end(code: &Crate, from: &[String], path: &[String]) -> Option<Path> {
    follow(code, from, path, &mut BTreeSet::new(), 0)
}

/// No chain of re-exports is longer; a longer one goes round in a circle.
const LONGEST: usize = 16;

fn follow(
    code: &Crate,
    from: &[String],
    path: &[String],
    passed: &mut BTreeSet<Path>,
    depth: usize,
) -> Option<Path> {
    let (first, rest) = path.split_first()?;
    let module = code.modules.get(from)?;
    match first.as_str() {
        "crate" => walk(code, Path::new(), rest, passed, depth),
        own if own == code.name => walk(code, Path::new(), rest, passed, depth),
        "self" => walk(code, from.to_vec(), rest, passed, depth),
        "super" => {
            let supers = path.iter().take_while(|name| *name == "super").count();
            let up = from.len().checked_sub(supers)?;
            walk(code, from[..up].to_vec(), &path[supers..], passed, depth)
        }
        child if module.children.contains(child) => walk(code, from.to_vec(), path, passed, depth),
        // A name that was imported, as `use crate as root` imports everything. Of another crate's
        // names nothing is known.
        name if depth < LONGEST => {
            let import = module
                .imports
                .get(name)
                .filter(|import| import[0] != *name)?;
            let path = [&import[..], rest].concat();
            follow(code, from, &path, passed, depth + 1)
        }
        _ => None,
    }
}

fn walk(
    code: &Crate,
    at: Path,
    rest: &[String],
    passed: &mut BTreeSet<Path>,
    depth: usize,
) -> Option<Path> {
    let module = code.modules.get(&at)?;
    passed.insert(at.clone());
    let Some((name, rest)) = rest.split_first() else {
        return Some(at);
    };
    if depth > LONGEST {
        return Some(at);
    }
    if name == "*" {
        // Whoever names everything names what was imported there too.
        for path in module.imports.values().chain(&module.globs) {
            follow(code, &at, path, passed, depth + 1);
        }
        return Some(at);
    }
    if module.children.contains(name) {
        let below = [&at[..], std::slice::from_ref(name)].concat();
        return walk(code, below, rest, passed, depth);
    }
    if module.items.contains(name) {
        return Some(at);
    }
    if let Some(import) = module.imports.get(name) {
        let path = [&import[..], rest].concat();
        return follow(code, &at, &path, passed, depth + 1);
    }
    for glob in &module.globs {
        let path = [&glob[..], std::slice::from_ref(name)].concat();
        let mut way = BTreeSet::new();
        if let Some(end) = follow(code, &at, &path, &mut way, depth + 1)
            && code
                .modules
                .get(&end)
                .is_some_and(|module| module.items.contains(name))
        {
            passed.extend(way);
            return Some(end);
        }
    }
    Some(at)
}
