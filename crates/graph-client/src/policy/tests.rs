use std::time::{Duration, SystemTime};

use graph_runtime::OperationInfo;
use http::StatusCode;
use proptest::prelude::*;

use super::retry_after::{parse_retry_after, retry_after_in_words};
use super::{
    Backoff, FailedAttempt, FailureClass, RetryBudget, RetryEvent, RetryPolicy, RetryPolicyExt, SafeRetry,
    StandardRetry, Verdict,
};

static READ: OperationInfo = operation("read", true);
static CREATE: OperationInfo = operation("create", false);

const fn operation(id: &'static str, idempotent: bool) -> OperationInfo {
    OperationInfo::new(id, id, "POST", "/things").idempotent(idempotent)
}

#[test]
fn retry_after_vectors() {
    let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    let later = "Sun, 06 Nov 1994 08:51:07 GMT";
    let earlier = "Sun, 06 Nov 1994 08:49:00 GMT";
    let seconds = Duration::from_secs;
    for (values, expected) in [
        (&["120"][..], Some(seconds(120))),
        (&["300"], Some(seconds(300))),
        (&["2.128"], Some(Duration::from_millis(2_128))),
        (&[" 7 "], Some(seconds(7))),
        (&["0"], Some(Duration::ZERO)),
        (&["120,120"], Some(seconds(120))),
        (&["120, 130"], Some(seconds(130))),
        (&["5", "120"], Some(seconds(120))),
        (&[later], Some(seconds(90))),
        (&[earlier], Some(Duration::ZERO)),
        (&["soon", "3"], Some(seconds(3))),
        (&["soon"], None),
        (&["-3"], None),
        (&["1e3"], None),
        (&["inf"], None),
        (&["NaN"], None),
        (&["+5"], None),
        (&["0x10"], None),
        (&["1.2.3"], None),
        (&["120s"], None),
        (&["５"], None),
        (&["\"120\""], None),
        (&["1;2"], None),
        (&["120,-3,soon"], Some(seconds(120))),
        (&["99999999999"], Some(seconds(99_999_999_999))),
        (&["18446744073709551616"], Some(seconds(10_000 * 365 * 24 * 3600))),
        (&["Fri, 31 Dec 9999 23:59:59 GMT"], Some(seconds(252_618_189_022))),
        (&["Sun, 99 Nov 1994 08:49:37 GMT"], None),
        (&["."], None),
        (&[""], None),
        (&["99999999999999999999999999"], Some(seconds(10_000 * 365 * 24 * 3600))),
        (&[], None),
    ] {
        assert_eq!(parse_retry_after(values.iter().copied(), None, now), expected, "{values:?}");
    }
}

#[test]
fn a_date_counts_from_the_answers_own_date() {
    let date = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    let wrong_clock = SystemTime::UNIX_EPOCH;
    let wait = parse_retry_after(["Sun, 06 Nov 1994 08:51:07 GMT"], Some(date), wrong_clock);
    assert_eq!(wait, Some(Duration::from_secs(90)));
}

#[test]
fn viva_learning_says_it_in_words() {
    for (message, expected) in [
        ("Retry after 5 minutes", Some(300)),
        ("Too many requests. Retry after 1 minute.", Some(60)),
        ("retry AFTER 30 seconds", Some(30)),
        ("Retry after 99999999999999999999 minutes", Some(10_000 * 365 * 24 * 3600)),
        ("Retry after a while", None),
        ("Retry after -5 minutes", None),
        ("Retry after 5", None),
        ("Retry after 5 moons", None),
        ("Come back in 5 minutes", None),
    ] {
        assert_eq!(retry_after_in_words(message), expected.map(Duration::from_secs), "{message}");
    }
}

