//! Things that go wrong on purpose.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use serde_json::Value;

use crate::pattern;
use crate::reply::{Body, Headers, Reply};

/// One thing that goes wrong, for the operations whose id matches a pattern (`*` stands for any characters).
///
/// A fault applies to the first matching requests until its [`times`](Self::times) run out: once by default, forever
/// for [`alter`](Self::alter) and [`delay`](Self::delay). Of several that would replace the same answer, the one
/// added first applies, and the others wait. Requests without a valid token, and paths that Graph doesn't have,
/// meet no fault.
///
/// ```
/// use graph_sim::{Fault, Sim};
///
/// let sim = Sim::builder()
///     .user("ada")
///     .fault(Fault::throttle("communities.create").times(2).retry_after("2.128"))
///     .fault(Fault::respond("groups.get", 502).content_type("text/html").body("<html>Bad gateway</html>"))
///     .fault(Fault::alter("communities.get", |json| json["privacy"] = "secret".into()))
///     .fault(Fault::lose_connection("groups.list"))
///     .build();
/// # let _ = sim;
/// ```
pub struct Fault {
    pattern: String,
    effect: Effect,
    skip: u32,
    /// How often it still applies; none stands for ever.
    left: Option<u32>,
    /// When it applies, counted from the start.
    window: Range<Duration>,
}

enum Effect {
    Throttle {
        retry_after: Option<HeaderValue>,
    },
    /// In base64, as the header has them.
    Challenge {
        claims: String,
    },
    Respond {
        status: StatusCode,
        headers: Headers,
        body: Bytes,
    },
    Alter(Box<dyn FnMut(&mut Value) + Send>),
    Lose {
        before: bool,
    },
    Delay(Duration),
    Reset,
}

impl Fault {
    /// Answers 429 without processing the request; without [`retry_after`](Self::retry_after), without that header.
    pub fn throttle(operation: impl Into<String>) -> Self {
        Self::new(operation, Effect::Throttle { retry_after: None }, Some(1))
    }

    /// Answers 429 as Viva Learning does, without processing the request: how long to wait is said in words alone.
    pub fn throttle_in_words(operation: impl Into<String>, minutes: u32) -> Self {
        let body = format!(r#"{{"code":"tooManyRequests","message":"Retry after {minutes} minutes"}}"#);
        Self::respond(operation, 429).content_type("application/json").body(body)
    }

    /// Answers `status` without processing the request. A number that is no status stands for 500.
    pub fn respond(operation: impl Into<String>, status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(operation, Effect::Respond { status, headers: Headers::new(), body: Bytes::new() }, Some(1))
    }

    /// Answers 401 without processing the request: continuous access evaluation wants these `claims`, a JSON object, in the
    /// token.
    ///
    /// ```
    /// let fault = graph_sim::Fault::claims_challenge("groups.list", r#"{"access_token":{"nbf":{"value":"1767600000"}}}"#);
    /// # let _ = fault;
    /// ```
    pub fn claims_challenge(operation: impl Into<String>, claims: &str) -> Self {
        Self::new(operation, Effect::Challenge { claims: STANDARD.encode(claims) }, Some(1))
    }

    /// Changes the body of a successful answer, after the check against the contract.
    ///
    /// The closure runs while the simulator is locked: it must not call the simulator.
    pub fn alter(operation: impl Into<String>, change: impl FnMut(&mut Value) + Send + 'static) -> Self {
        Self::new(operation, Effect::Alter(Box::new(change)), None)
    }

    /// Processes the request, then loses the answer; see also [`before_processing`](Self::before_processing).
    pub fn lose_connection(operation: impl Into<String>) -> Self {
        Self::new(operation, Effect::Lose { before: false }, Some(1))
    }

    /// Holds the answer back for `length` of tokio's time. The request is processed when it arrives.
    pub fn delay(operation: impl Into<String>, length: Duration) -> Self {
        Self::new(operation, Effect::Delay(length), None)
    }

    /// Answers 410 to a request that goes on from a delta token, or within a round of changes: the service wants a full
    /// synchronisation. Other requests are spared.
    pub fn reset_delta(operation: impl Into<String>) -> Self {
        Self::new(operation, Effect::Reset, Some(1))
    }

    fn new(operation: impl Into<String>, effect: Effect, left: Option<u32>) -> Self {
        Self { pattern: operation.into(), effect, skip: 0, left, window: Duration::ZERO..Duration::MAX }
    }

    /// Applies to this many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.left = Some(times);
        self
    }

