//! Answers and expectations for single operations, over a simulator that does the rest.

mod answer;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::pattern;
use crate::query::Query;
use crate::reply::Reply;
use crate::service::Service;
use crate::sim::Sim;
use crate::spec::Spec;

pub use answer::Answer;

type Condition = Box<dyn Fn(&Request<Bytes>) -> bool + Send>;

/// A rule on one operation: which requests it is about, what they are answered, and how many of them are expected.
///
/// It holds as soon as [`Sim::on`] made it; each method changes it from then on. Of several rules on the same request, the
/// first whose [`times`](Self::times) aren't used up applies. Requests without a valid token meet no rule, and faults come before
/// rules.
///
/// ```
/// use graph_sim::Sim;
/// use serde_json::json;
///
/// let sim = Sim::builder().user("ada").build();
/// sim.on("groups.get").respond(503).times(2);
/// sim.on("users.get").respond(json!({ "id": "1", "displayName": "Ada" }));
/// sim.on("groups.create").with_body(json!({ "displayName": "Pilots" })).times(1); // the simulator answers
/// sim.on("groups.delete").times(0);
///
/// let findings = sim.verify().unwrap_err();
/// assert!(findings.to_string().contains("the rule on groups.get expected 2 requests, and none came"));
/// ```
#[derive(Clone)]
pub struct Rule {
    service: Arc<Service>,
    index: usize,
}

impl Sim {
    /// Makes a rule on the operations whose id matches (`*` stands for any characters). By itself it does nothing.
    ///
    /// An id that no operation has is a [violation](Sim::violations).
    pub fn on(&self, operation: &str) -> Rule {
        let mut state = self.service().state();
        let mut known = Spec::shared().router.operations();
        if !known.any(|id| pattern::matches(operation, id)) {
            state.violations.push(format!("a rule is on '{operation}', and no operation has this id"));
        }
        let index = state.rules.add(operation);
        drop(state);
        Rule { service: Arc::clone(self.service()), index }
    }
}

impl Rule {
    /// Answers this instead of what the simulator would.
    ///
    /// A status, such as `503`; a JSON value, which goes with 200; or an [`Answer`] with more to it. Successes are held against
    /// the contract, so that nobody tests against answers that there can't be; see [`Answer::unchecked`].
    pub fn respond(self, answer: impl Into<Answer>) -> Self {
        let answer = answer.into();
        self.change(|rule| rule.answer = Some(answer))
    }

    /// Expects this many requests. A rule with an answer gives it to so many, and leaves the others to the simulator; one without
    /// wants no more than so many. By default a rule applies to all, and expects nothing.
    pub fn times(self, times: u32) -> Self {
        self.change(|rule| rule.times = Some(times))
    }

    /// Applies only if the query has this option with this value, decoded.
    pub fn with_query(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.when(move |request| Query::parse(request.uri().query()).get(&name) == Some(value.as_str()))
    }

    /// Applies only if the request has this header with this value.
    pub fn with_header(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.when(move |request| {
            request.headers().get_all(&name).iter().any(|it| it.as_bytes() == value.as_bytes())
        })
    }

    /// Applies only if the body is JSON that holds at least this: objects may have more properties.
    pub fn with_body(self, part: Value) -> Self {
        self.when(move |request| {
            serde_json::from_slice(request.body()).is_ok_and(|body: Value| holds(&body, &part))
        })
    }

    /// Applies only to requests that meet a condition, which runs while the simulator is locked: it must not call the simulator.
    pub fn when(self, condition: impl Fn(&Request<Bytes>) -> bool + Send + 'static) -> Self {
        self.change(|rule| rule.conditions.push(Box::new(condition)))
    }

    /// How many requests it applied to so far.
    pub fn count(&self) -> u32 {
        self.service.state().rules.0.get(self.index).map_or(0, |rule| rule.came)
    }

    fn change(self, change: impl FnOnce(&mut Held)) -> Self {
        if let Some(rule) = self.service.state().rules.0.get_mut(self.index) {
            change(rule);
        }
        self
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("index", &self.index).finish_non_exhaustive()
    }
}

/// Whether `whole` has everything that `part` has.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|it| holds(it, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| holds(whole, part))
        }
        _ => whole == part,
    }
}

/// A rule, as the simulator holds it.
struct Held {
    operations: String,
    conditions: Vec<Condition>,
    answer: Option<Answer>,
    times: Option<u32>,
    came: u32,
}

/// The answer of a rule.
pub(crate) struct Ruled {
    pub(crate) reply: Reply,
    pub(crate) is_checked: bool,
}

/// Every rule, in the order in which they were made.
#[derive(Default)]
pub(crate) struct Rules(Vec<Held>);

impl Rules {
    fn add(&mut self, operations: &str) -> usize {
        let operations = operations.to_owned();
        self.0.push(Held { operations, conditions: Vec::new(), answer: None, times: None, came: 0 });
        self.0.len() - 1
    }

    /// Counts a request with the rule that applies to it, and gives its answer, if it has one.
    pub(crate) fn answer(&mut self, operation: &str, request: &Request<Bytes>) -> Option<Ruled> {
        let is_met = |rule: &Held| rule.conditions.iter().all(|condition| condition(request));
        let mut matching: Vec<&mut Held> = self
            .0
            .iter_mut()
            .filter(|rule| pattern::matches(&rule.operations, operation) && is_met(rule))
            .collect();
        let fresh = matching.iter().position(|rule| rule.times.is_none_or(|times| rule.came < times));
        // A rule that only expects wants no more than it says; one that answers leaves the others to the simulator.
        let place = fresh.or_else(|| matching.iter().rposition(|rule| rule.answer.is_none()))?;
        let rule = matching.swap_remove(place);
        rule.came += 1;
        let answer = rule.answer.as_ref().filter(|_| fresh.is_some())?;
        Some(Ruled { reply: answer.reply(), is_checked: answer.is_checked() })
    }

    /// The expectations that weren't met.
    pub(crate) fn unmet(&self) -> impl Iterator<Item = String> {
        let unmet = self.0.iter().filter(|rule| rule.times.is_some_and(|times| times != rule.came));
        unmet.map(Held::complaint)
    }
}

impl Held {
    fn complaint(&self) -> String {
        let times = self.times.unwrap_or_default();
        let noun = if times == 1 { "request" } else { "requests" };
        let came = match self.came {
            0 => "none".to_owned(),
            came => came.to_string(),
        };
        let conditions = match self.conditions.len() {
            0 => "",
            1 => " (with a condition)",
            _ => " (with conditions)",
        };
        format!("the rule on {}{conditions} expected {times} {noun}, and {came} came", self.operations)
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|rule| &rule.operations)).finish()
    }
}
