//! The tenant's settings for groups. In beta they have other paths and another type's name, and are the same.

use http::StatusCode;
use serde_json::Value;

use crate::call::{Call, Collection};
use crate::error::Refusal;
use crate::reply::Reply;
use crate::settings::{TEMPLATES, Template};

const PAGE: usize = 100;

/// `GET /groupSettings`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$top", "$skiptoken"])?;
    let settings = call.store.settings.all().iter().map(crate::settings::GroupSetting::view).collect();
    page(call, "groupSettings", "settings", settings)
}

/// `POST /groupSettings`
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.body["templateId"].as_str().unwrap_or_default();
    let template = Template::of(id)
        .ok_or_else(|| Refusal::directory(format!("There is no setting template with the id '{id}'.")))?;
    let values = complete(template, &call.body)?;
    let made = call.store.settings.add(template, values).map(crate::settings::GroupSetting::view);
    let view = made.ok_or_else(|| {
        let what = "A conflicting object with one or more of the specified property values is present";
        Refusal::directory(format!("{what}: there are settings of the template '{id}' already."))
    })?;
    let context = call.in_version("groupSettings", "settings");
    Ok(Reply { status: StatusCode::CREATED, ..Reply::ok(call.entity(context, view)?) })
}

/// `GET /groupSettings/{groupSetting-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select"])?;
    let id = call.parameters.get("groupSetting-id");
    let setting = call.store.settings.find(id).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(Reply::ok(call.entity(call.in_version("groupSettings", "settings"), setting.view())?))
}

/// `PATCH /groupSettings/{groupSetting-id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("groupSetting-id");
    let setting = call.store.settings.find_mut(id).ok_or_else(|| Refusal::no_such_object(id))?;
    setting.replace(complete(setting.template(), &call.body)?);
    Ok(Reply::no_content())
}

/// `DELETE /groupSettings/{groupSetting-id}`
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("groupSetting-id");
    if call.store.settings.remove(id) { Ok(Reply::no_content()) } else { Err(Refusal::no_such_object(id)) }
}

/// `GET /groupSettingTemplates`
pub(super) fn list_templates(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$top", "$skiptoken"])?;
    let templates = TEMPLATES.iter().map(Template::view).collect();
    page(call, "groupSettingTemplates", "directorySettingTemplates", templates)
}

/// `GET /groupSettingTemplates/{groupSettingTemplate-id}`
pub(super) fn get_template(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select"])?;
    let id = call.parameters.get("groupSettingTemplate-id");
    let template = Template::of(id).ok_or_else(|| Refusal::no_such_object(id))?;
    let context = call.in_version("groupSettingTemplates", "directorySettingTemplates");
    Ok(Reply::ok(call.entity(context, template.view())?))
}

fn page(call: &Call<'_>, context: &str, in_beta: &str, objects: Vec<Value>) -> Result<Reply, Refusal> {
    let page_size = call.settings.page_size.unwrap_or(PAGE);
    let collection = Collection { context: call.in_version(context, in_beta), page_size };
    Ok(Reply::ok(call.page(collection, objects)?))
}

/// The values of a body, which must be all that the template names.
fn complete(template: &Template, body: &Value) -> Result<Vec<Value>, Refusal> {
    let values = body["values"].as_array().cloned().unwrap_or_default();
    match template.missing(&values) {
        None => Ok(values),
        Some(name) => {
            let what = format!("'values' lacks '{name}', which the template '{}' names.", template.name);
            Err(Refusal::directory(what))
        }
    }
}
