//! The teams of groups. A group can become one some time after it was created, as the builder was told.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::resource::body;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::ids;
use crate::records::Record;
use crate::reply::Reply;
use crate::store::Group;

/// Every team, by the id of its group.
const PLACE: &str = "teams";

/// `PUT /groups/{group-id}/team`
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::not_found("group", id))?;
    if call.at < group.created.saturating_add(call.settings.team_after) {
        return Err(Refusal::not_found("group", id));
    }
    if group.owners.is_empty() {
        return Err(Refusal::bad_request("The group must have at least one owner to become a team."));
    }
    let mut team = defaults(call, group);
    let id = group.id.clone();
    if call.store.records.find(PLACE, &id).is_some() {
        let message = format!("The group '{id}' has a team already.");
        return Err(Refusal::new(StatusCode::CONFLICT, "Conflict", message));
    }
    check_known(&team, &body(call))?;
    lay_over(&mut team, body(call));
    if let Some(group) = call.store.group_mut(&id) {
        group.provisioned_with("Team");
    }
    let view = call.store.records.put(PLACE, id, team).view();
    Ok(Reply { status: StatusCode::CREATED, ..Reply::ok(call.entity("teams", view)?) })
}

/// `GET /groups/{group-id}/team`
pub(super) fn get_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    team(call, call.parameters.get("group-id"))
}

/// `GET /teams/{team-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    team(call, call.parameters.get("team-id"))
}

/// `PATCH /teams/{team-id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("team-id");
    let missing = || Refusal::not_found("team", id);
    let group = call.store.group(id).ok_or_else(missing)?.id.clone();
    let change = body(call);
    let team = call.store.records.find_mut(PLACE, &group).ok_or_else(missing)?;
    check_known(&team.properties, &change)?;
    lay_over(&mut team.properties, change);
    Ok(Reply::no_content())
}

/// Refuses what a team doesn't have, although its type is open.
fn check_known(team: &Map<String, Value>, wishes: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, wish) in wishes.iter().filter(|(name, _)| !name.contains('@')) {
        match (team.get(name), wish) {
            (None, _) => return Err(Refusal::bad_request(format!("There is no property '{name}' here."))),
            (Some(Value::Object(settings)), Value::Object(wishes)) => check_known(settings, wishes)?,
            _ => {}
        }
    }
    Ok(())
}

/// Settings that the caller says nothing about stay as they are.
fn lay_over(team: &mut Map<String, Value>, wishes: Map<String, Value>) {
    for (name, wish) in wishes {
        match (team.get_mut(&name), wish) {
            (Some(Value::Object(settings)), Value::Object(wishes)) => settings.extend(wishes),
            (_, wish) => drop(team.insert(name, wish)),
        }
    }
}

fn team(call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let missing = || Refusal::not_found("team", id);
    let group = call.store.group(id).ok_or_else(missing)?;
    let team = call.store.records.find(PLACE, &group.id).map(Record::view).ok_or_else(missing)?;
    Ok(Reply::ok(call.entity("teams", team)?))
}

/// What a team is like unless somebody says otherwise.
fn defaults(call: &Call<'_>, group: &Group) -> Map<String, Value> {
    let visibility = if group.profile.privacy == "public" { "public" } else { "private" };
    let team = json!({
        "displayName": group.profile.display_name,
        "description": group.profile.description,
        "createdDateTime": clock::utc(call.at),
        "internalId": format!("19:{}@thread.tacv2", ids::opaque(&group.id)),
        "isArchived": false,
        "tenantId": ids::TENANT,
        "visibility": visibility,
        "webUrl": format!("https://teams.example/l/team/{}", group.id),
        "memberSettings": {
            "allowAddRemoveApps": true,
            "allowCreatePrivateChannels": true,
            "allowCreateUpdateChannels": true,
            "allowCreateUpdateRemoveConnectors": true,
            "allowCreateUpdateRemoveTabs": true,
            "allowDeleteChannels": true,
        },
        "guestSettings": { "allowCreateUpdateChannels": false, "allowDeleteChannels": false },
        "messagingSettings": {
            "allowChannelMentions": true,
            "allowOwnerDeleteMessages": true,
            "allowTeamMentions": true,
            "allowUserDeleteMessages": true,
            "allowUserEditMessages": true,
        },
        "funSettings": {
            "allowCustomMemes": true,
            "allowGiphy": true,
            "allowStickersAndMemes": true,
            "giphyContentRating": "moderate",
        },
    });
    if let Value::Object(properties) = team { properties } else { Map::new() }
}
