//! The admin endpoint: what a test in another process does to the simulator.
//!
//! It listens on a port of its own, so that nothing a client asks Graph can reach it, and answers no page of another origin that a
//! browser on this machine shows.

mod caller;
mod faults;
mod state;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::app::App;
use crate::clock;
use crate::scenario::Scenario;
use crate::service::Service;
use crate::sim::Sim;
use crate::weather::Weather;
use caller::CallerCheck;
use faults::ScriptedFault;

const INDEX: &str = "\
GET    /              this list
GET    /clock         the simulated time
POST   /clock         {\"advance\": 75.5}: leaps over so many seconds; {\"running\": false}: stops it, so that it only leaps
GET    /state         how many there are of what, and the violations
POST   /reset         begins anew, with the tenant as it was built
GET    /journal       every request and its answer, one line each
GET    /journal.json  the same as JSON
DELETE /journal       empties it, and the violations
GET    /journal.har   the latest as an HTTP archive, without secrets and personal data
POST   /scenario      goes on with another tenant, in YAML as of `graph-sim serve --scenario`
POST   /weather       {\"seed\": 7, \"worse\": 2}: faults by chance from now on, \"worse\" times as many; {}: none
GET    /faults        the faults that still apply
POST   /faults        {\"operation\": \"groups.*\", \"kind\": \"throttle\", \"retryAfter\": \"3\", \"times\": 2}
DELETE /faults        takes all of them away
POST   /tokens        {\"user\": \"ada\", \"permissions\": [\"Group.Read.All\"]}: a bearer token; without a user, an app's
POST   /sign-ins/CODE {\"user\": \"ada\"}: signs a user in on the device that shows the code; {} declines

Bodies are application/json; a tenant may be application/yaml.
";

/// A larger body is none that anybody means.
const LARGEST_BODY: usize = 1024 * 1024;

/// The routes; `origin` is where they are served.
pub(crate) fn router(service: Arc<Service>, origin: &str) -> Router {
    let caller_check = Arc::new(CallerCheck::new(origin));
    Router::new()
        .route("/", get(|| async { INDEX }))
        .route("/clock", get(show_clock).post(set_clock))
        .route("/state", get(counts))
        .route("/reset", post(reset))
        .route("/journal", get(journal).delete(forget))
        .route("/journal.json", get(journal_json))
        .route("/journal.har", get(archive))
        .route("/scenario", post(load))
        .route("/weather", post(change_weather))
        .route("/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/tokens", post(token))
        .route("/sign-ins/{code}", post(sign_in))
        .fallback(|| async {
            problem(StatusCode::NOT_FOUND, "there is no such address; GET / lists those there are")
        })
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(caller_check, check_caller))
        .with_state(Sim::new(service))
}

async fn check_caller(
    State(caller_check): State<Arc<CallerCheck>>,
    request: Request,
    next: Next,
) -> Response {
    match caller_check.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn show_clock(State(sim): State<Sim>) -> Response {
    as_json(StatusCode::OK, &state::clock(&sim))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    /// In seconds.
    advance: Option<f64>,
    running: Option<bool>,
}

async fn set_clock(State(sim): State<Sim>, body: Bytes) -> Result<Response, Problem> {
    let Setting { advance, running } = read(&body)?;
    let by = seconds("advance", advance.unwrap_or_default()).map_err(bad_request)?;
    match running {
        Some(true) => sim.start_clock(),
        Some(false) => sim.stop_clock(),
        None => {}
    }
    sim.advance(by);
    Ok(as_json(StatusCode::OK, &state::clock(&sim)))
}

async fn counts(State(sim): State<Sim>) -> Response {
    as_json(StatusCode::OK, &sim.inspect())
}

async fn reset(State(sim): State<Sim>) -> StatusCode {
    sim.reset();
    StatusCode::NO_CONTENT
}

async fn journal(State(sim): State<Sim>) -> String {
    sim.journal().to_string()
}

async fn journal_json(State(sim): State<Sim>) -> Response {
    as_json(StatusCode::OK, &state::journal(&sim))
}

async fn forget(State(sim): State<Sim>) -> StatusCode {
    sim.forget_requests();
    StatusCode::NO_CONTENT
}

async fn archive(State(sim): State<Sim>) -> Response {
    ([(CONTENT_TYPE, "application/json")], sim.journal().to_har().to_string()).into_response()
}

async fn load(State(sim): State<Sim>, body: String) -> Result<StatusCode, Problem> {
    let scenario = Scenario::from_yaml(&body).map_err(|error| bad_request(error.to_string()))?;
    sim.load(&scenario);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forecast {
    seed: Option<u64>,
    #[serde(default = "one")]
    worse: u32,
}

const fn one() -> u32 {
    1
}

async fn change_weather(State(sim): State<Sim>, body: Bytes) -> Result<StatusCode, Problem> {
    let Forecast { seed, worse } = read(&body)?;
    sim.change_weather(seed.map(|seed| Weather::seeded(seed).worse(worse)));
    Ok(StatusCode::NO_CONTENT)
}

async fn list_faults(State(sim): State<Sim>) -> Response {
    as_json(StatusCode::OK, &json!({ "faults": sim.faults() }))
}

async fn add_fault(State(sim): State<Sim>, body: Bytes) -> Result<StatusCode, Problem> {
    let fault = read::<ScriptedFault>(&body)?.into_fault();
    sim.add_fault(fault.map_err(bad_request)?);
    Ok(StatusCode::CREATED)
}

async fn clear_faults(State(sim): State<Sim>) -> StatusCode {
    sim.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    user: Option<String>,
    app: Option<String>,
    permissions: Option<Vec<String>>,
}

async fn token(State(sim): State<Sim>, body: Bytes) -> Result<Response, Problem> {
    let Wanted { user, app, permissions } = read(&body)?;
    let app = app.as_deref().unwrap_or(App::DEFAULT_ID);
    let token = sim.any_token(user.as_deref(), app, permissions);
    let token = token.map_err(|error| bad_request(error.to_string()))?;
    Ok(as_json(StatusCode::OK, &json!({ "token": token })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Who {
    user: Option<String>,
}

async fn sign_in(
    State(sim): State<Sim>,
    Path(code): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let outcome = match read(&body)? {
        Who { user: Some(user) } => sim.sign_in(&code, &user),
        Who { user: None } => sim.decline_sign_in(&code),
    };
    outcome.map_err(|error| bad_request(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// A length in seconds that makes sense.
fn seconds(name: &str, number: f64) -> Result<Duration, String> {
    let length = Duration::try_from_secs_f64(number).ok().filter(|length| *length <= clock::LONGEST);
    length.ok_or_else(|| {
        let most = clock::LONGEST.as_secs();
        format!("'{name}' must be a number of seconds from 0 to {most} (a hundred years), not {number}")
    })
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| bad_request(format!("the body can't be read: {error}")))
}

fn as_json(status: StatusCode, json: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], format!("{json}\n")).into_response()
}

/// What is wrong with a request, in words.
struct Problem {
    status: StatusCode,
    text: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        as_json(self.status, &json!({ "error": self.text }))
    }
}

fn problem(status: StatusCode, text: impl Into<String>) -> Problem {
    Problem { status, text: text.into() }
}

fn bad_request(text: impl Into<String>) -> Problem {
    problem(StatusCode::BAD_REQUEST, text)
}
