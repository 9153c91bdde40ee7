//! The directory's users.

use serde_json::{Value, json};

use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::User;

/// `GET /users/{user-id}`, by id or user principal name.
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let key = call.parameters.get("user-id");
    let user = call.store.user(key).ok_or_else(|| Refusal::no_such_object(key))?;
    Ok(Reply::ok(call.entity("users", view(user))?))
}

/// A user as the wire shows it.
pub(super) fn view(user: &User) -> Value {
    json!({
        "id": user.id,
        "displayName": user.display_name,
        "givenName": user.display_name,
        "surname": null,
        "userPrincipalName": user.upn,
        "mail": user.upn,
        "jobTitle": null,
        "businessPhones": [],
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
    })
}
