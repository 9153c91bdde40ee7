//! The raw client, by progenitor: every component is replaced by a type of ours.

use std::panic::{self, AssertUnwindSafe};

use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Value, json};
use syn::visit_mut::{self, VisitMut};

use super::{Item, dialect, format, types};
use crate::problem::{Problem, Result};
use crate::surface::METHODS;

pub(super) fn emit(lowered: &Value) -> Result<String> {
    match generate(lowered) {
        Ok(tokens) => format(Item::Rust(reworked(tokens)?), Vec::new()),
        Err(why) => Err(culprit(lowered).unwrap_or_else(|| Problem::at("lowered document", why))
            .help("progenitor refuses what lowering let pass: correct it in overlay.toml, or drop it from the surface")),
    }
}

fn generate(lowered: &Value) -> std::result::Result<TokenStream, String> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(dialect::progenitors(lowered)).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote! { graph_runtime::Seam });
    for (index, (name, schema)) in types::components(lowered).enumerate() {
        let impls = [TypeImpl::Display, TypeImpl::Default].into_iter();
        settings.with_replacement(dialect::component(index), types::client_path(name, schema), impls);
    }
    quietly(|| Generator::new(&settings).generate_tokens(&document).map_err(|error| error.to_string()))
}

/// Drops what has no use here: the module of types, all replaced; the prelude; and the constructor that sets a timeout
/// of its own. What is left reads its answers, and encodes its paths, by the runtime.
fn reworked(tokens: TokenStream) -> Result<TokenStream> {
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
    ByRuntime.visit_file_mut(&mut file);
    Ok(quote! {
        #file
        // Operations without ids in their paths need none.
        #[allow(unused_imports)]
        use graph_runtime::encode_path;
    })
}

/// progenitor's own reading looks at each string for its encoding, and refuses an empty body where `null` may stand. Its own
/// encoding of paths leaves backslashes, which a URL takes for slashes.
struct ByRuntime;

impl VisitMut for ByRuntime {
    fn visit_use_group_mut(&mut self, group: &mut syn::UseGroup) {
        let is_encoding =
            |tree: &syn::UseTree| matches!(tree, syn::UseTree::Name(it) if it.ident == "encode_path");
        group.items = std::mem::take(&mut group.items).into_iter().filter(|it| !is_encoding(it)).collect();
    }

    fn visit_expr_path_mut(&mut self, function: &mut syn::ExprPath) {
        let names = function.path.segments.iter().map(|segment| &segment.ident);
        if names.eq(["ResponseValue", "from_response"]) {
            function.path = syn::parse_quote!(graph_runtime::decode);
        }
        visit_mut::visit_expr_path_mut(self, function);
    }
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
