//! The table as text.

use super::{Reader, Revive, holding};
use crate::emit::Form;
use crate::emit::ident::{property, string};
use crate::emit::model::Model;
use crate::emit::names::{Direction, ERRORS, Names};
use crate::emit::ty::Ty;

/// The constants of the named types, and of the whole.
pub(in crate::emit) fn constants(model: &Model<'_>, form: Form) -> String {
    let definitions = model.names.definitions(Direction::Receive);
    let reader = Reader {
        definitions,
        holding: &holding(definitions),
    };
    let printer = Printer {
        names: &model.names,
    };
    let mut types: Vec<(&str, Revive)> = model
        .names
        .used_in(Direction::Receive)
        .filter_map(|key| {
            let definition = definitions.get(key)?;
            let revive = if key.starts_with(ERRORS) {
                reader.errors(&definition.ty)
            } else {
                reader.revive(&definition.ty)
            };
            Some((printer.name(key), revive?))
        })
        .collect();
    types.sort_by_key(|(name, _)| *name);
    let annotated = |ty: &str| match form {
        Form::Ts => format!(": {ty}"),
        Form::Js | Form::Iife | Form::Dts => String::new(),
    };
    let revive = annotated("integers.Revive");
    let mut text: String = types
        .iter()
        .map(|(name, of)| {
            let value = printer.revive(of, Some(name), 0);
            format!("const ${name}{revive} = {value};\n\n")
        })
        .collect();
    let manifest = model.manifest;
    let commands = || manifest.commands.items.iter().zip(&model.commands);
    let entry = |name: &str, ty: &Option<Ty>| {
        let revive = reader.revive(ty.as_ref()?)?;
        Some((name.to_owned(), Some(revive)))
    };
    let tables = [
        (
            "event",
            manifest
                .events
                .items
                .iter()
                .zip(&model.events)
                .filter_map(|(event, ty)| entry(&event.name, ty))
                .collect::<Vec<_>>(),
        ),
        (
            "reply",
            commands()
                .filter_map(|(command, types)| entry(&command.name, &types.reply))
                .collect(),
        ),
        (
            "item",
            commands()
                .filter_map(|(command, types)| entry(&command.name, &types.item))
                .collect(),
        ),
        (
            "error",
            commands()
                .filter_map(|(command, types)| entry(&command.name, &types.errors))
                .collect(),
        ),
    ];
    let tables: String = tables
        .iter()
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(name, entries)| format!("  {name}: {},\n", printer.entries(entries, None, 2)))
        .collect();
    text.push_str(&format!(
        "/** Where the `bigint`s stand in what is received: they cross the wire as text. */\n\
         const codec{} = /* @__PURE__ */ integers.codec({{\n{tables}}});\n",
        annotated("integers.Codec"),
    ));
    text.replace("codec({\n})", "codec({})")
}

struct Printer<'a> {
    names: &'a Names,
}

impl Printer<'_> {
    fn name(&self, key: &str) -> &str {
        self.names.get(Direction::Receive, key)
    }

    /// `of` is the constant that it is part of: those behind it exist only once it is called.
    fn revive(&self, revive: &Revive, of: Option<&str>, indent: usize) -> String {
        let inner = |revive: &Revive| self.revive(revive, of, indent);
        let optional = |revive: &Option<Revive>| match revive {
            Some(revive) => inner(revive),
            None => "integers.keep".to_owned(),
        };
        match revive {
            // Ambiguous types were refused before.
            Revive::Int | Revive::Ambiguous => "integers.int".to_owned(),
            Revive::Mixed => "integers.mixed".to_owned(),
            Revive::Named(key) => match (self.name(key), of) {
                (name, Some(of)) if name >= of => format!("(value) => ${name}(value)"),
                (name, _) => format!("${name}"),
            },
            Revive::List(item) => format!("integers.list({})", inner(item)),
            Revive::Tuple(items) => {
                let items: Vec<String> = items.iter().map(optional).collect();
                format!("integers.tuple({})", items.join(", "))
            }
            Revive::Fields(named, None) => {
                format!("integers.fields({})", self.entries(named, of, indent))
            }
            Revive::Fields(named, Some(others)) if named.is_empty() => {
                format!("integers.map({})", inner(others))
            }
            Revive::Fields(named, Some(others)) => format!(
                "integers.fields({}, {})",
                self.entries(named, of, indent),
                inner(others)
            ),
            Revive::Tagged(tag, forms) => {
                let forms: Vec<_> = forms
                    .iter()
                    .map(|(name, revive)| (name.clone(), Some(revive.clone())))
                    .collect();
                format!(
                    "integers.tagged({}, {})",
                    string(tag),
                    self.entries(&forms, of, indent)
                )
            }
            Revive::All(all) => {
                let all: Vec<String> = all.iter().map(inner).collect();
                format!("integers.all({})", all.join(", "))
            }
        }
    }

    fn entries(
        &self,
        entries: &[(String, Option<Revive>)],
        of: Option<&str>,
        indent: usize,
    ) -> String {
        let pad = " ".repeat(indent);
        let lines: String = entries
            .iter()
            .map(|(name, revive)| {
                // As it stands it would set the prototype.
                let name = if name == "__proto__" {
                    "[\"__proto__\"]".to_owned()
                } else {
                    property(name)
                };
                let value = match revive {
                    Some(revive) => self.revive(revive, of, indent + 2),
                    None => "integers.keep".to_owned(),
                };
                format!("{pad}  {name}: {value},\n")
            })
            .collect();
        format!("{{\n{lines}{pad}}}")
    }
}
