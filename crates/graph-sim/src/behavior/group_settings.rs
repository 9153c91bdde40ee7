//! The settings for groups, of the tenant and of one group. In beta they have other paths and another type's name, and are
//! the same.

use http::StatusCode;
use serde_json::{Map, Value};

use super::resource;
use crate::call::{Call, Collection};
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::Record;
use crate::reply::Reply;
use crate::settings::{TEMPLATES, Template};

const PAGE: usize = 100;

/// `GET /groupSettings`, and of one group
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let settings = call.store.records.all(&place(call)?).map(Record::view).collect();
    page(call, "groupSettings", "settings", settings)
}

/// `POST /groupSettings`, and of one group
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(call)?;
    let id = call.body["templateId"].as_str().unwrap_or_default();
    let template = Template::of(id)
        .ok_or_else(|| Refusal::directory(format!("There is no setting template with the id '{id}'.")))?;
    if !template.of_group && !call.parameters.get("group-id").is_empty() {
        let what = format!("The template '{}' is for the tenant, not for a group.", template.name);
        return Err(Refusal::directory(what));
    }
    let values = template.completed(&Value::Null, &call.body["values"]).map_err(Refusal::directory)?;
    if call.store.records.all(&place).any(|setting| setting.properties["templateId"] == template.id) {
        let what = "Another object with the same value for property templateId already exists.";
        return Err(Refusal::directory(what));
    }
    let properties = [
        ("displayName".to_owned(), Value::from(template.name)),
        ("templateId".to_owned(), Value::from(template.id)),
        ("values".to_owned(), values),
    ];
    let view = call.store.records.add(&place, Kind::Setting, Map::from_iter(properties)).view();
    let context = call.in_version("groupSettings", "settings");
    Ok(Reply { status: StatusCode::CREATED, ..Reply::ok(call.entity(context, view)?) })
}

/// `GET /groupSettings/{groupSetting-id}`, and of one group
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let (place, id) = (place(call)?, call.parameters.get("groupSetting-id"));
    let setting = call.store.records.find(&place, id).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(Reply::ok(call.entity(call.in_version("groupSettings", "settings"), setting.view())?))
}

/// `PATCH /groupSettings/{groupSetting-id}`, and of one group
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, id) = (place(call)?, call.parameters.get("groupSetting-id"));
    let setting = call.store.records.find_mut(&place, id).ok_or_else(|| Refusal::no_such_object(id))?;
    let template = setting.properties["templateId"].as_str().and_then(Template::of);
    let template = template.ok_or_else(|| Refusal::no_such_object(id))?;
    let values = template.completed(&setting.properties["values"], &call.body["values"]);
    let values = values.map_err(Refusal::directory)?;
    setting.merge(Map::from_iter([("values".to_owned(), values)]));
    Ok(Reply::no_content())
}

/// `DELETE /groupSettings/{groupSetting-id}`, and of one group
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, id) = (place(call)?, call.parameters.get("groupSetting-id"));
    let gone = call.store.records.remove(&place, id);
    gone.map(|_| Reply::no_content()).ok_or_else(|| Refusal::no_such_object(id))
}

/// Where the addressed settings are: the tenant's, or those of a group.
fn place(call: &Call<'_>) -> Result<String, Refusal> {
    match call.parameters.get("group-id") {
        "" => Ok("groupSettings".to_owned()),
        id => {
            let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
            Ok(format!("groups/{}/settings", group.id))
        }
    }
}

/// `GET /groupSettingTemplates`
pub(super) fn list_templates(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let templates = TEMPLATES.iter().map(Template::view).collect();
    page(call, "groupSettingTemplates", "directorySettingTemplates", templates)
}

/// `GET /groupSettingTemplates/{groupSettingTemplate-id}`
pub(super) fn get_template(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let id = call.parameters.get("groupSettingTemplate-id");
    let template = Template::of(id).ok_or_else(|| Refusal::no_such_object(id))?;
    let context = call.in_version("groupSettingTemplates", "directorySettingTemplates");
    Ok(Reply::ok(call.entity(context, template.view())?))
}

fn page(call: &Call<'_>, context: &str, in_beta: &str, objects: Vec<Value>) -> Result<Reply, Refusal> {
    let page_size = call.settings.page_size.unwrap_or(PAGE);
    let objects = resource::asked(call, resource::OPTIONS, objects)?;
    Ok(Reply::ok(call.page(Collection::new(call.in_version(context, in_beta), page_size), objects)?))
}
