//! The client that is the same for every protocol: files that are copied out as they are.

use super::{Emit, File, Form, header};

/// One module of the client, in all of its forms.
#[derive(Debug, Clone, Copy)]
struct Module {
    name: &'static str,
    ts: &'static str,
    js: &'static str,
    dts: &'static str,
}

macro_rules! module {
    ($name:literal) => {
        Module {
            name: $name,
            ts: include_str!(concat!("../../client/dist/", $name, ".ts")),
            js: include_str!(concat!("../../client/dist/", $name, ".js")),
            dts: include_str!(concat!("../../client/dist/", $name, ".d.ts")),
        }
    };
}

/// The modules of every output.
const ALWAYS: &[Module] = &[module!("socket"), module!("socket.names")];

/// The whole client as one expression, for a script that is no module.
pub(super) const EXPRESSION: &str = include_str!("../../client/dist/socket.iife.js");

/// The codec of `bigint`s in the same form.
pub(super) const BIGINT_EXPRESSION: &str = include_str!("../../client/dist/socket.bigint.iife.js");

/// Parts of the client that are written only where they are asked for, because a program without
/// what they import, or without a use for them, should not have to compile them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// `socket.bigint`: the codec of protocols that hold `bigint`.
    BigInt,
    /// `socket.validate`: what reads the emitted validators.
    Validate,
    /// `socket.react`: hooks, which import `react`.
    React,
    /// `socket.testing`: the mock server for users' tests.
    Testing,
}

impl Part {
    fn module(self) -> Module {
        match self {
            Self::BigInt => module!("socket.bigint"),
            Self::Validate => module!("socket.validate"),
            Self::React => module!("socket.react"),
            Self::Testing => module!("socket.testing"),
        }
    }

    /// Its files.
    #[must_use]
    pub(crate) fn files(self, emit: Emit) -> Vec<File> {
        files(&[self.module()], emit)
    }
}

/// The files that every output has.
pub(super) fn always(emit: Emit) -> Vec<File> {
    files(ALWAYS, emit)
}

fn files(modules: &[Module], emit: Emit) -> Vec<File> {
    let mut files = Vec::new();
    for form in emit.forms() {
        for module in modules {
            let text = match form {
                Form::Ts => module.ts,
                Form::Js => module.js,
                Form::Dts => module.dts,
                Form::Iife => continue,
            };
            let name = format!("{}.{}", module.name, form.extension());
            files.push(File::module(name, header::of_runtime() + text));
        }
    }
    files
}
