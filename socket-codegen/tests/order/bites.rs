//! The test of the test: the order is kept against every form in which a name can be written.

use super::{Crate, floors, mistakes, read, rings};

const ROOT: &str = "
    //! What it is.
    //!
    //! # Inside
    //! Lowest first.
    //! - `low`: the ground
    //! - `mid`, `twin`: two on one floor
    //! - `high`: above
    //! - `side`: beside all of it; uses `low`
    //! - `top`: the last
    //!
    //! # Features
    //! - `other`: no part of the list
    extern crate self as demo;
    mod low;
    mod mid;
    mod twin;
    mod high;
    mod side;
    mod top;
    pub use high::High;
    pub use high::{self as roof, nested::Deep as Deeper};
    pub mod prelude { pub use crate::Low; }
    pub use low::Low;
";

/// A crate of which one file is `text`.
fn with(file: &str, text: &str) -> Crate {
    let names = file.split("::").filter(|name| !name.is_empty());
    let file: Vec<_> = names.map(str::to_owned).collect();
    read("demo", &|path| {
        if path == file {
            return Some(text.to_owned());
        }
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        let text = match *path {
            [] => ROOT,
            ["low"] => "mod part; pub struct Low; pub(crate) use part::Part;",
            ["low", "part"] => "pub struct Part;",
            ["high"] => "pub mod nested; pub struct High; pub use nested::Deep;",
            ["high", "nested"] => "pub struct Deep; pub fn deep() {}",
            ["mid"] => "pub struct Mid;",
            _ => "",
        };
        Some(text.to_owned())
    })
}

#[test]
fn every_way_up_is_found() {
    for text in [
        "use crate::high::High;",
        "use super::high::High;",
        "use crate::{low::Low, high::High};",
        "use crate::{low::{Low, Part}, high::{nested::{self, Deep}}};",
        "use crate::high;",
        "use crate::high as low_sounding;",
        "use crate::high::*;",
        "use crate::*;",
        "use super::*;",
        "use demo::high::High;",
        "pub use crate::high::High;",
        // Re-exports at the root, plain, renamed, and through a renamed module.
        "use crate::High;",
        "use crate::Deeper;",
        "use crate::roof::Deep;",
        "use super::{Low, High as Low2};",
        // Through another name of the root.
        "use crate as root; fn f() { root::high::nested::deep() }",
        "use crate::{self as root}; use root::high::High;",
        "use super as up; type T = up::high::High;",
        "fn f() { use crate as root; root::high::nested::deep() }",
        // Written out in code, in types, in patterns, in macros and in attributes.
        "fn f() { crate::high::nested::deep(); }",
        "fn f(of: &super::high::High) {}",
        "struct S<T = crate::high::High>(T);",
        "impl crate::high::High { }",
        "fn f() { use crate::high::nested::deep; deep(); }",
        "fn f() { let _ = Vec::<crate::Deeper>::new(); }",
        "fn f() { assert!(crate::high::nested::deep() == ()); }",
        "fn f() { assert!({ let x = [super::high::High]; true }); }",
        "macro_rules! m { () => { $crate::high::nested::deep() } }",
        "#[serde(with = \"crate::high\")] struct S;",
        "#[derive(crate::high::High)] struct S;",
        // From deeper down.
        "mod tests { use super::super::high::High; }",
        "mod tests { mod more { fn f() { super::super::super::high::nested::deep() } } }",
        // The roof, and what stands aside.
        "use crate::prelude::Low;",
        "use crate::side;",
    ] {
        assert_ne!(mistakes(&with("low", text)), [""; 0], "{text}");
        assert_ne!(
            mistakes(&with(
                "low::part",
                &text.replacen("super", "super::super", 1)
            )),
            [""; 0],
            "{text}"
        );
    }
}

