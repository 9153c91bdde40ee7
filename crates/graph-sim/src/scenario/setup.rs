//! What a tenant gets by requests: the service's own checks and defaults then hold for it too.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::{Map, Value, json};

use super::document::{Document, Group, LearningProvider};
use super::error::ScenarioError;
use super::place::{At, Place};
use crate::app::App;
use crate::exchange::exchange;
use crate::ids;
use crate::service::Service;
use crate::token::{self, Caller, GRAPH, Grant};

/// Sends the requests that the document stands for.
pub(super) fn run(document: &Document, service: &Service) -> Result<(), ScenarioError> {
    for group in &document.groups {
        make_plans(group, service)?;
    }
    for provider in &document.learning_providers {
        let first = document.users.first().map(|user| user.name.value().as_str());
        let of_user = Setup::of(service, first, provider.provider.place())?;
        register(provider, &of_user, &Setup::of_app(service))?;
    }
    Ok(())
}

fn make_plans(group: &Group, service: &Service) -> Result<(), ScenarioError> {
    for plan in &group.plans {
        let owner = group.owners.first().map(|owner| owner.value().as_str());
        let setup = Setup::of(service, owner, plan.place())?;
        let id = service
            .state()
            .store
            .groups()
            .iter()
            .find_map(|it| (it.profile.display_name == *group.name.value()).then(|| it.id.clone()));
        let Some(id) = id else {
            return Err(ScenarioError::new(plan.place(), "a deleted group has no plans"));
        };
        let url = format!("{}/v1.0/groups/{id}", service.state().root);
        let body = json!({ "title": plan.value().title, "container": { "url": url } });
        let made = setup.send("plan", plan.place(), &Method::POST, "/planner/plans", &body)?;
        for bucket in &plan.value().buckets {
            let body = json!({ "name": bucket.value().name, "planId": made["id"] });
            let bucket_made =
                setup.send("bucket", bucket.place(), &Method::POST, "/planner/buckets", &body)?;
            for task in &bucket.value().tasks {
                let within = [("planId", &made["id"]), ("bucketId", &bucket_made["id"])];
                let body = with(task, within);
                setup.send("task", task.place(), &Method::POST, "/planner/tasks", &body)?;
            }
        }
    }
    Ok(())
}

/// A provider is a user's to register, and its contents are an app's to send.
fn register(
    provider: &LearningProvider,
    of_user: &Setup<'_>,
    of_app: &Setup<'_>,
) -> Result<(), ScenarioError> {
    let LearningProvider { provider, contents } = provider;
    let path = "/employeeExperience/learningProviders";
    let made =
        of_user.send("learning provider", provider.place(), &Method::POST, path, &with(provider, []))?;
    let id = made["id"].as_str().unwrap_or_default();
    for content in contents {
        let external = content.value().get("externalId").and_then(Value::as_str).unwrap_or_default();
        let key: String = percent_encoding::utf8_percent_encode(
            &external.replace('\'', "''"),
            percent_encoding::NON_ALPHANUMERIC,
        )
        .collect();
        let path = format!("{path}/{id}/learningContents(externalId='{key}')");
        of_app.send("learning content", content.place(), &Method::PATCH, &path, &with(content, []))?;
    }
    Ok(())
}

/// The object as it is written, with more properties.
fn with<const N: usize>(object: &At<Map<String, Value>>, more: [(&str, &Value); N]) -> Value {
    let more = more.into_iter().map(|(name, value)| (name.to_owned(), value.clone()));
    Value::Object(object.value().clone().into_iter().chain(more).collect())
}

/// Sends requests in the name of one user, or of an app.
struct Setup<'a> {
    service: &'a Service,
    token: String,
}

impl<'a> Setup<'a> {
    fn of(service: &'a Service, user: Option<&str>, place: Place) -> Result<Self, ScenarioError> {
        let state = service.state();
        let user = user.and_then(|name| state.store.user_named(name));
        let Some(user) = user else {
            return Err(ScenarioError::new(place, "nobody is there to make this: add a user, or an owner"));
        };
        let (id, upn) = (user.id.clone(), user.upn.clone());
        drop(state);
        Ok(Self::with_token(service, Some((id, &upn))))
    }

    fn of_app(service: &'a Service) -> Self {
        Self::with_token(service, None)
    }

    /// With every permission; a user is an id and a principal name.
    fn with_token(service: &'a Service, user: Option<(String, &str)>) -> Self {
        let (id, upn) = user.unzip();
        let permissions =
            App::new(ids::DEFAULT_APP).consented(id.is_some(), &service.spec.permissions).clone();
        let grant = Grant { caller: Caller { user: id, app: ids::DEFAULT_APP.to_owned() }, permissions };
        let state = service.state();
        let token = token::issue(&grant, upn, GRAPH, state.now, state.settings.token_lifetime);
        drop(state);
        Self { service, token }
    }

    /// `path` is below the version; gives the answer's body.
    fn send(
        &self,
        what: &str,
        place: Place,
        method: &Method,
        path: &str,
        body: &Value,
    ) -> Result<Value, ScenarioError> {
        let root = self.service.state().root.clone();
        let refused =
            |why: &str| ScenarioError::new(place, format!("the service refuses this {what}: {why}"));
        let request = Request::builder()
            .method(method)
            .uri(format!("{root}/v1.0{path}"))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))
            .map_err(|error| refused(&error.to_string()))?;
        let response =
            exchange(self.service, &request).result.map_err(|error| refused(&error.to_string()))?;
        let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        if response.status().is_success() {
            return Ok(answer);
        }
        let error = if answer["error"].is_object() { &answer["error"] } else { &answer };
        Err(refused(error["message"].as_str().unwrap_or("without a reason")))
    }
}
