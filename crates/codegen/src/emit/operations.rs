//! The operation table and the buckets.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::{Item, doc, format, ident};
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
    let rows = operations.iter().map(|operation| Item::Rust(row(lowered, operation, limits)));
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

fn row(lowered: &Value, operation: &Operation, limits: &Limits) -> TokenStream {
    let lowered = &lowered["paths"][&operation.path][&operation.method];
    let docs = match lowered["description"].as_str() {
        Some(description) => doc(description),
        None => doc(&escape::code(&format!("{} {}", operation.method.to_uppercase(), operation.path))),
    };
    let Operation { id, path, idempotent, starts_operation, delegated, application, .. } = operation;
    let resource_specific = &operation.resource_specific;
    let conditional = operation.beside.iter().map(conditional_scope);
    let (name, symbol) = (Surface::method_name(id), ident(&names::screaming(id)));
    let method = operation.method.to_uppercase();
    let bucket = match limits.of(id) {
        Some(bucket) => {
            let bucket = ident(&names::screaming(&bucket.id));
            quote! { Some(&#bucket) }
        }
        None => quote! { None },
    };
    let clouds = operation.clouds.iter().copied().map(cloud);
    let versions = operation.versions.iter().copied().map(version);
    let media_type = optional(lowered[MEDIA_TYPE].as_str());
    let beta_template = optional(operation.beta_path.as_deref());
    let required_headers =
        lowered[REQUIRED_HEADERS].as_array().into_iter().flatten().filter_map(Value::as_str);
    let success = lowered[SUCCESS].as_array().into_iter().flatten().filter_map(Value::as_u64);
    let success = success.map(proc_macro2::Literal::u64_unsuffixed);
    quote! {
        #docs
        pub static #symbol: OperationInfo = OperationInfo {
            id: #id,
            name: #name,
            method: #method,
            template: #path,
            beta_template: #beta_template,
            idempotent: #idempotent,
            starts_operation: #starts_operation,
            bucket: #bucket,
            clouds: &[#(#clouds),*],
            versions: &[#(#versions),*],
            delegated_scopes: &[#(#delegated),*],
            application_scopes: &[#(#application),*],
            resource_specific_scopes: &[#(#resource_specific),*],
            conditional_scopes: &[#(#conditional),*],
            required_headers: &[#(#required_headers),*],
            media_type: #media_type,
            success: &[#(#success),*],
        };
    }
}

fn conditional_scope(beside: &Beside) -> TokenStream {
    let Beside { permission, condition } = beside;
    quote! { ConditionalScope { scope: #permission, condition: #condition } }
}

fn optional(text: Option<&str>) -> TokenStream {
    text.map_or_else(|| quote! { None }, |text| quote! { Some(#text) })
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