proptest! {
    #[test]
    fn no_retry_after_breaks_anything(values in prop::collection::vec(".*|[0-9.,]{0,40}", 0..4), now in 0_u64..1 << 40) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        let wait = parse_retry_after(values.iter().map(String::as_str), None, now);
        prop_assert!(wait.is_none_or(|wait| now.checked_add(wait).is_some()));
    }

    #[test]
    fn of_several_waits_the_longest_counts(waits in prop::collection::vec(0_u32..1_000_000, 1..6)) {
        let list = waits.iter().map(u32::to_string).collect::<Vec<_>>().join(" , ");
        let longest = waits.iter().max().map(|wait| Duration::from_secs(u64::from(*wait)));
        prop_assert_eq!(parse_retry_after([&*list], None, SystemTime::UNIX_EPOCH), longest);
    }

    /// Whatever is put around a policy, it waits no less and tries no oftener.
    #[test]
    fn limits_only_lessen(
        attempts in 0_u32..6, limit in 0_u64..100, fraction in -1.0..2.0, class in 0_usize..7, attempt in 1_u32..8,
        elapsed in 0_u64..100, retry_after in prop::option::of(0_u64..200), random in 0.0..1.0,
    ) {
        use FailureClass::{Gateway, Lost, NotSent, Refused, Throttled, TimedOut, Unavailable};
        let class = [Throttled, Unavailable, Gateway, NotSent, Lost, TimedOut, Refused][class];
        let failed = FailedAttempt {
            attempt, random, elapsed: Duration::from_secs(elapsed), ..failed(&READ, class, retry_after)
        };
        let (bare, limit) = (SafeRetry::default(), Duration::from_secs(limit));
        let limited = bare.clone().jitter(fraction).attempts(attempts).time_limit(limit).budget(&RetryBudget::new(1));
        if let Verdict::RetryAfter(wait) = limited.decide(&failed) {
            prop_assert!(attempt < attempts && failed.elapsed + wait <= limit);
            prop_assert!(matches!(bare.decide(&failed), Verdict::RetryAfter(least) if least <= wait && wait <= 2 * least));
        }
    }
}

/// Whatever a caller sets or a policy of somebody's own passes on, it overflows nothing.
#[test]
fn no_number_breaks_a_policy() {
    let lengths = [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(1), Duration::MAX];
    let numbers = [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 0.5, 1.0, f64::MAX, f64::INFINITY];
    for (first, limit, number) in lengths
        .into_iter()
        .flat_map(|first| lengths.map(|limit| (first, limit)))
        .flat_map(|(first, limit)| numbers.map(|number| (first, limit, number)))
    {
        let backoff = Backoff::new(first, limit);
        for attempt in [0, 1, 2, 32, u32::MAX] {
            assert!(backoff.delay(attempt, number) <= limit, "{first:?} {limit:?} {attempt} {number}");
            let policy =
                StandardRetry::default().attempts(u32::MAX).backoff(backoff).time_limit(limit).jitter(number);
            for retry_after in [None, Some(first)] {
                let failed = FailedAttempt {
                    attempt,
                    retry_after,
                    elapsed: limit,
                    random: number,
                    ..failed(&READ, FailureClass::Throttled, None)
                };
                policy.decide(&failed);
            }
        }
    }
    assert_eq!(Backoff::new(Duration::MAX, Duration::MAX).delay(1, 1.0), Duration::MAX);
    assert_eq!(Backoff::default().delay(1, f64::NAN), Duration::from_secs(1));
}

#[test]
fn jitter_lengthens_what_the_service_asks_for() {
    let policy = SafeRetry::default().jitter(0.5);
    let asked = FailedAttempt { random: 0.5, ..failed(&READ, FailureClass::Throttled, Some(100)) };
    assert_eq!(policy.decide(&asked), Verdict::RetryAfter(Duration::from_secs(125)));
    assert_eq!(
        SafeRetry::default().jitter(f64::NAN).decide(&asked),
        Verdict::RetryAfter(Duration::from_secs(100))
    );
}

#[test]
fn a_budget_is_spent_together_and_earned_back_by_successes() {
    let budget = RetryBudget::new(2);
    let (one, other) = (SafeRetry::default().budget(&budget), StandardRetry::default().budget(&budget));
    let lost = failed(&READ, FailureClass::Lost, None);
    for policy in [&one as &dyn RetryPolicy, &other] {
        assert_ne!(policy.decide(&lost), Verdict::GiveUp);
        policy.observe(RetryEvent::Retrying(FailureClass::Lost));
    }
    assert_eq!(
        (budget.retries_left(), one.decide(&lost), other.decide(&lost)),
        (0, Verdict::GiveUp, Verdict::GiveUp)
    );
    // The service itself says when to come back.
    assert_ne!(one.decide(&failed(&READ, FailureClass::Throttled, Some(1))), Verdict::GiveUp);
    one.observe(RetryEvent::Retrying(FailureClass::Throttled));
    for _ in 0..10 {
        other.observe(RetryEvent::Succeeded);
    }
    assert_eq!(budget.retries_left(), 1);
    for _ in 0..1000 {
        one.observe(RetryEvent::Succeeded);
    }
    assert_eq!(budget.retries_left(), 2, "no more than it began with");
}

