//! `#[payload]`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Error, Fields, GenericParam, Meta, MetaList, Path, Token,
    parse_quote,
};

use super::structs::validate;
use super::visit::{each_field, each_variant, strip};
use super::{names, twin, typescript};
use crate::attr;
use crate::errors::{Errors, mistake};
use crate::root::Root;
use crate::rules::{self, Rules};
use crate::serde_names::{self, Container};
use crate::wire::{self, FieldWire, Int};

/// The derives that the attribute brings itself.
const BROUGHT: &[&str] = &["Serialize", "Deserialize", "JsonSchema", "Validate"];

/// The error for the attribute on something other than a type.
pub(crate) fn not_a_type() -> Error {
    mistake(
        Span::call_site(),
        "`#[payload]` is for structs and enums",
        "put it above the struct or enum that a message carries",
    )
}

pub(crate) fn expand(arguments: &TokenStream, mut input: DeriveInput, root: &Root) -> TokenStream {
    let mut errors = Errors::default();
    let reserved = names::reserved(arguments, &input, &mut errors);
    if matches!(input.data, Data::Union(_)) {
        errors.on(
            &input.ident,
            "a union cannot be written as JSON",
            "write a struct or an enum",
        );
    }
    brought_already(&mut input.attrs, &mut errors);
    let checks = checks(&input, root, &mut errors);
    let (ts_name, ts_type) = typescript::read(&mut input, &mut errors);
    let mut described = wired(&mut input, root, &mut errors);
    described.attrs.extend(ts_type);
    names::in_schema(&mut described, &reserved);

    let errors = errors.into_tokens();
    if matches!(input.data, Data::Union(_)) {
        return quote!(#errors #input);
    }
    let (path, private) = (root.path(), root.private());
    let (serde, schemars) = (root.literal("serde"), root.literal("schemars"));
    let tail = format!("::{}", input.ident.unraw());
    let name = ts_name.map(|name| name.value());
    let name = name.or_else(|| schema_name(&input));
    let rename = name.as_ref().map(|name| quote!(rename = #name,));
    let validate = implementation(&input, root, &checks);
    let opinion = typescript::second_opinion(&input, root);
    let asked = twin::asked(&input);
    let rust = quote!(extend(
        "x-rust" = ::core::concat!(::core::module_path!(), #tail)
    ));
    // The type is a payload in spite of a mistake, so that nothing else fails because of it.
    if !asked.is_empty() {
        let rust = quote!(#[schemars(#rust)]);
        let written = twin::serde(&input, &asked, root);
        let schema = twin::schema(&described, &asked, name.as_deref(), &rust, root);
        return quote! {
            #errors
            #[derive(#private::SerdeAttributes)]
            #input
            #written
            #path::__manifest! { #schema }
            #validate
            #opinion
        };
    }
    quote! {
        #errors
        #path::__payload! {
            {
                #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
                #[serde(crate = #serde)]
                #input
            }
            {
                #[derive(
                    #private::serde::Serialize,
                    #private::serde::Deserialize,
                    #private::schemars::JsonSchema,
                )]
                #[serde(crate = #serde)]
                #[schemars(crate = #schemars, #rename #rust)]
                #described
            }
        }
        #validate
        #opinion
    }
}

/// Gives the type what crosses the wire, takes from it what only describes it, and returns it in
/// the form that describes itself.
fn wired(input: &mut DeriveInput, root: &Root, errors: &mut Errors) -> DeriveInput {
    let int = Int::read(&input.attrs, errors).map(|(int, _)| int);
    strip(&mut input.attrs, &["garde", "socket"]);
    each_variant(&mut input.data, |attrs| strip(attrs, &["garde"]));
    let generics: Vec<String> = input
        .generics
        .type_params()
        .map(|param| param.ident.to_string())
        .collect();
    let mut wires: Vec<FieldWire> = Vec::new();
    each_field(&mut input.data, |field| {
        let wire = wire::field(&field.attrs, &field.ty, int, &generics, root, errors);
        strip(&mut field.attrs, &["socket"]);
        field.attrs.extend(wire.serde.iter().cloned());
        wires.push(wire);
    });
    let mut described = input.clone();
    let hidden_default = wires.iter().any(|wire| wire.with)
        && serde_names::has_key(&input.attrs, |key| key == "default");
    if hidden_default {
        described.attrs.push(parse_quote!(#[schemars(!default)]));
    }
    let mut wires = wires.into_iter().enumerate();
    each_field(&mut described.data, |field| {
        let (index, wire) = wires.next().unwrap_or_default();
        if hidden_default {
            let marks = wire::under_hidden_default(&input.attrs, field, index, &wire);
            field.attrs.extend(marks);
        }
        let rules = rules::read(&field.attrs, &mut Errors::default()).schema();
        strip(&mut field.attrs, &["garde"]);
        let rules: Option<Attribute> = (!rules.is_empty()).then(|| parse_quote!(#rules));
        field.attrs.extend(rules);
        field.attrs.extend(wire.schemars);
    });
    described.attrs.extend(wire::deprecation(&input.attrs));
    match &mut described.data {
        Data::Struct(_) => {
            let tag = wire::struct_tag(&input.attrs, &input.ident.unraw().to_string());
            described.attrs.extend(tag);
        }
        Data::Enum(data) => {
            let container = Container::read(&input.attrs);
            for variant in &mut data.variants {
                let marks = [
                    wire::deprecation(&variant.attrs),
                    wire::optional_content(&container, variant),
                ];
                variant.attrs.extend(marks.into_iter().flatten());
            }
        }
        Data::Union(_) => {}
    }
    strip(&mut input.attrs, &["schemars"]);
    each_field(&mut input.data, |field| {
        strip(&mut field.attrs, &["garde", "schemars"]);
    });
    each_variant(&mut input.data, |attrs| strip(attrs, &["schemars"]));
    described
}

/// The name of a generic type in the schemas, `Page_for_Note`. schemars' own names would be `Page`,
/// `Page2` in the order in which they are found, and change with every new message.
fn schema_name(input: &DeriveInput) -> Option<String> {
    let params: Vec<String> = input
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(format!("{{{}}}", param.ident)),
            GenericParam::Const(param) => Some(format!("{{{}}}", param.ident)),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let own = !params.is_empty() && !serde_names::renamed(&input.attrs);
    own.then(|| format!("{}_for_{}", input.ident.unraw(), params.join("_and_")))
}

/// Refuses a derive that the attribute brings itself, which would be an implementation too many.
fn brought_already(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    for attr in attrs
        .iter_mut()
        .filter(|attr| attr.path().is_ident("derive"))
    {
        let Ok(paths) = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        else {
            continue;
        };
        let (brought, kept): (Vec<Path>, Vec<Path>) = paths
            .into_iter()
            .partition(|path| BROUGHT.contains(&name(path).as_str()));
        for path in &brought {
            let names: Vec<String> = kept.iter().map(name).collect();
            let instead = if kept.is_empty() {
                "remove this `#[derive(…)]`".to_owned()
            } else {
                format!("write `#[derive({})]`", names.join(", "))
            };
            let what = format!("`#[payload]` derives `{}` already", name(path));
            errors.on(path, what, instead);
        }
        if !brought.is_empty() {
            *attr = parse_quote!(#[derive(#(#kept),*)]);
        }
    }
    attrs.retain(|attr| {
        let says_crate = (attr.path().is_ident("serde") || attr.path().is_ident("schemars"))
            && matches!(&attr.meta, Meta::List(list) if begins_with_crate(list));
        if says_crate {
            let what = "`#[payload]` says itself where serde and schemars are";
            errors.on(attr, what, "remove this `crate = …`");
        }
        !says_crate
    });
}

fn name(path: &Path) -> String {
    let last = path.segments.last();
    last.map(|last| last.ident.to_string()).unwrap_or_default()
}

fn begins_with_crate(list: &MetaList) -> bool {
    let first = list.tokens.clone().into_iter().next();
    matches!(first, Some(TokenTree::Ident(key)) if key == "crate")
}

/// The checks of all fields, as the body of `validate`.
fn checks(input: &DeriveInput, root: &Root, errors: &mut Errors) -> TokenStream {
    let private = root.private();
    let container = Container::read(&input.attrs);
    for garde in attr::named(&input.attrs, "garde") {
        errors.on(
            garde,
            "`#[garde(…)]` has no effect on a type",
            "put it on the fields; implement `Validate` by hand for rules that span fields",
        );
    }
    match &input.data {
        Data::Struct(data) => {
            let (pattern, checks) = members(
                &data.fields,
                "",
                container.rename_all.as_deref(),
                &private,
                errors,
            );
            quote! {
                let Self #pattern = self;
                #checks
            }
        }
        Data::Enum(data) if data.variants.is_empty() => quote!(match *self {}),
        Data::Enum(data) => {
            let arms = data.variants.iter().map(|variant| {
                let ident = &variant.ident;
                let cfgs = attr::kept(&variant.attrs, &["cfg"]);
                for garde in attr::named(&variant.attrs, "garde") {
                    let what = "`#[garde(…)]` has no effect on a variant";
                    errors.on(garde, what, "put it on the field that it is about");
                }
                let outer = outer_path(&container, variant);
                let renamed = Container::read(&variant.attrs).rename_all;
                let rule = renamed.or_else(|| container.rename_all_fields.clone());
                let (pattern, checks) =
                    members(&variant.fields, &outer, rule.as_deref(), &private, errors);
                quote! {
                    #(#cfgs)*
                    Self::#ident #pattern => { #checks }
                }
            });
            let arms: Vec<TokenStream> = arms.collect();
            quote!(match self { #(#arms)* })
        }
        Data::Union(_) => TokenStream::new(),
    }
}

/// Where the fields of a variant stand in the JSON.
fn outer_path(container: &Container, variant: &syn::Variant) -> String {
    match (&container.tag, &container.content) {
        (Some(_), Some(content)) => content.clone(),
        (Some(_), None) => String::new(),
        _ if container.untagged => String::new(),
        _ => serde_names::received(&variant.attrs).unwrap_or_else(|| {
            serde_names::variant(
                &variant.ident.unraw().to_string(),
                container.rename_all.as_deref(),
            )
        }),
    }
}

/// A pattern that binds the fields, and the checks of what it binds.
fn members(
    fields: &Fields,
    outer: &str,
    rename_all: Option<&str>,
    private: &TokenStream,
    errors: &mut Errors,
) -> (TokenStream, TokenStream) {
    let mut patterns = Vec::new();
    let mut checks = Vec::new();
    let single = fields.len() == 1;
    for (index, field) in fields.iter().enumerate() {
        let rules: Rules = rules::read(&field.attrs, errors);
        let bound: Ident = format_ident!("field_{index}", span = Span::mixed_site());
        let cfgs = attr::kept(&field.attrs, &["cfg"]);
        let own = match &field.ident {
            Some(ident) => {
                let name = ident.unraw().to_string();
                patterns.push(quote!(#(#cfgs)* #ident: #bound));
                serde_names::received(&field.attrs)
                    .unwrap_or_else(|| serde_names::field(&name, rename_all))
            }
            None => {
                patterns.push(quote!(#(#cfgs)* #bound));
                if single {
                    String::new()
                } else {
                    format!("[{index}]")
                }
            }
        };
        let path = match (outer, own.as_str()) {
            (outer, "") => outer.to_owned(),
            ("", own) => own.to_owned(),
            (outer, own) if own.starts_with('[') => format!("{outer}{own}"),
            (outer, own) => format!("{outer}.{own}"),
        };
        let check = rules.check(private, &bound, &quote!(#path));
        checks.push(quote!(#(#cfgs)* { #check }));
    }
    let pattern = match fields {
        Fields::Named(_) => quote!({ #(#patterns),* }),
        Fields::Unnamed(_) => quote!((#(#patterns),*)),
        Fields::Unit => quote!({}),
    };
    (pattern, quote!(#(#checks)*))
}

fn implementation(input: &DeriveInput, root: &Root, checks: &TokenStream) -> TokenStream {
    let private = root.private();
    let mut generics = input.generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(parse_quote!(#private::Validate));
    }
    let (with_bounds, names, clause) = generics.split_for_impl();
    let ident = &input.ident;
    validate(
        &private,
        &quote!(#ident #names),
        &with_bounds.to_token_stream(),
        &clause.to_token_stream(),
        checks,
    )
}
