use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::{Action, Event, Machine, Pace, Phase, Trouble};

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
}

fn every(interval: u64) -> Pace {
    Pace { interval: Duration::from_secs(interval), floor: Duration::from_secs(31) }
}

fn machine() -> Machine {
    Machine::new(every(31), at(0), None, at(0))
}

const RUNNING: Event = Event::Reported(Phase::Running, None);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_course_of_a_success() {
    let mut machine = machine();
    let mut step = |event, now| machine.step(event, at(now), None);
    assert_eq!(step(Event::Wake, 0), Action::Wait(at(31)));
    assert_eq!(step(Event::Wake, 31), Action::Poll);
    assert_eq!(step(RUNNING, 31), Action::Wait(at(62)));
    assert_eq!(step(Event::Wake, 62), Action::Poll);
    assert_eq!(step(Event::Reported(Phase::Succeeded, None), 63), Action::Fetch);
    assert_eq!(step(Event::Wake, 90), Action::Fetch, "an interrupted reading is begun again, without a poll");
}

#[test]
fn a_failure_is_final() {
    let mut machine = machine();
    assert_eq!(machine.step(Event::Reported(Phase::Failed, None), at(31), None), Action::Fail);
    assert_eq!(machine.step(Event::Wake, at(99), None), Action::Fail);
}

#[test]
fn a_retry_after_makes_the_gap_longer_never_shorter() {
    for (retry_after, next) in [(5, 62), (30, 62), (100, 131)] {
        let mut machine = machine();
        machine.step(Event::Wake, at(31), None);
        let action = machine.step(Event::Reported(Phase::Running, Some(seconds(retry_after))), at(31), None);
        assert_eq!(action, Action::Wait(at(next)), "{retry_after}");
    }
}

#[test]
fn trouble_with_asking() {
    for (trouble, now, expected) in [
        (Trouble::Passing, 31, Action::Wait(at(62))),
        (Trouble::Passing, 9_000, Action::Wait(at(9_031))),
        (Trouble::Missing, 299, Action::Wait(at(330))),
        (Trouble::Missing, 300, Action::Surface),
        (Trouble::Lasting, 31, Action::Surface),
    ] {
        let mut machine = machine();
        machine.step(Event::Wake, at(now), None);
        assert_eq!(
            machine.step(Event::PollFailed(trouble, None), at(now), None),
            expected,
            "{trouble:?} {now}"
        );
        assert_ne!(machine.step(Event::Wake, at(now), None), Action::Poll);
    }
}

#[test]
fn a_refused_token_is_endured_once_in_a_row() {
    const REFUSED: Event = Event::PollFailed(Trouble::Token, None);
    let mut machine = machine();
    let mut step = |event, now| machine.step(event, at(now), None);
    for (event, now, expected) in [
        (REFUSED, 31, Action::Wait(at(62))),
        (Event::Wake, 62, Action::Poll),
        (REFUSED, 62, Action::Surface),
        (Event::Wake, 93, Action::Poll),
        (RUNNING, 93, Action::Wait(at(124))),
        (Event::Wake, 124, Action::Poll),
        (REFUSED, 124, Action::Wait(at(155))),
        (Event::Wake, 155, Action::Poll),
        (Event::PollFailed(Trouble::Passing, None), 155, Action::Wait(at(186))),
        (Event::Wake, 186, Action::Poll),
        (REFUSED, 186, Action::Wait(at(217))),
    ] {
        if event == Event::Wake || now == 31 {
            step(Event::Wake, now);
        }
        if event != Event::Wake {
            assert_eq!(step(event, now), expected, "{event:?} at {now} s");
        }
    }
}

#[test]
fn trouble_with_reading_the_result() {
    let mut machine = machine();
    machine.step(Event::Reported(Phase::Succeeded, None), at(1_000), None);
    let mut step = |event, now| machine.step(event, at(now), None);
    assert_eq!(step(Event::FetchFailed(Trouble::Missing, None), 1_000), Action::Wait(at(1_031)));
    assert_eq!(step(Event::Wake, 1_031), Action::Fetch);
    assert_eq!(step(Event::FetchFailed(Trouble::Passing, Some(seconds(60))), 1_031), Action::Wait(at(1_091)));
    assert_eq!(step(Event::FetchFailed(Trouble::Missing, None), 1_300), Action::Surface);
    assert_eq!(step(Event::FetchFailed(Trouble::Lasting, None), 1_300), Action::Surface);
}

#[test]
fn the_last_poll_is_at_the_deadline_if_the_gap_allows_it() {
    for (deadline, at_deadline) in [(100, Action::Poll), (80, Action::GiveUp)] {
        let mut machine = Machine::new(every(60), at(0), None, at(0));
        let end = at(deadline);
        let mut step = |event, now| machine.step(event, now, Some(end));
        assert_eq!(step(Event::Wake, at(60)), Action::Poll);
        assert_eq!(step(RUNNING, at(60)), Action::Wait(end));
        assert_eq!(step(Event::Wake, end), at_deadline);
        assert_eq!(step(RUNNING, end), Action::GiveUp);
    }
}

