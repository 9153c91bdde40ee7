//! Ways in which services count.

use std::collections::VecDeque;
use std::time::Duration;

/// How a simulator counts requests against a quota of so many in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counting {
    /// Each request counts for one window after it came.
    #[default]
    SlidingLog,
    /// All count until the current window ends; windows follow each other without a gap. The first ends early by `phase`.
    FixedWindow {
        /// How much of the first window is over when the simulator starts.
        phase: Duration,
    },
    /// Places come back one by one, evenly over the window, up to the quota: the generic cell rate algorithm.
    LeakyBucket,
}

/// The state of one quota.
#[derive(Debug)]
pub(super) struct Counter {
    quota: u32,
    window: Duration,
    state: State,
}

#[derive(Debug)]
enum State {
    Log(VecDeque<(Duration, u32)>),
    Window {
        phase: Duration,
        ends_at: Duration,
        used: u32,
    },
    /// When the bucket will have run out.
    Bucket {
        empty_at: Duration,
    },
}

impl Counter {
    pub(super) fn new(counting: Counting, quota: u32, window: Duration) -> Self {
        let state = match counting {
            Counting::SlidingLog => State::Log(VecDeque::new()),
            Counting::FixedWindow { phase } => State::Window { phase, ends_at: Duration::ZERO, used: 0 },
            Counting::LeakyBucket => State::Bucket { empty_at: Duration::ZERO },
        };
        // A window of no time at all would be divided by.
        Self { quota: quota.max(1), window: window.max(Duration::from_nanos(1)), state }
    }

    /// Takes `units` of the quota, or says how long it is until there are so many. One request that costs more than the quota
    /// takes all of it.
    pub(super) fn admit(&mut self, units: u32, at: Duration, count_refused: bool) -> Result<(), Duration> {
        let units = units.min(self.quota);
        self.advance(at);
        let blocked = self.used(at) + f64::from(units) > f64::from(self.quota) + 1e-9;
        if !blocked || count_refused {
            self.take(units, at);
        }
        if blocked { Err(self.wait(units, at, count_refused)) } else { Ok(()) }
    }

    /// How much of the quota is used up; 1.0 is all of it.
    pub(super) fn usage(&self, at: Duration) -> f64 {
        self.used(at) / f64::from(self.quota)
    }

    fn advance(&mut self, at: Duration) {
        let window = self.window;
        match &mut self.state {
            State::Log(log) => {
                while log.front().is_some_and(|(first, _)| at.saturating_sub(*first) >= window) {
                    log.pop_front();
                }
            }
            State::Window { phase, ends_at, used } => {
                if at >= *ends_at {
                    let into = at.saturating_add(*phase).as_nanos() % window.as_nanos().max(1);
                    *ends_at = at
                        .saturating_add(window)
                        .saturating_sub(Duration::from_nanos(u64::try_from(into).unwrap_or_default()));
                    *used = 0;
                }
            }
            State::Bucket { .. } => {}
        }
    }

    fn used(&self, at: Duration) -> f64 {
        match &self.state {
            State::Log(log) => log.iter().map(|(_, units)| f64::from(*units)).sum(),
            State::Window { used, .. } => f64::from(*used),
            State::Bucket { empty_at } => {
                empty_at.saturating_sub(at).as_secs_f64() / self.window.as_secs_f64() * f64::from(self.quota)
            }
        }
    }

    fn take(&mut self, units: u32, at: Duration) {
        let per_unit = self.window / self.quota;
        match &mut self.state {
            State::Log(log) => log.push_back((at, units)),
            State::Window { used, .. } => *used = used.saturating_add(units),
            State::Bucket { empty_at } => {
                *empty_at = (*empty_at).max(at).saturating_add(per_unit.saturating_mul(units));
            }
        }
    }

    /// How long it is until `units` are free, if nobody takes any; those just taken by a refused request included.
    fn wait(&self, units: u32, at: Duration, taken: bool) -> Duration {
        match &self.state {
            State::Log(log) => {
                let total: u64 = log.iter().map(|(_, units)| u64::from(*units)).sum();
                // Its own entry leaves last; whoever comes back then finds room for one more.
                let wanted = if taken { 1 } else { units };
                let mut excess =
                    total.saturating_add(u64::from(wanted)).saturating_sub(u64::from(self.quota));
                for (entered, units) in log {
                    excess = excess.saturating_sub(u64::from(*units));
                    if excess == 0 {
                        return entered.saturating_add(self.window).saturating_sub(at);
                    }
                }
                self.window
            }
            State::Window { ends_at, .. } => ends_at.saturating_sub(at),
            State::Bucket { empty_at } => {
                let for_these = (self.window / self.quota).saturating_mul(units);
                empty_at.saturating_add(for_these).saturating_sub(self.window).saturating_sub(at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// What becomes of requests at these seconds, against 3 in 30 s: the wait of those that are refused.
    fn outcomes(counting: Counting, at: &[u64]) -> Vec<Option<u64>> {
        let mut counter = Counter::new(counting, 3, seconds(30));
        let admit = |at: &u64| counter.admit(1, seconds(*at), false).err().map(|wait| wait.as_secs());
        at.iter().map(admit).collect()
    }

    #[test]
    fn three_ways_of_counting() {
        let requests = [0, 1, 2, 3, 12, 29, 30, 31, 41];
        let (yes, no) = (None, Some::<u64>);
        for (counting, expected) in [
            (Counting::SlidingLog, [yes, yes, yes, no(27), no(18), no(1), yes, yes, yes]),
            (Counting::FixedWindow { phase: seconds(20) }, [yes, yes, yes, no(7), yes, yes, yes, no(9), yes]),
            (Counting::LeakyBucket, [yes, yes, yes, no(7), yes, yes, yes, no(9), yes]),
        ] {
            assert_eq!(outcomes(counting, &requests), expected, "{counting:?}");
        }
    }

    #[test]
    fn costly_requests_take_more_and_show_in_the_usage() {
        for counting in
            [Counting::SlidingLog, Counting::FixedWindow { phase: seconds(0) }, Counting::LeakyBucket]
        {
            let mut counter = Counter::new(counting, 10, seconds(10));
            assert_eq!(counter.admit(8, seconds(0), false), Ok(()), "{counting:?}");
            assert!((counter.usage(seconds(0)) - 0.8).abs() < 1e-9, "{counting:?}");
            assert!(counter.admit(5, seconds(0), false).is_err(), "{counting:?}");
            assert_eq!(counter.admit(2, seconds(0), false), Ok(()), "{counting:?}");
            assert_eq!(counter.admit(99, seconds(10), false), Ok(()), "{counting:?}: takes all");
        }
    }
}
