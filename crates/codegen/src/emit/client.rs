//! The raw client, by progenitor: every component is replaced by a type of ours, and every body by calls of the runtime.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Value, json};

use super::{Item, dialect, format, types};
use crate::problem::{Problem, Result};
use crate::surface::{METHODS, Surface};

mod body;

pub(super) fn emit(lowered: &Value, surface: &Surface) -> Result<String> {
    match generate(lowered) {
        Ok(tokens) => format(Item::Rust(reworked(tokens, surface)?), Vec::new()),
        Err(why) => Err(culprit(lowered).unwrap_or_else(|| Problem::at("lowered document", why))
            .help("progenitor refuses what lowering let pass: correct it in overlay.toml, or drop it from the surface")),
    }
}

fn generate(lowered: &Value) -> std::result::Result<TokenStream, String> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(dialect::progenitors(lowered)).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Positional);
    for (index, (name, schema)) in types::components(lowered).enumerate() {
        let impls = [TypeImpl::Display, TypeImpl::Default].into_iter();
        settings.with_replacement(dialect::component(index), types::client_path(name, schema), impls);
    }
    quietly(|| Generator::new(&settings).generate_tokens(&document).map_err(|error| error.to_string()))
}

/// Keeps the methods and what is said of them: their types are all ours, and so is what they do besides building the path.
fn reworked(tokens: TokenStream, surface: &Surface) -> Result<TokenStream> {
    let file: syn::File = syn::parse2(tokens).map_err(|error| Problem::at("progenitor's output", error))?;
    let mut docs = Vec::new();
    let mut methods = Vec::new();
    for item in file.items {
        match item {
            syn::Item::Struct(client) if client.ident == "Client" => {
                docs =
                    client.attrs.into_iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
            }
            syn::Item::Impl(of) if of.trait_.is_none() => {
                methods.extend(of.items.into_iter().filter_map(operation));
            }
            _ => {}
        }
    }
    let ids = body::ids(surface);
    for method in &mut methods {
        body::rewrite(method, &ids)?;
    }
    Ok(quote! {
        use std::sync::Arc;

        use graph_runtime::{Seam, Sending, encode_path};

        #(#docs)*
        #[derive(Clone, Debug)]
        pub struct Client {
            baseurl: Arc<str>,
            inner: Seam,
        }

        impl Client {
            /// A client whose requests are for addresses below `baseurl`, such as `https://graph.microsoft.com/v1.0`, and leave
            /// through `inner`.
            pub fn new(baseurl: impl Into<Arc<str>>, inner: Seam) -> Self {
                Self { baseurl: baseurl.into(), inner }
            }

            #(#methods)*
        }
    })
}

/// The method of an operation, which alone are asynchronous.
fn operation(item: syn::ImplItem) -> Option<syn::ImplItemFn> {
    match item {
        syn::ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
        _ => None,
    }
}

/// The hook is the process's: whoever puts another in its place has to put it back before the next one takes it.
static HOOK: Mutex<()> = Mutex::new(());

/// progenitor panics where it meets what it does not know; its words become an error like any other.
fn quietly<T>(generate: impl FnOnce() -> std::result::Result<T, String>) -> std::result::Result<T, String> {
    let _alone = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
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
