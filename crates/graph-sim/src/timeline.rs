//! How the status of a create-community operation unfolds.

use std::time::Duration;

/// The status that makes the community exist.
pub(crate) const SUCCEEDED: &str = "succeeded";

/// The course of create-community operations, of all or of [one](crate::Fault::course): the statuses it stays in, and the one it
/// ends with.
///
/// Any text is allowed as a status, also one that Graph doesn't document: that is how to test a client against
/// tomorrow's members. The community exists from the moment the operation ends with `succeeded`, and never if it
/// ends otherwise.
///
/// ```
/// use std::time::Duration;
/// use graph_sim::Timeline;
///
/// let slow_then_refused = Timeline::new()
///     .stay("notStarted", Duration::from_secs(10))
///     .stay("running", Duration::from_secs(600))
///     .end_with_detail("failed", "the network is full");
/// # let _ = slow_then_refused;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    stays: Vec<(String, Duration)>,
    end: String,
    detail: Option<String>,
}

/// One moment of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stage<'a> {
    pub(crate) status: &'a str,
    pub(crate) detail: Option<&'a str>,
    /// How long after its creation the operation took this status on.
    pub(crate) since: Duration,
    pub(crate) is_last: bool,
}

impl Timeline {
    /// A timeline that succeeds at once, until stays are added.
    pub fn new() -> Self {
        Self { stays: Vec::new(), end: SUCCEEDED.to_owned(), detail: None }
    }

    /// Stays in `status` for `length`, after the stays added before.
    #[must_use]
    pub fn stay(mut self, status: impl Into<String>, length: Duration) -> Self {
        self.stays.push((status.into(), length));
        self
    }

    /// Stays in `status` and never ends.
    #[must_use]
    pub fn stall(self, status: impl Into<String>) -> Self {
        self.stay(status, Duration::MAX)
    }

    /// Ends with `status`, for good.
    #[must_use]
    pub fn end(mut self, status: impl Into<String>) -> Self {
        self.end = status.into();
        self.detail = None;
        self
    }

    /// Ends with `status`, for good, and says why in `statusDetail`.
    #[must_use]
    pub fn end_with_detail(mut self, status: impl Into<String>, detail: impl Into<String>) -> Self {
        self.end = status.into();
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn at(&self, age: Duration) -> Stage<'_> {
        let mut since = Duration::ZERO;
        for (status, length) in &self.stays {
            let next = since.saturating_add(*length);
            if age < next {
                return Stage { status, detail: None, since, is_last: false };
            }
            since = next;
        }
        Stage { status: &self.end, detail: self.detail.as_deref(), since, is_last: true }
    }
}

impl Default for Timeline {
    /// `notStarted` for 10 seconds, `running` until 75 seconds, then `succeeded`.
    fn default() -> Self {
        Self::new().stay("notStarted", Duration::from_secs(10)).stay("running", Duration::from_secs(65))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_succeeds_after_75_seconds() {
        let timeline = Timeline::default();
        for (age, status, since, is_last) in [
            (0, "notStarted", 0, false),
            (9_999, "notStarted", 0, false),
            (10_000, "running", 10, false),
            (74_999, "running", 10, false),
            (75_000, "succeeded", 75, true),
            (9_000_000, "succeeded", 75, true),
        ] {
            let expected = Stage { status, detail: None, since: Duration::from_secs(since), is_last };
            assert_eq!(timeline.at(Duration::from_millis(age)), expected, "after {age} ms");
        }
    }

    #[test]
    fn only_the_end_carries_the_detail() {
        let timeline =
            Timeline::new().stay("brandNew", Duration::from_secs(5)).end_with_detail("failed", "full");
        assert_eq!(timeline.at(Duration::ZERO).detail, None);
        assert_eq!(timeline.at(Duration::from_secs(5)).detail, Some("full"));
    }
}
