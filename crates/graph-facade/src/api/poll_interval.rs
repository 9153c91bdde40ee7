//! The time between two polls.

use std::time::Duration;

/// The time between two polls of a long-running operation: more than 30 seconds, which the service insists on.
///
/// ```
/// use std::time::Duration;
/// use graph_facade::PollInterval;
///
/// assert!(PollInterval::new(Duration::from_secs(30)).is_err());
/// let patient = PollInterval::new(Duration::from_secs(120))?;
/// assert!(patient > PollInterval::default());
/// # Ok::<(), graph_facade::TooFast>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PollInterval(Duration);

/// An interval at which the service would refuse to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("polling every {0:?} is too fast: the service wants more than 30 seconds between two polls")]
pub struct TooFast(Duration);

impl PollInterval {
    /// What the service refuses, and everything below it.
    const REFUSED: Duration = Duration::from_secs(30);

    /// An interval of `duration`, if that is more than 30 seconds.
    pub const fn new(duration: Duration) -> Result<Self, TooFast> {
        if duration.as_nanos() > Self::REFUSED.as_nanos() {
            Ok(Self(duration))
        } else {
            Err(TooFast(duration))
        }
    }

    /// The interval as a duration.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl Default for PollInterval {
    /// 31 seconds.
    fn default() -> Self {
        Self(Self::REFUSED + Duration::from_secs(1))
    }
}

impl From<PollInterval> for Duration {
    fn from(interval: PollInterval) -> Self {
        interval.0
    }
}
