//! Notebooks, and what stands directly in one.

use serde_json::Value;

use super::{NOTEBOOKS, SECTION_GROUPS, SECTIONS};
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;

const NOT_IN_NOTEBOOKS: &str = "?*/:<>|'\"";
const NOT_IN_SECTIONS: &str = "?*\\/:<>|&#'\"%~";
const PARENT: &str = "parentNotebook";

/// `GET /groups/{group-id}/onenote/notebooks`
pub(in crate::behavior) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::list(call, NOTEBOOKS)
}

/// `POST /groups/{group-id}/onenote/notebooks`
pub(in crate::behavior) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = super::place(call, NOTEBOOKS)?;
    super::create(call, NOTEBOOKS, &place, NOT_IN_NOTEBOOKS, None)
}

/// `GET /groups/{group-id}/onenote/notebooks/{notebook-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::get(call, NOTEBOOKS, "notebook-id")
}

/// `GET /groups/{group-id}/onenote/notebooks/{notebook-id}/sections`
pub(in crate::behavior) fn list_sections(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::list_below(call, SECTIONS, PARENT, &super::find(call, NOTEBOOKS, "notebook-id")?.id)
}

/// `POST /groups/{group-id}/onenote/notebooks/{notebook-id}/sections`
pub(in crate::behavior) fn create_section(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let parent = super::as_parent(super::find(call, NOTEBOOKS, "notebook-id")?);
    let place = super::place(call, SECTIONS)?;
    super::create(call, SECTIONS, &place, NOT_IN_SECTIONS, Some((PARENT, parent)))
}

/// `GET /groups/{group-id}/onenote/notebooks/{notebook-id}/sectionGroups`
pub(in crate::behavior) fn list_section_groups(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::list_at(call, SECTION_GROUPS, &section_groups(call)?)
}

/// `POST /groups/{group-id}/onenote/notebooks/{notebook-id}/sectionGroups`
pub(in crate::behavior) fn create_section_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = section_groups(call)?;
    super::create(call, SECTION_GROUPS, &place, NOT_IN_SECTIONS, None)
}

/// Where the section groups of the addressed notebook are.
fn section_groups(call: &Call<'_>) -> Result<String, Refusal> {
    section_groups_in(call, &super::find(call, NOTEBOOKS, "notebook-id")?.id)
}

/// Where the section groups of a notebook are: what they say of themselves doesn't tell.
fn section_groups_in(call: &Call<'_>, notebook: &str) -> Result<String, Refusal> {
    Ok(format!("{}/{notebook}/sectionGroups", super::place(call, NOTEBOOKS)?))
}

/// The section groups of a notebook.
pub(in crate::behavior) fn section_groups_of(call: &Call<'_>, notebook: &Value) -> Result<Value, Refusal> {
    let place = section_groups_in(call, notebook["id"].as_str().unwrap_or_default())?;
    Ok(call.store.records.all(&place).map(|record| super::view(call, SECTION_GROUPS, record)).collect())
}

/// The sections of a notebook.
pub(in crate::behavior) fn sections_of(call: &Call<'_>, notebook: &Value) -> Result<Value, Refusal> {
    Ok(super::below(call, SECTIONS, PARENT, notebook["id"].as_str().unwrap_or_default())?.into())
}
