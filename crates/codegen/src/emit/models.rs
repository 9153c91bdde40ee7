//! What is read: objects, and families of them.

use quote::quote;
use serde_json::Value;

use super::types::{self, Types};
use super::{Item, doc, doc_of, ident, table};
use crate::escape;
use crate::lower::{ALIASES, ITEM, ODATA_TYPE};

pub(super) fn object(types: &Types<'_>, name: &str, schema: &Value) -> Vec<Item> {
    let docs = doc_of(schema);
    let odata_type = schema[ODATA_TYPE].as_str().unwrap_or_default().trim_start_matches('#');
    let origin =
        (!odata_type.is_empty()).then(|| doc(&format!("On the wire: {}.", escape::code(odata_type))));
    let extra = types.support("Extra");
    let properties = types::properties(schema);
    let fields = properties.iter().map(|(field, _, schema)| {
        let (docs, rust) = (doc_of(schema), types.rust(name, schema));
        quote! { #docs pub #field: Option<#rust>, }
    });
    let rows = properties.iter().map(|(field, property, schema)| {
        let names = std::iter::once(*property).chain(aliases(schema)).map(|name| format!("{name:?}"));
        format!("{field}: {}", names.collect::<Vec<_>>().join(" | "))
    });
    let entity = has_text_id(schema);
    let entity = entity.then(|| Item::Table(format!("graph_runtime::entity! {{ {name} }}\n")));
    let tagged = schema["properties"].get("@odata.etag").is_some();
    let tagged = tagged.then(|| Item::Table(format!("graph_runtime::tagged! {{ {name} }}\n")));
    let table = table("object", name, rows);
    let name = ident(name);
    let gap = (!docs.is_empty() && origin.is_some()).then(|| quote! { #[doc = ""] });
    let declaration = quote! {
        #docs
        #gap
        #origin
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
            /// The properties that this version does not know.
            pub extra: #extra,
        }
    };
    [Item::Rust(declaration), table].into_iter().chain(entity).chain(tagged).collect()
}

/// Other names by which a property is read.
fn aliases(schema: &Value) -> impl Iterator<Item = &str> {
    schema[ALIASES].as_array().into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn family(types: &Types<'_>, name: &str, schema: &Value) -> Vec<Item> {
    let docs = doc_of(schema);
    let unmodelled = types.support("UnmodelledObject");
    let members = types::family(schema);
    let variants: Vec<_> = members.iter().map(|(member, _)| ident(member)).collect();
    let models = members.iter().map(|(member, _)| types.model(member));
    let variant_docs = members.iter().map(|(_, odata_type)| doc(&format!("A {}.", escape::code(odata_type))));
    let rows = members.iter().map(|(member, odata_type)| format!("{member} = {odata_type:?}"));
    let table = table("family", name, rows);
    let identified = members.iter().all(|(member, _)| has_text_id(types.schema(member)));
    let ids = identified.then(|| {
        let members: Vec<_> = members.iter().map(|(member, _)| member.as_str()).collect();
        Item::Table(format!("graph_runtime::family_id! {{ {name} {{ {} }} }}\n", members.join(", ")))
    });
    let name = ident(name);
    let declaration = quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variant_docs #variants(Box<#models>),)*
            /// An object of another type, kept as it came.
            Other(#unmodelled),
        }
    };
    [Item::Rust(declaration), table].into_iter().chain(ids).collect()
}

/// Whether objects of a type are told apart by an `id` as Graph's entities have it.
fn has_text_id(schema: &Value) -> bool {
    let id = &schema["properties"]["id"];
    id["type"] == "string" && id["format"].is_null()
}

pub(super) fn map(types: &Types<'_>, name: &str, schema: &Value) -> Vec<Item> {
    let (docs, open_map) = (doc_of(schema), types.support("OpenMap"));
    let entry = types.rust("", &schema[ITEM]);
    let name = ident(name);
    vec![Item::Rust(quote! { #docs pub type #name = #open_map<#entry>; })]
}
