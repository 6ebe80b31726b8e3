//! A crate's modules, and every path that stands in them.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

/// The names from the crate's root on; `*` stands for everything in a module.
pub(crate) type Path = Vec<String>;

#[derive(Debug)]
pub(crate) struct Crate {
    /// As its own code calls it.
    pub(crate) name: String,
    pub(crate) modules: BTreeMap<Path, Module>,
}

#[derive(Debug, Default)]
pub(crate) struct Module {
    /// Whether it stands in its parent's file.
    pub(crate) inline: bool,
    /// Whether it is there for tests alone, which may name everything.
    pub(crate) tests: bool,
    pub(crate) docs: String,
    pub(crate) children: BTreeSet<String>,
    /// What is defined here and is no module.
    pub(crate) items: BTreeSet<String>,
    /// What is imported, by the name that it has here.
    pub(crate) imports: BTreeMap<String, Path>,
    pub(crate) globs: Vec<Path>,
    /// What of its children's it only passes on.
    pub(crate) passed_on: BTreeSet<Path>,
    /// Every path that begins in the crate, as it is written.
    pub(crate) names: BTreeSet<Path>,
}

impl Crate {
    /// The modules below that one.
    pub(crate) fn below<'a>(
        &'a self,
        root: &'a [String],
    ) -> impl Iterator<Item = (&'a Path, &'a Module)> {
        self.modules
            .iter()
            .filter(move |(path, _)| path.len() > root.len() && path.starts_with(root))
    }

    /// The module in whose file that one stands.
    pub(crate) fn file<'a>(&self, path: &'a [String]) -> &'a [String] {
        match self.modules.get(path) {
            Some(module) if module.inline => self.file(&path[..path.len() - 1]),
            _ => path,
        }
    }
}

/// Reads a crate. `text` gives the file of a module, where it stands in one of its own; its last
/// name may be another than the module's, where `#[path]` says so.
pub(crate) fn read(name: &str, text: &dyn Fn(&[String]) -> Option<String>) -> Crate {
    let mut code = Crate {
        name: name.to_owned(),
        modules: BTreeMap::new(),
    };
    let root = text(&[]).expect("a root");
    let file = syn::parse_file(&root).unwrap_or_else(|error| panic!("{name}: {error}"));
    add(
        &mut code,
        Path::new(),
        &file.attrs,
        &file.items,
        false,
        text,
    );
    code
}

fn add(
    code: &mut Crate,
    path: Path,
    attrs: &[syn::Attribute],
    items: &[syn::Item],
    inline: bool,
    text: &dyn Fn(&[String]) -> Option<String>,
) {
    let mut module = Module {
        inline,
        docs: docs(attrs),
        ..Module::default()
    };
    for item in items {
        match item {
            syn::Item::Mod(child) => {
                let name = child.ident.to_string();
                let below = [&path[..], std::slice::from_ref(&name)].concat();
                module.children.insert(name);
                let tests = child.attrs.iter().any(is_for_tests);
                match &child.content {
                    Some((_, items)) => add(code, below.clone(), &child.attrs, items, true, text),
                    None => {
                        let file = match stated_path(&child.attrs) {
                            Some(file) => [&path[..], &[file]].concat(),
                            None => below.clone(),
                        };
                        let text_of =
                            text(&file).unwrap_or_else(|| panic!("{}: no file", file.join("::")));
                        let parsed = syn::parse_file(&text_of)
                            .unwrap_or_else(|error| panic!("{}: {error}", file.join("::")));
                        add(
                            code,
                            below.clone(),
                            &parsed.attrs,
                            &parsed.items,
                            false,
                            text,
                        );
                    }
                }
                if let Some(child) = code.modules.get_mut(&below) {
                    child.tests = tests;
                }
            }
            syn::Item::Use(import) => {
                let is_private = matches!(import.vis, syn::Visibility::Inherited);
                for (path, name) in uses(&import.tree) {
                    if !is_private && path.len() > 1 {
                        module.passed_on.insert(path.clone());
                    }
                    match name {
                        Some(name) => drop(module.imports.insert(name, path)),
                        None => module.globs.push(path),
                    }
                }
            }
            other => module.items.extend(defined(other)),
        }
    }
    let mut names = Names::default();
    for item in items {
        if !matches!(item, syn::Item::Mod(_)) {
            names.visit_item(item);
        }
    }
    for (name, path) in names.imports {
        module.imports.entry(name).or_insert(path);
    }
    let known = ["crate", "self", "super", &code.name];
    module.names = names.found;
    module.names.retain(|path| {
        known.contains(&&*path[0])
            || module.children.contains(&path[0])
            || module.imports.contains_key(&path[0])
    });
    code.modules.insert(path, module);
}

