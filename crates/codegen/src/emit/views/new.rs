//! `New*`: what may be sent on creation, with what the service insists on in the constructor.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::super::types::{self, Types};
use super::super::{Item, doc, doc_of, ident};
use super::{Property, argument, article, is_text, optional, view};
use crate::lower::{COLLECTION, ROLE};
use crate::names;

pub(super) fn emit(types: &Types<'_>, object: &str, name: &str, schema: &Value) -> Vec<Item> {
    let docs = doc(&format!(
        "What may be sent to create {} [`{object}`]; what the service insists on is in [`new`](Self::new).",
        article(object)
    ));
    let head = quote! { #docs #[derive(Clone, Debug, PartialEq)] };
    let properties = types::properties(schema);
    let parts: Vec<_> =
        properties.iter().map(|(field, property, schema)| part(types, field, property, schema)).collect();
    let binds: Vec<_> = with_role(schema, "bind").map(|(_, property, _)| bind_field(property)).collect();
    let (constructor, resolve) = (constructor(types, schema, &binds), resolve(&binds));
    view(types, name, &head, &parts, &quote! { #constructor #resolve })
}

fn with_role<'a>(schema: &'a Value, role: &'static str) -> impl Iterator<Item = (Ident, &'a str, &'a Value)> {
    types::properties(schema).into_iter().filter(move |(_, _, property)| property[ROLE] == role)
}

fn part(types: &Types<'_>, field: &Ident, property: &str, schema: &Value) -> Property {
    match schema[ROLE].as_str() {
        Some("bind") => binding(types, property, schema),
        Some("required") => {
            let (docs, rust) = (doc_of(schema), types.rust("", schema));
            Property {
                declaration: quote! { #docs pub #field: #rust, },
                setters: TokenStream::new(),
                row: format!("required {field}: {property:?}"),
            }
        }
        _ => optional(types, field, property, schema),
    }
}

/// Takes the required properties, in the order of the surface.
fn constructor(types: &Types<'_>, schema: &Value, binds: &[Ident]) -> TokenStream {
    let required: Vec<_> =
        schema["x-constructor"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let arguments = required.iter().map(|property| {
        let property_schema = &schema["properties"][property];
        let (field, argument) = (types::field(property, property_schema), argument(types, property_schema));
        quote! { #field: #argument }
    });
    let values = required.iter().map(|property| {
        let field = types::field(property, &schema["properties"][property]);
        if is_text(&schema["properties"][property]) {
            quote! { #field: #field.into(), }
        } else {
            quote! { #field, }
        }
    });
    let optional = with_role(schema, "optional").map(|(field, _, _)| field);
    let extra = types.support("Extra");
    quote! {
        /// The least that the service accepts.
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#values)* #(#optional: None,)* #(#binds: Vec::new(),)* extra: #extra::default() }
        }
    }
}

/// `owners@odata.bind` is a list of references to users.
fn binding(types: &Types<'_>, property: &str, schema: &Value) -> Property {
    let docs = doc_of(schema);
    let (reference, identify) = (types.support("Reference"), types.support("Identify"));
    let collection = schema[COLLECTION].as_str().unwrap_or_default();
    let field = bind_field(property);
    let one = match field.to_string().strip_suffix('s') {
        Some(singular) => ident(singular),
        None => format_ident!("add_{field}"),
    };
    let add_docs =
        doc(&format!("Adds one to [`{field}`](Self::{field}): its id, or the object as it was read."));
    Property {
        declaration: quote! { #docs pub #field: Vec<#reference>, },
        setters: quote! {
            #add_docs
            pub fn #one(mut self, #one: impl #identify) -> Self {
                self.#field.push(#reference::new(#collection, #one));
                self
            }
        },
        row: format!("bind {field}: {property:?}"),
    }
}

/// The field of `owners@odata.bind` is `owners`.
fn bind_field(property: &str) -> Ident {
    ident(&names::field(property.trim_end_matches("@odata.bind")))
}

fn resolve(binds: &[Ident]) -> Option<TokenStream> {
    (!binds.is_empty()).then(|| {
        quote! {
            /// Makes all references absolute below `root`, such as `https://graph.microsoft.com/v1.0`.
            pub fn resolve(&mut self, root: &str) {
                #(self.#binds.iter_mut().for_each(|reference| reference.resolve(root));)*
            }
        }
    })
}
