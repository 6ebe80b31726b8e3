//! One file per rule of a definition: what is refused, with its message, and what is taken.

#[test]
fn mistakes_are_refused_with_what_to_write_instead() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn definitions_are_taken() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
