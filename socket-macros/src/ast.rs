//! The user's definition, as structs of ours.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Type, Visibility};

use crate::attr;
use crate::errors::Errors;
use crate::life::{self, Life};
use crate::name;
use crate::root::Root;
use crate::rules::{self, Rules};
use crate::serde_names;
use crate::wire::{self, FieldWire, Int};

/// An enum that declares messages.
pub(crate) struct Set {
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// Holds the structs of its variants.
    pub(crate) module: Ident,
    pub(crate) docs: String,
    /// Wire names, or patterns of channels, that were given up.
    pub(crate) reserved: Vec<LitStr>,
    pub(crate) variants: Vec<Variant>,
}

/// One message.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) docs: String,
    pub(crate) deprecated: Option<String>,
    pub(crate) life: Life,
    pub(crate) shape: Shape,
}

/// The content of a message.
pub(crate) enum Shape {
    /// Nothing: `Ping`, `Ping {}`.
    Unit,
    /// A type that exists: `Move(Point)`.
    Newtype(Box<Type>),
    /// A struct of its own: `Chat { text: String }`.
    Fields(Vec<Field>),
}

/// One parameter.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// The variable that holds it, which no name of the emitted code can be mistaken for: a field
    /// may be called `id`.
    pub(crate) bound: Ident,
    pub(crate) ty: Type,
    /// The type as it is written inside the module with the structs.
    pub(crate) inner: TokenStream,
    /// Docs, and what serde and schemars read.
    pub(crate) attrs: Vec<Attribute>,
    /// The attributes to add to them.
    pub(crate) added: FieldWire,
    pub(crate) rules: Rules,
    /// The key in the JSON that is received.
    pub(crate) wire: String,
    /// `true` if its attributes say how it is written and read, so that its type need not.
    pub(crate) by_hand: bool,
}

/// The content of `#[command(…)]`.
pub(crate) struct Options {
    pub(crate) name: String,
    /// The type of its items, where it streams.
    pub(crate) stream: Option<Type>,
    pub(crate) reply: Option<Type>,
    pub(crate) error: Option<Type>,
    pub(crate) alias: Vec<LitStr>,
    pub(crate) idempotent: bool,
    pub(crate) concurrent: bool,
    pub(crate) rate: Option<Rate>,
}

/// How often one connection may send a command.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) count: u32,
    pub(crate) seconds: u64,
}

impl Rate {
    /// `20/s`, `100/m` or `5/h`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once('/')?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return None,
        };
        let count = count.parse().ok().filter(|count| *count > 0)?;
        Some(Self { count, seconds })
    }
}

/// The commands of a definition, read and checked.
pub(crate) struct Commands {
    pub(crate) set: Set,
    pub(crate) options: Vec<Options>,
}

impl Variant {
    /// The fields of its struct, where it has one.
    pub(crate) fn fields(&self) -> Option<&[Field]> {
        match &self.shape {
            Shape::Fields(fields) => Some(fields),
            Shape::Unit | Shape::Newtype(_) => None,
        }
    }

    /// The line in the source file.
    pub(crate) fn line(&self) -> u32 {
        line(self.ident.span())
    }
}

impl Set {
    /// Reads the enum; `None` when there is nothing to go on with.
    pub(crate) fn read(
        input: &DeriveInput,
        derive: &str,
        root: &Root,
        errors: &mut Errors,
    ) -> Option<Self> {
        let Data::Enum(data) = &input.data else {
            errors.on(
                &input.ident,
                format_args!("`#[derive({derive})]` is for enums"),
                format_args!("write `enum {} {{ … }}`, one variant for each", input.ident),
            );
            return None;
        };
        if !input.generics.params.is_empty() {
            errors.on(
                &input.generics,
                format_args!("`#[derive({derive})]` takes no generic parameters"),
                format_args!("write the types out and remove them from `{}`", input.ident),
            );
            return None;
        }
        let int = Int::read(&input.attrs, errors).map(|(int, _)| int);
        let variants = data.variants.iter().map(|variant| Variant {
            ident: variant.ident.clone(),
            docs: attr::docs(&variant.attrs),
            deprecated: attr::deprecated(&variant.attrs),
            life: Life::default(),
            shape: shape(&variant.fields, &variant.ident, int, root, errors),
            attrs: variant.attrs.clone(),
        });
        let mut variants: Vec<Variant> = variants.collect();
        let structs: Vec<Ident> = variants
            .iter()
            .filter(|variant| variant.fields().is_some())
            .map(|variant| variant.ident.clone())
            .collect();
        for variant in &mut variants {
            if let Shape::Fields(fields) = &mut variant.shape {
                for field in fields {
                    field.inner = outside(std::mem::take(&mut field.inner), &structs);
                }
            }
        }
        Some(Self {
            variants,
            vis: input.vis.clone(),
            module: name::snake_ident("", &input.ident),
            ident: input.ident.clone(),
            docs: attr::docs(&input.attrs),
            reserved: life::reserved(&input.attrs, derive, errors),
        })
    }
}

