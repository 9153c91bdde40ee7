//! The providers of courses.

use serde_json::{Value, json};

use super::{bad, check_address, check_texts, for_users_only, missing};
use crate::behavior::resource::{OPTIONS, Resource, body};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::reply::Reply;

const PROVIDERS: Resource = Resource {
    context: "employeeExperience/learningProviders",
    kind: Kind::LearningProvider,
    page: 100,
    options: OPTIONS,
    etags: false,
    missing,
};

pub(super) const PLACE: &str = "learningProviders";
const LOGOS: [&str; 4] = [
    "longLogoWebUrlForDarkTheme",
    "longLogoWebUrlForLightTheme",
    "squareLogoWebUrlForDarkTheme",
    "squareLogoWebUrlForLightTheme",
];

/// `GET /employeeExperience/learningProviders`
pub(in crate::behavior) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    PROVIDERS.list(call, PLACE)
}

/// `POST /employeeExperience/learningProviders`
pub(in crate::behavior) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    check_texts(call, &["displayName"])?;
    check_texts(call, &LOGOS)?;
    check(call, "")?;
    let mut properties = body(call);
    properties.entry("isCourseActivitySyncEnabled").or_insert(json!(false));
    properties.entry("loginWebUrl").or_insert(Value::Null);
    PROVIDERS.create(call, PLACE, properties)
}

/// `GET /employeeExperience/learningProviders/{learningProvider-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    PROVIDERS.get(call, PLACE, id(call))
}

/// `PATCH /employeeExperience/learningProviders/{learningProvider-id}`
pub(in crate::behavior) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    let id = id(call).to_owned();
    check(call, &id)?;
    PROVIDERS.update(call, PLACE, &id)?;
    Ok(Reply::no_content())
}

/// `DELETE /employeeExperience/learningProviders/{learningProvider-id}`
pub(in crate::behavior) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    let id = id(call).to_owned();
    PROVIDERS.delete(call, PLACE, &id)
}

fn id<'c>(call: &'c Call<'_>) -> &'c str {
    call.parameters.get("learningProvider-id")
}

/// Refuses addresses that are not public, and the name that a provider other than `own` has.
fn check(call: &Call<'_>, own: &str) -> Result<(), Refusal> {
    LOGOS.iter().chain(&["loginWebUrl"]).try_for_each(|property| check_address(call, property))?;
    let name = &call.body["displayName"];
    let mut others = call.store.records.all(PLACE).filter(|other| other.id != own);
    if !name.is_null() && others.any(|other| other.properties["displayName"] == *name) {
        return Err(bad(format!("A provider with the name {name} is registered already.")));
    }
    Ok(())
}
