//! What Planner takes of a body, and what it doesn't.

use super::furnished::furnished;
use super::*;

#[tokio::test(start_paused = true)]
async fn what_people_read_has_a_name() {
    let there = furnished().await;
    let group = there.path(&format!("{ROOT}/v1.0/groups/{{group-id}}"));
    let plan = there.path("{plannerPlan-id}");
    for (path, named, rest) in [
        ("/v1.0/planner/plans", "title", json!({ "container": { "url": group } })),
        ("/v1.0/planner/buckets", "name", json!({ "planId": plan })),
        ("/v1.0/planner/tasks", "title", json!({ "planId": plan })),
    ] {
        for text in [None, Some("  ")] {
            let mut body = rest.clone();
            if let Some(text) = text {
                body[named] = text.into();
            }
            there.ada.post(path, body).await.assert_refused(400, "", &format!("The field {named} is"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_planner_tells_of_a_task_is_not_taken_from_a_body() {
    let there = furnished().await;
    let plan = there.path("{plannerPlan-id}");
    for told in ["completedBy", "createdBy"] {
        let task = json!({ "planId": plan, "title": "Fuel", told: { "user": { "id": "1" } } });
        let answer = there.ada.post("/v1.0/planner/tasks", task).await;
        answer.assert_refused(501, "NotImplemented", &format!("the property '{told}'"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_type_that_a_body_says_is_no_property() {
    let there = furnished().await;
    let kind = "#microsoft.graph.plannerTask";
    let task = json!({ "@odata.type": kind, "planId": there.path("{plannerPlan-id}"), "title": "Fuel" });
    let made = there.ada.post("/v1.0/planner/tasks", task).await;
    assert_eq!((made.status, made.json.get("@odata.type")), (StatusCode::CREATED, None), "{}", made.json);
}