fn docs(attrs: &[syn::Attribute]) -> String {
    let mut docs = String::new();
    for attr in attrs {
        if let syn::Meta::NameValue(meta) = &attr.meta
            && meta.path.is_ident("doc")
            && let syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(line),
                ..
            }) = &meta.value
        {
            let line = line.value();
            docs.push_str(line.strip_prefix(' ').unwrap_or(&line));
            docs.push('\n');
        }
    }
    docs
}

fn is_for_tests(attr: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attr.meta else {
        return false;
    };
    list.path.is_ident("cfg") && list.tokens.to_string() == "test"
}

/// The name of the file that `#[path = "….rs"]` gives a module.
fn stated_path(attrs: &[syn::Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        syn::Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(file),
                ..
            }) => Some(file.value().trim_end_matches(".rs").to_owned()),
            _ => None,
        },
        _ => None,
    })
}

/// The paths of an import, each with the name that it has here; no name: everything.
fn uses(tree: &syn::UseTree) -> Vec<(Path, Option<String>)> {
    let under = |ident: &syn::Ident, tree: &syn::UseTree| {
        let mut all = uses(tree);
        for (path, _) in &mut all {
            path.insert(0, ident.to_string());
        }
        all
    };
    match tree {
        syn::UseTree::Path(path) => {
            let mut all = under(&path.ident, &path.tree);
            for (path, name) in &mut all {
                // `use a::{self}` is `use a`.
                if path.last().is_some_and(|last| last == "self") {
                    path.pop();
                    if name.as_deref() == Some("self") {
                        *name = path.last().cloned();
                    }
                }
            }
            all
        }
        syn::UseTree::Name(name) => {
            let name = name.ident.to_string();
            vec![(vec![name.clone()], Some(name))]
        }
        syn::UseTree::Rename(rename) => {
            vec![(
                vec![rename.ident.to_string()],
                Some(rename.rename.to_string()),
            )]
        }
        syn::UseTree::Glob(_) => vec![(Path::new(), None)],
        syn::UseTree::Group(group) => group.items.iter().flat_map(uses).collect(),
    }
}

fn defined(item: &syn::Item) -> Option<String> {
    let ident = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::TraitAlias(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Collects the paths in code, in macros and in attributes, and the imports inside functions.
#[derive(Default)]
struct Names {
    found: BTreeSet<Path>,
    imports: BTreeMap<String, Path>,
}

impl Names {
    fn take(&mut self, path: Path) {
        if path.len() > 1 {
            self.found.insert(path);
        }
    }

    /// In a macro nothing but the words is known.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Path::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.take(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.take(std::mem::take(&mut path));
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        TokenTree::Literal(text) => self.text(&text.to_string()),
                        TokenTree::Ident(_) | TokenTree::Punct(_) => {}
                    }
                }
            }
        }
        self.take(path);
    }

    /// A path in quotes, as attributes name functions.
    fn text(&mut self, literal: &str) {
        let text = literal.trim_matches('"');
        if text.contains("::")
            && let Ok(path) = syn::parse_str::<syn::Path>(text)
        {
            self.visit_path(&path);
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for (mut path, name) in uses(&item.tree) {
            match name {
                Some(name) => drop(self.imports.insert(name, path.clone())),
                None => path.push("*".to_owned()),
            }
            self.take(path);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|one| one.ident.to_string());
        self.take(names.collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, code: &'ast syn::Macro) {
        self.visit_path(&code.path);
        self.tokens(code.tokens.clone());
    }

    fn visit_attribute(&mut self, attr: &'ast syn::Attribute) {
        // A page may point at whatever it wants to.
        if attr.path().is_ident("doc") {
            return;
        }
        match &attr.meta {
            syn::Meta::List(list) => self.tokens(list.tokens.clone()),
            syn::Meta::Path(_) | syn::Meta::NameValue(_) => {}
        }
    }
}
