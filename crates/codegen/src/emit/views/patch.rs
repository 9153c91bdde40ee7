//! `*Patch`: what may be changed, and nothing else.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::super::types::{self, Types};
use super::super::{Item, doc, doc_of};
use super::{Property, argument, article, optional, value, view};

pub(super) fn emit(types: &Types<'_>, object: &str, name: &str, schema: &Value) -> Vec<Item> {
    let docs = doc(&format!("A change to {} [`{object}`]: what is not set stays as it is.", article(object)));
    let head = quote! { #docs #[derive(Clone, Debug, Default, PartialEq)] };
    let properties = types::properties(schema);
    let parts: Vec<_> =
        properties.iter().map(|(field, property, schema)| part(types, field, property, schema)).collect();
    let untouched = properties.iter().map(|(field, _, schema)| {
        if is_nullable(schema) {
            quote! { self.#field.is_keep() }
        } else {
            quote! { self.#field.is_none() }
        }
    });
    let changes = properties.iter().map(|(field, _, schema)| change(types, field, schema));
    let (model, extra) = (types.model(object), types.support("Extra"));
    let methods = quote! {
        /// A change of nothing, to start from.
        pub fn new() -> Self {
            Self::default()
        }

        /// Whether nothing would change.
        pub fn is_empty(&self) -> bool {
            #(#untouched &&)* self.extra.is_empty()
        }

        /// The smallest change that turns `before` into `after`, as far as what may be changed goes. What may not be
        /// cleared stays as it is where `after` has none.
        pub fn between(before: &#model, after: &#model) -> Self {
            Self { #(#changes)* extra: #extra::default() }
        }
    };
    view(types, name, &head, &parts, &methods)
}

/// Where the service refuses `null`, a property can be kept or set, and nothing offers to clear it.
fn part(types: &Types<'_>, field: &Ident, property: &str, schema: &Value) -> Property {
    if !is_nullable(schema) {
        return optional(types, field, property, schema);
    }
    let (docs, rust, three_ways) = (doc_of(schema), types.rust("", schema), types.support("Field"));
    let (argument, value) = (argument(types, schema), value(field, schema));
    let clear = format_ident!("clear_{field}");
    let clear_docs = doc(&format!("Removes the value of [`{field}`](Self::{field})."));
    Property {
        declaration: quote! { #docs pub #field: #three_ways<#rust>, },
        setters: quote! {
            #docs
            pub fn #field(mut self, #field: #argument) -> Self {
                self.#field = #three_ways::Set(#value);
                self
            }

            #clear_docs
            pub fn #clear(mut self) -> Self {
                self.#field = #three_ways::Clear;
                self
            }
        },
        row: format!("patch {field}: {property:?}"),
    }
}

/// What happens to one property between two readings of an object.
fn change(types: &Types<'_>, field: &Ident, schema: &Value) -> TokenStream {
    let of = types.support(if types.is_map(schema) { "OpenMap" } else { "Field" });
    let into_set = (!is_nullable(schema)).then(|| quote! { .into_set() });
    quote! { #field: #of::between(before.#field.as_ref(), after.#field.as_ref()) #into_set, }
}

fn is_nullable(schema: &Value) -> bool {
    schema["nullable"] == true
}
