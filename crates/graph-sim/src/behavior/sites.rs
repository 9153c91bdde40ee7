//! The sites of groups. A group's site is there some time after the group, as the builder was told.

use http::StatusCode;
use serde_json::{Value, json};

use super::resource::{OPTIONS, Resource};
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::ids::{self, Kind};
use crate::reply::Reply;
use crate::store::Group;

const SITES: Resource = Resource {
    context: "sites",
    kind: Kind::Site,
    page: 200,
    options: OPTIONS,
    etags: false,
    missing: no_such_item,
};

const LISTS: Resource = Resource {
    context: "lists",
    kind: Kind::List,
    page: 200,
    options: OPTIONS,
    etags: false,
    missing: no_such_item,
};

const HOST: &str = "contoso.sharepoint.example";
/// The lists that a group's site begins with: name, title, template, address within the site.
const FIRST_LISTS: [(&str, &str, &str, &str); 2] = [
    ("Shared Documents", "Documents", "documentLibrary", "Shared%20Documents"),
    ("SitePages", "Site Pages", "webPageLibrary", "SitePages"),
];

/// `GET /groups/{group-id}/sites/{site-id}`
pub(super) fn get_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let group = group_of_path(call)?;
    SITES.one(call, view(call, group))
}

/// `GET /groups/{group-id}/drive`
pub(super) fn drive_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(Reply::ok(call.entity("drives", drive(call, ready(call, group)?))?))
}

/// `GET /sites/{site-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let group = group_of_site(call)?;
    SITES.one(call, view(call, group))
}

/// `GET /groups/{group-id}/sites/{site-id}/sites`
pub(super) fn list_subsites_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    group_of_path(call)?;
    // Nothing here can make one.
    SITES.page(call, Vec::new())
}

/// `GET /sites/{site-id}/sites`
pub(super) fn list_subsites(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    group_of_site(call)?;
    SITES.page(call, Vec::new())
}

/// `GET /groups/{group-id}/sites/{site-id}/lists`
pub(super) fn list_lists_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let lists = lists(group_of_path(call)?);
    LISTS.page(call, lists.collect())
}

/// `GET /sites/{site-id}/lists`
pub(super) fn list_lists(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let lists = lists(group_of_site(call)?);
    LISTS.page(call, lists.collect())
}

/// `GET /sites/{site-id}/lists/{list-id}`, by id or title
pub(super) fn get_list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("list-id");
    let found = lists(group_of_site(call)?).find(|list| list["id"] == id || list["displayName"] == id);
    LISTS.one(call, found.ok_or_else(|| no_such_item(id))?)
}

/// The group of the path, if its site is the one that is addressed, and there.
fn group_of_path<'c>(call: &'c Call<'_>) -> Result<&'c Group, Refusal> {
    let (id, site) = (call.parameters.get("group-id"), call.parameters.get("site-id"));
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    if site == "root" || site == site_id(group) { ready(call, group) } else { Err(no_such_item(site)) }
}

/// The group whose site is addressed, if it is there.
fn group_of_site<'c>(call: &'c Call<'_>) -> Result<&'c Group, Refusal> {
    let site = call.parameters.get("site-id");
    if site == "root" {
        let message = "The simulator has no site of the tenant's own, only those of groups.";
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message));
    }
    let group = call.store.groups().iter().find(|group| site == site_id(group));
    ready(call, group.ok_or_else(|| no_such_item(site))?)
}

/// Nobody can see from the answer whether the site is on its way.
fn ready<'c>(call: &Call<'_>, group: &'c Group) -> Result<&'c Group, Refusal> {
    if call.at >= group.created.saturating_add(call.settings.site_after) {
        Ok(group)
    } else {
        Err(no_such_item("root"))
    }
}

fn no_such_item(_: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "itemNotFound", "The requested site or list was not found.")
}

/// `host,guid,guid`
fn site_id(group: &Group) -> String {
    format!("{HOST},{},{}", ids::guid_of_nobody(&group.id), ids::guid_of_nobody(&group.mail_nickname))
}

fn address(group: &Group) -> String {
    format!("https://{HOST}/sites/{}", group.mail_nickname)
}

fn view(call: &Call<'_>, group: &Group) -> Value {
    let created = clock::utc(group.created.saturating_add(call.settings.site_after));
    json!({
        "id": site_id(group),
        "name": group.mail_nickname,
        "displayName": group.profile.display_name,
        "description": group.profile.description,
        "createdDateTime": created,
        "lastModifiedDateTime": created,
        "webUrl": address(group),
        "root": {},
        "siteCollection": { "hostname": HOST },
    })
}

/// The drive of a site.
pub(super) fn drive_of(call: &Call<'_>, site: &Value) -> Result<Value, Refusal> {
    Ok(drive(call, behind(call, site)?))
}

/// The lists of a site.
pub(super) fn lists_of(call: &Call<'_>, site: &Value) -> Result<Value, Refusal> {
    Ok(lists(behind(call, site)?).collect())
}

/// The group that a site belongs to.
fn behind<'c>(call: &'c Call<'_>, site: &Value) -> Result<&'c Group, Refusal> {
    let id = site["id"].as_str().unwrap_or_default();
    call.store.groups().iter().find(|group| site_id(group) == id).ok_or_else(|| no_such_item(id))
}

/// What a drive holds at most, in bytes.
const QUOTA: u64 = 27_487_790_694_400;

fn drive(call: &Call<'_>, group: &Group) -> Value {
    json!({
        "id": ids::opaque(&format!("drive of {}", group.id)),
        "name": "Documents",
        "driveType": "documentLibrary",
        "createdDateTime": clock::utc(group.created.saturating_add(call.settings.site_after)),
        "webUrl": format!("{}/Shared%20Documents", address(group)),
        "owner": { "user": { "id": group.id, "displayName": group.profile.display_name } },
        "quota": { "deleted": 0, "remaining": QUOTA, "state": "normal", "total": QUOTA, "used": 0 },
    })
}

fn lists(group: &Group) -> impl Iterator<Item = Value> + use<> {
    let (id, site) = (group.id.clone(), address(group));
    FIRST_LISTS.into_iter().map(move |(name, title, template, path)| {
        json!({
            "id": ids::guid_of_nobody(&format!("{name} of {id}")),
            "name": name,
            "displayName": title,
            "webUrl": format!("{site}/{path}"),
            "list": { "contentTypesEnabled": false, "hidden": false, "template": template },
        })
    })
}
