//! `#[derive(Channels)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{DeriveInput, LitStr, Token, parenthesized};

use super::structs::Purpose;
use super::{OwnCode, described, index, module, note, policy, whole};
use crate::ast::{Set, Variant};
use crate::attr::{self, Keys};
use crate::check;
use crate::errors::{Errors, mistake};
use crate::fallback;
use crate::history::History;
use crate::life::Life;
use crate::name;
use crate::pattern::Pattern;
use crate::root::Root;

const PURPOSE: Purpose = Purpose {
    what: "The parameters of the channel",
    json: false,
    checked: false,
};

const KEYS: Keys<'static> = Keys {
    attribute: "channel",
    known: &[
        "commands",
        "events",
        "outsiders",
        "history",
        "since",
        "sunset",
        "stability",
    ],
    repeat: false,
};

/// The content of `#[channel(…)]`.
#[derive(Default)]
struct Options {
    literal: Option<LitStr>,
    pattern: Option<Pattern>,
    commands: Option<Vec<Ident>>,
    events: Option<Vec<Ident>>,
    outsiders: Option<Vec<Ident>>,
    history: Option<History>,
}

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> TokenStream {
    let mut errors = Errors::default();
    let Some(mut set) = Set::read(input, "Channels", root, &mut errors) else {
        let stub = fallback::channels_of_anything(input, root);
        let errors = errors.into_tokens();
        return quote!(#errors #stub);
    };
    check::enum_attributes(input, "channel", &mut errors);
    check::variants(&set, "channel", &mut errors);
    let mut all: Vec<Options> = Vec::new();
    let mut lives = Vec::new();
    for variant in &set.variants {
        let mut life = Life::default();
        let options = read(variant, &mut life, &mut errors);
        check::life(&life, variant, &mut errors);
        lives.push(life);
        if let (Some(pattern), Some(literal)) = (&options.pattern, &options.literal) {
            check::channel(variant, pattern, literal, &mut errors);
            let same = all.iter().position(|other| {
                other.pattern.as_ref().map(Pattern::anonymous) == Some(pattern.anonymous())
            });
            if let Some(same) = same {
                errors.on(
                    literal,
                    format_args!("`{}` has the same pattern", set.variants[same].ident),
                    "begin one of the two with a word of its own, such as `room:`",
                );
            }
        }
        all.push(options);
    }

    for (variant, life) in set.variants.iter_mut().zip(lives) {
        variant.life = life;
    }
    reserved(&set, &all, &mut errors);

    let patterns: Vec<String> = all
        .iter()
        .map(|options| options.literal.as_ref().map(LitStr::value))
        .map(Option::unwrap_or_default)
        .collect();
    let broken = !errors.is_empty();
    let shared = [
        module(&set, root, PURPOSE, broken, &TokenStream::new()),
        policy::definition(&set, &patterns, root),
    ];
    if broken {
        let errors = errors.into_tokens();
        let stub = fallback::channels(&set.ident, root);
        return quote!(#errors #(#shared)* #stub);
    }
    let implementation = implementation(&set, &all, root);
    let decision = policy::dispatch(&set, root);
    let description = described(&set, root, "Channels", &quote!(DescribeChannels), &quote!());
    quote!(#(#shared)* #implementation #decision #description)
}

/// The patterns against those that were given up.
fn reserved(set: &Set, all: &[Options], errors: &mut Errors) {
    let shape = |literal: &LitStr, errors: &mut Errors| {
        Pattern::read(literal, errors).map(|pattern| pattern.anonymous())
    };
    let given_up: Vec<_> = set
        .reserved
        .iter()
        .filter_map(|literal| shape(literal, errors))
        .collect();
    for options in all {
        let (Some(pattern), Some(literal)) = (&options.pattern, &options.literal) else {
            continue;
        };
        if given_up.contains(&pattern.anonymous()) {
            errors.on(
                literal,
                "this pattern is reserved: its channels had another meaning",
                "choose another pattern, or remove it from the list if it means the same as then",
            );
        }
    }
    check::unused(&set.reserved, std::iter::empty(), "channel", errors);
}

fn read(variant: &Variant, life: &mut Life, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    let mut seen = Vec::new();
    let mut given = false;
    for attr in attr::named(&variant.attrs, "channel") {
        given = true;
        let read = attr.parse_args_with(|input: ParseStream<'_>| {
            if options.literal.is_none() && input.peek(LitStr) {
                options.literal = Some(input.parse()?);
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            KEYS.read_list(input, &mut seen, errors, &mut |key, input, errors| {
                match key.to_string().as_str() {
                    "commands" => options.commands = Some(variants_listed(key, input)?),
                    "events" => options.events = Some(variants_listed(key, input)?),
                    "outsiders" => options.outsiders = Some(variants_listed(key, input)?),
                    "history" => options.history = Some(History::read(key, input, errors)?),
                    _ => life.read(key, input)?,
                }
                Ok(())
            })
        });
        if read.is_err() {
            errors.on(
                attr,
                "`#[channel(…)]` begins with a pattern",
                "write `#[channel(\"room:{room}\", commands(…), events(…))]`",
            );
            return options;
        }
    }
    match &options.literal {
        Some(literal) => options.pattern = Pattern::read(literal, errors),
        None => errors.at(
            variant.ident.span(),
            format_args!("the channel `{}` has no pattern", variant.ident),
            format_args!(
                "write {} `#[channel(\"{}\")]`",
                if given { "it first:" } else { "above it" },
                example(variant)
            ),
        ),
    }
    options
}

/// A pattern that the variant could have.
fn example(variant: &Variant) -> String {
    let mut example = name::kebab(&variant.ident.unraw().to_string());
    for field in variant.fields().unwrap_or_default() {
        example = format!("{example}:{{{}}}", field.ident.unraw());
    }
    example
}

/// Parses `(Chat, UserJoined)`.
fn variants_listed(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let wrong = || {
        mistake(
            key.span(),
            format_args!("`{key}` takes a list of variants"),
            format_args!("write `{key}(Chat, JoinRoom)`"),
        )
    };
    if !input.peek(syn::token::Paren) {
        return Err(wrong());
    }
    let content;
    parenthesized!(content in input);
    let listed = Punctuated::<Ident, Token![,]>::parse_terminated(&content);
    // What is left would be a second message for the same mistake.
    content.parse::<TokenStream>()?;
    Ok(listed.map_err(|_| wrong())?.into_iter().collect())
}

fn implementation(set: &Set, all: &[Options], root: &Root) -> TokenStream {
    let private = root.private();
    let ident = &set.ident;
    let specs = set
        .variants
        .iter()
        .zip(all)
        .map(|(variant, options)| spec(variant, options, root));
    let patterns = all
        .iter()
        .filter_map(|options| options.pattern.as_ref())
        .map(|pattern| pattern.tokens(&private));
    let index = index(set);
    let parsers =
        set.variants
            .iter()
            .zip(all)
            .enumerate()
            .filter_map(|(place, (variant, options))| {
                Some(parser(place, variant, options.pattern.as_ref()?, root))
            });
    let printers =
        set.variants
            .iter()
            .zip(all)
            .enumerate()
            .filter_map(|(place, (variant, options))| {
                let whole = whole(variant);
                let params = options.pattern.as_ref()?.params().filter_map(|param| {
                let field = field(variant, param)?;
                let (ty, ident) = (&field.ty, &field.bound);
                Some(quote_spanned!(ty.span()=> <#ty as #private::ChannelParam>::display(#ident)))
            });
                Some(quote!(#whole => PATTERNS[#place].print(&[#(#params),*])))
            });
    let printed = if all.is_empty() {
        quote!(match *self {})
    } else {
        quote!(match self { #(#printers,)* })
    };
    let count = all.len();
    let asked = set
        .variants
        .iter()
        .zip(all)
        .map(|(variant, options)| asked(variant, options, root));
    quote! {
        #[automatically_derived]
        #OwnCode
        const _: () = {
            const PATTERNS: [#private::Pattern; #count] = [#(#patterns),*];

            #[doc(hidden)]
            pub struct Lists<P>(::core::marker::PhantomData<P>);

            impl<P: #private::definition::Protocol> #private::definition::Lists for Lists<P> {
                const KNOWN: () = {
                    #(#asked)*
                };
            }

            impl #private::definition::Channels for #ident {
                const CHANNELS: &'static [#private::definition::ChannelSpec] = &[#(#specs),*];

                type Lists<P: #private::definition::Protocol> = Lists<P>;

                fn index(&self) -> usize {
                    #index
                }

                fn parse(name: &#private::ChannelName) -> ::core::option::Option<Self> {
                    let text = name.as_str();
                    ::core::option::Option::None
                        #(.or_else(|| #private::exactly(name, #parsers)))*
                }

                fn name(
                    &self,
                ) -> ::core::result::Result<#private::ChannelName, #private::InvalidChannelName> {
                    #printed
                }
            }
        };
    }
}

fn field<'a>(variant: &'a Variant, param: &str) -> Option<&'a crate::ast::Field> {
    variant
        .fields()?
        .iter()
        .find(|field| field.ident.unraw() == param)
}

fn parser(place: usize, variant: &Variant, pattern: &Pattern, root: &Root) -> TokenStream {
    let private = root.private();
    let fields: Vec<_> = pattern
        .params()
        .filter_map(|param| field(variant, param))
        .collect();
    let names: Vec<_> = fields.iter().map(|field| &field.bound).collect();
    let parsed = fields.iter().map(|field| {
        let (ty, ident) = (&field.ty, &field.bound);
        quote_spanned! {ty.span()=>
            let #ident = <#ty as #private::ChannelParam>::parse(&#ident)?;
        }
    });
    let whole = whole(variant);
    quote! {
        (|| {
            let [#(#names),*] = PATTERNS[#place].capture(text)?;
            #(#parsed)*
            ::core::option::Option::Some(#whole)
        })()
    }
}

/// The compiler's check of each name in a channel's lists, on that name: only the protocol's own derive
/// knows if the protocol has it. In a constant for each, because the compiler
/// gives up on one that takes it long.
fn asked(variant: &Variant, options: &Options, root: &Root) -> TokenStream {
    let channel = variant.ident.unraw().to_string();
    let question = |kind: &str, listed: &Ident| {
        let private = root.private_at(listed.span());
        let kind = Ident::new(kind, Span::call_site());
        let name = listed.unraw().to_string();
        quote_spanned!(listed.span()=> const { #private::lists::#kind::<P>(#channel, #name) };)
    };
    let commands = options.commands.iter().chain(&options.outsiders).flatten();
    let commands = commands.map(|listed| question("command", listed));
    let events = options.events.iter().flatten();
    let events = events.map(|listed| question("event", listed));
    quote!(#(#commands)* #(#events)*)
}

fn spec(variant: &Variant, options: &Options, root: &Root) -> TokenStream {
    let private = root.private();
    let text = variant.ident.unraw().to_string();
    let list = |listed: &[Ident]| {
        let listed = listed.iter().map(|listed| {
            let listed = listed.unraw().to_string();
            quote!(#private::definition::Listed { variant: #listed })
        });
        quote!(&[#(#listed),*])
    };
    let option = |listed: Option<&Vec<Ident>>| match listed {
        Some(listed) => {
            let list = list(listed);
            quote!(::core::option::Option::Some(#list))
        }
        None => quote!(::core::option::Option::None),
    };
    let pattern = options.literal.as_ref();
    let docs = &variant.docs;
    let deprecated = note(variant.deprecated.as_deref());
    let life = variant.life.spec(&private);
    let commands = option(options.commands.as_ref());
    let events = option(options.events.as_ref());
    let outsiders = list(options.outsiders.as_deref().unwrap_or_default());
    let history = History::spec(options.history.as_ref(), &private);
    quote! {
        #private::definition::ChannelSpec {
            pattern: #pattern,
            variant: #text,
            docs: #docs,
            deprecated: #deprecated,
            life: #life,
            commands: #commands,
            events: #events,
            outsiders: #outsiders,
            history: #history,
        }
    }
}
