//! Open enums.

use quote::quote;
use serde_json::Value;

use super::types::Types;
use super::{Item, doc, doc_of, ident, table};
use crate::docs::MEMBERS;
use crate::lower::MEMBER_NAMES;
use crate::names;

pub(super) fn emit(types: &Types<'_>, name: &str, schema: &Value) -> Vec<Item> {
    let docs = doc_of(schema);
    let unknown = types.support("UnknownValue");
    let members: Vec<_> = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let name_of = |member: &str| schema[MEMBER_NAMES][member].as_str().map(str::to_owned);
    let variants: Vec<_> = members
        .iter()
        .map(|member| ident(&name_of(member).unwrap_or_else(|| names::variant(member))))
        .collect();
    let member_docs = members.iter().map(|member| doc(schema[MEMBERS][member].as_str().unwrap_or_default()));
    let rows = members.iter().zip(&variants).map(|(member, variant)| format!("{variant} = {member:?}"));
    let table = table("open_enum", name, rows);
    let name = ident(name);
    let declaration = quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #name {
            #(#member_docs #variants,)*
            /// A member that this version does not know, as the service wrote it.
            Unknown(#unknown),
        }
    };
    vec![Item::Rust(declaration), table]
}
