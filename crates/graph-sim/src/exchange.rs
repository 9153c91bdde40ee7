//! A request's way: origin, token, route, faults, quota, contract, behaviour, contract, faults, journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue, LOCATION};
use http::{Method, Request, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::batch;
use crate::behavior;
use crate::call::prefers;
use crate::contract::Breach;
use crate::error::{ConnectionLost, Refusal};
use crate::fault::Skew;
use crate::findings::VIOLATION;
use crate::journal::{Entry, Traffic, path_and_query};
use crate::metadata::{Metadata, Origin};
use crate::query::Query;
use crate::render::Stamp;
use crate::reply::{Body, Reply};
use crate::router::{self, Found};
use crate::service::{Service, State};
use crate::throttle::Admitted;
use crate::token::Caller;
use crate::token_endpoint::{self, Realm};

mod browser;
mod checks;
mod trouble;

use trouble::Given;

/// Two reports on one operation must be further apart than this.
const POLL_INTERVAL: Duration = Duration::from_secs(30);

/// What stands in an id and must not stand in a segment of a path; ids of Outlook have `-`, `_` and `=`.
const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'=');

/// The note of a request that came in an envelope.
const IN_BATCH: &str = "in a batch";

/// What comes of a request, and how much later.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) delay: Duration,
    /// How much later than its head the body comes.
    pub(crate) body_delay: Duration,
    pub(crate) result: Result<Response<Bytes>, ConnectionLost>,
}

/// Why a request isn't answered by its behaviour.
enum Stop {
    Refused(Refusal),
    Replaced(Reply),
    Lost,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Takes one request all the way.
pub(crate) fn exchange(service: &Service, request: &Request<Bytes>) -> Outcome {
    let mut outcome = process(service, &mut service.state(), request, &[]);
    if let Ok(response) = &mut outcome.result {
        browser::expose(request.headers(), response);
        if request.method() == Method::HEAD {
            let body = std::mem::take(response.body_mut());
            response.headers_mut().insert(CONTENT_LENGTH, body.len().into());
        }
    }
    outcome
}

/// Takes one request all the way, whether it came alone or in an envelope.
fn process(service: &Service, state: &mut State, request: &Request<Bytes>, notes: &[&str]) -> Outcome {
    let at = state.now;
    let mut entry = Entry::new(state.running(), request.method().clone(), path_and_query(request));
    entry.notes.extend(notes.iter().map(|&note| note.to_owned()));
    let (delay, skew) = (Duration::ZERO, Skew::default());
    let mut exchange =
        Exchange { service, state, request, at, delay, skew, has_met_the_weather: false, entry };
    let result = exchange.run();
    exchange.finish(result)
}

struct Exchange<'a> {
    service: &'a Service,
    state: &'a mut State,
    request: &'a Request<Bytes>,
    at: Duration,
    /// How long what the request holds takes.
    delay: Duration,
    /// How far the service's clock is off.
    skew: Skew,
    has_met_the_weather: bool,
    entry: Entry,
}

