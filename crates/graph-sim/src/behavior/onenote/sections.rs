//! Sections.

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
    SECTIONS.get(call, &super::place(call, SECTIONS)?, call.parameters.get("onenoteSection-id"))
}

/// `GET /groups/{group-id}/onenote/sections/{onenoteSection-id}/pages`
pub(in crate::behavior) fn list_pages(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let section = super::find(call, SECTIONS, "onenoteSection-id")?.id.clone();
    let place = super::place(call, PAGES)?;
    let pages =
        pages::latest_first(call, &place, |page| page.properties["parentSection"]["id"] == section.as_str());
    PAGES.page(call, pages)
}

/// `POST /groups/{group-id}/onenote/sections/{onenoteSection-id}/pages`
pub(in crate::behavior) fn create_page(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let section = super::find(call, SECTIONS, "onenoteSection-id")?.clone();
    pages::create_in(call, &section)
}
