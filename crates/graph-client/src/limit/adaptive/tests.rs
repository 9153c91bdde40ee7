use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{Adaptive, GONE, RECOVERY, SLOWEST};

const SECOND: Duration = Duration::from_secs(1);

/// A bucket in which `pace` requests a second were let through for a minute, and the time at the end.
fn busy(pace: u32) -> (Adaptive, Instant) {
    let (mut adaptive, mut now) = (Adaptive::default(), Instant::now());
    for _ in 0..60 * pace {
        now += SECOND / pace;
        assert_eq!(adaptive.wait(now), None, "there is no pace before the first complaint");
        adaptive.sent("a", now);
    }
    (adaptive, now)
}

/// How many requests are let through in `length`, each asking as soon as it may.
fn let_through(adaptive: &mut Adaptive, start: Instant, length: Duration) -> u32 {
    let (mut now, mut requests) = (start, 0);
    while now < start + length {
        match adaptive.wait(now) {
            Some(wait) => now += wait,
            None => {
                adaptive.sent("a", now);
                requests += 1;
                now += Duration::from_millis(10);
            }
        }
    }
    requests
}

#[test]
fn a_refusal_cuts_the_pace_and_silence_comes_first() {
    let (mut adaptive, now) = busy(10);
    adaptive.refused(now, 5 * SECOND, now);
    assert_eq!(adaptive.wait(now), Some(5 * SECOND));
    let requests = let_through(&mut adaptive, now + 5 * SECOND, SECOND);
    assert!((7..=8).contains(&requests), "{requests}");
}

#[test]
fn refusals_of_one_flight_count_once() {
    let (mut adaptive, now) = busy(10);
    for late in 0..20 {
        adaptive.refused(now - SECOND, Duration::ZERO, now + late * SECOND / 100);
    }
    let requests = let_through(&mut adaptive, now + SECOND, SECOND);
    assert!((7..=8).contains(&requests), "{requests}");
}

#[test]
fn the_pace_returns_to_what_was_refused_and_then_beyond() {
    let (mut adaptive, now) = busy(10);
    adaptive.refused(now, Duration::ZERO, now);
    let pace = |at: Duration| adaptive.limit.as_ref().unwrap().pace(now + at);
    let paces = [RECOVERY / 2, RECOVERY, RECOVERY * 2].map(pace);
    for (pace, expected) in paces.into_iter().zip([9.6, 10.0, 13.0]) {
        assert!((pace - expected).abs() < 0.1, "{paces:?}");
    }
}

#[test]
fn without_complaints_there_is_no_pace_any_more() {
    let (mut adaptive, now) = busy(10);
    adaptive.refused(now, 5 * SECOND, now);
    adaptive.wait(now + 5 * SECOND + RECOVERY.mul_f64(GONE) - SECOND);
    let gone_at = now + 5 * SECOND + RECOVERY.mul_f64(GONE);
    assert!(adaptive.is_limiting(gone_at - SECOND));
    assert!(!adaptive.is_limiting(gone_at + SECOND), "also where nobody asks any more");
    assert_eq!(adaptive.wait(gone_at + SECOND), None);
}

#[test]
fn warnings_keep_the_pace_below_the_limit_they_let_us_guess() {
    for (usage, expected) in [(0.79, None), (0.8, Some(11.25)), (1.0, Some(9.0)), (1.8, Some(5.0))] {
        let (mut adaptive, now) = busy(10);
        adaptive.usage_is(usage, now, now);
        let pace = adaptive.limit.as_ref().map(|limit| limit.pace(now));
        let near = pace.zip(expected).is_none_or(|(pace, expected)| (pace - expected).abs() < 0.6);
        assert!(pace.is_some() == expected.is_some() && near, "{usage}: {pace:?}");
    }
}

#[test]
fn what_an_operation_costs_is_paid_by_those_that_follow() {
    let (mut adaptive, now) = busy(10);
    adaptive.cost_was("a", 5.0, now);
    adaptive.refused(now, Duration::ZERO, now);
    let pace = adaptive.limit.as_ref().unwrap().pace(now);
    adaptive.sent("a", now);
    let wait = adaptive.wait(now).unwrap().as_secs_f64();
    assert!((wait - 5.0 / pace).abs() < 0.01, "{wait} at {pace}");
    let third = adaptive.forecast("a", 2, now).as_secs_f64();
    assert!((third - 3.0 * wait).abs() < 0.01, "{third}");
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(u64),
    Send,
    Refuse(u64),
    Usage(f64),
    Cost(f64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_u64..120_000).prop_map(Step::Pass),
        Just(Step::Send),
        (0_u64..100_000).prop_map(Step::Refuse),
        (0.0..1e9).prop_map(Step::Usage),
        (1e-9..1000.0).prop_map(Step::Cost),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    /// Whatever the service says, everybody gets through in the end.
    #[test]
    fn no_pace_is_for_ever(steps in steps()) {
        let (mut adaptive, mut now) = (Adaptive::default(), Instant::now());
        let mut owed = Duration::ZERO;
        for step in steps {
            match step {
                Step::Pass(millis) => now += Duration::from_millis(millis),
                Step::Send => {
                    if let Some(wait) = adaptive.wait(now) {
                        let slowest = Duration::from_secs_f64(1000.0 / SLOWEST);
                        prop_assert!(wait <= owed + 2 * slowest, "{wait:?}");
                        now += wait;
                        owed = Duration::ZERO;
                    }
                    prop_assert_eq!(adaptive.wait(now), None);
                    adaptive.sent("a", now);
                }
                Step::Refuse(millis) => {
                    owed = owed.max(Duration::from_millis(millis));
                    adaptive.refused(now, Duration::from_millis(millis), now);
                }
                Step::Usage(usage) => adaptive.usage_is(usage, now, now),
                Step::Cost(units) => {
                    owed += Duration::from_secs_f64(units / SLOWEST);
                    adaptive.cost_was("a", units, now);
                }
            }
        }
    }
}
