//! Faults that come by chance, the same for the same seed.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use http::Method;

use crate::fault::Fault;
use crate::pattern;
use crate::timeline::Timeline;

/// Faults that come by chance: a seed stands for all of them, so that what went wrong can be looked at again.
///
/// Each request that has a valid token and a path that Graph has meets at most one fault. In a thousand requests:
///
/// | fault | how many | which |
/// |---|---|---|
/// | a replica that is up to 20 s behind | 60 | reads |
/// | 429, mostly with a `Retry-After` of up to 20 s, as a date in some | 40 | any |
/// | 503 with or without `Retry-After`, 500, 502 with HTML, 504 | 50 | any |
/// | the connection lost, before or after processing | 20 | any |
/// | an answer that takes up to 20 s, or two minutes | 22 | any |
/// | half a body | 8 | any |
/// | processed twice | 15 | what is safe to repeat |
/// | lists that are null, dates without offset, items that come twice | 30 | reads |
/// | a clock that is up to ten minutes off | 15 | any |
/// | links that lead elsewhere, or in a circle | 4 | any |
/// | 410 to a delta token | 4 | rounds of changes |
///
/// Of a hundred creations of communities whose request meets none of these, 20 stall for ten minutes, 8 fail, 4 are skipped and 8
/// have a status for a while that no client knows.
///
/// ```
/// use graph_sim::{Sim, Weather};
///
/// let sim = Sim::builder().user("ada").weather(Weather::seeded(7)).build();
/// assert_eq!(format!("{:?}", Weather::seeded(7)), "Weather { seed: 7 }");
/// # let _ = sim;
/// ```
#[derive(Clone)]
pub struct Weather {
    seed: u64,
    times: u32,
    chance: Rng,
}

/// Which requests a kind of fault is for.
#[derive(Clone, Copy)]
enum Whom {
    All,
    Reads,
    /// What may be delivered twice without harm.
    Repeatable,
    /// Rounds of changes.
    Rounds,
}

/// By how many seconds a replica lags at most.
const REACH: u64 = 20;

type Draw = fn(&mut Rng, &str) -> Fault;

/// How many of a thousand requests meet it, which, and what it is.
const KINDS: &[(u32, Whom, Draw)] = &[
    (60, Whom::Reads, |chance, it| Fault::lag(it, seconds(chance, REACH))),
    (25, Whom::All, |chance, it| Fault::throttle(it).retry_after(&seconds(chance, 20).as_secs().to_string())),
    (8, Whom::All, |_, it| Fault::throttle(it)),
    (7, Whom::All, |chance, it| Fault::throttle(it).retry_after_date(seconds(chance, 20))),
    (10, Whom::All, |chance, it| {
        Fault::respond(it, 503).retry_after(&seconds(chance, 20).as_secs().to_string())
    }),
    (10, Whom::All, |_, it| Fault::respond(it, 503)),
    (10, Whom::All, |_, it| Fault::respond(it, 500)),
    (10, Whom::All, |_, it| {
        Fault::respond(it, 502).content_type("text/html").body("<html>Bad gateway</html>")
    }),
    (10, Whom::All, |_, it| Fault::respond(it, 504)),
    (10, Whom::All, |_, it| Fault::lose_connection(it).before_processing()),
    (10, Whom::All, |_, it| Fault::lose_connection(it)),
    (15, Whom::All, |chance, it| Fault::delay(it, seconds(chance, 20))),
    (5, Whom::All, |chance, it| Fault::slow_body(it, seconds(chance, 20))),
    (2, Whom::All, |_, it| Fault::delay(it, Duration::from_secs(120))),
    (8, Whom::All, |_, it| Fault::truncate(it)),
    (15, Whom::Repeatable, |_, it| Fault::twice(it)),
    (10, Whom::Reads, |_, it| Fault::null_lists(it)),
    (10, Whom::Reads, |_, it| Fault::dates_without_offset(it)),
    (10, Whom::Reads, |_, it| Fault::repeat_items(it)),
    (8, Whom::All, |chance, it| Fault::clock_ahead(it, seconds(chance, 600))),
    (7, Whom::All, |chance, it| Fault::clock_behind(it, seconds(chance, 600))),
    (2, Whom::All, |_, it| Fault::lead_astray(it, "https://evil.example")),
    (2, Whom::Reads, |_, it| Fault::circle(it)),
    (4, Whom::Rounds, |_, it| Fault::reset_delta(it)),
];

