//! What is written: `New*` and `*Patch`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::types::{self, Types};
use super::{Item, doc, doc_of, ident, table};
use crate::lower::{COLLECTION, KIND, ROLE};
use crate::names;

/// All views of `object`.
pub(super) fn emit(types: &Types<'_>, object: &str) -> Vec<Item> {
    let views = types.views_of(object).flat_map(|(name, schema)| match schema[KIND].as_str() {
        Some("new") => new_view(types, object, name, schema),
        _ => patch_view(types, object, name, schema),
    });
    views.collect()
}

/// One property of a view: how it is declared, set and serialised.
struct Property {
    declaration: TokenStream,
    setters: TokenStream,
    row: String,
}

fn new_view(types: &Types<'_>, object: &str, name: &str, schema: &Value) -> Vec<Item> {
    let docs = doc(&format!(
        "What may be sent to create {} [`{object}`]; what the service insists on is in [`new`](Self::new).",
        article(object)
    ));
    let extra = types.support("Extra");
    let properties = types::properties(schema);
    let parts: Vec<_> = properties
        .iter()
        .map(|(field, property, schema)| new_property(types, field, property, schema))
        .collect();
    let declarations = parts.iter().map(|part| &part.declaration);
    let setters = parts.iter().map(|part| &part.setters);
    let required: Vec<_> =
        schema["x-constructor"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields: Vec<_> = required.iter().map(|property| ident(&names::field(property))).collect();
    let arguments = required.iter().zip(&fields).map(|(property, field)| {
        let argument = argument(types, object, &schema["properties"][property]);
        quote! { #field: #argument }
    });
    let values = required.iter().zip(&fields).map(|(property, field)| {
        if is_text(&schema["properties"][property]) {
            quote! { #field: #field.into(), }
        } else {
            quote! { #field, }
        }
    });
    let optional =
        properties.iter().filter(|(_, _, schema)| schema[ROLE] == "optional").map(|(field, _, _)| field);
    let binds: Vec<_> = properties
        .iter()
        .filter(|(_, _, schema)| schema[ROLE] == "bind")
        .map(|(_, property, _)| bind_field(property))
        .collect();
    let resolve = resolve(&binds);
    let table = table("view", name, parts.iter().map(|part| part.row.clone()));
    let name = ident(name);
    let declaration = quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#declarations)*
            /// Properties that this version does not know.
            pub extra: #extra,
        }
    };
    let implementation = quote! {
        impl #name {
            /// The least that the service accepts.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values)* #(#optional: None,)* #(#binds: Vec::new(),)* extra: #extra::default() }
            }
            #(#setters)*
            #resolve
        }
    };
    vec![Item::Rust(declaration), Item::Rust(implementation), table]
}

fn new_property(types: &Types<'_>, field: &proc_macro2::Ident, property: &str, schema: &Value) -> Property {
    let docs = doc_of(schema);
    match schema[ROLE].as_str() {
        Some("bind") => binding(types, property, schema),
        Some("required") => {
            let rust = types.rust("", schema);
            Property {
                declaration: quote! { #docs pub #field: #rust, },
                setters: quote! {},
                row: format!("required {field}: {property:?}"),
            }
        }
        _ => optional(types, field, property, schema),
    }
}

fn optional(types: &Types<'_>, field: &proc_macro2::Ident, property: &str, schema: &Value) -> Property {
    let (docs, rust) = (doc_of(schema), types.rust("", schema));
    let (argument, value) = (argument(types, "", schema), value(field, schema));
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

/// `owners@odata.bind` is a list of references to users, set one at a time or all at once.
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
fn bind_field(property: &str) -> proc_macro2::Ident {
    ident(&names::field(property.trim_end_matches("@odata.bind")))
}

fn resolve(binds: &[proc_macro2::Ident]) -> Option<TokenStream> {
    (!binds.is_empty()).then(|| {
        quote! {
            /// Makes all references absolute below `root`, such as `https://graph.microsoft.com/v1.0`.
            pub fn resolve(&mut self, root: &str) {
                #(self.#binds.iter_mut().for_each(|reference| reference.resolve(root));)*
            }
        }
    })
}

fn patch_view(types: &Types<'_>, object: &str, name: &str, schema: &Value) -> Vec<Item> {
    let docs = doc(&format!("A change to {} [`{object}`]: what is not set stays as it is.", article(object)));
    let extra = types.support("Extra");
    let properties = types::properties(schema);
    let parts: Vec<_> = properties
        .iter()
        .map(|(field, property, schema)| patch_property(types, field, property, schema))
        .collect();
    let declarations = parts.iter().map(|part| &part.declaration);
    let setters = parts.iter().map(|part| &part.setters);
    let untouched = properties.iter().map(|(field, _, schema)| {
        if is_nullable(schema) {
            quote! { self.#field.is_keep() }
        } else {
            quote! { self.#field.is_none() }
        }
    });
    let table = table("view", name, parts.iter().map(|part| part.row.clone()));
    let name = ident(name);
    let declaration = quote! {
        #docs
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#declarations)*
            /// Properties that this version does not know.
            pub extra: #extra,
        }
    };
    let implementation = quote! {
        impl #name {
            /// A change of nothing, to start from.
            pub fn new() -> Self {
                Self::default()
            }

            /// Whether nothing would change.
            pub fn is_empty(&self) -> bool {
                #(#untouched &&)* self.extra.is_empty()
            }
            #(#setters)*
        }
    };
    vec![Item::Rust(declaration), Item::Rust(implementation), table]
}

/// Where the service refuses `null`, a property can be kept or set, and nothing offers to clear it.
fn patch_property(types: &Types<'_>, field: &proc_macro2::Ident, property: &str, schema: &Value) -> Property {
    if !is_nullable(schema) {
        return optional(types, field, property, schema);
    }
    let (docs, rust, three_ways) = (doc_of(schema), types.rust("", schema), types.support("Field"));
    let (argument, value) = (argument(types, "", schema), value(field, schema));
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

fn is_nullable(schema: &Value) -> bool {
    schema["nullable"] == true
}

/// The type of a setter's argument.
fn argument(types: &Types<'_>, owner: &str, schema: &Value) -> TokenStream {
    let rust = types.rust(owner, schema);
    if is_text(schema) {
        quote! { impl Into<String> }
    } else {
        rust
    }
}

fn value(field: &proc_macro2::Ident, schema: &Value) -> TokenStream {
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
