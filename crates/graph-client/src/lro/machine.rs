//! The course of a long-running operation, without I/O and without a clock of its own.

use std::time::{Duration, SystemTime};

use graph_runtime::Phase;

/// How long an operation, or its result, may stay invisible.
const VISIBLE_WITHIN: Duration = Duration::from_secs(5 * 60);
/// Later than this, nobody waits any more.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// So long after `time`, or a century where the clock can't tell that. Lengths come from callers, files and headers.
pub(super) fn after(time: SystemTime, length: Duration) -> SystemTime {
    time.checked_add(length).or_else(|| time.checked_add(CENTURY)).unwrap_or(time)
}

/// Decides what to do next about one operation.
///
/// Whoever drives it reports an [`Event`] and carries out the [`Action`] that comes back, until that is a final one. It may
/// stop at any point and go on later with [`Event::Wake`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Machine {
    pace: Pace,
    accepted_at: SystemTime,
    last_poll_at: Option<SystemTime>,
    /// The service wants to be left alone until then.
    hold_until: Option<SystemTime>,
    /// The last answer refused the token.
    token_refused: bool,
    state: State,
}

/// How far polls are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pace {
    /// In the regular course.
    pub(super) interval: Duration,
    /// At the least, also before a deadline.
    pub(super) floor: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Running,
    Succeeded { at: SystemTime },
    Failed,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// Someone asks what to do: at the start, after a wait, after an interruption.
    Wake,
    /// A poll was answered.
    Reported(Phase, Option<Duration>),
    /// A poll was not answered, or refused.
    PollFailed(Trouble, Option<Duration>),
    /// The result could not be read.
    FetchFailed(Trouble, Option<Duration>),
}

/// Why a question failed, as far as asking again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Trouble {
    /// It says nothing about the operation: throttling, a failing service, no network.
    Passing,
    /// There is no such thing, or not yet.
    Missing,
    /// The token was refused; the next question goes with another one.
    Token,
    /// Asking again would be refused again.
    Lasting,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Wait until then, then [`Event::Wake`].
    Wait(SystemTime),
    /// Ask for the status.
    Poll,
    /// Read the result. If that works, all is done.
    Fetch,
    /// Report that the operation failed.
    Fail,
    /// Report that asking failed; the operation itself may be well.
    Surface,
    /// Report that the wait is over.
    GiveUp,
}

impl Machine {
    /// The machine of an operation that was accepted, and perhaps polled, at these times.
    ///
    /// Times in the future come from another clock; they are taken as `now`, which waits long enough and not for ever.
    pub(super) fn new(
        pace: Pace,
        accepted_at: SystemTime,
        last_poll_at: Option<SystemTime>,
        now: SystemTime,
    ) -> Self {
        Self {
            pace,
            accepted_at: accepted_at.min(now),
            last_poll_at: last_poll_at.map(|time| time.min(now)),
            hold_until: None,
            token_refused: false,
            state: State::Running,
        }
    }

    pub(super) fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    pub(super) fn accepted_at(&self) -> SystemTime {
        self.accepted_at
    }

    pub(super) fn last_poll_at(&self) -> Option<SystemTime> {
        self.last_poll_at
    }

    /// When success became known, if it did.
    pub(super) fn succeeded_at(&self) -> Option<SystemTime> {
        if let State::Succeeded { at } = self.state { Some(at) } else { None }
    }

    /// A poll ends, however it ends: it may have reached the service as late as `now`.
    pub(super) fn asked(&mut self, now: SystemTime) {
        self.last_poll_at = self.last_poll_at.max(Some(now));
    }

    /// The earliest time of the next poll in the regular course.
    pub(super) fn next_poll_at(&self) -> SystemTime {
        let regular = after(self.last_poll_at.unwrap_or(self.accepted_at), self.pace.interval);
        self.hold_until.map_or(regular, |hold| hold.max(regular))
    }

    /// What to do after `event`, under a wait that ends at `deadline`.
    pub(super) fn step(&mut self, event: Event, now: SystemTime, deadline: Option<SystemTime>) -> Action {
        let token_refused_before = self.token_refused;
        self.token_refused = match event {
            Event::Wake => token_refused_before,
            Event::PollFailed(trouble, _) | Event::FetchFailed(trouble, _) => trouble == Trouble::Token,
            Event::Reported(..) => false,
        };
        match event {
            Event::Wake => {}
            Event::Reported(Phase::Running, retry_after) => self.hold(now, retry_after),
            Event::Reported(Phase::Succeeded, _) => {
                self.hold_until = None;
                self.state = State::Succeeded { at: now };
            }
            Event::Reported(Phase::Failed, _) => self.state = State::Failed,
            // Where it was refused before, another token does not help.
            Event::PollFailed(Trouble::Token, _) if token_refused_before => return Action::Surface,
            Event::PollFailed(trouble, retry_after) => {
                if !passes(trouble, self.accepted_at, now) {
                    return Action::Surface;
                }
                self.hold(now, retry_after);
            }
            Event::FetchFailed(trouble, retry_after) => {
                if !passes(trouble, self.succeeded_at().unwrap_or(now), now) {
                    return Action::Surface;
                }
                self.hold(now, Some(retry_after.unwrap_or_default().max(self.pace.interval)));
            }
        }
        match self.state {
            State::Running => self.poll_or_wait(now, deadline),
            State::Succeeded { .. } => self.fetch_or_wait(now, deadline),
            State::Failed => Action::Fail,
        }
    }

    fn poll_or_wait(&mut self, now: SystemTime, deadline: Option<SystemTime>) -> Action {
        let next = self.next_poll_at();
        match deadline {
            _ if next <= now => self.poll(now),
            None => Action::Wait(next),
            Some(deadline) if now < deadline => Action::Wait(next.min(deadline)),
            Some(_) if self.may_poll_early(now) => self.poll(now),
            Some(_) => Action::GiveUp,
        }
    }

    fn poll(&mut self, now: SystemTime) -> Action {
        // Recorded before it is sent, so that no interruption lets the next one come too soon.
        self.last_poll_at = Some(now);
        Action::Poll
    }

    /// At a deadline, a poll may come before its regular time, but never too soon after the last.
    fn may_poll_early(&self, now: SystemTime) -> bool {
        let gap = self.pace.interval.min(self.pace.floor);
        self.last_poll_at.is_none_or(|last| after(last, gap) <= now)
            && self.hold_until.is_none_or(|hold| hold <= now)
    }

    fn fetch_or_wait(&self, now: SystemTime, deadline: Option<SystemTime>) -> Action {
        match (self.hold_until.filter(|hold| *hold > now), deadline) {
            (None, _) => Action::Fetch,
            (Some(hold), None) => Action::Wait(hold),
            (Some(hold), Some(deadline)) if now < deadline => Action::Wait(hold.min(deadline)),
            (Some(_), Some(_)) => Action::GiveUp,
        }
    }

    /// The service wants to be left alone for so long; without a wish, any earlier one is over.
    pub(super) fn hold(&mut self, now: SystemTime, retry_after: Option<Duration>) {
        self.hold_until = retry_after.map(|wait| after(now, wait));
    }
}

/// Whether `trouble` is likely to pass, with something that should become visible after `since`.
fn passes(trouble: Trouble, since: SystemTime, now: SystemTime) -> bool {
    match trouble {
        Trouble::Passing | Trouble::Token => true,
        Trouble::Missing => now < after(since, VISIBLE_WITHIN),
        Trouble::Lasting => false,
    }
}

#[cfg(test)]
mod exhaustive;
#[cfg(test)]
mod tests;