fn shape(
    fields: &Fields,
    variant: &Ident,
    int: Option<Int>,
    root: &Root,
    errors: &mut Errors,
) -> Shape {
    match fields {
        Fields::Unit => Shape::Unit,
        Fields::Named(fields) if fields.named.is_empty() => Shape::Unit,
        Fields::Named(fields) => {
            let fields = fields.named.iter().filter_map(|field| {
                let ident = field.ident.clone()?;
                let mut added = wire::field(&field.attrs, &field.ty, int, &[], root, errors);
                added
                    .schemars
                    .extend(wire::typescript(&field.attrs, errors));
                Some(Field {
                    bound: format_ident!("field_{}", ident.unraw(), span = Span::mixed_site()),
                    rules: rules::read(&field.attrs, errors),
                    wire: serde_names::received(&field.attrs)
                        .unwrap_or_else(|| ident.unraw().to_string()),
                    by_hand: serde_names::by_hand(&field.attrs),
                    attrs: attr::kept(&field.attrs, &["doc", "serde", "schemars"]),
                    added,
                    inner: one_module_in(field.ty.to_token_stream()),
                    ty: field.ty.clone(),
                    ident,
                })
            });
            Shape::Fields(fields.collect())
        }
        Fields::Unnamed(fields) => match fields.unnamed.len() {
            0 => Shape::Unit,
            1 => {
                let field = &fields.unnamed[0];
                let instead = "put `#[payload]` on its type, and the attribute there";
                attr::refuse_serde(&field.attrs, "an unnamed field", instead, errors);
                for name in ["garde", "socket"] {
                    for attr in attr::named(&field.attrs, name) {
                        let what = format!("`#[{name}(…)]` has no effect on an unnamed field");
                        errors.on(attr, what, instead);
                    }
                }
                Shape::Newtype(Box::new(field.ty.clone()))
            }
            _ => {
                errors.on(
                    fields,
                    format_args!("`{variant}` has several fields without names"),
                    format_args!("name them: `{variant} {{ first: …, second: … }}`"),
                );
                Shape::Unit
            }
        },
    }
}

/// The same type seen from a child module: `self::Point` becomes `super::Point`, and `super::Point`
/// becomes `super::super::Point`. Other paths reach it through `use super::*`.
fn one_module_in(ty: TokenStream) -> TokenStream {
    let mut moved = TokenStream::new();
    for token in ty {
        match token {
            TokenTree::Ident(ident) if ident == "self" => {
                moved.extend(quote_spanned!(ident.span()=> super));
            }
            // The second and further ones of `super::super::Point` are moved on by the first.
            TokenTree::Ident(ident) if ident == "super" && !after_path_separator(&moved) => {
                moved.extend(quote_spanned!(ident.span()=> super::super));
            }
            TokenTree::Group(group) => {
                let inside = one_module_in(group.stream());
                let mut group_moved = Group::new(group.delimiter(), inside);
                group_moved.set_span(group.span());
                moved.extend([TokenTree::Group(group_moved)]);
            }
            token => moved.extend([token]),
        }
    }
    moved
}

/// A type whose name is also that of a struct in the module, which is a mistake: `Flat` becomes
/// `super::Flat`, so that the struct does not hold itself, which would be a second message.
fn outside(ty: TokenStream, structs: &[Ident]) -> TokenStream {
    let mut moved = TokenStream::new();
    for token in ty {
        match token {
            TokenTree::Ident(ident)
                if structs.contains(&ident) && !after_path_separator(&moved) =>
            {
                moved.extend(quote_spanned!(ident.span()=> super::#ident));
            }
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), outside(group.stream(), structs));
                inside.set_span(group.span());
                moved.extend([TokenTree::Group(inside)]);
            }
            token => moved.extend([token]),
        }
    }
    moved
}

fn after_path_separator(tokens: &TokenStream) -> bool {
    let last = tokens.clone().into_iter().last();
    matches!(last, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

/// The line of a span in its source file.
pub(crate) fn line(span: Span) -> u32 {
    u32::try_from(span.unwrap().start().line()).unwrap_or(u32::MAX)
}
