//! Viva Learning. Its errors have codes of their own, and who may call it differs from resource to resource.

pub(super) mod activities;
pub(super) mod contents;
pub(super) mod providers;
mod search;

pub(crate) use activities::UNLICENSED;
use http::StatusCode;
pub(crate) use search::SearchIndex;

use crate::call::Call;
use crate::error::Refusal;

/// 400 as Viva Learning writes it.
fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "badRequest", message)
}

fn forbidden(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "Forbidden", message)
}

fn missing(id: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "notFound", format!("There is nothing with the id '{id}' here."))
}

/// The id of the provider that the path names, which must be registered.
fn provider(call: &Call<'_>) -> Result<String, Refusal> {
    let id = call.parameters.get("learningProvider-id");
    call.store.records.find(providers::PLACE, id).map(|it| it.id.clone()).ok_or_else(|| missing(id))
}

fn for_users_only(call: &Call<'_>) -> Result<(), Refusal> {
    match call.caller.user {
        Some(_) => Ok(()),
        None => Err(forbidden("This is not offered to apps by themselves, only on behalf of a user.")),
    }
}

fn for_apps_only(call: &Call<'_>) -> Result<(), Refusal> {
    match call.caller.user {
        None => Ok(()),
        Some(_) => Err(forbidden("This is offered to apps by themselves only, not on behalf of a user.")),
    }
}

/// Refuses an address that is not public.
fn check_address(call: &Call<'_>, property: &str) -> Result<(), Refusal> {
    match call.body[property].as_str() {
        Some(address) if !address.starts_with("https://") => {
            Err(bad(format!("'{property}' must be an address that begins with https://, not '{address}'.")))
        }
        _ => Ok(()),
    }
}

/// Refuses a body without one of these texts.
fn check_texts(call: &Call<'_>, required: &[&str]) -> Result<(), Refusal> {
    let is_empty = |name: &&&str| call.body[**name].as_str().is_none_or(|text| text.trim().is_empty());
    match required.iter().find(is_empty) {
        Some(missing) => Err(bad(format!("The required field '{missing}' is missing or empty."))),
        None => Ok(()),
    }
}
