//! Every course that an operation can take, to a depth: whatever the service answers, however long that takes, and wherever
//! the wait is interrupted or the process dies.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use super::{Action, Event, Machine, Pace, Phase, Trouble};

/// How many questions and interruptions a course has at most.
const DEPTH: u32 = 7;
const FLOOR: Duration = Duration::from_secs(31);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + seconds(1_000_000)
}

/// One state of the world: the machine, the time, and what its user remembers of it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    machine: Machine,
    now: SystemTime,
    /// When the last poll was over, or when the operation was accepted.
    asked: SystemTime,
    /// The last poll was answered with `succeeded`.
    succeeded: bool,
    failed: bool,
    late_polls: u32,
}

/// What is explored, and how much of it there was.
struct Explorer {
    pace: Pace,
    deadline: SystemTime,
    seen: HashSet<(World, Option<Event>, u32)>,
    ends: usize,
}

/// All that can be answered to a poll.
fn answers() -> impl Iterator<Item = Event> {
    let waits = [None, Some(seconds(5)), Some(seconds(100))];
    let troubles = [Trouble::Passing, Trouble::Missing, Trouble::Token, Trouble::Lasting];
    let running = waits.map(|wait| Event::Reported(Phase::Running, wait));
    let failed = troubles.into_iter().map(|trouble| Event::PollFailed(trouble, None));
    let throttled = Event::PollFailed(Trouble::Passing, Some(seconds(100)));
    let over = [Event::Reported(Phase::Succeeded, None), Event::Reported(Phase::Failed, None)];
    running.into_iter().chain(failed).chain([throttled]).chain(over)
}

/// All that can come of reading the result, apart from the result.
fn failed_readings() -> [Event; 3] {
    [
        Event::FetchFailed(Trouble::Passing, Some(seconds(100))),
        Event::FetchFailed(Trouble::Missing, None),
        Event::FetchFailed(Trouble::Lasting, None),
    ]
}

impl Explorer {
    fn explore(&mut self, mut world: World, event: Event, depth: u32) {
        if !self.seen.insert((world.clone(), Some(event), depth)) {
            return;
        }
        let action = world.machine.step(event, world.now, Some(self.deadline));
        match action {
            Action::Wait(until) => self.wait(&world, until, depth),
            Action::Poll => self.poll(&world, depth),
            Action::Fetch => self.fetch(&world, depth),
            Action::Fail => assert!(world.failed, "a failure that nobody reported"),
            Action::Surface => assert_ne!(event, Event::Wake, "trouble out of nothing"),
            Action::GiveUp => assert!(world.now >= self.deadline, "given up too early"),
        }
        if matches!(action, Action::Fail | Action::Surface | Action::GiveUp) {
            self.ends += 1;
        }
    }

    fn wait(&mut self, world: &World, until: SystemTime, depth: u32) {
        assert!(until > world.now, "a wait that is none");
        assert!(until <= self.deadline, "a wait past the deadline");
        assert!(!world.failed, "waiting for what is over");
        // However far it is from here, waiting alone gets to an end: it costs no depth.
        self.explore(World { now: until, ..world.clone() }, Event::Wake, depth);
        if depth > 0 {
            // Interrupted, and begun again at once; or in another process.
            let now = world.now + (until.duration_since(world.now).unwrap() / 2);
            let interrupted = World { now, ..world.clone() };
            self.explore(interrupted.clone(), Event::Wake, depth - 1);
            self.explore(self.restarted(&interrupted), Event::Wake, depth - 1);
        }
    }

    fn poll(&mut self, world: &World, depth: u32) {
        let gap = world.now.duration_since(world.asked).unwrap();
        let is_first = world.asked == start();
        assert!(gap > seconds(30) || (is_first && world.now >= self.deadline), "a poll after {gap:?}");
        assert!(!world.succeeded && !world.failed, "a poll of what is over");
        let late_polls = world.late_polls + u32::from(world.now >= self.deadline);
        assert!(late_polls <= 1, "more than one poll at the end");
        for takes in [0, 20] {
            let mut answered = World { now: world.now + seconds(takes), late_polls, ..world.clone() };
            answered.asked = answered.now;
            answered.machine.asked(answered.now);
            for event in answers() {
                // At the end of the depth the service has nothing new to say, and the wait must end all the same.
                if depth == 0 && event != Event::Reported(Phase::Running, None) {
                    continue;
                }
                let succeeded = matches!(event, Event::Reported(Phase::Succeeded, _));
                let failed = matches!(event, Event::Reported(Phase::Failed, _));
                let next = World { succeeded, failed, ..answered.clone() };
                self.explore(next, event, depth.saturating_sub(1));
            }
            if depth > 0 {
                self.explore(answered.clone(), Event::Wake, depth - 1);
                self.explore(self.restarted(&answered), Event::Wake, depth - 1);
            }
        }
    }

    fn fetch(&mut self, world: &World, depth: u32) {
        assert!(world.succeeded, "read before success");
        self.ends += 1;
        for event in failed_readings() {
            let passes_for_ever = matches!(event, Event::FetchFailed(Trouble::Passing, _));
            if depth > 0 || passes_for_ever {
                self.explore(world.clone(), event, depth.saturating_sub(1));
            }
        }
    }

    /// The process dies, and another one resumes what was saved.
    fn restarted(&self, world: &World) -> World {
        let Machine { accepted_at, last_poll_at, .. } = world.machine;
        let machine = Machine::new(self.pace, accepted_at, last_poll_at, world.now);
        World { machine, succeeded: false, failed: false, ..world.clone() }
    }
}

#[test]
fn every_course_keeps_the_promises() {
    for (interval, deadline) in [(31, 0), (31, 31), (31, 70), (31, 200), (60, 100), (120, 250)] {
        let pace = Pace { interval: seconds(interval), floor: FLOOR };
        let now = start();
        let mut explorer =
            Explorer { pace, deadline: now + seconds(deadline), seen: HashSet::new(), ends: 0 };
        let machine = Machine::new(pace, now, None, now);
        let world = World { machine, now, asked: now, succeeded: false, failed: false, late_polls: 0 };
        explorer.explore(world, Event::Wake, DEPTH);
        assert!(explorer.ends > 0, "no course ended");
        println!("{} states, {} ends", explorer.seen.len(), explorer.ends);
    }
}
