//! Things that go wrong on purpose.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use crate::pattern;
use crate::timeline::Timeline;

mod after;
mod before;
#[cfg(test)]
mod tests;
mod within;

pub(crate) use before::{Instead, RetryAfter};
pub(crate) use within::Skew;

use after::After;

/// One thing that goes wrong, for the operations whose id matches a pattern (`*` stands for any characters).
///
/// A fault applies to the first matching requests until its [`times`](Self::times) run out: once, unless its constructor says
/// that it lasts. Of several that would replace the same answer, the one added first applies, and the others wait. Requests
/// without a valid token, and paths that Graph doesn't have, meet no fault.
///
/// | when | what |
/// |---|---|
/// | instead of processing | [`throttle`](Self::throttle), [`throttle_in_words`](Self::throttle_in_words), [`respond`](Self::respond), [`claims_challenge`](Self::claims_challenge), [`reset_delta`](Self::reset_delta), [`lose_connection`](Self::lose_connection) [`before_processing`](Self::before_processing) |
/// | while processing | [`twice`](Self::twice), [`lag`](Self::lag), [`course`](Self::course), [`clock_ahead`](Self::clock_ahead), [`clock_behind`](Self::clock_behind) |
/// | to the answer | [`alter`](Self::alter), [`null_lists`](Self::null_lists), [`dates_without_offset`](Self::dates_without_offset), [`repeat_items`](Self::repeat_items), [`lead_astray`](Self::lead_astray), [`circle`](Self::circle), [`truncate`](Self::truncate), [`delay`](Self::delay), [`slow_body`](Self::slow_body), [`lose_connection`](Self::lose_connection) |
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
    Before(Instead),
    After(After),
    Lose { before: bool },
    Delay(Duration),
    SlowBody(Duration),
    Twice,
    Lag(Duration),
    Course(Timeline),
    Skew(Skew),
}

impl Fault {
    fn new(operation: impl Into<String>, effect: Effect, left: Option<u32>) -> Self {
        Self { pattern: operation.into(), effect, skip: 0, left, window: Duration::ZERO..Duration::MAX }
    }

    /// Loses the connection: processes the request, then loses the answer. See also
    /// [`before_processing`](Self::before_processing).
    pub fn lose_connection(operation: impl Into<String>) -> Self {
        Self::new(operation, Effect::Lose { before: false }, Some(1))
    }

    /// Loses the connection before the request is processed. Only for [`lose_connection`](Self::lose_connection).
    #[must_use]
    pub fn before_processing(mut self) -> Self {
        if let Effect::Lose { before } = &mut self.effect {
            *before = true;
        }
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
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("pattern", &self.pattern)
            .field("effect", &self.effect.to_string())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(instead) => instead.fmt(f),
            Self::After(after) => after.fmt(f),
            Self::Lose { before: true } => f.write_str("lose connection before processing"),
            Self::Lose { before: false } => f.write_str("lose connection"),
            Self::Delay(length) => write!(f, "delay {length:?}"),
            Self::SlowBody(length) => write!(f, "slow body {length:?}"),
            Self::Twice => f.write_str("twice"),
            Self::Lag(length) => write!(f, "lag {length:?}"),
            Self::Course(_) => f.write_str("course"),
            Self::Skew(skew) => skew.fmt(f),
        }
    }
}

/// Every fault of a simulator, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    lasting: Vec<Fault>,
    /// What befalls the request under way, and the envelope around it.
    passing: Vec<Option<Fault>>,
    /// How long the simulator has been running.
    pub(crate) now: Duration,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self { lasting: faults, passing: Vec::new(), now: Duration::ZERO }
    }

    /// Begins a request, to which a fault may happen that is no other's; says what it is.
    pub(crate) fn begin(&mut self, passing: Option<Fault>) -> Option<String> {
        let name = passing.as_ref().map(|fault| fault.effect.to_string());
        self.passing.push(passing);
        name
    }

    pub(crate) fn end(&mut self) {
        self.passing.pop();
    }

    /// The longest time by which a replica lags; none if none does.
    pub(crate) fn longest_lag(&self) -> Option<Duration> {
        let lags = self.lasting.iter().filter_map(|fault| match fault.effect {
            Effect::Lag(length) => Some(length),
            _ => None,
        });
        lags.max()
    }

    /// Adds one more, after the others.
    pub(crate) fn add(&mut self, fault: Fault) {
        self.lasting.push(fault);
    }

    /// Those that still apply.
    pub(crate) fn left(&self) -> impl Iterator<Item = &Fault> {
        self.lasting.iter().filter(|fault| fault.left != Some(0))
    }

    fn matching<'a>(&'a mut self, operation: &'a str) -> impl Iterator<Item = &'a mut Fault> {
        let now = self.now;
        let applies = move |fault: &&mut Fault| {
            fault.window.contains(&now) && pattern::matches(&fault.pattern, operation)
        };
        let passing = self.passing.last_mut().into_iter().flatten();
        self.lasting.iter_mut().chain(passing).filter(applies)
    }

    /// What the effects of the matching faults of one kind come to, each of which is spent if it is of that kind.
    fn due<'a, T: 'a>(
        &'a mut self,
        operation: &'a str,
        kind: impl Fn(&Effect) -> Option<T> + 'a,
    ) -> impl Iterator<Item = T> + 'a {
        self.matching(operation).filter_map(move |fault| {
            let value = kind(&fault.effect)?;
            fault.spend().then_some(value)
        })
    }
}
