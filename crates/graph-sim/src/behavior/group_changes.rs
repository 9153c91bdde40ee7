//! Making, changing and deleting groups.

use http::StatusCode;
use serde_json::{Map, Value};

use super::membership::{self, Role};
use super::{groups, resource};
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::{Group, NewGroup, Profile};

const OWNERS: &str = "owners@odata.bind";
const MEMBERS: &str = "members@odata.bind";
/// How many people a request may name.
const MOST_LINKS: usize = 20;

/// What Exchange keeps: changed in a request of its own, and not set on creation.
const OF_EXCHANGE: [&str; 6] = [
    "allowExternalSenders",
    "autoSubscribeNewMembers",
    "hideFromAddressLists",
    "hideFromOutlookClients",
    "isSubscribedByMail",
    "unseenCount",
];

/// What is kept as it was written.
const KEPT: [&str; 13] = [
    "classification",
    "groupTypes",
    "isAssignableToRole",
    "mailEnabled",
    "membershipRule",
    "membershipRuleProcessingState",
    "preferredDataLocation",
    "preferredLanguage",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "securityEnabled",
    "theme",
    "uniqueName",
];

/// Of these, what is fixed on creation.
const FIXED: [&str; 4] =
    ["isAssignableToRole", "mailEnabled", "resourceBehaviorOptions", "resourceProvisioningOptions"];

/// `POST /groups`
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut body = resource::body(call);
    if let Some(name) = OF_EXCHANGE.iter().find(|name| body.contains_key(**name)) {
        return Err(Refusal::directory(format!(
            "The property '{name}' can't be set on creation; set it afterwards."
        )));
    }
    for name in ["displayName", "mailEnabled", "mailNickname", "securityEnabled"] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(Refusal::directory(format!(
                "A value is required for property '{name}' of resource 'Group'."
            )));
        }
    }
    check_names(call, &body, None)?;
    check_kind(&body)?;
    let links = membership::bound(call, &body, &[OWNERS, MEMBERS], MOST_LINKS)?;
    let [mut owners, members] = [OWNERS, MEMBERS].map(|name| links.get(name).cloned().unwrap_or_default());
    if let (true, Some(caller)) = (owners.is_empty(), &call.caller.user) {
        owners.push(caller.clone());
    }
    let profile = Profile {
        display_name: text(&body, "displayName"),
        description: body.get("description").and_then(Value::as_str).map(str::to_owned),
        privacy: privacy(&body).unwrap_or_else(|| "public".to_owned()),
    };
    let mail_nickname = text(&body, "mailNickname");
    body.entry("groupTypes").or_insert_with(|| Value::Array(Vec::new()));
    body.retain(|name, _| KEPT.contains(&name.as_str()));
    let group = NewGroup { mail_nickname, profile, properties: body, owners, members };
    let id = call.store.make_group(group, call.at, call.at.saturating_add(call.settings.group_delay));
    let group = call.store.group(&id).ok_or_else(|| Refusal::no_such_object(&id))?;
    Ok(Reply { status: StatusCode::CREATED, ..Reply::ok(call.entity("groups", groups::plain(group))?) })
}

/// `PATCH /groups/{group-id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = resource::body(call);
    if let Some((name, role)) =
        [(MEMBERS, Role::Members), (OWNERS, Role::Owners)].iter().find(|it| body.contains_key(it.0))
    {
        return add_people(call, &body, name, *role);
    }
    let id = groups::find(call)?.id.clone();
    let of_exchange = body.keys().filter(|name| OF_EXCHANGE.contains(&name.as_str())).count();
    if of_exchange == 0 {
        check_change(call, &id, &body)?;
        change(call, &id, body)?;
        return Ok(Reply::no_content());
    }
    if of_exchange < body.len() {
        return Err(Refusal::directory(format!(
            "The properties {} can't be changed in one request with others.",
            OF_EXCHANGE.join(", ")
        )));
    }
    let group = call.store.group_mut(&id).ok_or_else(|| Refusal::no_such_object(&id))?;
    if !group.is_unified() {
        return Err(Refusal::directory("Only Microsoft 365 groups have these properties."));
    }
    group.properties.extend(body);
    Ok(Reply::empty(StatusCode::OK))
}

/// `DELETE /groups/{group-id}`
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = groups::find(call)?.id.clone();
    call.store.remove_group(&id, call.at);
    Ok(Reply::no_content())
}

/// Adds members or owners in bulk: all or none.
fn add_people(
    call: &mut Call<'_>,
    body: &Map<String, Value>,
    name: &str,
    role: Role,
) -> Result<Reply, Refusal> {
    if body.len() > 1 {
        let message = format!("The simulator doesn't know what '{name}' does beside other properties.");
        return Err(Refusal::not_simulated(message));
    }
    let group = membership::changeable_group(call, role)?;
    let links = membership::bound(call, body, &[name], MOST_LINKS)?;
    let added = links.get(name).cloned().unwrap_or_default();
    membership::link(call, &group, role, added)?;
    Ok(Reply::no_content())
}

