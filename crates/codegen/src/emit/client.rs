//! The raw client, by progenitor: every component is replaced by a type of ours.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};

use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Map, Value, json};

use super::{Item, format, types};
use crate::lower::{each_operation, reference, target};
use crate::problem::{Problem, Result};
use crate::surface::{METHODS, Surface};

pub(super) fn emit(lowered: &Value) -> Result<String> {
    match generate(lowered) {
        Ok(tokens) => format(Item::Rust(without_leftovers(tokens)?), Vec::new()),
        Err(why) => Err(culprit(lowered).unwrap_or_else(|| Problem::at("lowered document", why))
            .help("progenitor refuses what lowering let pass: correct it in overlay.toml, or drop it from the surface")),
    }
}

fn generate(lowered: &Value) -> std::result::Result<TokenStream, String> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(in_progenitors_words(lowered)).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote! { graph_runtime::Seam });
    for (index, (name, schema)) in types::components(lowered).enumerate() {
        let impls = [TypeImpl::Display, TypeImpl::Default].into_iter();
        settings.with_replacement(alias(index), types::client_path(name, schema), impls);
    }
    quietly(|| Generator::new(&settings).generate_tokens(&document).map_err(|error| error.to_string()))
}

/// What progenitor knows a component by. It finds replacements by its own idea of a type's name, which differs from ours
/// where a name has several capitals in a row; this it leaves alone.
fn alias(index: usize) -> String {
    format!("C{index}")
}

/// The document with names that progenitor takes as they are: those of our methods, and aliases of components, of which
/// it need know nothing more.
fn in_progenitors_words(lowered: &Value) -> Value {
    let names: BTreeMap<_, _> =
        types::components(lowered).enumerate().map(|(index, (name, _))| (name, alias(index))).collect();
    let mut document = lowered.clone();
    document["components"]["schemas"] = names
        .values()
        .map(|alias| (alias.clone(), json!({ "type": "object" })))
        .collect::<Map<_, _>>()
        .into();
    if let Some(paths) = document.get_mut("paths") {
        refer_to(paths, &names);
    }
    for (_, _, operation) in each_operation(&mut document) {
        if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
            let name = Surface::method_name(id);
            operation.insert("operationId".to_owned(), name.into());
        }
    }
    document
}

fn refer_to(value: &mut Value, names: &BTreeMap<&str, String>) {
    if let Some(alias) = target(value).and_then(|name| names.get(name)) {
        *value = reference(alias);
        return;
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| refer_to(value, names)),
        Value::Array(list) => list.iter_mut().for_each(|value| refer_to(value, names)),
        _ => {}
    }
}

/// Drops what has no use here: the module of types, all replaced; the prelude; and the constructor that sets a timeout
/// of its own.
fn without_leftovers(tokens: TokenStream) -> Result<TokenStream> {
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| Problem::at("progenitor's output", error))?;
    file.items.retain(|item| !matches!(item, syn::Item::Mod(module) if module.ident == "types" || module.ident == "prelude"));
    for item in &mut file.items {
        if let syn::Item::Impl(implementation) = item {
            implementation
                .items
                .retain(|item| !matches!(item, syn::ImplItem::Fn(function) if function.sig.ident == "new"));
        }
    }
    Ok(quote! { #file })
}

/// progenitor panics where it meets what it does not know; its words become an error like any other.
fn quietly<T>(generate: impl FnOnce() -> std::result::Result<T, String>) -> std::result::Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(generate));
    panic::set_hook(hook);
    outcome.unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().cloned();
        Err(text.or_else(|| cause.downcast_ref::<&str>().map(|&text| text.to_owned())).unwrap_or_default())
    })
}

/// The first operation that fails on its own: progenitor's messages name none.
fn culprit(lowered: &Value) -> Option<Problem> {
    for (path, item) in lowered["paths"].as_object()? {
        for (method, operation) in
            item.as_object()?.iter().filter(|(method, _)| METHODS.contains(&method.as_str()))
        {
            let mut alone = lowered.clone();
            alone["paths"] = json!({ path: { method: operation } });
            if let Err(why) = generate(&alone) {
                let id = operation["operationId"].as_str().unwrap_or(path);
                return Some(Problem::at(format!("operation {id}"), why));
            }
        }
    }
    None
}