    /// Spares the first `requests` that match.
    #[must_use]
    pub fn skip(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Applies to no request before this time, counted from the start of the simulator.
    #[must_use]
    pub fn from(mut self, start: Duration) -> Self {
        self.window.start = start;
        self
    }

    /// Applies to no request from this time on, counted from the start of the simulator.
    #[must_use]
    pub fn until(mut self, end: Duration) -> Self {
        self.window.end = end;
        self
    }

    /// Sends a `Retry-After` of this text, well-formed or not. Only for answers that replace the real one.
    #[must_use]
    pub fn retry_after(mut self, text: &str) -> Self {
        let value = HeaderValue::from_str(text).ok();
        match (&mut self.effect, value) {
            (Effect::Throttle { retry_after }, value) => *retry_after = value,
            (Effect::Respond { headers, .. }, Some(value)) => headers.push((RETRY_AFTER, value)),
            _ => {}
        }
        self
    }

    /// Sends this content type. Only for [`respond`](Self::respond).
    #[must_use]
    pub fn content_type(self, text: &str) -> Self {
        match HeaderValue::from_str(text) {
            Ok(value) => self.header(CONTENT_TYPE, value),
            Err(_) => self,
        }
    }

    /// Sends this header. Only for [`respond`](Self::respond).
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Effect::Respond { headers, .. } = &mut self.effect {
            headers.push((name, value));
        }
        self
    }

    /// Sends this body. Only for [`respond`](Self::respond).
    #[must_use]
    pub fn body(mut self, content: impl Into<Bytes>) -> Self {
        if let Effect::Respond { body, .. } = &mut self.effect {
            *body = content.into();
        }
        self
    }

    /// Loses the connection before the request is processed. Only for [`lose_connection`](Self::lose_connection).
    #[must_use]
    pub fn before_processing(mut self) -> Self {
        if let Effect::Lose { before } = &mut self.effect {
            *before = true;
        }
        self
    }