fn check_change(call: &Call<'_>, id: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
    let before = groups::find(call).map(groups::full)?;
    let changes = |name: &&&str| body.get(**name).is_some_and(|value| *value != before[**name]);
    if let Some(name) = FIXED.iter().find(changes) {
        return Err(Refusal::directory(format!("Property '{name}' is read-only and cannot be set.")));
    }
    check_names(call, body, Some(id))?;
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    match (group.profile.privacy.as_str(), privacy(body).as_deref()) {
        ("hiddenMembership", Some(other)) if other != "hiddenMembership" => {
            Err(Refusal::directory("The visibility 'HiddenMembership' can't be changed."))
        }
        (before, Some("hiddenMembership")) if before != "hiddenMembership" => {
            Err(Refusal::directory("The visibility 'HiddenMembership' is for creation."))
        }
        _ => Ok(()),
    }
}

fn change(call: &mut Call<'_>, id: &str, mut body: Map<String, Value>) -> Result<(), Refusal> {
    let group = call.store.group_mut(id).ok_or_else(|| Refusal::no_such_object(id))?;
    if body.contains_key("displayName") {
        group.profile.display_name = text(&body, "displayName");
    }
    if body.contains_key("mailNickname") {
        group.mail_nickname = text(&body, "mailNickname");
    }
    if let Some(description) = body.get("description") {
        group.profile.description = description.as_str().map(str::to_owned);
    }
    if let Some(privacy) = privacy(&body) {
        group.profile.privacy = privacy;
    }
    body.retain(|name, _| KEPT.contains(&name.as_str()));
    group.properties.extend(body);
    Ok(())
}

/// Refuses names that are missing, malformed or taken by another group than `own`.
fn check_names(call: &Call<'_>, body: &Map<String, Value>, own: Option<&str>) -> Result<(), Refusal> {
    if body.get("displayName").is_some_and(|name| name.as_str().is_none_or(|name| name.trim().is_empty())) {
        return Err(Refusal::directory(
            "Invalid value specified for property 'displayName' of resource 'Group'.",
        )
        .detail("InvalidValue", "displayName"));
    }
    if let Some(nickname) = body.get("mailNickname") {
        let nickname = nickname.as_str().unwrap_or_default();
        if !is_nickname(nickname) {
            return Err(Refusal::directory(
                "Invalid value specified for property 'mailNickname' of resource 'Group'.",
            )
            .detail("InvalidValue", "mailNickname"));
        }
        if is_taken(call, nickname, own) {
            return Err(conflict("mailNickname"));
        }
    }
    if let Some(name) = body.get("uniqueName").and_then(Value::as_str) {
        let mut others = call.store.groups().iter().filter(|group| Some(group.id.as_str()) != own);
        if others.any(|group| group.properties.get("uniqueName").is_some_and(|it| it == name)) {
            return Err(conflict("uniqueName"));
        }
    }
    match body.get("visibility").and_then(Value::as_str) {
        None | Some("Public" | "Private" | "HiddenMembership") => Ok(()),
        Some(other) => Err(Refusal::directory(format!(
            "Invalid value '{other}' specified for property 'visibility' of resource 'Group'."
        ))),
    }
}

/// Refuses kinds of groups that the service doesn't make.
fn check_kind(body: &Map<String, Value>) -> Result<(), Refusal> {
    let types = body.get("groupTypes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is = |name: &str| types.iter().any(|it| it == name);
    if let Some(other) = types.iter().find(|it| *it != "Unified" && *it != "DynamicMembership") {
        return Err(Refusal::directory(format!(
            "Invalid value {other} specified for property 'groupTypes'."
        )));
    }
    if body["mailEnabled"] != is("Unified") {
        return Err(Refusal::directory("Only Microsoft 365 groups are mail-enabled, and they always are."));
    }
    if is("DynamicMembership") && body.get("membershipRule").is_none_or(Value::is_null) {
        return Err(Refusal::directory("A dynamic group needs a 'membershipRule'."));
    }
    if !is("Unified") && privacy(body).as_deref() == Some("hiddenMembership") {
        return Err(Refusal::directory("Only Microsoft 365 groups can hide their members."));
    }
    Ok(())
}

/// Whether a text can stand before the `@` of a group's address.
pub(super) fn is_nickname(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !br#"@()\[]";:<>,"#.contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// Whether another group has this mail nickname.
pub(super) fn is_taken(call: &Call<'_>, nickname: &str, own: Option<&str>) -> bool {
    // Groups without mail have one for show: several may have the same.
    let has_mail = |group: &&Group| group.properties["mailEnabled"] == true;
    let mut others =
        call.store.groups().iter().filter(has_mail).filter(|group| Some(group.id.as_str()) != own);
    others.any(|group| group.mail_nickname.eq_ignore_ascii_case(nickname))
}

/// The refusal of a value that another object has.
pub(super) fn conflict(property: &str) -> Refusal {
    Refusal::directory(format!("Another object with the same value for property {property} already exists."))
        .detail("PropertyConflict", property)
}

fn text(body: &Map<String, Value>, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The visibility in the words of a community's privacy.
fn privacy(body: &Map<String, Value>) -> Option<String> {
    Some(match body.get("visibility")?.as_str()? {
        "Public" => "public".to_owned(),
        "HiddenMembership" => "hiddenMembership".to_owned(),
        _ => "private".to_owned(),
    })
}