impl Exchange<'_> {
    fn run(&mut self) -> Result<Reply, Stop> {
        let of_sign_in = token_endpoint::find(self.request, &self.state.root);
        if of_sign_in.is_none() {
            self.check_origin()?;
        }
        if let Some(reply) = browser::preflight(self.request) {
            self.note("preflight");
            return Err(Stop::Replaced(reply));
        }
        if let Some(address) = of_sign_in {
            return self.sign_in(&address);
        }
        let grant = self.authenticate()?;
        let target = self.route()?;
        let operation = target.id;
        let caller = &grant.caller;
        self.meet_the_weather(operation);
        // Also what isn't processed is held against the contract: a client that is throttled or mocked errs all the same.
        let admitted = self.admit(operation, caller).inspect_err(|_| self.inspect(operation))?;
        if operation == batch::OPERATION {
            return self.batch();
        }
        self.service.spec.permissions.check(operation, &grant)?;
        self.check_headers(operation)?;
        let Some(behavior) = behavior::find(operation) else { return Err(not_simulated(operation).into()) };
        let query = Query::parse(self.request.uri().query());
        let query = if target.base_path == router::BETA { query.in_beta() } else { query };
        let body = self.body(operation)?;
        self.check_request(operation, &query, body.as_ref())?;
        let given = Given { target: &target, grant: &grant, query: &query, body: body.unwrap_or_default() };
        let mut reply = self.behave(behavior, &given)?;
        self.hide_later_members(operation, &mut reply);
        self.check_response(operation, &reply);
        self.tell_where(&mut reply);
        self.say_as_much_as_accepted(operation, &mut reply);
        report_load(&mut reply, admitted);
        self.tamper(operation, &mut reply)?;
        Ok(reply)
    }

    /// What comes before a request to Graph: a token, or how to get one.
    fn sign_in(&mut self, address: &token_endpoint::Address) -> Result<Reply, Stop> {
        let operation = address.place.operation();
        self.entry.operation = Some(operation.to_owned());
        self.replace(operation)?;
        let number = self.state.entries.len() as u64 + 1;
        let mut realm = Realm {
            sign_ins: &mut self.state.sign_ins,
            store: &self.state.store,
            apps: &self.state.settings.apps,
            permissions: &self.service.spec.permissions,
            root: &self.state.root,
            lifetime: self.state.settings.token_lifetime,
            at: self.at,
            number,
        };
        let token_endpoint::Answer { mut reply, caller, note } = realm.answer(address, self.request);
        if let Some(name) = caller.and_then(|caller| self.name(&caller)) {
            self.entry.user = name;
        }
        self.entry.notes.extend(note);
        self.tamper(operation, &mut reply)?;
        Ok(reply)
    }

    /// Processes the requests of an envelope in their order, and answers in another.
    fn batch(&mut self) -> Result<Reply, Stop> {
        let body = self.body(batch::OPERATION)?.map(|body| batch::tidy(&body));
        let items = batch::open(self.request, body.as_ref()).inspect_err(|refusal| {
            self.violation(&format!("batch request: {}", refusal.message));
        })?;
        let query = Query::parse(self.request.uri().query());
        self.check_request(batch::OPERATION, &query, body.as_ref())?;
        let (mut statuses, mut responses) = (HashMap::new(), Vec::new());
        for item in items {
            let (status, response) = if item.is_blocked(&statuses) {
                (StatusCode::FAILED_DEPENDENCY, batch::blocked(&item.id))
            } else {
                let Outcome { delay, body_delay, result } =
                    process(self.service, self.state, &item.request, &[IN_BATCH]);
                self.delay = self.delay.max(delay.saturating_add(body_delay));
                let response = result.map_err(|_| Stop::Lost)?;
                (response.status(), batch::pack(&item.id, &response))
            };
            statuses.insert(item.key(), status);
            responses.push(response);
        }
        responses.reverse();
        let mut reply = Reply::ok(json!({ "responses": responses }));
        self.check_response(batch::OPERATION, &reply);
        self.tamper(batch::OPERATION, &mut reply)?;
        Ok(reply)
    }

    /// Members that were added later are shown to those who ask for them.
    fn hide_later_members(&self, operation: &str, reply: &mut Reply) {
        let (Body::Json(json), Some(of)) = (&mut reply.body, self.service.spec.types.answer(operation))
        else {
            return;
        };
        if prefers(self.request.headers(), "include-unknown-enum-members") {
            return;
        }
        let types = &self.service.spec.types;
        match json.get_mut("value") {
            Some(Value::Array(items)) => items.iter_mut().for_each(|item| types.hide_later_members(of, item)),
            _ => types.hide_later_members(of, json),
        }
    }

    /// The address of what was made, where the service offers to read it.
    fn tell_where(&self, reply: &mut Reply) {
        let Body::Json(json) = &reply.body else { return };
        let is_told = reply.headers.iter().any(|(name, _)| name == LOCATION);
        let Some(id) = json["id"].as_str().filter(|_| reply.status == StatusCode::CREATED && !is_told) else {
            return;
        };
        let id = utf8_percent_encode(id, RESERVED);
        let path = format!("{}/{id}", self.request.uri().path().trim_end_matches('/'));
        if matches!(self.service.spec.router.find(&Method::GET, &path), Found::Operation(_)) {
            let address = format!("{}{path}", self.state.root);
            reply.headers.extend(HeaderValue::try_from(address).ok().map(|address| (LOCATION, address)));
        }
    }

    fn say_as_much_as_accepted(&self, operation: &str, reply: &mut Reply) {
        if let Body::Json(json) = &mut reply.body {
            let types = &self.service.spec.types;
            let declared = types.answer(operation).unwrap_or_default();
            let origin = Origin { types, root: &self.state.root, declared };
            Metadata::accepted(self.request.headers()).apply(json, origin);
        }
    }

    /// Whatever may keep a request from being processed, besides itself.
    fn admit(&mut self, operation: &str, caller: &Caller) -> Result<Admitted, Stop> {
        self.replace(operation)?;
        #[cfg(feature = "rules")]
        self.rule(operation)?;
        if operation == batch::OPERATION {
            // What is in it counts by itself.
            return Ok(Admitted::default());
        }
        Ok(self.throttle(operation, caller)?)
    }

    /// Notes what is wrong with a request that something else answers.
    fn inspect(&mut self, operation: &str) {
        let query = Query::parse(self.request.uri().query());
        // The refusals are nobody's: the breaches are noted on the way.
        if self.check_headers(operation).is_ok()
            && let Ok(body) = self.body(operation)
        {
            self.check_request(operation, &query, body.as_ref()).ok();
        }
    }

    /// The answer of a rule, where one has one; it keeps to the contract like any other.
    #[cfg(feature = "rules")]
    fn rule(&mut self, operation: &str) -> Result<(), Stop> {
        let Some(ruled) = self.state.rules.answer(operation, self.request) else { return Ok(()) };
        self.note("rule");
        if ruled.is_checked {
            let breaches = self.service.spec.contract.check_response(operation, &ruled.reply);
            self.breached(operation, "answer of a rule", &breaches);
        }
        Err(Stop::Replaced(ruled.reply))
    }

    fn check_response(&mut self, operation: &str, reply: &Reply) {
        let breaches = self.service.spec.contract.check_response(operation, reply);
        self.breached(operation, "response", &breaches);
    }

    fn finish(mut self, result: Result<Reply, Stop>) -> Outcome {
        let operation = self.entry.operation.clone().unwrap_or_default();
        let delay = self.delay.saturating_add(self.state.faults.delay(&operation));
        let body_delay = self.state.faults.body_delay(&operation);
        let number = self.state.entries.len() as u64 + 1;
        let stamp = Stamp::new(number, self.at, self.skew, self.request.headers());
        let result = match result {
            Ok(reply) => {
                self.count_poll(&reply);
                Ok(stamp.render(reply))
            }
            Err(Stop::Replaced(reply)) => Ok(stamp.render(reply)),
            Err(Stop::Refused(refusal)) => {
                let reply = stamp.reply(refusal);
                self.check_response(&operation, &reply);
                Ok(stamp.render(reply))
            }
            Err(Stop::Lost) => Err(ConnectionLost),
        };
        self.entry.status = result.as_ref().ok().map(|response| response.status().as_u16());
        let mut traffic = Traffic::new(&self.state.root, self.at, self.request, &result, delay);
        traffic.in_batch = self.entry.notes.iter().any(|note| note == IN_BATCH);
        self.entry.traffic = Some(Arc::new(traffic));
        self.state.entries.push(self.entry);
        if self.has_met_the_weather {
            self.state.faults.end();
        }
        Outcome { delay, body_delay, result }
    }

    /// Only answers that arrive count: after a lost one, asking again at once is right.
    fn count_poll(&mut self, reply: &Reply) {
        let Some(id) = &reply.polled else { return };
        let Some(last) = self.state.polls.insert(id.clone(), self.at) else { return };
        let gap = self.at.saturating_sub(last);
        if gap <= POLL_INTERVAL {
            let seconds = gap.as_secs_f64();
            self.violation(&format!(
                "operation {id} was polled {seconds:.1} s after the poll before; wait longer than 30 s"
            ));
        }
    }

    fn breached(&mut self, operation: &str, side: &str, breaches: &[Breach]) {
        for breach in breaches {
            self.violation(&format!("{operation} {side}: {breach}"));
        }
    }

    fn violation(&mut self, text: &str) {
        self.note(&format!("{VIOLATION}{text}"));
        self.state.violations.push(text.to_owned());
    }

    fn note(&mut self, text: &str) {
        self.entry.notes.push(text.to_owned());
    }
}

/// The headers in which the service says what a request cost, and how near the limit is.
fn report_load(reply: &mut Reply, admitted: Admitted) {
    let units = admitted.units.map(|units| ("x-ms-resource-unit", units.to_string()));
    let usage = admitted.usage.map(|usage| ("x-ms-throttle-limit-percentage", format!("{usage:.1}")));
    for (name, value) in units.into_iter().chain(usage) {
        reply
            .headers
            .extend(HeaderValue::try_from(value).ok().map(|value| (HeaderName::from_static(name), value)));
    }
}

fn too_many(message: &str) -> Refusal {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
}

fn not_simulated(operation: &str) -> Refusal {
    Refusal::not_simulated(format!(
        "The simulator has no behavior for '{operation}' yet: add one in src/behavior."
    ))
}