    fn spend(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        match &mut self.left {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }

    fn replaces_the_answer(&self) -> bool {
        matches!(
            self.effect,
            Effect::Throttle { .. }
                | Effect::Challenge { .. }
                | Effect::Respond { .. }
                | Effect::Lose { before: true }
                | Effect::Reset
        )
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = match &self.effect {
            Effect::Throttle { .. } => "throttle".to_owned(),
            Effect::Challenge { .. } => "claims challenge".to_owned(),
            Effect::Respond { status, .. } => format!("respond {}", status.as_u16()),
            Effect::Alter(_) => "alter".to_owned(),
            Effect::Lose { before: true } => "lose connection before processing".to_owned(),
            Effect::Lose { before: false } => "lose connection".to_owned(),
            Effect::Delay(length) => format!("delay {length:?}"),
            Effect::Reset => "reset delta".to_owned(),
        };
        f.debug_struct("Fault")
            .field("pattern", &self.pattern)
            .field("effect", &effect)
            .finish_non_exhaustive()
    }
}

/// What happens instead of processing a request.
#[derive(Debug)]
pub(crate) enum Instead {
    Throttle { retry_after: Option<HeaderValue> },
    Challenge { claims: String },
    Answer(Reply),
    Lose,
    Reset,
}

/// Every fault of a simulator, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    all: Vec<Fault>,
    /// How long the simulator has been running.
    pub(crate) now: Duration,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self { all: faults, now: Duration::ZERO }
    }

    /// The first fault that keeps this request from being processed.
    ///
    /// `goes_on` says that the request has a delta token, or one of a page.
    pub(crate) fn instead(&mut self, operation: &str, goes_on: bool) -> Option<Instead> {
        let applies = |fault: &&mut Fault| goes_on || !matches!(fault.effect, Effect::Reset);
        let mut candidates =
            self.matching(operation).filter(|fault| fault.replaces_the_answer()).filter(applies);
        let fault = candidates.find_map(|fault| fault.spend().then_some(fault))?;
        match &fault.effect {
            Effect::Throttle { retry_after } => Some(Instead::Throttle { retry_after: retry_after.clone() }),
            Effect::Challenge { claims } => Some(Instead::Challenge { claims: claims.clone() }),
            Effect::Respond { status, headers, body } => {
                let reply = Reply { headers: headers.clone(), ..Reply::empty(*status) };
                Some(Instead::Answer(Reply { body: Body::Raw(body.clone()), ..reply }))
            }
            Effect::Reset => Some(Instead::Reset),
            _ => Some(Instead::Lose),
        }
    }

    /// Applies every change that is due to a successful body; says whether there was one.
    pub(crate) fn alter(&mut self, operation: &str, json: &mut Value) -> bool {
        let mut altered = false;
        for fault in self.matching(operation) {
            if matches!(fault.effect, Effect::Alter(_))
                && fault.spend()
                && let Effect::Alter(change) = &mut fault.effect
            {
                change(json);
                altered = true;
            }
        }
        altered
    }

    /// Whether the answer to a processed request gets lost.
    pub(crate) fn loses_answer(&mut self, operation: &str) -> bool {
        self.matching(operation)
            .any(|fault| matches!(fault.effect, Effect::Lose { before: false }) && fault.spend())
    }

    /// How long the answer is held back.
    pub(crate) fn delay(&mut self, operation: &str) -> Duration {
        let due = |fault: &mut Fault| match fault.effect {
            Effect::Delay(length) => fault.spend().then_some(length),
            _ => None,
        };
        self.matching(operation).filter_map(due).sum()
    }

    fn matching<'a>(&'a mut self, operation: &'a str) -> impl Iterator<Item = &'a mut Fault> {
        let now = self.now;
        let applies = move |fault: &&mut Fault| {
            fault.window.contains(&now) && pattern::matches(&fault.pattern, operation)
        };
        self.all.iter_mut().filter(applies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(faults: &mut Faults, operation: &str, requests: usize) -> Vec<Option<u16>> {
        let status = |instead| match instead {
            Some(Instead::Answer(reply)) => Some(reply.status.as_u16()),
            Some(Instead::Throttle { .. }) => Some(429),
            Some(Instead::Challenge { .. }) => Some(401),
            Some(Instead::Lose) => Some(0),
            Some(Instead::Reset) => Some(410),
            None => None,
        };
        (0..requests).map(|_| status(faults.instead(operation, false))).collect()
    }

    #[test]
    fn faults_apply_in_order_until_they_run_out() {
        let mut faults = Faults::new(vec![
            Fault::throttle("a.*").times(2),
            Fault::respond("a.get", 502),
            Fault::lose_connection("*").before_processing(),
        ]);
        assert_eq!(statuses(&mut faults, "a.get", 5), [Some(429), Some(429), Some(502), Some(0), None]);
        assert_eq!(statuses(&mut faults, "b.get", 1), [None]);
    }

    #[test]
    fn the_first_requests_can_be_spared() {
        let mut faults = Faults::new(vec![Fault::respond("a", 500).skip(1)]);
        assert_eq!(statuses(&mut faults, "a", 3), [None, Some(500), None]);

        let mut faults = Faults::new(vec![Fault::lose_connection("a").before_processing().skip(1)]);
        assert!(faults.instead("a", false).is_none() && !faults.loses_answer("a"));
        assert_eq!(statuses(&mut faults, "a", 1), [Some(0)]);
    }

    #[test]
    fn an_answer_gets_lost_once_and_altered_for_ever() {
        let mut faults =
            Faults::new(vec![Fault::lose_connection("a"), Fault::alter("a", |it| *it = 1.into())]);
        assert!(faults.instead("a", false).is_none(), "the request is processed");
        assert_eq!((faults.loses_answer("a"), faults.loses_answer("a")), (true, false));
        let mut json = Value::Null;
        assert!(faults.alter("a", &mut json) && faults.alter("a", &mut json));
        assert_eq!(json, 1);
    }

    #[test]
    fn only_requests_that_go_on_are_reset() {
        let mut faults = Faults::new(vec![Fault::reset_delta("a")]);
        assert!(faults.instead("a", false).is_none());
        assert!(matches!(faults.instead("a", true), Some(Instead::Reset)));
        assert!(faults.instead("a", true).is_none());
    }

    #[test]
    fn a_fault_may_have_its_time() {
        let mut faults = Faults::new(vec![
            Fault::respond("a", 503).from(Duration::from_secs(5)).until(Duration::from_secs(9)).times(9),
        ]);
        for (second, expected) in [(4, None), (5, Some(503)), (8, Some(503)), (9, None)] {
            faults.now = Duration::from_secs(second);
            assert_eq!(statuses(&mut faults, "a", 1), [expected], "second {second}");
        }
    }

    #[test]
    fn delays_add_up() {
        let second = Duration::from_secs(1);
        let mut faults = Faults::new(vec![Fault::delay("a", second), Fault::delay("*", second).times(1)]);
        assert_eq!(
            (faults.delay("a"), faults.delay("a"), faults.delay("b")),
            (2 * second, second, Duration::ZERO)
        );
    }
}
