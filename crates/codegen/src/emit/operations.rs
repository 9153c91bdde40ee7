//! The operation table and the buckets.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::{Item, doc, format, ident, traits};
use crate::escape;
use crate::limits::{Bucket, Limits, Quota};
use crate::lower::{MEDIA_TYPE, REQUIRED_HEADERS, SUCCESS};
use crate::names;
use crate::permissions::corrections::Beside;
use crate::problem::Result;
use crate::surface::{CloudName, Operation, Surface, Version};

pub(super) fn emit(lowered: &Value, surface: &Surface, limits: &Limits) -> Result<String> {
    let mut operations: Vec<_> = surface.operations.iter().collect();
    operations.sort_by_key(|operation| Surface::method_name(&operation.id));
    let statics: Vec<_> =
        operations.iter().map(|operation| ident(&names::screaming(&operation.id))).collect();
    let rows = operations.iter().map(|operation| Item::Rust(row(lowered, operation, surface, limits)));
    let buckets = limits.buckets.iter().map(|of| Item::Rust(bucket(of)));
    let quotas = limits.buckets.iter().any(|bucket| !bucket.quotas.is_empty());
    let quotas = quotas.then(|| quote! { use std::time::Duration; use graph_runtime::Quota; });
    let bucket_type = (!limits.buckets.is_empty()).then(|| quote! { use graph_runtime::Bucket; });
    let conditional = operations.iter().any(|operation| !operation.beside.is_empty());
    let conditional = conditional.then(|| quote! { use graph_runtime::ConditionalScope; });
    let imports = quote! { #quotas #bucket_type #conditional };
    let head = quote! {
        #![doc = " What is known of each operation before it is called, and the rate limits that operations share."]
        #imports
        use graph_runtime::{ApiVersion, Cloud, OperationInfo};
    };
    let table = quote! {
        /// Every operation, sorted by the name of its method.
        pub static OPERATIONS: &[&OperationInfo] = &[#(&#statics),*];

        /// The operation that people call `id`.
        pub fn operation(id: &str) -> Option<&'static OperationInfo> {
            OPERATIONS.iter().find(|operation| operation.id == id).copied()
        }
    };
    format(Item::Rust(head), std::iter::once(Item::Rust(table)).chain(rows).chain(buckets).collect())
}

fn row(lowered: &Value, operation: &Operation, surface: &Surface, limits: &Limits) -> TokenStream {
    let lowered = &lowered["paths"][&operation.path][&operation.method];
    let docs = match lowered["description"].as_str() {
        Some(description) => doc(description),
        None => doc(&escape::code(&format!("{} {}", operation.method.to_uppercase(), operation.path))),
    };
    let Operation { id, path, delegated, application, resource_specific, .. } = operation;
    let (name, symbol) = (Surface::method_name(id), ident(&names::screaming(id)));
    let method = operation.method.to_uppercase();
    let clouds = operation.clouds.iter().copied().map(cloud);
    let versions = operation.versions.iter().copied().map(version);
    let required_headers: Vec<_> =
        lowered[REQUIRED_HEADERS].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let success = lowered[SUCCESS].as_array().into_iter().flatten().filter_map(Value::as_u64);
    let success = success.map(proc_macro2::Literal::u64_unsuffixed);
    let conditional = operation.beside.iter().map(conditional_scope);
    let mut facts = vec![quote! { .clouds(&[#(#clouds),*]) }, quote! { .versions(&[#(#versions),*]) }];
    // What `OperationInfo::new` takes for granted is left out.
    let mut fact = |holds: bool, tokens: TokenStream| facts.extend(holds.then_some(tokens));
    let beta_template = operation.beta_path.iter();
    fact(operation.beta_path.is_some(), quote! { #(.beta_template(#beta_template))* });
    let idempotent = operation.idempotent;
    fact(idempotent == (method == "POST"), quote! { .idempotent(#idempotent) });
    let following = surface.result_of(id).map(traits::following);
    fact(operation.starts_operation && following.is_none(), quote! { .starts_operation() });
    let following = following.iter();
    fact(following.len() > 0, quote! { #(.long_running(&super::traits::#following))* });
    let bucket = limits.of(id).map(|bucket| ident(&names::screaming(&bucket.id)));
    fact(bucket.is_some(), quote! { .bucket(&#bucket) });
    fact(operation.knows_scopes, quote! { .scopes(&[#(#delegated),*], &[#(#application),*]) });
    fact(!resource_specific.is_empty(), quote! { .resource_specific_scopes(&[#(#resource_specific),*]) });
    fact(!operation.beside.is_empty(), quote! { .conditional_scopes(&[#(#conditional),*]) });
    fact(!required_headers.is_empty(), quote! { .required_headers(&[#(#required_headers),*]) });
    let media_type = lowered[MEDIA_TYPE].as_str().into_iter();
    fact(lowered[MEDIA_TYPE].is_string(), quote! { #(.media_type(#media_type))* });
    quote! {
        #docs
        pub static #symbol: OperationInfo = OperationInfo::new(#id, #name, #method, #path)
            #(#facts)*
            .success(&[#(#success),*]);
    }
}

fn conditional_scope(beside: &Beside) -> TokenStream {
    let Beside { permission, condition } = beside;
    quote! { ConditionalScope { scope: #permission, condition: #condition } }
}

fn bucket(bucket: &Bucket) -> TokenStream {
    let Bucket { id, quotas, scope, .. } = bucket;
    let scope: Vec<_> = scope.iter().map(|part| part.as_str()).collect();
    let published: Vec<_> = quotas.iter().map(describe).collect();
    let published = if quotas.is_empty() { "No quota published".to_owned() } else { published.join(", ") };
    let docs = doc(&format!("{published}; for each {}.", scope.join(" and ")));
    let symbol = ident(&names::screaming(id));
    let quotas = quotas.iter().map(|quota| {
        let requests = proc_macro2::Literal::u32_unsuffixed(quota.requests);
        let seconds = proc_macro2::Literal::u64_unsuffixed(quota.window_seconds);
        quote! { Quota { requests: #requests, window: Duration::from_secs(#seconds) } }
    });
    quote! {
        #docs
        pub static #symbol: Bucket = Bucket { id: #id, quotas: &[#(#quotas),*], scope: &[#(#scope),*] };
    }
}

pub(super) fn describe(quota: &Quota) -> String {
    match quota {
        Quota { requests, window_seconds: 0 } => format!("{requests} requests at the same time"),
        Quota { requests, window_seconds } => format!("{requests} requests in {window_seconds} s"),
    }
}

fn cloud(cloud: CloudName) -> TokenStream {
    match cloud {
        CloudName::Global => quote! { Cloud::Global },
        CloudName::UsGov => quote! { Cloud::UsGov },
        CloudName::UsGovDod => quote! { Cloud::UsGovDod },
        CloudName::China => quote! { Cloud::China },
    }
}

fn version(version: Version) -> TokenStream {
    match version {
        Version::V1 => quote! { ApiVersion::V1 },
        Version::Beta => quote! { ApiVersion::Beta },
    }
}
