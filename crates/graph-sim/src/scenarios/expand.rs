//! `$expand`.

use super::furnished::furnished;
use super::*;

/// A path, what to expand there, and what the first related object is told by.
const RELATIONS: [(&str, &str, &str, &str); 23] = [
    ("employeeExperience/communities/{community-id}", "group", "/group/displayName", "Pilots"),
    ("employeeExperience/communities", "owners", "/value/0/owners/1/displayName", "Grace"),
    ("employeeExperience/communities/{community-id}/group", "members", "/members/0/displayName", "Ada"),
    ("groups", "owners", "/value/0/owners/0/@odata.type", "#microsoft.graph.user"),
    ("groups/{group-id}", "members($select=id,mail)", "/members/1/mail", "grace@contoso.example"),
    ("groups/{group-id}/conversations", "threads", "/value/0/threads/0/topic", "Briefing"),
    (
        "groups/{group-id}/conversations/{conversation-id}",
        "threads($expand=posts)",
        "/threads/0/posts/0/body/content",
        "Nine?",
    ),
    ("groups/{group-id}/threads", "posts($select=body)", "/value/0/posts/0/body/content", "Nine?"),
    ("groups/{group-id}/onenote/notebooks", "sections", "/value/0/sections/0/displayName", "Section of Log"),
    (
        "groups/{group-id}/onenote/notebooks/{notebook-id}",
        "sections($expand=pages($select=title))",
        "/sections/0/pages/0/title",
        "Page of Log",
    ),
    ("groups/{group-id}/onenote/sections", "parentNotebook", "/value/0/parentNotebook/displayName", "Log"),
    (
        "groups/{group-id}/onenote/pages/{onenotePage-id}",
        "parentSection,parentNotebook",
        "/parentSection/displayName",
        "Section of Log",
    ),
    ("groups/{group-id}/planner/plans", "buckets", "/value/0/buckets/0/name", "Bucket"),
    ("planner/plans/{plannerPlan-id}", "tasks($expand=details)", "/tasks/0/details/previewType", "automatic"),
    ("planner/buckets/{plannerBucket-id}", "tasks", "/tasks/0/title", "Task"),
    ("planner/tasks/{plannerTask-id}", "details", "/details/previewType", "automatic"),
    ("planner/plans/{plannerPlan-id}/tasks", "details", "/value/0/details/previewType", "automatic"),
    ("groups/{group-id}/sites/root", "drive,lists,sites", "/lists/0/displayName", "Documents"),
    ("employeeExperience/roles/{engagementRole-id}", "members", "/members/0/userId", "{user-id}"),
    (
        "employeeExperience/roles/{engagementRole-id}/members/{engagementRoleMember-id}",
        "user",
        "/user/displayName",
        "Ada",
    ),
    (
        "employeeExperience/learningProviders",
        "learningContents($filter=title eq 'Rust';$top=1)",
        "/value/0/learningContents/0/title",
        "Rust",
    ),
    (
        "employeeExperience/learningProviders/{learningProvider-id}",
        "learningCourseActivities",
        "/learningCourseActivities/0/assignmentType",
        "unknownFutureValue",
    ),
    ("users/{user-id}/employeeExperience/assignedRoles", "members", "/value/0/members/0/userId", "{user-id}"),
];

#[tokio::test(start_paused = true)]
async fn every_relation_comes_along_where_it_is_asked_for() {
    let it = furnished().await;
    for (path, relation, pointer, expected) in RELATIONS {
        pass(31).await;
        let plain = it.ada.get(&it.path(&format!("/v1.0/{path}"))).await;
        let name = relation.split(['(', ',']).next().unwrap();
        let of = plain.json["value"].get(0).unwrap_or(&plain.json);
        let is_shown =
            of.get(name).is_some_and(|shown| shown.get("lastModifiedDateTime").is_some() || shown.is_array());
        assert!(!is_shown, "{path}: {name} comes unasked");
        let answer =
            it.ada.get(&it.path(&format!("/v1.0/{path}?$expand={}", relation.replace(' ', "%20")))).await;
        let found =
            answer.json.pointer(pointer).unwrap_or_else(|| panic!("{path} {relation}: {}", answer.json));
        assert_eq!(found, it.path(expected).as_str(), "{path} {relation}");
    }
    assert_eq!(it.sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_expanded_stays_whatever_is_selected() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let id = sim.group_id("Pilots").unwrap();
    let ada = Client::new(&sim, "ada");
    let answer =
        ada.get(&format!("/v1.0/groups/{id}?$select=displayName&$expand=owners($select=id)")).await.json;
    let context = format!("{ROOT}/v1.0/$metadata#groups(displayName,owners(id))/$entity");
    let owner = json!({ "@odata.type": "#microsoft.graph.user", "id": sim.user_id("ada") });
    assert_eq!(
        answer,
        json!({ "@odata.context": context, "id": id, "displayName": "Pilots", "owners": [owner] })
    );
}

#[tokio::test(start_paused = true)]
async fn the_directory_shows_twenty_and_says_nothing_of_the_rest() {
    let people: Vec<String> = (0..25).map(|number| format!("u{number}")).collect();
    let sim = (0..101)
        .fold(Sim::builder().group("Pilots", &people), |sim, n| sim.group(&n.to_string(), ["u0"]))
        .build();
    let ada = Client::new(&sim, "u0");
    let group =
        ada.get(&format!("/v1.0/groups/{}?$expand=members", sim.group_id("Pilots").unwrap())).await.json;
    assert_eq!(group["members"].as_array().unwrap().len(), 20);
    assert!(group.get("members@odata.nextLink").is_none(), "{group}");
    let page = ada.get("/v1.0/groups?$top=999&$expand=members").await;
    assert_eq!(page.each("id").len(), 100, "a page is shorter if something is expanded");
    assert!(page.json["@odata.nextLink"].as_str().unwrap().contains("$expand=members"));
    assert_eq!(ada.get("/v1.0/groups?$top=999").await.each("id").len(), 102);
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_expanded_is_refused() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    for (expand, status, words) in [
        ("pilots", 400, "property named 'pilots' on type 'microsoft.graph.group'"),
        ("displayName", 400, "property named 'displayName'"),
        ("members(", 400, "not closed"),
        ("members($select=id", 400, "not closed"),
        ("members($levels=2)", 501, "'$levels'"),
        ("members($top=x)", 400, "'$top' must be a number"),
        ("assignedLabels", 501, "'assignedLabels'"),
    ] {
        let refused = ada.get(&format!("/v1.0/groups?$expand={expand}")).await;
        assert_eq!(refused.status.as_u16(), status, "{expand}: {}", refused.json);
        assert!(refused.message().contains(words), "{expand}: {}", refused.message());
    }
}
