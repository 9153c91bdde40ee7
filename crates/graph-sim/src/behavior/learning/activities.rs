//! Course activities: apps report them, under the rules of licences and of the provider's switch; learners read them.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{bad, contents, for_apps_only, for_users_only, forbidden, missing, providers};
use crate::behavior::resource::{OPTIONS, Resource, TYPE, body};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::Record;
use crate::reply::Reply;

const ACTIVITIES: Resource = Resource {
    context: "learningCourseActivities",
    kind: Kind::CourseActivity,
    page: 10,
    options: OPTIONS,
    etags: false,
    missing,
};

/// Where the users are who have no licence.
pub(crate) const UNLICENSED: &str = "unlicensedLearners";
const ASSIGNMENT: &str = "#microsoft.graph.learningAssignment";
const SELF_INITIATED: &str = "#microsoft.graph.learningSelfInitiatedCourse";
const EXTERNAL_ID: &str = "externalcourseActivityId";

/// `POST …/learningProviders/{learningProvider-id}/learningCourseActivities`
pub(in crate::behavior) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_apps_only(call)?;
    let provider = enabled_provider(call)?;
    let properties = typed(call);
    check(call, &provider, &properties)?;
    let external_id = text(&properties, EXTERNAL_ID).to_owned();
    if !external_id.is_empty() && call.store.records.find(&index(&provider), &external_id).is_some() {
        return Err(bad(format!("Another activity has the external id '{external_id}'.")));
    }
    let record = call.store.records.add(&place(&provider), ACTIVITIES.kind, properties);
    let (id, view) = (record.id.clone(), record.view());
    if !external_id.is_empty() {
        let entry = Map::from_iter([("id".to_owned(), Value::String(id))]);
        call.store.records.put(&index(&provider), external_id, entry);
    }
    Ok(Reply { status: StatusCode::CREATED, ..one(call, view)? })
}

/// `PATCH …/learningProviders/{learningProvider-id}/learningCourseActivities/{learningCourseActivity-id}`
pub(in crate::behavior) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_apps_only(call)?;
    let provider = enabled_provider(call)?;
    let id = activity(call).to_owned();
    let before = call.store.records.find(&place(&provider), &id).ok_or_else(|| missing(&id))?;
    let change = typed(call);
    for fixed in [TYPE, EXTERNAL_ID] {
        if change.get(fixed).is_some_and(|value| before.properties.get(fixed) != Some(value)) {
            return Err(bad(format!("The '{fixed}' of an activity can't be changed here.")));
        }
    }
    if !change.contains_key(TYPE) {
        return Err(bad("The required field '@odata.type' is missing or empty."));
    }
    let after: Map<_, _> = before.properties.to_map().into_iter().chain(change.clone()).collect();
    check(call, &provider, &after)?;
    if let Some(record) = call.store.records.find_mut(&place(&provider), &id) {
        record.merge(change);
    }
    Ok(Reply::no_content())
}

/// `DELETE …/learningProviders/{learningProvider-id}/learningCourseActivities/{learningCourseActivity-id}`
pub(in crate::behavior) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_apps_only(call)?;
    let provider = enabled_provider(call)?;
    let id = activity(call).to_owned();
    let gone = call.store.records.remove(&place(&provider), &id).ok_or_else(|| missing(&id))?;
    call.store.records.remove(&index(&provider), text(&gone.properties, EXTERNAL_ID));
    Ok(Reply::no_content())
}

/// `GET …/learningProviders/{learningProvider-id}/learningCourseActivities/{learningCourseActivity-id}`
pub(in crate::behavior) fn get_of_provider(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let provider = super::provider(call)?;
    let found = call.store.records.find(&place(&provider), activity(call));
    shown(call, activity(call), found)
}

/// `GET …/learningCourseActivities(externalcourseActivityId='{externalcourseActivityId}')`
pub(in crate::behavior) fn get_of_provider_by_external_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let provider = super::provider(call)?;
    let external_id = call.parameters.get(EXTERNAL_ID);
    let entry = call.store.records.find(&index(&provider), external_id);
    let found = entry.and_then(|it| call.store.records.find(&place(&provider), text(&it.properties, "id")));
    shown(call, external_id, found)
}

/// `GET /employeeExperience/learningCourseActivities/{learningCourseActivity-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    shown(call, activity(call), find(call, activity(call)))
}

/// `GET /me/employeeExperience/learningCourseActivities/{learningCourseActivity-id}`
pub(in crate::behavior) fn get_mine(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    get(call)
}

/// `GET /users/{user-id}/employeeExperience/learningCourseActivities/{learningCourseActivity-id}`
pub(in crate::behavior) fn get_of_user(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let learner = user(call)?;
    let found = find(call, activity(call)).filter(|it| text(&it.properties, "learnerUserId") == learner);
    shown(call, activity(call), found)
}

/// `GET /me/employeeExperience/learningCourseActivities`
pub(in crate::behavior) fn list_mine(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    let me = call.caller.user.clone().unwrap_or_default();
    list(call, &me)
}

/// `GET /users/{user-id}/employeeExperience/learningCourseActivities`
pub(in crate::behavior) fn list_of_user(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    for_users_only(call)?;
    let learner = user(call)?;
    if call.caller.user.as_ref() != Some(&learner) {
        return Err(forbidden("A user may read their own course activities only."));
    }
    list(call, &learner)
}

