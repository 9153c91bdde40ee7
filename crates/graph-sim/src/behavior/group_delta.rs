//! `GET /groups/delta()`: rounds of changes, whose tokens stand for what the caller has seen.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::groups::{full, plain};
use super::membership;
use crate::call::Call;
use crate::error::Refusal;
use crate::filter::{Comparison, Filter, Literal};
use crate::ids;
use crate::reply::Reply;
use crate::shape::select;
use crate::store::{DeltaRound, DeltaScope, Group};

/// How long a token of directory objects is good for.
const TOKEN_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How many ids a filter may name.
const MOST_OBJECTS: usize = 50;

pub(super) fn delta(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.refuse(&["$expand", "$top", "$skip", "$orderby", "$search", "$count"])?;
    call.query.allow(&["$select", "$filter", "$deltatoken", "$skiptoken"])?;
    let query = call.query;
    let token = query.get("$deltatoken").filter(|token| !token.is_empty());
    if let Some(token) = query.get("$skiptoken") {
        refuse_scope(call)?;
        let (round, start) = reveal(token).ok_or_else(unknown_token)?;
        return page(call, round, start);
    }
    let round = match token {
        None => start(call, &[], false)?,
        Some("latest") => start(call, &[], true)?,
        Some(token) => follow(call, token)?,
    };
    page(call, round, 0)
}

/// A first round, which tells of everything or, if `latest`, of nothing.
fn start(call: &mut Call<'_>, seen: &[Group], latest: bool) -> Result<usize, Refusal> {
    let scope = DeltaScope { select: selection(call)?, ids: scoping(call)? };
    let items = if latest { Vec::new() } else { changes(call, seen, &scope) };
    Ok(remember(call, items, scope))
}

/// A later round, which tells of what changed since the round of the token began.
fn follow(call: &mut Call<'_>, token: &str) -> Result<usize, Refusal> {
    refuse_scope(call)?;
    let (round, _) = reveal(token).ok_or_else(unknown_token)?;
    let seen = call.store.delta_rounds.get(round).ok_or_else(unknown_token)?.clone();
    if call.at.saturating_sub(seen.started) > TOKEN_LIFETIME {
        let message = "The sync state generation is not found. The delta token is expired and data must be synchronized again.";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "syncStateNotFound", message));
    }
    let items = changes(call, &seen.groups, &seen.scope);
    Ok(remember(call, items, seen.scope))
}

fn remember(call: &mut Call<'_>, items: Vec<Value>, scope: DeltaScope) -> usize {
    let groups = visible(call).into_iter().cloned().collect();
    call.store.delta_rounds.push(DeltaRound { items, groups, scope, started: call.at });
    call.store.delta_rounds.len() - 1
}

fn page(call: &Call<'_>, number: usize, start: usize) -> Result<Reply, Refusal> {
    let round = call.store.delta_rounds.get(number).ok_or_else(unknown_token)?;
    let end = start.saturating_add(call.settings.page_size.unwrap_or(100));
    let is_last = end >= round.items.len();
    let (name, option) =
        if is_last { ("@odata.deltaLink", "$deltatoken") } else { ("@odata.nextLink", "$skiptoken") };
    let token = ids::opaque(&format!("delta#{number}#{}", if is_last { 0 } else { end }));
    let mut envelope = Map::new();
    envelope.insert("@odata.context".to_owned(), format!("{}/$metadata#groups", call.version_root()).into());
    envelope.insert(name.to_owned(), format!("{}{}?{option}={token}", call.root, call.path).into());
    let items = round.items.iter().skip(start).take(end - start);
    envelope.insert("value".to_owned(), items.map(|item| as_shown(call, round, item)).collect());
    Ok(Reply::ok(Value::Object(envelope)))
}

/// What a round tells of a group, without members that are hidden from the caller: it may be another's round.
fn as_shown(call: &Call<'_>, round: &DeltaRound, item: &Value) -> Value {
    let group = round.groups.iter().find(|group| item["id"] == group.id.as_str());
    let mut item = item.clone();
    if let (Some(group), Value::Object(properties)) = (group, &mut item)
        && !membership::shows_members(call, group)
    {
        properties.remove("members@delta");
    }
    item
}