#[test]
fn the_ways_down_and_aside_are_free() {
    for (file, text) in [
        (
            "low",
            "mod part; use part::Part; use self::part::Part as P; fn f() { part::new() }",
        ),
        (
            "low",
            "use std::high::High; use serde::{Serialize, high}; pub(crate) fn high() {}",
        ),
        (
            "low",
            "/// See [`crate::high::High`].\nfn f(high: u8) { high::<u8>(); }",
        ),
        (
            "low::part",
            "use super::Low; pub(in crate::low) struct Part;",
        ),
        (
            "high",
            "use crate::{low::Low, mid::Mid, twin}; mod tests { use super::*; use crate::low::*; }",
        ),
        ("twin", "use crate::mid::Mid; use crate::Low;"),
        ("mid", "use crate::twin;"),
        ("side", "use crate::low::Part; use crate::Low;"),
        ("top", "use crate::high; use crate::side; use crate::High;"),
    ] {
        assert_eq!(mistakes(&with(file, text)), [""; 0], "{file}: {text}");
    }
}

#[test]
fn what_stands_beside_uses_only_what_it_lists() {
    for text in [
        "use crate::mid::Mid;",
        "use crate::high;",
        "use crate::High;",
    ] {
        assert_ne!(mistakes(&with("side", text)), [""; 0], "{text}");
    }
}

#[test]
fn the_list_and_the_modules_are_the_same() {
    for (root, expected) in [
        (
            ROOT.replace("- `mid`, `twin`: two", "- `mid`: one"),
            "lacks `twin`",
        ),
        (ROOT.replace("mod top;", ""), "names `top`"),
    ] {
        let found = mistakes(&with("", &root)).join("\n");
        assert!(found.contains(expected), "{found}");
    }
    assert_eq!(floors("A crate without a list."), None);
}

#[test]
fn a_module_for_tests_alone_stands_in_no_list() {
    let root = ROOT.replace("mod top;", "mod top; #[cfg(test)] mod tests;");
    let code = read("demo", &|path| match path {
        [] => Some(root.clone()),
        [tests] if tests == "tests" => Some("use crate::high; use crate::low;".to_owned()),
        _ => Some(String::new()),
    });
    let found = mistakes(&code);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_folder_states_its_own_order() {
    let low = |order: &str| {
        format!("//! # Inside\n{order}mod part; pub struct Low; mod other {{ }}")
            .replace("mod other { }", "")
    };
    let up = |first: &str, second: &str| {
        let text = low(&format!(
            "//! - `{first}`: first\n//! - `{second}`: second\n"
        ));
        read("demo", &|path| match path {
            [] => Some("//! # Inside\n//! - `low`: all of it\nmod low;".to_owned()),
            [_] => Some(format!("{text} mod whole;")),
            [_, part] if part == "part" => Some("use super::whole::Whole;".to_owned()),
            _ => Some("pub struct Whole;".to_owned()),
        })
    };
    assert_eq!(mistakes(&up("whole", "part")), [""; 0]);
    assert_eq!(mistakes(&up("part", "whole")).len(), 1);
}

#[test]
fn rings_are_found_round_a_corner_and_through_re_exports() {
    let code = with("low::part", "pub struct Part(super::Low);");
    assert_eq!(rings(&code), [], "a re-export of a parent ties nothing");
    let code = with(
        "high::nested",
        "pub struct Deep(super::High); pub fn deep() {}",
    );
    assert_eq!(rings(&code), []);
    let code = with(
        "high",
        "pub mod nested; pub struct High(nested::Deep); mod tests { use super::*; }",
    );
    assert_eq!(rings(&code), []);
    let code = read("demo", &|path| {
        let text = match path.last().map(String::as_str) {
            None => "mod a; mod b; mod c; mod d;",
            Some("a") => "pub struct A(crate::b::B);",
            Some("b") => "pub use crate::c::C; pub struct B;",
            Some("c") => "pub struct C; mod inside { fn f() { crate::d::d() } }",
            _ => "pub fn d() { let _ = crate::b::C; }",
        };
        Some(text.to_owned())
    });
    let ring: Vec<Vec<_>> = rings(&code)
        .iter()
        .map(|ring| ring.iter().map(|path| path.join("::")).collect())
        .collect();
    assert_eq!(ring, [["c", "d"]]);
}
