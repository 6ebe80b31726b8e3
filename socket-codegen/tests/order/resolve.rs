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
    let (start, rest) = start(code, from, path)?;
    walk(code, start, rest, passed, depth)
}

/// Where a path begins, and what is left of it. `None`: in another crate, or with an import, which
/// counts as itself.
fn start<'a>(code: &Crate, from: &[String], path: &'a [String]) -> Option<(Path, &'a [String])> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some((Path::new(), rest)),
        own if own == code.name => Some((Path::new(), rest)),
        "self" => Some((from.to_vec(), rest)),
        "super" => {
            let mut up = from.to_vec();
            up.pop()?;
            let mut rest = rest;
            while let Some((first, behind)) = rest.split_first()
                && first == "super"
            {
                up.pop()?;
                rest = behind;
            }
            Some((up, rest))
        }
        child if code.modules.get(from)?.children.contains(child) => Some((from.to_vec(), path)),
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
