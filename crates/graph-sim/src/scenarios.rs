//! Scenarios over the public interface: what a client sees, request by request.

mod addresses;
mod auth;
mod batch;
mod calendar;
mod casing;
mod clients;
mod communities;
mod creation;
mod delta;
mod expand;
mod extremes;
mod faults;
mod furnished;
mod groups;
mod headers;
mod hostile;
mod http;
mod lifecycle_policies;
mod membership;
mod metadata;
mod options;
mod paging;
mod planner;
mod protocol;
mod spellings;
mod throttling;
mod versions;

use std::time::Duration;

use ::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::{ConnectionLost, Sim};

const ROOT: &str = "https://graph.microsoft.com";
pub(crate) const COMMUNITIES: &str = "/v1.0/employeeExperience/communities";

/// A client with a token and no opinion.
pub(crate) struct Client {
    sim: Sim,
    token: String,
    headers: HeaderMap,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Client {
    pub(crate) fn new(sim: &Sim, user: &str) -> Self {
        Self::with_token(sim, sim.token(user))
    }

    pub(crate) fn with_token(sim: &Sim, token: String) -> Self {
        Self { sim: sim.clone(), token, headers: HeaderMap::new() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.try_send(method, path, body).await.unwrap()
    }

    /// `path` may be absolute.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, ConnectionLost> {
        let url = if path.starts_with('/') { format!("{ROOT}{path}") } else { path.to_owned() };
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = url.parse().unwrap();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        if let Some(body) = body {
            request.headers_mut().insert("content-type", "application/json".parse().unwrap());
            *request.body_mut() = body.to_string().into();
        }
        let response = self.sim.transport().call(request).await?;
        let json = serde_json::from_slice(response.body()).unwrap_or_default();
        Ok(Answer { status: response.status(), headers: response.headers().clone(), json })
    }

    /// Creates a community and waits until it exists; returns its id.
    pub(crate) async fn create(&self, name: &str) -> String {
        let answer = self.post(COMMUNITIES, new_community(name)).await;
        assert_eq!(answer.status, 202, "{}", answer.json);
        tokio::time::advance(Duration::from_secs(75)).await;
        let operation = self.get(answer.header("operation-location")).await;
        operation.json["resourceId"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.json["error"]["message"].as_str().unwrap_or_default()
    }

    /// One property of every item of a page.
    pub(crate) fn each(&self, property: &str) -> Vec<&str> {
        let items = self.json["value"].as_array().unwrap();
        items.iter().map(|item| item[property].as_str().unwrap_or_default()).collect()
    }

    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str, words: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "'{words}' is not in: {}", self.json);
        assert!(self.message().contains(words), "'{words}' is not in: {}", self.message());
    }
}

pub(crate) fn new_community(name: &str) -> Value {
    json!({ "displayName": name, "description": "Flight deck", "privacy": "private" })
}

pub(crate) async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}
