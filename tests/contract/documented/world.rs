//! A tenant with what the documented requests are about.

use std::collections::BTreeMap;

use bytes::Bytes;
use graph_sim::{Scenario, Sim};
use http::{HeaderValue, Request};
use serde_json::{Map, Value, json};
use tower_service::Service as _;

use super::example::Example;
use super::place::Place;

const TENANT: &str = "
quotas: { unlimited: true }
users:
  - { name: ada, displayName: Ada Lovelace }
  - { name: grace, displayName: Grace Hopper }
  - { name: lin }
  - { name: mary }
groups:
  - name: Pilots
    description: Flight deck
    owners: [ada, lin]
    members: [grace]
    notebooks: [Minutes]
    plans: [{ title: Spring, buckets: [{ name: First, tasks: [{ title: Order chalk }] }] }]
  - { name: Door keys, kind: security, members: [lin] }
  - { name: Old class, owners: [ada], deleted: true }
communities:
  - { name: Staff room, description: Talk, privacy: public, owners: [ada], members: [grace] }
learningProviders:
  - provider:
      displayName: Evening school
      longLogoWebUrlForDarkTheme: https://school.example/ld.png
      longLogoWebUrlForLightTheme: https://school.example/ll.png
      squareLogoWebUrlForDarkTheme: https://school.example/sd.png
      squareLogoWebUrlForLightTheme: https://school.example/sl.png
      isCourseActivitySyncEnabled: true
    contents:
      - { externalId: first-aid, title: First aid, contentWebUrl: \"https://school.example/first-aid\", languageTag: en-us, duration: PT2H }
";

const ACTIVITY: &str = "A-1";

/// The tenant, and the id that stands for each parameter of a path.
pub(super) struct World {
    sim: Sim,
    ids: BTreeMap<&'static str, String>,
}

impl World {
    /// A tenant in which the example can be replayed: with what it reads, and without what it makes.
    pub(super) async fn furnished_for(example: &Example, place: Option<&Place>) -> Self {
        let sim = Scenario::from_yaml(TENANT).unwrap().build();
        let mut world = Self { sim, ids: BTreeMap::new() };
        let makes = |path: &str| example.method != "GET" && example.path.to_ascii_lowercase().ends_with(path);
        world.know_people(place);
        world.furnish_mail().await;
        world.furnish_planner().await;
        world.furnish_notebooks().await;
        world.furnish_settings(makes("settings")).await;
        world.furnish_learning(makes("learningcourseactivities")).await;
        world.furnish_engage(makes("/members")).await;
        if !makes("/grouplifecyclepolicies") {
            let policy = json!({ "groupLifetimeInDays": 180, "managedGroupTypes": "Selected", "alternateNotificationEmails": "a@b.example" });
            world.make("groupLifecyclePolicy-id", "/groupLifecyclePolicies", policy).await;
        }
        if !makes("/team") {
            let team = format!("/groups/{}/team", world.id("group-id"));
            world.call("PUT", &team, &[], json!({})).await;
        }
        if let Value::Array(removed) = &example.body["removeLicenses"] {
            let licences: Vec<_> = removed.iter().map(|sku| json!({ "skuId": sku })).collect();
            let path = format!("/groups/{}/assignLicense", world.id("group-id"));
            world.call("POST", &path, &[], json!({ "addLicenses": licences, "removeLicenses": [] })).await;
        }
        let group = world.id("group-id");
        world.ids.insert("team-id", group);
        world
    }

    fn know_people(&mut self, place: Option<&Place>) {
        let sim = &self.sim;
        let user = |name: &str| sim.user_id(name);
        let group = sim.group_id("Pilots").unwrap();
        let path = place.map_or("", |place| place.operation.template);
        let object = match path {
            path if path.contains("/owners/") => user("lin"),
            path if path.contains("deletedItems") => String::new(),
            _ => user("grace"),
        };
        // Activities are read by those who learn.
        let person = if path.contains("learningCourseActivities") { "ada" } else { "grace" };
        let own = if path.contains("assignLicense") { sim.group_id("Door keys").unwrap() } else { group };
        let known = [
            ("group-id", own),
            ("user-id", user(person)),
            ("directoryObject-id", object),
            ("community-id", sim.community_id("Staff room").unwrap()),
            ("newcomer", user("mary")),
            ("me", user("ada")),
        ];
        self.ids.extend(known);
    }

    async fn furnish_mail(&mut self) {
        let group = format!("/groups/{}", self.id("group-id"));
        let thread =
            json!({ "topic": "t", "posts": [{ "body": { "contentType": "html", "content": "c" } }] });
        self.make("conversationThread-id", &format!("{group}/threads"), thread).await;
        let at = |hour: &str| json!({ "dateTime": format!("2026-02-01T{hour}:00:00"), "timeZone": "UTC" });
        let event = json!({ "subject": "s", "start": at("10"), "end": at("11") });
        self.make("event-id", &format!("{group}/events"), event).await;
        self.find("conversation-id", &format!("{group}/conversations")).await;
        let posts = format!("{group}/threads/{}/posts", encoded(&self.id("conversationThread-id")));
        self.find("post-id", &posts).await;
    }

    async fn furnish_planner(&mut self) {
        let plans = format!("/groups/{}/planner/plans", self.id("group-id"));
        self.find("plannerPlan-id", &plans).await;
        let plan = format!("/planner/plans/{}", self.id("plannerPlan-id"));
        self.find("plannerBucket-id", &format!("{plan}/buckets")).await;
        self.find("plannerTask-id", &format!("{plan}/tasks")).await;
    }

    async fn furnish_notebooks(&mut self) {
        let onenote = format!("/groups/{}/onenote", self.id("group-id"));
        self.find("notebook-id", &format!("{onenote}/notebooks")).await;
        self.find("onenoteSection-id", &format!("{onenote}/sections")).await;
        self.find("onenotePage-id", &format!("{onenote}/pages")).await;
        let site = format!("/groups/{}/sites/root", self.id("group-id"));
        let site = self.call("GET", &site, &[], Value::Null).await.1;
        self.ids.insert("site-id", text(&site["id"]));
        self.find("list-id", &format!("/sites/{}/lists", self.id("site-id"))).await;
    }

    async fn furnish_settings(&mut self, are_made: bool) {
        self.find("groupSettingTemplate-id", "/groupSettingTemplates").await;
        let templates = self.call("GET", "/groupSettingTemplates", &[], Value::Null).await.1;
        let group = format!("/groups/{}/settings", self.id("group-id"));
        for (name, parameter, path) in [
            ("Group.Unified", "groupSetting-id", "/groupSettings"),
            ("Group.Unified.Guest", "directorySetting-id", &group),
        ] {
            let template = templates["value"].as_array().unwrap().iter().find(|it| it["displayName"] == name);
            if !are_made {
                let settings = json!({ "templateId": template.unwrap()["id"], "values": [] });
                self.make(parameter, path, settings).await;
            }
        }
        let own = self.ids.get("directorySetting-id").cloned().unwrap_or_default();
        self.ids.insert("groupSetting-of-group", own);
    }

    async fn furnish_learning(&mut self, is_made: bool) {
        self.find("learningProvider-id", "/employeeExperience/learningProviders").await;
        let provider = format!("/employeeExperience/learningProviders/{}", self.id("learningProvider-id"));
        self.find("learningContent-id", &format!("{provider}/learningContents")).await;
        self.ids.insert("externalId", "first-aid".to_owned());
        self.ids.insert("externalcourseActivityId", ACTIVITY.to_owned());
        if !is_made {
            let activity = json!({ "@odata.type": "#microsoft.graph.learningAssignment", "assignedDateTime": "2026-01-01T00:00:00Z",
                "assignmentType": "required", "externalcourseActivityId": ACTIVITY, "learningContentId": self.id("learningContent-id"),
                "learnerUserId": self.id("me"), "status": "notStarted" });
            let activities = format!("{provider}/learningCourseActivities");
            self.make("learningCourseActivity-id", &activities, activity).await;
        }
    }

    async fn furnish_engage(&mut self, is_made: bool) {
        self.find("engagementRole-id", "/employeeExperience/roles").await;
        let members = format!("/employeeExperience/roles/{}/members", self.id("engagementRole-id"));
        if !is_made {
            let address = format!("https://graph.microsoft.com/v1.0/users/{}", self.id("user-id"));
            self.make("engagementRoleMember-id", &members, json!({ "user@odata.bind": address })).await;
        }
        let crew = json!({ "displayName": "Crew", "description": "d", "privacy": "public" });
        let accepted = self
            .send_raw("POST", "/v1.0/employeeExperience/communities", &[], &crew, &self.sim.token("ada"))
            .await;
        let address = accepted.headers().get("operation-location").unwrap().to_str().unwrap();
        let id = address.rsplit_once("('").and_then(|(_, rest)| rest.strip_suffix("')")).unwrap();
        self.ids.insert("engagementAsyncOperation-id", id.to_owned());
    }

    pub(super) fn id(&self, parameter: &str) -> String {
        self.ids.get(parameter).cloned().unwrap_or_default()
    }

    /// Keeps the id of the first thing in a list.
    async fn find(&mut self, parameter: &'static str, path: &str) {
        let list = self.call("GET", path, &[], Value::Null).await.1;
        self.ids.insert(parameter, text(&list["value"][0]["id"]));
    }

    /// Makes something, and keeps its id.
    async fn make(&mut self, parameter: &'static str, path: &str, body: Value) {
        let (status, made) = self.call("POST", path, &[], body).await;
        assert_eq!(status, 201, "{path}: {made}");
        let id = made["id"].as_str().or_else(|| made["threads"][0]["id"].as_str());
        self.ids.insert(parameter, id.unwrap_or_default().to_owned());
    }

    /// Sends what is documented, about what is there.
    pub(super) async fn send(&self, example: &Example, place: Option<&Place>) -> (u16, Value) {
        let is_deleted = |place: &&Place| place.operation.template.contains("deletedItems");
        let deleted = match place.filter(is_deleted) {
            Some(_) => self.call("GET", "/directory/deletedItems/graph.group", &[], Value::Null).await.1,
            None => Value::Null,
        };
        let value = |name: &str| match name {
            "directoryObject-id" if !deleted.is_null() => text(&deleted["value"][0]["id"]),
            "groupSetting-id" if example.path.contains("/groups/") => self.id("groupSetting-of-group"),
            name => encoded(&self.id(name)),
        };
        let path = place.map_or_else(|| example.path.clone(), |place| place.with(value));
        let query = example.query.as_ref().map(|query| format!("?{}", in_address(query))).unwrap_or_default();
        let path = match query.split_once("token=") {
            Some((_, token)) if path.ends_with("/delta") && token != "latest" => {
                self.continuation(&path).await
            }
            _ => format!("{}{query}", in_address(&path)),
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        for name in ["consistencylevel", "prefer", "content-type", "accept"] {
            headers.extend(example.header(name).map(|value| (name.to_owned(), value.to_owned())));
        }
        if example.header("if-match").is_some() {
            let object = self.ask("GET", &path, &[], &Value::Null).await.1;
            headers.push(("if-match".to_owned(), text(&object["@odata.etag"])));
        }
        let body = self.about_what_is_there(&example.body);
        self.ask(&example.method, &path, &headers, &body).await
    }

    /// The address at which the changes of `path` go on.
    async fn continuation(&self, path: &str) -> String {
        let first = self.ask("GET", path, &[], &Value::Null).await.1;
        let link = first["@odata.nextLink"].as_str().or_else(|| first["@odata.deltaLink"].as_str());
        link.unwrap_or_default().trim_start_matches("https://graph.microsoft.com").to_owned()
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Value,
    ) -> (u16, Value) {
        self.ask(method, &format!("/v1.0{path}"), headers, &body).await
    }

    /// Asks as Ada and, where she may not, as the app.
    async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &Value,
    ) -> (u16, Value) {
        let mut answer = self.send_raw(method, path, headers, body, &self.sim.token("ada")).await;
        if answer.status() == 403 {
            answer = self.send_raw(method, path, headers, body, &self.sim.app_token()).await;
        }
        let content = answer.body();
        let text = || Value::from(String::from_utf8_lossy(content));
        (answer.status().as_u16(), serde_json::from_slice(content).unwrap_or_else(|_| text()))
    }

    async fn send_raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &Value,
        token: &str,
    ) -> http::Response<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("https://graph.microsoft.com{path}"));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (content, kind) = match body {
            Value::Null => (Bytes::new(), None),
            // Pages show the lines of a multipart body as lines of text.
            Value::String(parts) if parts.starts_with("--") => (parts.replace('\n', "\r\n").into(), None),
            Value::String(html) => (html.clone().into(), Some("text/html")),
            json => (json.to_string().into(), Some("application/json")),
        };
        let has_kind = headers.iter().any(|(name, _)| name == "content-type");
        let mut request = request.header("authorization", format!("Bearer {token}")).body(content).unwrap();
        if let Some(kind) = kind.filter(|_| !has_kind) {
            request.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        }
        self.sim.transport().call(request).await.unwrap()
    }

    /// `body` with ids of this tenant in place of the documented ones.
    fn about_what_is_there(&self, body: &Value) -> Value {
        match body {
            Value::Array(items) => items.iter().map(|item| self.about_what_is_there(item)).collect(),
            Value::Object(properties) => {
                let own = properties.iter().map(|(name, value)| (name.clone(), self.property(name, value)));
                Value::Object(own.collect())
            }
            Value::String(text) if text.starts_with("https://graph.microsoft.com/") => {
                self.address(text).into()
            }
            other => other.clone(),
        }
    }

    fn property(&self, name: &str, value: &Value) -> Value {
        let own = match name {
            "planId" | "plannerPlanId" => "plannerPlan-id",
            "bucketId" => "plannerBucket-id",
            "learnerUserId" | "assignerUserId" => "me",
            "userId" => "user-id",
            "learningContentId" => "learningContent-id",
            "externalcourseActivityId" | "externalCourseActivityId"
                if self.ids.contains_key("learningCourseActivity-id") =>
            {
                "externalcourseActivityId"
            }
            "learningProviderId" => "learningProvider-id",
            "groupId" | "containerId" | "owner" => "group-id",
            "assignments" => {
                let entries = value.as_object().into_iter().flatten();
                let entry = |value: &Value| (self.id("user-id"), self.about_what_is_there(value));
                return Value::Object(entries.map(|(_, value)| entry(value)).collect::<Map<_, _>>());
            }
            _ => return self.about_what_is_there(value),
        };
        if value.is_string() { self.id(own).into() } else { self.about_what_is_there(value) }
    }

    fn address(&self, address: &str) -> String {
        if let Some((start, _)) = address.split_once("users('") {
            return format!("{start}users('{}')", self.id("newcomer"));
        }
        let Some((start, _)) = address.rsplit_once('/') else { return address.to_owned() };
        match start.rsplit('/').next() {
            Some("users" | "directoryObjects") => format!("{start}/{}", self.id("newcomer")),
            Some("groups") => format!("{start}/{}", self.id("group-id")),
            _ => address.to_owned(),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An id as a segment of a path.
fn encoded(id: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,!".contains(&byte);
    id.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// An address as pages show it, with what can't stand in one encoded.
fn in_address(text: &str) -> String {
    let stands = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    text.bytes()
        .map(|byte| if stands(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
