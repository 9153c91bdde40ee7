//! Bodies as clients write them: names, members, types and texts in other spellings than the metadata's.

use super::furnished::furnished;
use super::*;

#[tokio::test(start_paused = true)]
async fn documented_bodies_are_taken_in_their_own_spelling() {
    let there = furnished().await;
    let post = json!({ "Body": { "ContentType": "HTML", "Content": "<p>Ten.</p>" } });
    let reply = "/v1.0/groups/{group-id}/threads/{conversationThread-id}/reply";
    let forward = "/v1.0/groups/{group-id}/threads/{conversationThread-id}/posts/{post-id}/forward";
    let to = json!([{ "EmailAddress": { "Address": "bob@contoso.example" } }]);
    for (path, body, status) in [
        (reply, json!({ "Post": post }), 202),
        (reply, json!({ "post": post }), 202),
        (forward, json!({ "comment": "See.", "toRecipients": to }), 200),
    ] {
        let answer = there.ada.post(&there.path(path), body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.json);
    }
    let posts = there.path("/v1.0/groups/{group-id}/threads/{conversationThread-id}/posts");
    let posts = there.ada.get(&posts).await;
    assert_eq!(
        posts.json["value"][1]["body"]["contentType"], "html",
        "the metadata's spelling: {}",
        posts.json
    );

    let content = there.path("/v1.0/groups/{group-id}/onenote/pages/{onenotePage-id}/content");
    let commands = json!([
        { "target": "body", "action": "append", "content": "<p>appended</p>" },
        { "target": "title", "action": "replace", "content": "New title" },
    ]);
    assert_eq!(there.ada.patch(&content, commands).await.status, 204);
    let page = there.ada.get(&there.path("/v1.0/groups/{group-id}/onenote/pages/{onenotePage-id}")).await;
    assert_eq!(page.json["title"], "New title");
    assert_eq!(there.sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_type_is_the_same_with_and_without_its_sign() {
    let there = furnished().await;
    let details = there.path("/v1.0/planner/tasks/{plannerTask-id}/details");
    for sign in ["", "#"] {
        let there_is = there.ada.get(&details).await;
        let etag = there_is.json["@odata.etag"].as_str().unwrap().to_owned();
        let body = json!({
            "references": { "http%3A//developer%2Eexample": {
                "@odata.type": format!("{sign}microsoft.graph.plannerExternalReference"), "alias": "Docs", "previewPriority": " !" } },
            "checklist": { "1": {
                "@odata.type": format!("{sign}microsoft.graph.plannerChecklistItem"), "title": "Fuel", "isChecked": true } },
        });
        let mut request = Request::new(Bytes::from(body.to_string()));
        *request.method_mut() = Method::PATCH;
        *request.uri_mut() = format!("{ROOT}{details}").parse().unwrap();
        for (name, value) in [
            ("authorization", format!("Bearer {}", there.sim.token("ada"))),
            ("content-type", "application/json".to_owned()),
            ("if-match", etag),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let answer = there.sim.transport().call(request).await.unwrap();
        assert_eq!(answer.status(), 204, "{sign}: {:?}", answer.body());
    }
    let read = there.ada.get(&details).await.json;
    assert_eq!(read["checklist"]["1"]["@odata.type"], "#microsoft.graph.plannerChecklistItem");
    // What derives is held against its own type.
    let path = there
        .path("/v1.0/employeeExperience/learningProviders/{learningProvider-id}/learningCourseActivities");
    let activity = json!({
        "@odata.type": "microsoft.graph.learningAssignment",
        "externalCourseActivityId": "a-2",
        "learnerUserId": there.path("{user-id}"),
        "learningContentId": there.path("{learningContent-id}"),
        "status": "InProgress",
        "assignmentType": "Required",
        "completionPercentage": "30",
        "assignedDateTime": "2026-01-05T09:00:00+01:00",
    });
    let made = there.app.post(&path, activity).await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(
        (&made.json["status"], &made.json["completionPercentage"], &made.json["assignedDateTime"]),
        (&json!("inProgress"), &json!(30), &json!("2026-01-05T08:00:00Z"))
    );
    assert_eq!(there.sim.violations(), [""; 0]);
    assert_eq!(
        there.sim.remarks(),
        ["learning_course_activities.create request: /completionPercentage: the text \"30\" was read as 30"]
    );
}
