//! Traits of `graph-runtime` that generated types have by what the operations do with them: results of long-running operations, and objects
//! whose changes the service tells.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;

use super::types::field;
use super::{Item, doc, format, ident};
use crate::lower::{ITEM, KIND, target};
use crate::names;
use crate::problem::{Problem, Result};
use crate::surface::{Operation, ResultOf, StatusForm, Surface};

/// The file, if there is anything in it.
pub(super) fn emit(lowered: &Value, surface: &Surface) -> Result<Option<String>> {
    let mut items: Vec<Item> = Vec::new();
    let mut told = BTreeSet::new();
    for (name, result) in &surface.long_running.results {
        let emitter = Emitter { lowered, surface, name };
        items.extend(emitter.result(result, &mut told)?.into_iter().map(Item::Rust));
    }
    items.extend(tracked(lowered, surface).into_iter().map(|name| Item::Rust(tracks(&name))));
    if items.is_empty() {
        return Ok(None);
    }
    let docs = doc("What types are by what the operations do with them.");
    let docs = docs.to_string().replace("# [", "#![").parse::<TokenStream>().unwrap_or_default();
    format(Item::Rust(docs), items).map(Some)
}

/// The name of the static by which a result's operations are followed.
pub(super) fn following(result: &str) -> proc_macro2::Ident {
    ident(&names::screaming(&names::snake(result)))
}

fn rust_name(short: &str) -> String {
    names::type_name(short)
}

struct Emitter<'a> {
    lowered: &'a Value,
    surface: &'a Surface,
    /// The short name of the result.
    name: &'a str,
}

