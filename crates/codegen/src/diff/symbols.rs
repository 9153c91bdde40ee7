//! The public API of generated code as a table, read from the code itself: what the class of a change is held against.
//!
//! A symbol that went or changed breaks somebody; one that came doesn't, since every generated struct and enum is
//! `#[non_exhaustive]`. What symbols don't show, but the wire does, is a fact: names of properties and members, and the
//! values in the operation table.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::{Fields, ImplItem, Item, Visibility};

use super::Class;
use crate::emit::Files;
use crate::problem::{Problem, Result};

/// The public API of a generated crate.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// What can be named, and its type: `models::Group.display_name`.
    pub symbols: BTreeMap<String, String>,
    /// What is on the wire: `models::Group.display_name` is `displayName`.
    pub facts: BTreeMap<String, String>,
}

impl Symbols {
    /// Reads the files that [`emit`](crate::emit) wrote.
    pub fn read(files: &Files) -> Result<Self> {
        let mut symbols = Self::default();
        for (path, text) in files {
            let file = syn::parse_file(text).map_err(|error| Problem::at(path, error))?;
            let module = path.split(['/', '.']).next().unwrap_or_default();
            for item in &file.items {
                symbols.add(module, item);
            }
        }
        Ok(symbols)
    }

    /// What becomes of the API from `self` to `new`; nothing if it stays as it is.
    pub fn class_to(&self, new: &Self) -> Option<Class> {
        let lost = self.symbols.iter().any(|(name, kind)| new.symbols.get(name) != Some(kind));
        if lost {
            Some(Class::Major)
        } else if new.symbols.len() > self.symbols.len() {
            Some(Class::Minor)
        } else {
            (self.facts != new.facts).then_some(Class::Behavioural)
        }
    }

    fn add(&mut self, module: &str, item: &Item) {
        match item {
            Item::Struct(item) if is_public(&item.vis) => {
                let name = format!("{module}::{}", item.ident);
                self.put(&name, &"struct");
                if let Fields::Named(fields) = &item.fields {
                    for field in fields.named.iter().filter(|field| is_public(&field.vis)) {
                        let field_name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                        self.put(&format!("{name}.{field_name}"), &field.ty.to_token_stream());
                    }
                }
            }
            Item::Enum(item) if is_public(&item.vis) => {
                let name = format!("{module}::{}", item.ident);
                self.put(&name, &"enum");
                for variant in &item.variants {
                    self.put(&format!("{name}::{}", variant.ident), &variant.fields.to_token_stream());
                }
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let of = item.self_ty.to_token_stream();
                for member in &item.items {
                    if let ImplItem::Fn(method) = member
                        && is_public(&method.vis)
                    {
                        let inputs = method.sig.inputs.iter().map(argument);
                        let inputs: Vec<_> = inputs.collect();
                        let output = method.sig.output.to_token_stream();
                        let name = format!("{module}::{of}::{}", method.sig.ident);
                        self.put(&name, &format!("({}) {output}", inputs.join(", ")));
                    }
                }
            }
            Item::Static(item) if is_public(&item.vis) => {
                let name = format!("{module}::{}", item.ident);
                self.put(&name, &item.ty.to_token_stream());
                // The list of all operations says nothing that its rows don't.
                if item.ident != "OPERATIONS" {
                    self.facts.insert(name, without_names(&item.expr.to_token_stream().to_string()));
                }
            }
            // A macro with a name is documentation.
            Item::Macro(item) if item.ident.is_none() => self.add_table(module, &item.mac),
            _ => {}
        }
    }

    /// `object! { Group { display_name: "displayName", … } }`: which name is on the wire.
    fn add_table(&mut self, module: &str, of: &syn::Macro) {
        let kind = of.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let text = of.tokens.to_string();
        let (name, rows) = text.split_once('{').unwrap_or((&text, ""));
        for row in rows.trim_end_matches([' ', '}']).split(" ,").filter(|row| !row.trim().is_empty()) {
            let (left, right) = row.split_once([':', '=']).unwrap_or((row, ""));
            let left = left.trim();
            self.facts.insert(format!("{module}::{} {kind} {left}", name.trim()), right.trim().to_owned());
        }
    }

    fn put(&mut self, name: &str, kind: &dyn ToString) {
        self.symbols.insert(name.to_owned(), kind.to_string());
    }
}

/// An argument by name and type: one of the same type in the place of another would compile, and mean something else. Ids are
/// told by their place in the path.
fn argument(input: &syn::FnArg) -> String {
    match input {
        syn::FnArg::Receiver(receiver) => receiver.to_token_stream().to_string(),
        syn::FnArg::Typed(typed) => {
            let of = typed.ty.to_token_stream().to_string();
            if of.ends_with(":: Id") || of.ends_with(":: Key") {
                return of;
            }
            format!("{} : {of}", typed.pat.to_token_stream())
        }
    }
}

/// A row of the operation table without the names of the parameters in its paths, which are nobody's to rely on.
fn without_names(row: &str) -> String {
    let mut pieces = row.split('{');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let kept =
            if piece.starts_with(' ') { piece } else { piece.find('}').map_or(piece, |end| &piece[end..]) };
        text + "{" + kept
    })
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
