//! Where faults meet requests.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::{Exchange, Stop, checks, too_many};
use crate::behavior::Behavior;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::fault::{Instead, RetryAfter};
use crate::query::Query;
use crate::reply::Reply;
use crate::router::Target;
use crate::store::Store;
use crate::token::Grant;

/// What a behaviour is given besides the store.
pub(super) struct Given<'g> {
    pub(super) target: &'g Target<'g>,
    pub(super) grant: &'g Grant,
    pub(super) query: &'g Query,
    pub(super) body: Value,
}

impl Exchange<'_> {
    /// Lets the weather decide what befalls this request.
    pub(super) fn meet_the_weather(&mut self, operation: &str) {
        let method = self.request.method();
        let fault = self.state.weather.as_mut().and_then(|weather| weather.draw(operation, method));
        self.has_met_the_weather = true;
        if let Some(name) = self.state.faults.begin(fault) {
            self.note(&format!("weather: {name}"));
        }
        self.skew = self.state.faults.skew(operation);
    }

    /// Faults that keep the request from being processed.
    pub(super) fn replace(&mut self, operation: &str) -> Result<(), Stop> {
        let goes_on = self.goes_on();
        let Some(instead) = self.state.faults.instead(operation, goes_on) else { return Ok(()) };
        self.note("fault");
        Err(match instead {
            Instead::Lose => Stop::Lost,
            Instead::Answer(reply) => Stop::Replaced(reply),
            Instead::Reset => {
                let start = format!("{}{}?$deltatoken=", self.state.root, self.request.uri().path());
                let message = "Resync required. The delta token is no longer valid and data must be synchronized again.";
                let refusal = Refusal::new(StatusCode::GONE, "resyncRequired", message);
                Stop::Refused(refusal.header(LOCATION, &start))
            }
            Instead::Challenge { claims } => {
                Stop::Refused(checks::insufficient_claims(&self.state.root, &claims))
            }
            Instead::Throttle { retry_after } => {
                let mut refusal = too_many("The request was throttled.");
                let value = match retry_after {
                    RetryAfter::Unsaid => None,
                    RetryAfter::Text(value) => Some(value),
                    RetryAfter::Date(length) => HeaderValue::try_from(clock::http_date(
                        self.at.saturating_add(length),
                        self.skew.length(),
                    ))
                    .ok(),
                };
                refusal.headers.extend(value.map(|value| (RETRY_AFTER, value)));
                Stop::Refused(refusal)
            }
        })
    }

    /// Whether the request has a delta token, or one of a page.
    fn goes_on(&self) -> bool {
        let query = Query::parse(self.request.uri().query());
        query.names().any(|name| matches!(name, "$deltatoken" | "$skiptoken"))
    }

    /// Processes the request: on the tenant as it is, on a replica that lags, or twice.
    pub(super) fn behave(&mut self, behavior: Behavior, given: &Given<'_>) -> Result<Reply, Refusal> {
        let operation = given.target.id;
        if self.request.method() == Method::GET {
            let lag = if self.goes_on() { None } else { self.state.faults.lag(operation) };
            return match lag.and_then(|lag| self.replica(lag)) {
                Some((mut replica, then)) => self.behave_on(&mut replica, then, behavior, given),
                None => self.behave_now(behavior, given),
            };
        }
        self.state.history.keep(&self.state.store, self.at);
        self.state.store.next_course = self.state.faults.course(operation);
        let doubles = self.state.faults.doubles(operation);
        if doubles {
            self.note("processed twice");
            // Whatever came of it is never told.
            drop(self.behave_now(behavior, given));
        }
        self.behave_now(behavior, given)
    }

    fn behave_now(&mut self, behavior: Behavior, given: &Given<'_>) -> Result<Reply, Refusal> {
        let mut store = std::mem::take(&mut self.state.store);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.call(&mut store, self.at, behavior, given)));
        // Also after a panic: who serves others must not lose the tenant by it.
        self.state.store = store;
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// What a replica has that is `lag` behind, and the time it is at; none if it is what there is.
    fn replica(&mut self, lag: Duration) -> Option<(Store, Duration)> {
        let then = self.at.saturating_sub(lag);
        let replica = self.state.history.at(then)?.clone();
        self.note(&format!("{} s behind", lag.as_secs()));
        Some((replica, then))
    }

    /// Rounds of changes that begin on a replica go on elsewhere.
    fn behave_on(
        &mut self,
        replica: &mut Store,
        then: Duration,
        behavior: Behavior,
        given: &Given<'_>,
    ) -> Result<Reply, Refusal> {
        replica.delta_rounds = std::mem::take(&mut self.state.store.delta_rounds);
        let reply = self.call(replica, then, behavior, given);
        self.state.store.delta_rounds = std::mem::take(&mut replica.delta_rounds);
        reply
    }

    fn call(
        &self,
        store: &mut Store,
        at: Duration,
        behavior: Behavior,
        given: &Given<'_>,
    ) -> Result<Reply, Refusal> {
        let (spec, target) = (self.service.spec, given.target);
        behavior(&mut Call {
            store,
            settings: &self.state.settings,
            root: &self.state.root,
            base_path: target.base_path,
            at,
            caller: &given.grant.caller,
            permissions: &given.grant.permissions,
            path: self.request.uri().path(),
            parameters: target.parameters.clone(),
            query: given.query,
            headers: self.request.headers(),
            body: given.body.clone(),
            content: self.request.body(),
            properties: spec.contract.properties(target.id),
            types: &spec.types,
            declared: spec.types.answer(target.id).unwrap_or_default(),
        })
    }

    /// Faults that happen to a processed request.
    pub(super) fn tamper(&mut self, operation: &str, reply: &mut Reply) -> Result<(), Stop> {
        let path = self.request.uri().path_and_query().map_or("/", |it| it.as_str());
        let url = format!("{}{path}", self.state.root);
        if self.state.faults.alter(operation, reply, &self.state.root, &url) {
            self.note("altered");
        }
        if self.state.faults.loses_answer(operation) {
            self.note("processed");
            return Err(Stop::Lost);
        }
        Ok(())
    }
}
