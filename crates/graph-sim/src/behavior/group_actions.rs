//! What groups can be told to do beside being read and changed.

use http::StatusCode;
use serde_json::{Value, json};

use super::{group_changes, groups, membership};
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::Group;

/// How many groups can be asked about at once.
const MOST_GROUPS: usize = 20;

/// `POST /groups/validateProperties` and `POST /directoryObjects/validateProperties`
pub(super) fn validate(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    match call.body["entityType"].as_str() {
        Some("Group") => check_names(call, None),
        _ => {
            Err(Refusal::directory("Invalid value specified for parameter 'entityType': it must be 'Group'."))
        }
    }
}

/// `POST /groups/{group-id}/validateProperties`
pub(super) fn validate_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let own = groups::find(call)?.id.clone();
    check_names(call, Some(&own))
}

fn check_names(call: &Call<'_>, own: Option<&str>) -> Result<Reply, Refusal> {
    let (name, nickname) = (call.body["displayName"].as_str(), call.body["mailNickname"].as_str());
    if name.is_none() && nickname.is_none() {
        return Err(Refusal::directory("Either 'displayName' or 'mailNickname' is required."));
    }
    let mut faults = Vec::new();
    if name.is_some_and(|name| name.trim().is_empty() || name.chars().count() > 256) {
        faults.push(("InvalidValue", "displayName", "The name is empty or too long."));
    }
    match nickname {
        Some(nickname) if !group_changes::is_nickname(nickname) => {
            faults.push((
                "InvalidValue",
                "mailNickname",
                "The nickname has characters that it must not have.",
            ));
        }
        Some(nickname) if group_changes::is_taken(call, nickname, own) => {
            faults.push(("PropertyConflict", "mailNickname", "Another object has this nickname."));
        }
        _ => {}
    }
    let Some((_, _, first)) = faults.first() else { return Ok(Reply::no_content()) };
    let mut refusal = Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "Request_UnprocessableEntity", *first);
    let detail = |(code, target, message): &(&str, &str, &str)| json!({ "code": code, "target": target, "message": message });
    refusal.details = faults.iter().map(detail).collect();
    Err(refusal)
}

/// `POST /groups/{group-id}/addFavorite`
pub(super) fn add_favorite(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mark = favorite(call)?;
    call.store.favorites.insert(mark);
    Ok(done(call))
}

/// `POST /groups/{group-id}/removeFavorite`
pub(super) fn remove_favorite(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mark = favorite(call)?;
    call.store.favorites.remove(&mark);
    Ok(done(call))
}

fn favorite(call: &Call<'_>) -> Result<(String, String), Refusal> {
    let group = groups::find(call)?;
    let user = call.caller.user.clone().ok_or_else(|| {
        let message = "Favourites belong to a signed-in user, and the app acts for itself.";
        Refusal::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
    })?;
    if !group.is_unified() {
        return Err(Refusal::directory("Only Microsoft 365 groups can be favourites."));
    }
    Ok((user, group.id.clone()))
}

fn done(call: &Call<'_>) -> Reply {
    if call.prefers("return=minimal") { Reply::no_content() } else { Reply::empty(StatusCode::OK) }
}

/// `POST /groups/{group-id}/renew`
pub(super) fn renew(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let at = call.at;
    find_mut(call)?.renewed = at;
    Ok(Reply::no_content())
}

/// `POST /groups/{group-id}/assignLicense`
pub(super) fn assign_license(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (added, removed) = (call.body["addLicenses"].clone(), call.body["removeLicenses"].clone());
    let (Some(added), Some(removed)) = (added.as_array(), removed.as_array()) else {
        return Err(Refusal::directory(
            "'addLicenses' and 'removeLicenses' are required; either may be empty.",
        ));
    };
    let group = find_mut(call)?;
    if group.properties["securityEnabled"] != true {
        return Err(Refusal::directory("Only security-enabled groups take licences."));
    }
    let mut licenses = group.properties.get("assignedLicenses").cloned().unwrap_or_else(|| json!([]));
    let held = licenses.as_array_mut().ok_or_else(|| Refusal::directory("The group has no licences."))?;
    for sku in removed {
        let place = held.iter().position(|license| license["skuId"] == *sku);
        let place = place.ok_or_else(|| Refusal::directory(format!("The group has no licence {sku}.")))?;
        held.remove(place);
    }
    for license in added {
        held.retain(|other| other["skuId"] != license["skuId"]);
        held.push(license.clone());
    }
    group.properties.insert("assignedLicenses".to_owned(), licenses);
    let view = groups::plain(group);
    Ok(Reply { status: StatusCode::ACCEPTED, ..Reply::ok(call.entity("groups", view)?) })
}

/// `POST /groups/{group-id}/checkMemberGroups`
pub(super) fn check_member_groups(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted = call.body["groupIds"].as_array().map(Vec::as_slice).unwrap_or_default();
    if wanted.is_empty() || wanted.len() > MOST_GROUPS {
        return Err(Refusal::directory(format!("'groupIds' must name 1 to {MOST_GROUPS} groups.")));
    }
    let around = around(call, false)?;
    let found = around.into_iter().filter(|id| wanted.iter().any(|wanted| wanted == id)).collect();
    Ok(ids(call, found))
}

/// `POST /groups/{group-id}/getMemberGroups`
pub(super) fn member_groups(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let security_only = call.body["securityEnabledOnly"] == true;
    let around = around(call, security_only)?;
    Ok(ids(call, around))
}

/// The ids of the groups that the group is in.
fn around(call: &Call<'_>, security_only: bool) -> Result<Vec<String>, Refusal> {
    let around = call.store.groups_around(&groups::find(call)?.id);
    let counts = |group: &&Group| {
        let wanted = !security_only || group.properties["securityEnabled"] == true;
        wanted && membership::shows_members(call, group)
    };
    Ok(around.into_iter().filter(counts).map(|group| group.id.clone()).collect())
}

fn ids(call: &Call<'_>, ids: Vec<String>) -> Reply {
    let context = format!("{}/$metadata#Collection(Edm.String)", call.version_root());
    Reply::ok(json!({ "@odata.context": context, "value": Value::from(ids) }))
}

fn find_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Group, Refusal> {
    let id = groups::find(call)?.id.clone();
    call.store.group_mut(&id).ok_or_else(|| Refusal::no_such_object(&id))
}
