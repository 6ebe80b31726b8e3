//! The records that derives leave behind, for [`collect`](super::collect) to find.

use super::model::{Manifest, Site};
use super::verify::Report;

/// Where a definition stands in the source, written by its derive.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Which derive.
    pub derive: &'static str,
    /// The path of the type.
    pub rust: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line of the type's name.
    pub line: u32,
}

impl Place {
    pub(super) fn site(&self, line: u32) -> Site {
        Site {
            derive: self.derive.to_owned(),
            rust: self.rust.to_owned(),
            file: self.file.to_owned(),
            line,
        }
    }
}

/// A derive that was compiled in.
#[derive(Debug, Clone, Copy)]
pub struct Registration {
    /// Where it stands.
    pub place: Place,
    /// Describes the protocol, where it is one.
    pub describe: Option<fn(&mut Report) -> Manifest>,
}

inventory::collect!(Registration);

/// A payload that derives ts-rs' trait too.
#[derive(Debug, Clone, Copy)]
pub struct SecondOpinion {
    /// The path of the type.
    pub rust: &'static str,
    /// Its declaration.
    pub declare: fn() -> String,
}

inventory::collect!(SecondOpinion);

/// ts-rs' function `decl`, which takes its configuration from version 12 on.
pub trait Declare<Takes> {
    /// The declaration.
    fn declare(self) -> String;
}

impl<F: Fn() -> String> Declare<()> for F {
    fn declare(self) -> String {
        self()
    }
}

impl<C: Default, F: Fn(&C) -> String> Declare<(C,)> for F {
    fn declare(self) -> String {
        self(&C::default())
    }
}

/// The declaration that this function returns.
pub fn declared<Takes>(decl: impl Declare<Takes>) -> String {
    decl.declare()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_forms_of_ts_rs_are_asked() {
        fn old() -> String {
            "old".to_owned()
        }
        #[derive(Default)]
        struct Settings(Vec<u8>);
        fn new(settings: &Settings) -> String {
            format!("new {}", settings.0.len())
        }
        assert_eq!(super::declared(old), "old");
        assert_eq!(super::declared(new), "new 0");
    }
}
