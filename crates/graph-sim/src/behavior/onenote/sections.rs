//! Sections.

use serde_json::Value;

use super::{PAGES, SECTIONS, pages};
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;

/// `GET /groups/{group-id}/onenote/sections`
pub(in crate::behavior) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::list(call, SECTIONS)
}

/// `GET /groups/{group-id}/onenote/sections/{onenoteSection-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::get(call, SECTIONS, "onenoteSection-id")
}

/// `GET /groups/{group-id}/onenote/sections/{onenoteSection-id}/pages`
pub(in crate::behavior) fn list_pages(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let pages = pages_in(call, &super::find(call, SECTIONS, "onenoteSection-id")?.id)?;
    PAGES.page(call, pages)
}

fn pages_in(call: &Call<'_>, section: &str) -> Result<Vec<Value>, Refusal> {
    let place = super::place(call, PAGES)?;
    Ok(pages::latest_first(call, &place, |page| page.properties["parentSection"]["id"] == section))
}

/// The pages of a section.
pub(in crate::behavior) fn pages_of(call: &Call<'_>, section: &Value) -> Result<Value, Refusal> {
    Ok(pages_in(call, section["id"].as_str().unwrap_or_default())?.into())
}

/// `POST /groups/{group-id}/onenote/sections/{onenoteSection-id}/pages`
pub(in crate::behavior) fn create_page(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let section = super::find(call, SECTIONS, "onenoteSection-id")?.clone();
    pages::create_in(call, &section)
}