#[test]
fn the_last_poll_does_not_break_a_retry_after() {
    let mut machine = machine();
    machine.step(Event::Wake, at(31), Some(at(100)));
    machine.step(Event::Reported(Phase::Running, Some(seconds(500))), at(31), Some(at(100)));
    assert_eq!(machine.step(Event::Wake, at(100), Some(at(100))), Action::GiveUp);
}

#[test]
fn times_from_another_clock_are_taken_as_now() {
    let mut machine = Machine::new(every(31), at(9_000), Some(at(9_000)), at(0));
    assert_eq!(machine.step(Event::Wake, at(0), None), Action::Wait(at(31)));
}

#[test]
fn what_was_saved_before_a_poll_keeps_the_next_one_away() {
    let mut machine = machine();
    assert_eq!(machine.step(Event::Wake, at(31), None), Action::Poll);
    let mut resumed = Machine::new(every(31), machine.accepted_at(), machine.last_poll_at(), at(40));
    assert_eq!(resumed.step(Event::Wake, at(40), None), Action::Wait(at(62)));
}

/// What the world does after each action: how long it takes, and what comes of it.
#[derive(Clone, Debug)]
struct Turn {
    takes: u64,
    event: Event,
    /// The process dies instead, and what it saved before the action is resumed.
    restart: bool,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let retry_after = prop::option::of((0..200u64).prop_map(Duration::from_secs));
    let trouble = prop_oneof![
        Just(Trouble::Passing),
        Just(Trouble::Missing),
        Just(Trouble::Token),
        Just(Trouble::Lasting)
    ];
    let phase = prop_oneof![8 => Just(Phase::Running), 1 => Just(Phase::Succeeded), 1 => Just(Phase::Failed)];
    let event = prop_oneof![
        3 => (phase, retry_after.clone()).prop_map(|(phase, wait)| Event::Reported(phase, wait)),
        1 => (trouble, retry_after).prop_map(|(trouble, wait)| Event::PollFailed(trouble, wait)),
    ];
    let turn = (0..90u64, event, prop::bool::weighted(0.1));
    prop::collection::vec(turn.prop_map(|(takes, event, restart)| Turn { takes, event, restart }), 1..80)
}

/// What a run came to: when polls were sent and answered, and whether it ended.
#[derive(Debug, Default)]
struct Run {
    polls: Vec<(SystemTime, SystemTime)>,
    fetched_after: Option<Event>,
    last_event: Option<Event>,
    ended: bool,
}

fn run(turns: &[Turn], pace: Pace, deadline: SystemTime) -> Run {
    let (mut now, mut run, mut event) = (at(0), Run::default(), Event::Wake);
    let mut machine = Machine::new(pace, now, None, now);
    let mut turns = turns.iter().cycle();
    for _ in 0..10_000 {
        match machine.step(event, now, Some(deadline)) {
            Action::Wait(until) => {
                assert!(until > now, "a wait that is none");
                now = until;
                event = Event::Wake;
            }
            Action::Poll => {
                let turn = turns.next().unwrap();
                let sent = now;
                now += Duration::from_secs(turn.takes);
                event = turn.event;
                if turn.restart {
                    machine = Machine::new(pace, machine.accepted_at(), Some(now), now);
                    event = Event::Wake;
                } else {
                    machine.asked(now);
                }
                run.polls.push((sent, now));
                run.last_event = Some(event);
            }
            Action::Fetch => {
                run.fetched_after = run.last_event;
                run.ended = true;
                break;
            }
            Action::Fail | Action::Surface | Action::GiveUp => {
                run.ended = true;
                break;
            }
        }
    }
    run
}

proptest! {
    #[test]
    fn whatever_happens(turns in turns(), interval in 31..200u64, deadline in 0..3_000u64) {
        let run = run(&turns, every(interval), at(deadline));
        prop_assert!(run.ended, "the wait never ends");
        for pair in run.polls.windows(2) {
            let gap = pair[1].0.duration_since(pair[0].1).unwrap();
            prop_assert!(gap > Duration::from_secs(30), "{gap:?} between two polls");
        }
        let late = run.polls.iter().filter(|(sent, _)| *sent > at(deadline)).count();
        prop_assert!(late <= 1, "{late} polls after the deadline");
        if let Some(event) = run.fetched_after {
            prop_assert!(matches!(event, Event::Reported(Phase::Succeeded, _)), "read before success: {event:?}");
        }
    }
}

#[test]
fn lengths_that_no_clock_can_tell_are_long() {
    let longest = Pace { interval: Duration::MAX, floor: Duration::MAX };
    let mut machine = Machine::new(longest, at(0), Some(at(0)), at(0));
    let Action::Wait(until) = machine.step(Event::Wake, at(1), None) else { panic!() };
    assert!(until > at(90 * 365 * 24 * 60 * 60));
    assert_eq!(machine.step(Event::Wake, at(40), Some(at(40))), Action::GiveUp);

    let mut machine = self::machine();
    let held = machine.step(Event::Reported(Phase::Running, Some(Duration::MAX)), at(0), None);
    assert_eq!(held, Action::Wait(until), "a wish is not forgotten because it is too long");
}