/// Operations that are not to be delivered twice, as the second time makes a second thing.
fn is_repeatable(operation: &str, method: &Method) -> bool {
    *method != Method::POST || matches!(operation, "groups.members.add" | "groups.owners.add")
}

fn seconds(chance: &mut Rng, most: u64) -> Duration {
    Duration::from_secs(chance.u64(1..=most))
}

impl Weather {
    /// The longest time by which a replica lags.
    pub(crate) const LONGEST_LAG: Duration = Duration::from_secs(REACH);

    /// The weather that a seed stands for.
    pub fn seeded(seed: u64) -> Self {
        Self { seed, times: 1, chance: Rng::with_seed(seed) }
    }

    /// Lets everything happen so many times as often, except for the courses of operations. From 4 on, hardly a request is
    /// spared.
    pub fn worse(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// What it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What befalls one request.
    pub(crate) fn draw(&mut self, operation: &str, method: &Method) -> Option<Fault> {
        let mut drawn = self.chance.u32(0..1_000);
        for (often, whom, draw) in KINDS {
            let Some(left) = drawn.checked_sub(often.saturating_mul(self.times)) else {
                let applies = match whom {
                    Whom::All => true,
                    Whom::Reads => *method == Method::GET,
                    Whom::Rounds => pattern::matches("*.delta", operation),
                    Whom::Repeatable => is_repeatable(operation, method),
                };
                return applies.then(|| draw(&mut self.chance, operation).times(1));
            };
            drawn = left;
        }
        if operation == "communities.create" { self.course(operation) } else { None }
    }

    /// A course that an operation doesn't usually take.
    fn course(&mut self, operation: &str) -> Option<Fault> {
        let minute = Duration::from_secs(60);
        let course = match self.chance.u32(0..100) {
            0..20 => Timeline::new().stay("running", 10 * minute),
            20..28 => {
                Timeline::new().stay("running", minute).end_with_detail("failed", "The network is full.")
            }
            28..32 => Timeline::new().end("skipped"),
            32..40 => Timeline::new().stay("unheardOf", 2 * minute),
            _ => return None,
        };
        Some(Fault::course(operation, course))
    }
}

impl fmt::Debug for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Weather {{ seed: {}", self.seed)?;
        if self.times != 1 {
            write!(f, ", worse: {}", self.times)?;
        }
        f.write_str(" }")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, operation: &str, method: &Method) -> Vec<Option<String>> {
        let mut weather = Weather::seeded(seed);
        (0..1_000).map(|_| weather.draw(operation, method).map(|fault| format!("{fault:?}"))).collect()
    }

    #[test]
    fn a_seed_stands_for_its_faults() {
        assert_eq!(drawn(1, "groups.list", &Method::GET), drawn(1, "groups.list", &Method::GET));
        assert_ne!(drawn(1, "groups.list", &Method::GET), drawn(2, "groups.list", &Method::GET));
    }

    #[test]
    fn creations_are_never_delivered_twice_and_writes_meet_no_replica() {
        for seed in 0..20 {
            let faults = drawn(seed, "communities.create", &Method::POST);
            assert!(faults.iter().flatten().any(|fault| fault.contains("course")));
            assert!(faults.iter().flatten().all(|fault| !fault.contains("twice") && !fault.contains("lag")));
        }
    }

    #[test]
    fn about_every_fourth_read_meets_something() {
        let met = (0..20).flat_map(|seed| drawn(seed, "groups.list", &Method::GET)).flatten().count();
        assert!((4_800..6_000).contains(&met), "{met} of 20,000");
        let sum: u32 = KINDS.iter().map(|(often, ..)| often).sum();
        assert_eq!(sum, 268);
    }
}
