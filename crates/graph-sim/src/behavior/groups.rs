//! Groups, as they are read.

use serde_json::{Map, Value, json};

use super::directory;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::reply::{Body, Reply};
use crate::store::Group;

/// What comes only when `$select` names it.
const ON_REQUEST: [&str; 9] = [
    "allowExternalSenders",
    "assignedLicenses",
    "autoSubscribeNewMembers",
    "hideFromAddressLists",
    "hideFromOutlookClients",
    "isFavorite",
    "isSubscribedByMail",
    "uniqueName",
    "unseenCount",
];

/// `GET /groups`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    page(call, all(call))
}

/// One page of those of these groups that the query asks for.
pub(super) fn page(call: &Call<'_>, groups: Vec<Value>) -> Result<Reply, Refusal> {
    let mut reply = directory::page(call, "groups", 100, groups)?;
    // Only now: a filter sees what is not shown.
    if call.query.select().is_none()
        && let Body::Json(page) = &mut reply.body
    {
        page["value"].as_array_mut().into_iter().flatten().for_each(hide);
    }
    Ok(reply)
}

/// `GET /groups/$count`
pub(super) fn count(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    directory::count(call, all(call))
}

fn all(call: &Call<'_>) -> Vec<Value> {
    call.store.groups().iter().filter(|group| group.visible_from <= call.at).map(full).collect()
}

/// `GET /groups/{group-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let group = find(call)?;
    Ok(Reply::ok(entity(call, group)?))
}

/// The group that the path names.
pub(super) fn find<'a>(call: &'a Call<'_>) -> Result<&'a Group, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).filter(|group| group.visible_from <= call.at);
    group.ok_or_else(|| Refusal::no_such_object(id))
}

/// A group as an answer, with what `$select` names.
pub(super) fn entity(call: &Call<'_>, group: &Group) -> Result<Value, Refusal> {
    let mut object = full(group);
    let is_favorite = call.caller.user.clone().map(|user| (user, group.id.clone()));
    object["isFavorite"] = is_favorite.is_some_and(|mark| call.store.favorites.contains(&mark)).into();
    if call.query.select().is_none() {
        hide(&mut object);
    }
    call.entity("groups", object)
}

/// A group as the wire shows it to those who ask for nothing in particular.
pub(super) fn plain(group: &Group) -> Value {
    let mut object = full(group);
    hide(&mut object);
    object
}

fn hide(object: &mut Value) {
    if let Some(properties) = object.as_object_mut() {
        properties.retain(|name, _| !ON_REQUEST.contains(&name.as_str()));
    }
}

/// Everything about a group.
pub(super) fn full(group: &Group) -> Value {
    let visibility = match group.profile.privacy.as_str() {
        "public" => "Public",
        "hiddenMembership" => "HiddenMembership",
        _ => "Private",
    };
    let mut object = unset(group);
    object.extend(group.properties.to_map());
    let mail = group.is_unified().then(|| format!("{}@contoso.example", group.mail_nickname));
    let own = json!({
        "id": group.id,
        "createdDateTime": clock::utc(group.created),
        "description": group.profile.description,
        "displayName": group.profile.display_name,
        "mail": mail,
        "proxyAddresses": mail.iter().map(|mail| format!("SMTP:{mail}")).collect::<Vec<_>>(),
        "securityIdentifier": security_identifier(&group.id),
        "mailNickname": group.mail_nickname,
        "renewedDateTime": clock::utc(group.renewed),
        "visibility": visibility,
    });
    if let Value::Object(own) = own {
        object.extend(own);
    }
    Value::Object(object)
}

/// The Windows identifier of an object in the cloud: the four words of its id.
fn security_identifier(id: &str) -> String {
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
    let bits = u128::from_str_radix(&digits, 16).unwrap_or_default();
    let [a, b, c, d] = [96, 64, 32, 0].map(|shift| (bits >> shift) & 0xffff_ffff);
    format!("S-1-12-1-{a}-{b}-{c}-{d}")
}

/// What a group has before anybody writes it.
fn unset(group: &Group) -> Map<String, Value> {
    let mut properties = Map::new();
    for name in [
        "classification",
        "deletedDateTime",
        "expirationDateTime",
        "isAssignableToRole",
        "membershipRule",
        "membershipRuleProcessingState",
        "onPremisesDomainName",
        "onPremisesLastSyncDateTime",
        "onPremisesNetBiosName",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "preferredDataLocation",
        "preferredLanguage",
        "theme",
        "uniqueName",
    ] {
        properties.insert(name.to_owned(), Value::Null);
    }
    for name in [
        "assignedLicenses",
        "onPremisesProvisioningErrors",
        "proxyAddresses",
        "resourceBehaviorOptions",
        "resourceProvisioningOptions",
        "serviceProvisioningErrors",
    ] {
        properties.insert(name.to_owned(), json!([]));
    }
    if group.is_unified() {
        for name in [
            "allowExternalSenders",
            "autoSubscribeNewMembers",
            "hideFromAddressLists",
            "hideFromOutlookClients",
            "isSubscribedByMail",
        ] {
            properties.insert(name.to_owned(), json!(false));
        }
        properties.insert("unseenCount".to_owned(), json!(0));
    }
    properties
}
