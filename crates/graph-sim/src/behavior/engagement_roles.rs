//! The roles of Viva Engage. There are those that there are; who has them is kept.

use serde_json::{Map, Value, json};

use super::membership::referenced_user;
use super::resource::{OPTIONS, Resource};
use super::users;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::ids::{self, Kind};
use crate::records::Record;
use crate::reply::Reply;

const ROLES: Resource = Resource {
    context: "employeeExperience/roles",
    kind: Kind::Role,
    page: 20,
    options: OPTIONS,
    etags: false,
    missing: no_such_role,
};

const MEMBERS: Resource = Resource {
    context: "employeeExperience/roles/members",
    kind: Kind::RoleMember,
    page: 20,
    options: OPTIONS,
    etags: false,
    missing: no_such_member,
};

/// What the roles are called; their ids follow from their places.
const NAMES: [&str; 4] = ["Network Admin", "Verified Admin", "Corporate Communicator", "Answers Admin"];

/// `GET /employeeExperience/roles`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    ROLES.page(call, all().map(|(id, name)| view(&id, name)).collect())
}

/// `GET /employeeExperience/roles/{engagementRole-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (id, name) = role(call)?;
    ROLES.one(call, view(&id, name))
}

/// `GET /me/employeeExperience/assignedRoles`
pub(super) fn list_mine(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let me = call.caller.user.clone();
    let me = me.ok_or_else(|| {
        Refusal::bad_request("/me request is only valid with delegated authentication flow.")
    })?;
    assigned(call, &me)
}

/// `GET /users/{user-id}/employeeExperience/assignedRoles`
pub(super) fn list_of_user(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("user-id");
    let user = call.store.user(id).ok_or_else(|| Refusal::no_such_object(id))?.id.clone();
    assigned(call, &user)
}

/// `GET /employeeExperience/roles/{engagementRole-id}/members`
pub(super) fn list_members(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(call)?;
    MEMBERS.list(call, &place)
}

/// `POST /employeeExperience/roles/{engagementRole-id}/members`
pub(super) fn add_member(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(call)?;
    let address = call.body["user@odata.bind"].as_str();
    let address =
        address.ok_or_else(|| Refusal::bad_request("The property 'user@odata.bind' is required."))?;
    let user = referenced_user(call, address)?.id.clone();
    let has = |member: &&Record| member.properties["userId"] == *user;
    if call.store.records.all(&place).any(|member| has(&member)) {
        let message = "The user has the role already. How the service says so is not documented: this is the simulator's way.";
        return Err(Refusal::new(http::StatusCode::CONFLICT, "Conflict", message));
    }
    let properties = [
        ("userId".to_owned(), Value::String(user)),
        ("createdDateTime".to_owned(), clock::utc(call.at).into()),
    ];
    MEMBERS.create(call, &place, Map::from_iter(properties))
}

/// `GET /employeeExperience/roles/{engagementRole-id}/members/{engagementRoleMember-id}`
pub(super) fn get_member(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    MEMBERS.one(call, MEMBERS.view(member(call)?))
}

/// `DELETE /employeeExperience/roles/{engagementRole-id}/members/{engagementRoleMember-id}`
pub(super) fn remove_member(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(call)?;
    let id = call.parameters.get("engagementRoleMember-id").to_owned();
    // Clients send the user's id too, and the documentation doesn't say that they must not.
    let of_user = call.store.records.all(&place).find(|member| member.properties["userId"] == id.as_str());
    let id = of_user.map_or(id, |member| member.id.clone());
    MEMBERS.delete(call, &place, &id)
}

/// `GET /employeeExperience/roles/{engagementRole-id}/members/{engagementRoleMember-id}/user`
pub(super) fn get_user(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let id = member(call)?.properties["userId"].as_str().unwrap_or_default();
    let user = call.store.user(id).ok_or_else(|| Refusal::not_found("user", id))?;
    Ok(Reply::ok(call.entity("users", users::view(user))?))
}

fn all() -> impl Iterator<Item = (String, &'static str)> {
    (1..).zip(NAMES).map(|(number, name)| (ids::guid(Kind::Role, number), name))
}

/// The addressed role: its id and its name.
fn role(call: &Call<'_>) -> Result<(String, &'static str), Refusal> {
    let id = call.parameters.get("engagementRole-id");
    all().find(|(known, _)| known.eq_ignore_ascii_case(id)).ok_or_else(|| no_such_role(id))
}

fn members_of(role: &str) -> String {
    format!("employeeExperience/roles/{role}/members")
}

/// Where the members of the addressed role are.
fn place(call: &Call<'_>) -> Result<String, Refusal> {
    Ok(members_of(&role(call)?.0))
}

fn member<'c>(call: &'c Call<'_>) -> Result<&'c Record, Refusal> {
    let id = call.parameters.get("engagementRoleMember-id");
    call.store.records.find(&place(call)?, id).ok_or_else(|| no_such_member(id))
}

fn assigned(call: &Call<'_>, user: &str) -> Result<Reply, Refusal> {
    let has = |role: &str| {
        call.store.records.all(&members_of(role)).any(|member| member.properties["userId"] == user)
    };
    ROLES.page(call, all().filter(|(id, _)| has(id)).map(|(id, name)| view(&id, name)).collect())
}

fn view(id: &str, name: &str) -> Value {
    json!({ "id": id, "displayName": name })
}

/// Those who hold a role.
pub(super) fn members_of_role(call: &Call<'_>, role: &Value) -> Value {
    let members = call.store.records.all(&members_of(role["id"].as_str().unwrap_or_default()));
    members.map(|member| MEMBERS.view(member)).collect()
}

/// The user who holds a role.
pub(super) fn user_of(call: &Call<'_>, member: &Value) -> Value {
    let user = call.store.user(member["userId"].as_str().unwrap_or_default());
    user.map_or(Value::Null, users::view)
}

fn no_such_role(id: &str) -> Refusal {
    Refusal::not_found("role", id)
}

fn no_such_member(id: &str) -> Refusal {
    Refusal::not_found("member of this role", id)
}
