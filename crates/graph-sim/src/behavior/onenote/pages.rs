//! Pages and their content.

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::form::{self, Part};
use super::{PAGES, SECTIONS};
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::records::Record;
use crate::reply::{Body, Reply};

/// `GET /groups/{group-id}/onenote/pages`
pub(in crate::behavior) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = super::place(call, PAGES)?;
    PAGES.page(call, latest_first(call, &place, |_| true))
}

/// `POST /groups/{group-id}/onenote/pages`: the default section is the first of all.
pub(in crate::behavior) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let sections = super::place(call, SECTIONS)?;
    let default = call.store.records.all(&sections).next().cloned();
    create_in(call, &default.ok_or_else(|| super::no_such_item(""))?)
}

/// `GET /groups/{group-id}/onenote/pages/{onenotePage-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::get(call, PAGES, "onenotePage-id")
}

/// `GET /groups/{group-id}/onenote/pages/{onenotePage-id}/content`
pub(in crate::behavior) fn get_content(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let page = super::find(call, PAGES, "onenotePage-id")?;
    let content =
        call.store.records.find(&contents(call)?, &page.id).ok_or_else(|| super::no_such_item(""))?;
    let html = content.properties["html"].as_str().unwrap_or_default().to_owned();
    let reply = Reply { body: Body::Raw(html.into()), ..Reply::empty(StatusCode::OK) };
    Ok(reply.header(CONTENT_TYPE, "text/html"))
}

/// `DELETE /groups/{group-id}/onenote/pages/{onenotePage-id}`
pub(in crate::behavior) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, contents) = (super::place(call, PAGES)?, contents(call)?);
    let id = call.parameters.get("onenotePage-id").to_owned();
    call.store.records.remove(&contents, &id);
    PAGES.delete(call, &place, &id)
}

/// The pages that meet a condition, as OneNote lists them.
pub(super) fn latest_first(call: &Call<'_>, place: &str, condition: impl Fn(&Record) -> bool) -> Vec<Value> {
    let pages = call.store.records.all(place).rev();
    pages.filter(|page| condition(page)).map(|page| super::view(call, PAGES, page)).collect()
}

/// Makes a page in a section, from what the request holds.
pub(super) fn create_in(call: &mut Call<'_>, section: &Record) -> Result<Reply, Refusal> {
    let (html, parts) = content(call)?;
    let (place, contents) = (super::place(call, PAGES)?, contents(call)?);
    let at = clock::utc(call.at);
    let page = Map::from_iter([
        ("title".to_owned(), json!(title(&html))),
        ("createdByAppId".to_owned(), json!(call.caller.app)),
        ("createdDateTime".to_owned(), json!(at)),
        ("lastModifiedDateTime".to_owned(), json!(at)),
        ("level".to_owned(), json!(0)),
        ("order".to_owned(), json!(0)),
        ("parentSection".to_owned(), super::as_parent(section)),
        ("parentNotebook".to_owned(), section.properties["parentNotebook"].clone()),
    ]);
    let record = call.store.records.add(&place, PAGES.kind, page).clone();
    let view = super::view(call, PAGES, &record);
    let id = record.id;
    let resources = format!("{}{}/{}", call.root, call.base_path, place.replace("/pages", "/resources"));
    let html = with_resources(&html, &parts, &format!("{resources}/{id}"));
    call.store.records.put(&contents, id, Map::from_iter([("html".to_owned(), json!(html))]));
    PAGES.created(call, view)
}

/// Where the contents of pages are kept, below the place of the pages.
pub(super) const CONTENTS: &str = "contents";

/// Where the contents of the group's pages are kept.
pub(super) fn contents(call: &Call<'_>) -> Result<String, Refusal> {
    super::place(call, PAGES).map(|place| format!("{place}/{CONTENTS}"))
}

/// The HTML of a page to be made, and the parts beside it.
fn content(call: &Call<'_>) -> Result<(String, Vec<Part>), Refusal> {
    let kind = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (html, parts) = match form::essence(kind) {
        "text/html" | "application/xhtml+xml" => (call.content.clone(), Vec::new()),
        "multipart/form-data" => {
            let mut parts = form::parts(kind, call.content).map_err(Refusal::bad_request)?;
            let is_page = |part: &Part| part.name.eq_ignore_ascii_case("presentation");
            let page = parts.iter().position(is_page).map(|index| parts.remove(index));
            let page = page.filter(|page| {
                matches!(form::essence(&page.media_type), "text/html" | "application/xhtml+xml")
            });
            let page =
                page.ok_or_else(|| Refusal::bad_request("There is no part 'Presentation' of HTML."))?;
            (page.content, parts)
        }
        other => {
            let message = format!("A page is made of HTML or of a multipart form, not of '{other}'.");
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "20110", message));
        }
    };
    let html = String::from_utf8(html.into()).map_err(|_| Refusal::bad_request("The HTML is not UTF-8."))?;
    if html.trim().is_empty() {
        return Err(Refusal::bad_request("The page has no content."));
    }
    let missing = shown(&html).find(|name| !parts.iter().any(|part| part.name == *name)).map(str::to_owned);
    match missing {
        Some(name) => Err(Refusal::bad_request(format!("The HTML shows a part '{name}' that isn't there."))),
        None => Ok((html, parts)),
    }
}

/// The names of the parts that HTML shows.
fn shown(html: &str) -> impl Iterator<Item = &str> {
    html.split("\"name:").skip(1).filter_map(|rest| rest.split('"').next())
}

/// HTML as it is read: a part has become a resource with an address.
fn with_resources(html: &str, parts: &[Part], resources: &str) -> String {
    parts.iter().enumerate().fold(html.to_owned(), |html, (index, part)| {
        let address = format!("{resources}-{index}/$value");
        let shown = format!(
            "\"{address}\" data-src-type=\"{}\" data-length=\"{}\"",
            part.media_type,
            part.content.len()
        );
        html.replace(&format!("\"name:{}\"", part.name), &shown)
    })
}

/// The text of the title; none is empty.
fn title(html: &str) -> String {
    let title = html.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let title = title.map_or("", |(title, _)| title.trim());
    title.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
