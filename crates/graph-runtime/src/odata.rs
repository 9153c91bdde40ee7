//! OData's envelope around lists.

use serde::{Deserialize, Deserializer, Serialize};

/// One page of a collection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[non_exhaustive]
pub struct Collection<T> {
    /// The items of this page; a page may be empty and still have a successor.
    #[serde(default = "Vec::new", deserialize_with = "null_is_empty")]
    pub value: Vec<T>,
    /// How many items the whole collection has, if that was asked for; only on the first page.
    #[serde(rename = "@odata.count", default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The address of the next page: opaque, absolute.
    #[serde(rename = "@odata.nextLink", default, skip_serializing_if = "Option::is_none")]
    pub next_link: Option<String>,
    /// The address that later answers what changed since; only on the last page of a delta query.
    #[serde(rename = "@odata.deltaLink", default, skip_serializing_if = "Option::is_none")]
    pub delta_link: Option<String>,
}

fn null_is_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
