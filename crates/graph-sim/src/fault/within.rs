//! What goes wrong while a request is processed.

use std::fmt;
use std::time::Duration;

use super::{Effect, Fault, Faults};
use crate::timeline::Timeline;

/// How far the service's clock is off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Skew(time::Duration);

impl Skew {
    pub(crate) fn length(self) -> time::Duration {
        self.0
    }
}

impl Fault {
    /// Processes the request twice, as if a gateway had delivered it again; the second answer comes back.
    pub fn twice(operation: impl Into<String>) -> Self {
        Self::new(operation, Effect::Twice, Some(1))
    }

    /// Answers reads from a replica that is `length` behind: what was written since isn't there. It lasts.
    ///
    /// A read that goes on from a token is spared, as its service keeps to the replica that the token is from.
    pub fn lag(operation: impl Into<String>, length: Duration) -> Self {
        Self::new(operation, Effect::Lag(length), None)
    }

    /// Lets the long-running operation that the request starts take this course, whatever course the others take: it may
    /// [stall](Timeline::stall), be skipped, fail with a detail, or have a status that nobody knows yet.
    ///
    /// ```
    /// use graph_sim::{Fault, Timeline};
    ///
    /// let fault = Fault::course("communities.create", Timeline::new().end_with_detail("failed", "the network is full"));
    /// # let _ = fault;
    /// ```
    pub fn course(operation: impl Into<String>, course: Timeline) -> Self {
        Self::new(operation, Effect::Course(course), Some(1))
    }

    /// Sets the service's clock ahead by `length`, as far as `Date` and a date in `Retry-After` tell. It lasts.
    pub fn clock_ahead(operation: impl Into<String>, length: Duration) -> Self {
        Self::skewed(operation, 1, length)
    }

    /// Sets the service's clock back by `length`, as far as `Date` and a date in `Retry-After` tell. It lasts.
    pub fn clock_behind(operation: impl Into<String>, length: Duration) -> Self {
        Self::skewed(operation, -1, length)
    }

    fn skewed(operation: impl Into<String>, sign: i32, length: Duration) -> Self {
        let length = time::Duration::try_from(length).unwrap_or(time::Duration::MAX).saturating_mul(sign);
        Self::new(operation, Effect::Skew(Skew(length)), None)
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "clock {:+} s", self.0.whole_seconds())
    }
}

impl Faults {
    /// Whether the request is processed twice.
    pub(crate) fn doubles(&mut self, operation: &str) -> bool {
        self.due(operation, |effect| matches!(effect, Effect::Twice).then_some(())).next().is_some()
    }

    /// How far behind the replica is that answers.
    pub(crate) fn lag(&mut self, operation: &str) -> Option<Duration> {
        let lag = |effect: &Effect| match effect {
            Effect::Lag(length) => Some(*length),
            _ => None,
        };
        self.due(operation, lag).next()
    }

    /// The course of the long-running operation that the request starts, if it is one of its own.
    pub(crate) fn course(&mut self, operation: &str) -> Option<Timeline> {
        let course = |effect: &Effect| match effect {
            Effect::Course(course) => Some(course.clone()),
            _ => None,
        };
        self.due(operation, course).next()
    }

    /// How far the service's clock is off.
    pub(crate) fn skew(&mut self, operation: &str) -> Skew {
        let skew = |effect: &Effect| match effect {
            Effect::Skew(skew) => Some(*skew),
            _ => None,
        };
        self.due(operation, skew).next().unwrap_or_default()
    }
}
