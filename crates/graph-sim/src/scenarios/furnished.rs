//! A tenant that has one of everything, with the ids by which paths name it.

use std::collections::BTreeMap;

use super::*;

/// The tenant, and what stands for each parameter of a path.
pub(super) struct Furnished {
    pub(super) sim: Sim,
    pub(super) ada: Client,
    pub(super) app: Client,
    ids: BTreeMap<&'static str, String>,
}

impl Furnished {
    /// A template with the ids in place of its parameters.
    pub(super) fn path(&self, template: &str) -> String {
        self.ids.iter().fold(template.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    /// Makes an object, and remembers its id.
    async fn make(&mut self, name: &'static str, path: &str, body: Value) {
        let made = self.ada.post(&self.path(path), body).await;
        self.keep(name, &made);
    }

    async fn make_as_app(&mut self, name: &'static str, path: &str, body: Value) {
        let made = self.app.post(&self.path(path), body).await;
        self.keep(name, &made);
    }

    fn keep(&mut self, name: &'static str, made: &Answer) {
        assert!(made.status.is_success(), "{name}: {} {}", made.status, made.json);
        self.ids.insert(name, urlencoded(made.json["id"].as_str().unwrap_or_default()));
    }

    async fn first(&mut self, name: &'static str, path: &str) {
        let page = self.ada.get(&self.path(path)).await;
        let id = page.json["value"][0]["id"].as_str().unwrap_or_else(|| panic!("{name}: {}", page.json));
        self.ids.insert(name, urlencoded(id));
    }
}

/// Ids of Outlook have slashes in them.
fn urlencoded(id: &str) -> String {
    id.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")
}

pub(super) async fn furnished() -> Furnished {
    let sim = Sim::builder()
        .ids_with_slashes()
        .community("Pilots", ["ada", "grace"])
        .notebook("Pilots", "Log")
        .build();
    let (ada, app) = (Client::new(&sim, "ada"), Client::with_token(&sim, sim.app_token()));
    let ids = BTreeMap::from([
        ("community-id", sim.community_id("Pilots").unwrap()),
        ("group-id", sim.group_id("Pilots").unwrap()),
        ("user-id", sim.user_id("ada")),
        ("notebook-id", sim.onenote_id("Log").unwrap()),
        ("onenoteSection-id", sim.onenote_id("Section of Log").unwrap()),
        ("onenotePage-id", sim.onenote_id("Page of Log").unwrap()),
        ("externalId", "c-1".to_owned()),
        ("externalcourseActivityId", "a-1".to_owned()),
    ]);
    let mut it = Furnished { sim, ada, app, ids };
    outlook(&mut it).await;
    planner(&mut it).await;
    learning(&mut it).await;
    rest(&mut it).await;
    it
}

async fn outlook(it: &mut Furnished) {
    let post = json!({ "body": { "contentType": "text", "content": "Nine?" } });
    let topic = json!({ "topic": "Briefing", "threads": [{ "posts": [post] }] });
    it.make("conversation-id", "/v1.0/groups/{group-id}/conversations", topic).await;
    it.first("conversationThread-id", "/v1.0/groups/{group-id}/threads").await;
    it.first("post-id", "/v1.0/groups/{group-id}/threads/{conversationThread-id}/posts").await;
    let at = |hour: u8| json!({ "dateTime": format!("2026-01-06T{hour:02}:00:00"), "timeZone": "UTC" });
    let recurrence = json!({
        "pattern": { "type": "daily", "interval": 1 },
        "range": { "type": "numbered", "startDate": "2026-01-06", "numberOfOccurrences": 3 },
    });
    let event = json!({ "subject": "Drill", "start": at(9), "end": at(10), "recurrence": recurrence });
    it.make("event-id", "/v1.0/groups/{group-id}/events", event).await;
}

async fn planner(it: &mut Furnished) {
    let container = json!({ "url": it.path("https://graph.microsoft.com/v1.0/groups/{group-id}") });
    it.make("plannerPlan-id", "/v1.0/planner/plans", json!({ "container": container, "title": "Plan" }))
        .await;
    let plan = it.path("{plannerPlan-id}");
    let bucket = json!({ "planId": plan, "name": "Bucket" });
    it.make("plannerBucket-id", "/v1.0/planner/buckets", bucket).await;
    let task = json!({ "planId": plan, "bucketId": it.path("{plannerBucket-id}"), "title": "Task" });
    it.make("plannerTask-id", "/v1.0/planner/tasks", task).await;
}

async fn learning(it: &mut Furnished) {
    let logo = "https://logos.example/1.png";
    let provider = json!({
        "displayName": "School",
        "isCourseActivitySyncEnabled": true,
        "longLogoWebUrlForDarkTheme": logo,
        "longLogoWebUrlForLightTheme": logo,
        "squareLogoWebUrlForDarkTheme": logo,
        "squareLogoWebUrlForLightTheme": logo,
    });
    it.make("learningProvider-id", "/v1.0/employeeExperience/learningProviders", provider).await;
    let contents = "/v1.0/employeeExperience/learningProviders/{learningProvider-id}/learningContents";
    let content = json!({
        "externalId": "c-1",
        "title": "Rust",
        "contentWebUrl": "https://school.example/1",
        "languageTag": "en-us",
    });
    let path = it.path(&format!("{contents}(externalId='c-1')"));
    let made = it.app.patch(&path, content).await;
    it.keep("learningContent-id", &made);
    let activity = json!({
        "@odata.type": "#microsoft.graph.learningAssignment",
        "externalcourseActivityId": "a-1",
        "learnerUserId": it.path("{user-id}"),
        "learningContentId": it.path("{learningContent-id}"),
        "status": "inProgress",
        "assignmentType": "peerRecommended",
    });
    let path = contents.replace("learningContents", "learningCourseActivities");
    it.make_as_app("learningCourseActivity-id", &path, activity).await;
}

async fn rest(it: &mut Furnished) {
    it.first("engagementRole-id", "/v1.0/employeeExperience/roles").await;
    let user = json!({ "user@odata.bind": it.path("https://graph.microsoft.com/v1.0/users/{user-id}") });
    it.make("engagementRoleMember-id", "/v1.0/employeeExperience/roles/{engagementRole-id}/members", user)
        .await;
    let policy = json!({ "groupLifetimeInDays": 100, "managedGroupTypes": "All" });
    it.make("groupLifecyclePolicy-id", "/v1.0/groupLifecyclePolicies", policy).await;
    it.first("groupSettingTemplate-id", "/v1.0/groupSettingTemplates").await;
    let setting = json!({
        "templateId": "08d542b9-071f-4e16-94b0-74abb372e3d9",
        "values": [{ "name": "AllowToAddGuests", "value": "false" }],
    });
    it.make("groupSetting-id", "/v1.0/groups/{group-id}/settings", setting).await;
    it.first("list-id", "/v1.0/groups/{group-id}/sites/root/lists").await;
    let site = it.ada.get(&it.path("/v1.0/groups/{group-id}/sites/root")).await;
    it.keep("site-id", &site);
    let team = it.ada.send(Method::PUT, &it.path("/v1.0/groups/{group-id}/team"), Some(json!({}))).await;
    assert_eq!(team.status, StatusCode::CREATED, "{}", team.json);
    it.ids.insert("team-id", it.path("{group-id}"));
    let accepted = it.ada.post(COMMUNITIES, new_community("Crew")).await;
    let operation = it.ada.get(accepted.header("operation-location")).await;
    it.keep("engagementAsyncOperation-id", &operation);
    let copy = it.path("/v1.0/groups/{group-id}/onenote/notebooks/{notebook-id}/copyNotebook");
    let copied = it.ada.post(&copy, json!({ "groupId": it.path("{group-id}"), "renameAs": "Copy" })).await;
    let operation = it.ada.get(copied.header("operation-location")).await;
    it.keep("onenoteOperation-id", &operation);
    let doomed = json!({
        "displayName": "Doomed",
        "mailEnabled": true,
        "mailNickname": "doomed",
        "securityEnabled": false,
        "groupTypes": ["Unified"],
    });
    it.make("directoryObject-id", "/v1.0/groups", doomed).await;
    it.ada.delete(&it.path("/v1.0/groups/{directoryObject-id}")).await;
}
