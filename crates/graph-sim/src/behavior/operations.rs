//! Long-running operations of Viva Engage.

use serde_json::json;

use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::reply::Reply;

/// `GET /employeeExperience/engagementAsyncOperations/{engagementAsyncOperation-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let id = call.parameters.get("engagementAsyncOperation-id");
    let operation = call.store.operation(id).ok_or_else(|| Refusal::not_found("operation", id))?;
    let stage = operation.stage(call.at, &call.settings.timeline);
    let community = operation.community_id.as_deref();
    let location =
        community.map(|id| format!("{}/employeeExperience/communities('{id}')", call.version_root()));
    let view = json!({
        "id": operation.id,
        "createdDateTime": clock::pacific(operation.created),
        "lastActionDateTime": clock::pacific(operation.created.saturating_add(stage.since)),
        "status": stage.status,
        "statusDetail": stage.detail,
        "operationType": "createCommunity",
        "resourceId": community,
        "resourceLocation": location,
    });
    let reply = Reply::ok(call.entity("employeeExperience/engagementAsyncOperations", view)?);
    // A timeline may hold tomorrow's statuses, which today's specification doesn't know.
    Ok(Reply { deliberate: vec!["/status"], polled: Some(operation.id.clone()), ..reply })
}