fn list(call: &Call<'_>, learner: &str) -> Result<Reply, Refusal> {
    let own = all(call).filter(|it| text(&it.properties, "learnerUserId") == learner);
    ACTIVITIES.page(call, own.map(Record::view).collect())
}

/// An activity that the caller may see: an app any, a user their own.
fn shown(call: &Call<'_>, id: &str, found: Option<&Record>) -> Result<Reply, Refusal> {
    let may_see = |it: &&Record| match &call.caller.user {
        Some(user) => text(&it.properties, "learnerUserId") == user,
        None => true,
    };
    let record = found.filter(may_see).ok_or_else(|| missing(id))?;
    call.query.allow(&["$select", "$expand"])?;
    one(call, record.view())
}

fn one(call: &Call<'_>, object: Value) -> Result<Reply, Refusal> {
    Ok(Reply::ok(call.entity(ACTIVITIES.context, object)?))
}

/// The body as properties, of which its type is one: there are two kinds of activities.
fn typed(call: &Call<'_>) -> Map<String, Value> {
    let kind = call.body.get(TYPE).map(|kind| (TYPE.to_owned(), kind.clone()));
    body(call).into_iter().chain(kind).collect()
}

/// The activities that a provider reports.
pub(in crate::behavior) fn of_provider(call: &Call<'_>, provider: &Value) -> Value {
    let all = call.store.records.all(&place(provider["id"].as_str().unwrap_or_default()));
    all.map(Record::view).collect()
}

fn all<'c>(call: &'c Call<'_>) -> impl Iterator<Item = &'c Record> {
    let records = &call.store.records;
    records.all(providers::PLACE).flat_map(|provider| records.all(&place(&provider.id)))
}

fn find<'c>(call: &'c Call<'_>, id: &str) -> Option<&'c Record> {
    let records = &call.store.records;
    records.all(providers::PLACE).find_map(|provider| records.find(&place(&provider.id), id))
}

fn activity<'c>(call: &'c Call<'_>) -> &'c str {
    call.parameters.get("learningCourseActivity-id")
}

/// The id of the user that the path names.
fn user(call: &Call<'_>) -> Result<String, Refusal> {
    let key = call.parameters.get("user-id");
    call.store.user(key).map(|user| user.id.clone()).ok_or_else(|| missing(key))
}

fn place(provider: &str) -> String {
    format!("learningProviders/{provider}/learningCourseActivities")
}

/// Where the ids are by external ids.
fn index(provider: &str) -> String {
    format!("learningProviders/{provider}/learningCourseActivitiesByExternalId")
}

/// The id of the provider that the path names, which must report its activities.
fn enabled_provider(call: &Call<'_>) -> Result<String, Refusal> {
    let id = call.parameters.get("learningProvider-id");
    let provider = call.store.records.find(providers::PLACE, id);
    let provider =
        provider.ok_or_else(|| bad(format!("There is no provider with the registration id '{id}'.")))?;
    if provider.properties["isCourseActivitySyncEnabled"] != true {
        return Err(bad(
            "The provider is not enabled for course activities: set 'isCourseActivitySyncEnabled'.",
        ));
    }
    Ok(provider.id.clone())
}

/// What every state of an activity has to keep to.
fn check(call: &Call<'_>, provider: &str, it: &Map<String, Value>) -> Result<(), Refusal> {
    let kind = text(it, TYPE);
    let statuses: &[&str] = match kind {
        ASSIGNMENT => &["notStarted", "inProgress", "completed"],
        SELF_INITIATED => &["inProgress", "completed"],
        _ => {
            return Err(bad(format!(
                "The '@odata.type' must be {ASSIGNMENT} or {SELF_INITIATED}, not '{kind}'."
            )));
        }
    };
    let required = ["learnerUserId", "learningContentId", "status"].into_iter();
    let required = required.chain((kind == ASSIGNMENT).then_some("assignmentType"));
    if let Some(missing) = required.into_iter().find(|name| text(it, name).is_empty()) {
        return Err(bad(format!("The required field '{missing}' is missing or empty.")));
    }
    if !statuses.contains(&text(it, "status")) {
        return Err(bad(format!("The 'status' must be one of {}.", statuses.join(", "))));
    }
    if it
        .get("completionPercentage")
        .and_then(Value::as_i64)
        .is_some_and(|percent| !(0..=100).contains(&percent))
    {
        return Err(bad("The 'completionPercentage' must be from 0 to 100."));
    }
    check_people(call, provider, it)
}

/// The content has to be the provider's, and the learner licensed.
fn check_people(call: &Call<'_>, provider: &str, it: &Map<String, Value>) -> Result<(), Refusal> {
    let (records, learner) = (&call.store.records, text(it, "learnerUserId"));
    if it.get("learningProviderId").is_some_and(|other| *other != *provider) {
        return Err(forbidden("The 'learningProviderId' is not that of the provider in the address."));
    }
    let content = text(it, "learningContentId");
    if records.find(&contents::place(provider), content).is_none() {
        return Err(bad(format!("The provider has no content with the id '{content}'.")));
    }
    if call.store.user(learner).is_none() || records.find(UNLICENSED, learner).is_some() {
        return Err(forbidden(format!("The learner '{learner}' has no service plan for Viva Learning.")));
    }
    Ok(())
}

fn text<'p>(properties: &'p Map<String, Value>, name: &str) -> &'p str {
    properties.get(name).and_then(Value::as_str).unwrap_or_default()
}
