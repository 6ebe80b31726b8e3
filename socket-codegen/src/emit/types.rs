//! The named types, in the order of their names.

use super::Form;
use super::docs::Comment;
use super::ident::string;
use super::model::Model;
use super::print::{Printer, WIDTH};
use super::ty::{Definition, Ty};

pub(super) fn types(model: &Model<'_>, form: Form) -> Vec<String> {
    model
        .names
        .ordered()
        .filter_map(|(name, direction, definition)| match form {
            Form::Ts | Form::Dts => {
                let printer = Printer {
                    names: &model.names,
                    direction,
                };
                Some(declaration(printer, name, definition) + &constant(name, &definition.ty, form))
            }
            Form::Js | Form::Iife => {
                Some(constant(name, &definition.ty, form)).filter(|text| !text.is_empty())
            }
        })
        .collect()
}

/// The names of the constants among them.
pub(super) fn constants<'a>(model: &'a Model<'_>) -> impl Iterator<Item = &'a str> {
    let ordered = model.names.ordered();
    ordered.filter_map(|(name, _, definition)| definition.ty.text_literals().map(|_| name))
}

fn declaration(printer: Printer<'_>, name: &str, definition: &Definition) -> String {
    let comment = Comment::new(&definition.docs)
        .rust(definition.rust.as_deref())
        .print(0);
    match &definition.ty {
        Ty::Object(object) if !object.fields.is_empty() => {
            format!(
                "{comment}export interface {name} {{\n{}}}\n",
                printer.fields(object, 2)
            )
        }
        ty => comment + &printer.entry(&format!("export type {name} ="), ty, 0),
    }
}

/// The values of an enum of texts, as a list.
fn constant(name: &str, ty: &Ty, form: Form) -> String {
    let Some(values) = ty.text_literals() else {
        return String::new();
    };
    let values: Vec<String> = values.into_iter().map(string).collect();
    match form {
        Form::Ts => list(&format!("export const {name} ="), &values, " as const;"),
        Form::Dts => list(
            &format!("export declare const {name}: readonly"),
            &values,
            ";",
        ),
        Form::Js => list(&format!("export const {name} ="), &values, ";"),
        Form::Iife => list(&format!("const {name} ="), &values, ";"),
    }
}

/// A list on one line, or one entry per line where it is too long.
pub(super) fn list(head: &str, values: &[String], tail: &str) -> String {
    let line = format!("{head} [{}]{tail}", values.join(", "));
    if line.len() <= WIDTH {
        return line + "\n";
    }
    let pad = " ".repeat(head.len() - head.trim_start().len());
    let entries: String = values
        .iter()
        .map(|value| format!("{pad}  {value},\n"))
        .collect();
    format!("{head} [\n{entries}{pad}]{tail}\n")
}
