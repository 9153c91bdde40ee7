//! What is written: `New*` and `*Patch`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::types::Types;
use super::{Item, doc_of, ident, table};
use crate::lower::KIND;

mod new;
mod patch;

/// All views of `object`.
pub(super) fn emit(types: &Types<'_>, object: &str) -> Vec<Item> {
    let views = types.views_of(object).flat_map(|(name, schema)| match schema[KIND].as_str() {
        Some("new") => new::emit(types, object, name, schema),
        _ => patch::emit(types, object, name, schema),
    });
    views.collect()
}

/// One property of a view: how it is declared, set and serialised.
struct Property {
    declaration: TokenStream,
    setters: TokenStream,
    row: String,
}

/// The struct of a view, its methods and its serialisation.
fn view(
    types: &Types<'_>,
    name: &str,
    head: &TokenStream,
    properties: &[Property],
    methods: &TokenStream,
) -> Vec<Item> {
    let extra = types.support("Extra");
    let declarations = properties.iter().map(|property| &property.declaration);
    let setters = properties.iter().map(|property| &property.setters);
    let table = table("view", name, properties.iter().map(|property| property.row.clone()));
    let name = ident(name);
    let declaration = quote! {
        #head
        #[non_exhaustive]
        pub struct #name {
            #(#declarations)*
            /// Properties that this version does not know.
            pub extra: #extra,
        }
    };
    let implementation = quote! {
        impl #name {
            #methods
            #(#setters)*
        }
    };
    vec![Item::Rust(declaration), Item::Rust(implementation), table]
}

/// A property that is sent if it was set.
fn optional(types: &Types<'_>, field: &Ident, property: &str, schema: &Value) -> Property {
    let (docs, rust) = (doc_of(schema), types.rust("", schema));
    let (argument, value) = (argument(types, schema), value(field, schema));
    Property {
        declaration: quote! { #docs pub #field: Option<#rust>, },
        setters: quote! {
            #docs
            pub fn #field(mut self, #field: #argument) -> Self {
                self.#field = Some(#value);
                self
            }
        },
        row: format!("optional {field}: {property:?}"),
    }
}

/// The type of a setter's argument.
fn argument(types: &Types<'_>, schema: &Value) -> TokenStream {
    if is_text(schema) {
        quote! { impl Into<String> }
    } else {
        types.rust("", schema)
    }
}

/// What a setter's argument becomes.
fn value(field: &Ident, schema: &Value) -> TokenStream {
    if is_text(schema) {
        quote! { #field.into() }
    } else {
        quote! { #field }
    }
}

fn is_text(schema: &Value) -> bool {
    schema["type"] == "string" && schema["format"].is_null()
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" }
}
