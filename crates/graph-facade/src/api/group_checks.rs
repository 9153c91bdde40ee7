//! What the service would refuse of a group, and the two parts of a change to one.

use std::mem::take;

use graph_client::Error;
use graph_models::Field;
use graph_models::models::{GroupPatch, NewGroup};

/// The longest name, in UTF-16 code units.
const LONGEST_NAME: usize = 256;
const LONGEST_NICKNAME: usize = 64;
/// What can't stand before the `@` of an address, the space apart.
const NOT_IN_NICKNAMES: &str = r#"@()\[]";:<>,"#;
/// How many owners and members together a group may be created with.
pub(super) const MOST_LINKS: usize = 20;

const VISIBILITIES: [&str; 3] = ["Public", "Private", "HiddenMembership"];
const UNIFIED: &str = "Unified";
const DYNAMIC: &str = "DynamicMembership";

/// A Microsoft 365 group to be: what [`Groups::create`](crate::Groups::create) wants for one that people write to at
/// `mail_nickname`.
pub fn unified_group(display_name: impl Into<String>, mail_nickname: impl Into<String>) -> NewGroup {
    NewGroup::new(display_name, true, mail_nickname, false).group_types(vec![UNIFIED.to_owned()])
}

/// A security group to be, which has no mailbox; the service wants a nickname all the same.
pub fn security_group(display_name: impl Into<String>, mail_nickname: impl Into<String>) -> NewGroup {
    NewGroup::new(display_name, false, mail_nickname, true)
}

/// Refuses a group that the service would not make, whatever the number of its people.
pub(super) fn check_new(group: &NewGroup) -> Result<(), Error> {
    check_name(&group.display_name)?;
    check_nickname(&group.mail_nickname)?;
    check_visibility(group.visibility.as_deref())?;
    let is = |kind: &str| group.group_types.iter().flatten().any(|it| it == kind);
    if group.mail_enabled != is(UNIFIED) {
        return Err(Error::refused(
            "`mailEnabled` must be true for a group with `groupTypes` `Unified`, and false for any other: Graph makes no other \
             groups with a mailbox",
        ));
    }
    if group.visibility.as_deref() == Some(VISIBILITIES[2]) && !is(UNIFIED) {
        return Err(Error::refused(
            "`visibility` `HiddenMembership` is for Microsoft 365 groups: set `groupTypes`",
        ));
    }
    if is(DYNAMIC) && group.membership_rule.is_none() {
        return Err(Error::refused("`groupTypes` says `DynamicMembership`: set `membershipRule` too"));
    }
    if is(DYNAMIC) && !group.members.is_empty() {
        return Err(Error::refused(
            "a rule decides who belongs to a group with `DynamicMembership`: name no members",
        ));
    }
    Ok(())
}

/// Refuses more people than one request can name.
pub(super) fn check_links(group: &NewGroup) -> Result<(), Error> {
    let links = group.owners.len() + group.members.len();
    if links > MOST_LINKS {
        return Err(Error::refused(format!(
            "there are {links} owners and members, and a group is created with {MOST_LINKS} at most: \
             `create_with_people` adds the others afterwards"
        )));
    }
    Ok(())
}

/// Refuses a change that the service would not make.
pub(super) fn check_change(change: &GroupPatch) -> Result<(), Error> {
    if change.is_empty() {
        return Err(Error::nothing_to_change());
    }
    for (property, field) in [
        ("displayName", &change.display_name),
        ("mailNickname", &change.mail_nickname),
        ("visibility", &change.visibility),
    ] {
        if *field == Field::Clear {
            return Err(Error::refused(format!("`{property}` can be changed, not cleared")));
        }
    }
    if let Field::Set(name) = &change.display_name {
        check_name(name)?;
    }
    if let Field::Set(nickname) = &change.mail_nickname {
        check_nickname(nickname)?;
    }
    match &change.visibility {
        Field::Set(hidden) if hidden == VISIBILITIES[2] => {
            Err(Error::refused("`visibility` can be `HiddenMembership` from a group's creation on only"))
        }
        other => check_visibility(other.as_ref().into_set().map(String::as_str)),
    }
}

/// What the directory keeps, and what Exchange keeps: each goes in a request of its own.
pub(super) fn split(mut change: GroupPatch) -> (GroupPatch, GroupPatch) {
    let mut of_exchange = GroupPatch::new();
    of_exchange.allow_external_senders = take(&mut change.allow_external_senders);
    of_exchange.auto_subscribe_new_members = take(&mut change.auto_subscribe_new_members);
    of_exchange.hide_from_address_lists = take(&mut change.hide_from_address_lists);
    of_exchange.hide_from_outlook_clients = take(&mut change.hide_from_outlook_clients);
    of_exchange.is_subscribed_by_mail = take(&mut change.is_subscribed_by_mail);
    of_exchange.unseen_count = take(&mut change.unseen_count);
    (change, of_exchange)
}

fn check_name(name: &str) -> Result<(), Error> {
    let length = name.encode_utf16().count();
    if name.trim().is_empty() {
        return Err(Error::refused("`displayName` is empty"));
    }
    if length > LONGEST_NAME {
        return Err(Error::refused(format!(
            "`displayName` has {length} characters, and at most {LONGEST_NAME} are allowed"
        )));
    }
    Ok(())
}

fn check_nickname(nickname: &str) -> Result<(), Error> {
    if nickname.is_empty() {
        return Err(Error::refused("`mailNickname` is empty"));
    }
    let is_allowed = |it: char| it.is_ascii_graphic() && !NOT_IN_NICKNAMES.contains(it);
    if let Some(wrong) = nickname.chars().find(|it| !is_allowed(*it)) {
        return Err(Error::refused(format!(
            "`mailNickname` has the character {wrong:?}: only ASCII is allowed, without spaces and any of {NOT_IN_NICKNAMES}"
        )));
    }
    if nickname.len() > LONGEST_NICKNAME {
        return Err(Error::refused(format!(
            "`mailNickname` has {} characters, and at most {LONGEST_NICKNAME} are allowed",
            nickname.len()
        )));
    }
    Ok(())
}

fn check_visibility(visibility: Option<&str>) -> Result<(), Error> {
    match visibility {
        Some(other) if !VISIBILITIES.contains(&other) => Err(Error::refused(format!(
            "`visibility` is `{other}`, and may be one of `{}`",
            VISIBILITIES.join("`, `")
        ))),
        _ => Ok(()),
    }
}
