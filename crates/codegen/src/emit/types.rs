//! Which Rust type a property has, and what a file must import for it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

use super::ident;
use crate::lower::{FAMILY, ITEM, KIND, RUST_NAME, VIEW_OF, target};
use crate::names;

/// The types of the lowered document, and those that one file has used so far.
pub(super) struct Types<'a> {
    components: &'a Value,
    models: RefCell<BTreeSet<String>>,
    support: RefCell<BTreeSet<&'static str>>,
}

/// The components of the lowered document.
pub(super) fn components(lowered: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let components = lowered["components"]["schemas"].as_object().into_iter().flatten();
    components.map(|(name, schema)| (name.as_str(), schema))
}

impl<'a> Types<'a> {
    pub(super) fn new(lowered: &'a Value) -> Self {
        Self {
            components: &lowered["components"]["schemas"],
            models: RefCell::default(),
            support: RefCell::default(),
        }
    }

    /// A type that the crate's hand-written part offers.
    pub(super) fn support(&self, name: &'static str) -> TokenStream {
        self.support.borrow_mut().insert(name);
        let name = ident(name);
        quote! { #name }
    }

    /// A generated type.
    pub(super) fn model(&self, name: &str) -> TokenStream {
        self.models.borrow_mut().insert(name.to_owned());
        let name = ident(name);
        quote! { #name }
    }

    /// The schema of a component.
    pub(super) fn schema(&self, name: &str) -> &Value {
        &self.components[name]
    }

    /// The type of a property of `owner`, without the `Option` around it.
    pub(super) fn rust(&self, owner: &str, schema: &Value) -> TokenStream {
        if let Some(name) = target(schema) {
            let model = self.model(name);
            // Another object beside this one would make every one of these as large as both.
            let apart = schema["x-ms-navigationProperty"] == true || self.contains(name, owner);
            return if apart {
                quote! { Box<#model> }
            } else {
                model
            };
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("string"), Some("date-time")) => self.support("GraphDateTime"),
            (Some("string"), _) => quote! { String },
            (Some("boolean"), _) => quote! { bool },
            (Some("integer"), Some("int32")) => quote! { i32 },
            (Some("integer"), _) => quote! { i64 },
            (Some("number"), _) => quote! { f64 },
            (Some("array"), _) => {
                // A list is an indirection already.
                let item = self.rust("", &schema["items"]);
                quote! { Vec<#item> }
            }
            _ => quote! { ::serde_json::Value },
        }
    }

    /// Whether a value of this schema is an object of entries.
    pub(super) fn is_map(&self, schema: &Value) -> bool {
        target(schema).is_some_and(|name| self.schema(name)[KIND] == "map")
    }

    /// Whether a value of type `outer` holds one of type `inner` without an indirection between.
    fn contains(&self, outer: &str, inner: &str) -> bool {
        let mut queue = vec![outer];
        let mut seen = BTreeSet::new();
        while let Some(name) = queue.pop() {
            if name == inner {
                return true;
            }
            if seen.insert(name) {
                let properties =
                    self.components.get(name).and_then(|schema| schema["properties"].as_object());
                queue.extend(properties.into_iter().flat_map(Map::values).filter_map(target));
            }
        }
        false
    }

    /// The views of `name`, as components.
    pub(super) fn views_of(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let views = self.components.as_object().into_iter().flatten();
        let views = views.filter(move |(_, schema)| target(&schema[VIEW_OF]) == Some(name));
        views.map(|(name, schema)| (name.as_str(), schema))
    }

    /// The public names in the file of `name`.
    pub(super) fn exports(&self, name: &str) -> Vec<String> {
        let views = self.views_of(name).map(|(view, _)| view.to_owned());
        std::iter::once(name.to_owned()).chain(views).collect()
    }

    /// The `use` lines of the file of `name`, for everything used so far.
    pub(super) fn imports(&self, name: &str) -> TokenStream {
        let own = self.exports(name);
        let models = self.models.borrow();
        let models: Vec<_> =
            models.iter().filter(|model| !own.contains(model)).map(|model| ident(model)).collect();
        let support = self.support.borrow();
        let support: Vec<_> = support.iter().map(|name| ident(name)).collect();
        let models = (!models.is_empty()).then(|| quote! { use super::{#(#models),*}; });
        let support = (!support.is_empty()).then(|| quote! { use graph_runtime::{#(#support),*}; });
        quote! { #models #support }
    }
}

/// The path by which progenitor's client calls the type of a component.
pub(super) fn client_path(name: &str, schema: &Value) -> String {
    match schema[KIND].as_str() {
        Some("support") => format!("graph_runtime::{name}"),
        Some("collection") => {
            let item = match (target(&schema[ITEM]), schema[ITEM]["type"].as_str()) {
                (Some(item), _) => format!("crate::models::{item}"),
                (None, Some("boolean")) => "bool".to_owned(),
                (None, Some("integer")) => "i64".to_owned(),
                (None, Some("number")) => "f64".to_owned(),
                (None, Some("string")) => "String".to_owned(),
                _ => "serde_json::Value".to_owned(),
            };
            format!("graph_runtime::Collection<{item}>")
        }
        _ => format!("crate::models::{name}"),
    }
}

/// The members of a family: the variant, and the `@odata.type` that stands for it.
pub(super) fn family(schema: &Value) -> Vec<(String, String)> {
    let members = schema[FAMILY].as_object().into_iter().flatten();
    members
        .filter_map(|(odata_type, member)| Some((target(member)?.to_owned(), odata_type.clone())))
        .collect()
}

/// The properties of a schema: Rust name, wire name, schema.
pub(super) fn properties(schema: &Value) -> Vec<(proc_macro2::Ident, &str, &Value)> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(|(name, schema)| (field(name, schema), name.as_str(), schema)).collect()
}

/// The Rust name of a property.
pub(super) fn field(property: &str, schema: &Value) -> proc_macro2::Ident {
    let own = schema[RUST_NAME].as_str().map(str::to_owned);
    ident(&own.unwrap_or_else(|| names::field(property)))
}