/// What is different from what was seen.
fn changes(call: &Call<'_>, seen: &[Group], scope: &DeltaScope) -> Vec<Value> {
    let is_minimal = call.prefers("return=minimal");
    let now = visible(call);
    let in_scope = |group: &&Group| scope.ids.as_ref().is_none_or(|ids| ids.contains(&group.id));
    let changed = now.iter().copied().filter(in_scope).filter_map(|group| {
        let before = seen.iter().find(|other| other.id == group.id);
        updated(call, group, before, scope, is_minimal)
    });
    let gone = seen.iter().filter(in_scope).filter(|group| now.iter().all(|other| other.id != group.id));
    // `changed` means that it can be restored.
    let gone = gone.map(|group| {
        let reason = if call.store.deleted_group(&group.id).is_some() { "changed" } else { "deleted" };
        json!({ "id": group.id, "@removed": { "reason": reason } })
    });
    changed.chain(gone).collect()
}

/// The groups that the whole directory knows.
fn visible<'a>(call: &'a Call<'_>) -> Vec<&'a Group> {
    call.store.groups().iter().filter(|group| group.visible_from <= call.at).collect()
}

fn updated(
    call: &Call<'_>,
    group: &Group,
    before: Option<&Group>,
    scope: &DeltaScope,
    is_minimal: bool,
) -> Option<Value> {
    let names: Option<Vec<&str>> =
        scope.select.as_ref().map(|names| names.iter().map(String::as_str).collect());
    let shown = |group: &Group| match &names {
        Some(names) => select(full(group), names),
        None => plain(group),
    };
    let mut item = shown(group);
    let old = before.map(shown);
    let same = |name: &str, value: &Value| old.as_ref().is_some_and(|old| old.get(name) == Some(value));
    let is_changed = item.as_object()?.iter().any(|(name, value)| !same(name, value));
    let links = members(call, group, before);
    let tells_links = names.as_ref().is_none_or(|names| names.contains(&"members")) && !links.is_empty();
    if !is_changed && !tells_links {
        return None;
    }
    let properties = item.as_object_mut()?;
    if is_minimal {
        properties.retain(|name, value| name == "id" || !same(name, value));
    }
    if tells_links {
        properties.insert("members@delta".to_owned(), links.into());
    }
    Some(item)
}

/// Who joined, and who left, as far as the caller is shown them.
fn members(call: &Call<'_>, group: &Group, before: Option<&Group>) -> Vec<Value> {
    if !membership::shows_members(call, group) {
        return Vec::new();
    }
    let old = before.map(|before| before.members.as_slice()).unwrap_or_default();
    let link = |id: &String| {
        let kind = if call.store.user(id).is_some() { "user" } else { "group" };
        json!({ "@odata.type": format!("#microsoft.graph.{kind}"), "id": id })
    };
    let joined = group.members.iter().filter(|id| !old.contains(id)).map(link);
    let left = old.iter().filter(|id| !group.members.contains(id)).map(|id| {
        let mut link = link(id);
        link["@removed"] = json!({ "reason": "deleted" });
        link
    });
    joined.chain(left).collect()
}

fn selection(call: &Call<'_>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(names) = call.query.select() else { return Ok(None) };
    call.check_names(names.iter().copied())?;
    Ok(Some(names.into_iter().map(str::to_owned).collect()))
}

/// The ids that the round is limited to; the service accepts no other filter.
fn scoping(call: &Call<'_>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(expression) = call.query.get("$filter") else { return Ok(None) };
    let filter = Filter::parse(expression).map_err(|fault| fault.refusal(expression, Refusal::directory))?;
    let parts = match filter {
        Filter::Or(parts) => parts,
        other => vec![other],
    };
    let id = |part| match part {
        Filter::Compare(path, Comparison::Equal, Literal::Text(id)) if path == ["id"] => Some(id),
        _ => None,
    };
    if parts.len() > MOST_OBJECTS {
        return Err(Refusal::unsupported_query(format!(
            "At most {MOST_OBJECTS} objects can be tracked by id."
        )));
    }
    let ids: Option<Vec<String>> = parts.into_iter().map(id).collect();
    ids.map(Some).ok_or_else(|| {
        Refusal::unsupported_query("A delta query is filtered by object ids only: id eq '…' or id eq '…'.")
    })
}

/// A token carries what the first request asked for.
fn refuse_scope(call: &Call<'_>) -> Result<(), Refusal> {
    match call.query.names().find(|name| matches!(*name, "$select" | "$filter")) {
        None => Ok(()),
        Some(name) => Err(Refusal::directory(format!("'{name}' can't be combined with a token."))),
    }
}

/// The round that a token belongs to, and where in it a page begins.
fn reveal(token: &str) -> Option<(usize, usize)> {
    let text = ids::reveal(token)?;
    let (round, start) = text.strip_prefix("delta#")?.split_once('#')?;
    Some((round.parse().ok()?, start.parse().ok()?))
}

fn unknown_token() -> Refusal {
    Refusal::directory("Badly formed token.")
}