fn failed(operation: &'static OperationInfo, class: FailureClass, retry_after: Option<u64>) -> FailedAttempt {
    FailedAttempt {
        operation,
        class,
        attempt: 1,
        elapsed: Duration::ZERO,
        retry_after: retry_after.map(Duration::from_secs),
        random: 0.0,
    }
}

#[test]
fn what_is_tried_again() {
    use FailureClass::{Gateway, Lost, NotSent, Refused, Throttled, TimedOut, Unavailable};
    // class, Retry-After, read again, create again
    for (class, retry_after, read, create) in [
        (Throttled, None, true, true),
        (Throttled, Some(7), true, true),
        (NotSent, None, true, true),
        (Unavailable, Some(7), true, true),
        (Unavailable, None, true, false),
        (Gateway, None, true, false),
        (Gateway, Some(7), true, false),
        (Lost, None, true, false),
        (TimedOut, None, true, false),
        (Refused, None, false, false),
        (Refused, Some(7), false, false),
    ] {
        for (operation, expected) in [(&READ, read), (&CREATE, create)] {
            let verdict = StandardRetry::default().decide(&failed(operation, class, retry_after));
            let again = verdict != Verdict::GiveUp;
            assert_eq!(again, expected, "{} after {class:?} with {retry_after:?}", operation.id);
        }
    }
}

#[test]
fn the_service_is_waited_for_in_full_or_not_at_all() {
    let policy = StandardRetry::default().time_limit(Duration::from_secs(120));
    let throttled = |wait, elapsed| FailedAttempt {
        elapsed: Duration::from_secs(elapsed),
        ..failed(&READ, FailureClass::Throttled, Some(wait))
    };
    assert_eq!(policy.decide(&throttled(120, 0)), Verdict::RetryAfter(Duration::from_secs(120)));
    assert_eq!(policy.decide(&throttled(120, 1)), Verdict::GiveUp);
    assert_eq!(policy.decide(&throttled(300, 0)), Verdict::GiveUp);
    assert_eq!(policy.decide(&throttled(u64::MAX, 1)), Verdict::GiveUp);
}

#[test]
fn attempts_are_counted() {
    let policy = StandardRetry::default().attempts(2);
    let second = FailedAttempt { attempt: 2, ..failed(&READ, FailureClass::Throttled, None) };
    assert_eq!(policy.decide(&second), Verdict::GiveUp);
}

#[test]
fn backoff_doubles_up_to_its_limit_and_jitters_down_to_half() {
    let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
    let highest = 1.0 - f64::EPSILON;
    for (attempt, low, high) in
        [(1, 0.5, 1.0), (2, 1.0, 2.0), (4, 4.0, 8.0), (6, 15.0, 30.0), (u32::MAX, 15.0, 30.0)]
    {
        let near = |duration: Duration, seconds: f64| (duration.as_secs_f64() - seconds).abs() < 1e-6;
        assert!(near(backoff.delay(attempt, 0.0), low), "attempt {attempt}");
        assert!(near(backoff.delay(attempt, highest), high), "attempt {attempt}");
    }
}

#[test]
fn statuses_have_classes() {
    for (status, class) in [
        (429, FailureClass::Throttled),
        (509, FailureClass::Throttled),
        (503, FailureClass::Unavailable),
        (502, FailureClass::Gateway),
        (504, FailureClass::Gateway),
        (500, FailureClass::Refused),
        (404, FailureClass::Refused),
    ] {
        assert_eq!(FailureClass::of_status(StatusCode::from_u16(status).unwrap()), class, "{status}");
    }
}