impl Emitter<'_> {
    /// How one result is followed and, unless it was `told` already, how its status reads.
    fn result(&self, result: &ResultOf, told: &mut BTreeSet<String>) -> Result<Vec<TokenStream>> {
        let short = self.name;
        let Some(type_name) = self.type_of(short) else {
            return Err(self.problem(format!("there is no type `{short}` among those that are kept")));
        };
        let started_by = self.row(&result.started_by)?;
        let (polled_by, read_by) = (self.row(&result.polled_by)?, self.row(&result.read_by)?);
        let seen_by = result.seen_by.iter().map(|id| self.row(id)).collect::<Result<Vec<_>>>()?;
        let polled = self.surface.named(short, &result.polled_by)?;
        let status = answer(self.lowered, polled).ok_or_else(|| {
            self.problem(format!("`{}` answers with no object that could tell a status", polled.id))
        })?;
        let of_status = &self.lowered["components"]["schemas"][status];
        let forms = &self.surface.long_running.statuses;
        let form = forms.iter().find(|(short, _)| rust_name(short) == status).map(|(_, form)| form);
        let form = form.ok_or_else(|| {
            self.problem(format!("there is no `[statuses]` of what `{}` answers with", polled.id))
        })?;
        let StatusForm { succeeded, failed, least_seconds, .. } = form;
        let least = Literal::u64_unsuffixed(*least_seconds);
        let usual = form.seconds.map(Literal::u64_unsuffixed).map(|usual| {
            quote! { .usual_interval(std::time::Duration::from_secs(#usual)) }
        });
        let seen = (!seen_by.is_empty()).then(|| quote! { .seen_by(&[#(#seen_by),*]) });
        let (symbol, model, status_model) = (following(short), ident(&type_name), ident(status));
        let docs = doc(&std::format!(
            "How operations are followed that end in a [`{type_name}`](crate::models::{type_name})."
        ));
        let following = quote! {
            #docs
            pub(super) static #symbol: graph_runtime::LongRunning =
                graph_runtime::LongRunning::new(#polled_by, #read_by, std::time::Duration::from_secs(#least))
                    .words(&[#(#succeeded),*], &[#(#failed),*])
                    #usual
                    #seen;
        };
        let implementation = quote! {
            impl graph_runtime::LongRunningResult for super::models::#model {
                type Status = super::models::#status_model;

                fn started_by() -> &'static graph_runtime::OperationInfo {
                    #started_by
                }

                fn long_running() -> &'static graph_runtime::LongRunning {
                    &#symbol
                }
            }
        };
        let mut items = vec![following, implementation];
        if told.insert(status.to_owned()) {
            items.push(self.report(status, of_status, form)?);
        }
        Ok(items)
    }

    /// What a status of this form says.
    fn report(&self, name: &str, schema: &Value, form: &StatusForm) -> Result<TokenStream> {
        let one = |path: &Option<String>| path.iter().cloned().collect::<Vec<_>>();
        let rows = [
            ("status", vec!["status".to_owned()]),
            ("detail", form.detail.clone()),
            ("code", one(&form.code)),
            ("resource_id", one(&form.resource_id)),
            ("resource_location", one(&form.resource_location)),
            ("percent_complete", one(&form.percent_complete)),
        ];
        let mut lines = Vec::new();
        for (member, paths) in rows.iter().filter(|(_, paths)| !paths.is_empty()) {
            let values = paths.iter().map(|path| self.value(schema, path)).collect::<Result<Vec<_>>>()?;
            let (first, others) = values.split_at(1);
            let member = ident(member);
            lines.push(quote! { report.#member = #(#first)*#(.or_else(|| #others))*; });
        }
        let model = ident(name);
        Ok(quote! {
            impl From<super::models::#model> for graph_runtime::StatusReport {
                fn from(status: super::models::#model) -> Self {
                    let mut report = Self::default();
                    #(#lines)*
                    report
                }
            }
        })
    }

    /// The text at a path of properties.
    fn value(&self, schema: &Value, path: &str) -> Result<TokenStream> {
        let mut place = schema;
        let mut tokens = quote! { Some(&status) };
        for name in path.split('/') {
            let property = place["properties"].get(name).ok_or_else(|| {
                self.problem(std::format!("a `[statuses]` names `{path}`, and there is no such property"))
            })?;
            let member = field(name, property);
            tokens = quote! { #tokens.and_then(|it| it.#member.as_ref()) };
            place = target(property).map_or(property, |name| &self.lowered["components"]["schemas"][name]);
        }
        Ok(quote! { #tokens.map(|it| it.as_str().to_owned()) })
    }

    fn row(&self, id: &str) -> Result<TokenStream> {
        let operation = self.surface.named(self.name, id)?;
        let symbol = ident(&names::screaming(&operation.id));
        Ok(quote! { &super::operations::#symbol })
    }

    /// The Rust name of the type that goes by a short name.
    fn type_of(&self, short: &str) -> Option<String> {
        let name = rust_name(short);
        let is_kept = self.lowered["components"]["schemas"][&name][KIND] == "object";
        is_kept.then_some(name)
    }

    fn problem(&self, what: impl std::fmt::Display) -> Problem {
        Problem::at(std::format!("{}: [results.{}]", self.surface.file, self.name), what.to_string())
            .help("see the head of spec/surface.toml for what belongs there")
    }
}

/// The component that an operation answers with.
fn answer<'l>(lowered: &'l Value, operation: &Operation) -> Option<&'l str> {
    let responses = &lowered["paths"][&operation.path][&operation.method]["responses"];
    let mut responses = responses.as_object()?.values();
    responses.find_map(|response| target(&response["content"]["application/json"]["schema"]))
}

/// The types that delta functions list.
fn tracked(lowered: &Value, surface: &Surface) -> BTreeSet<String> {
    let deltas = surface.operations.iter().filter(|operation| operation.path.ends_with("delta()"));
    let items = deltas.filter_map(|operation| {
        let list = &lowered["components"]["schemas"][answer(lowered, operation)?];
        let item = target(&list[ITEM])?;
        let schema = &lowered["components"]["schemas"][item];
        let has_id = schema["properties"]["id"]["type"] == "string";
        (schema[KIND] == "object" && has_id).then(|| item.to_owned())
    });
    items.collect()
}

fn tracks(name: &str) -> TokenStream {
    let model = ident(name);
    quote! {
        impl graph_runtime::Tracked for super::models::#model {
            fn id(&self) -> Option<&str> {
                self.id.as_deref()
            }

            fn extra(&self) -> &graph_runtime::Extra {
                &self.extra
            }
        }
    }
}
