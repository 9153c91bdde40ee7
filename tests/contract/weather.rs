//! Whole journeys in whatever weather: they end in the right state or in a typed error, never in a hang, in a lost write or in a
//! doubled creation.

use std::collections::BTreeMap;
use std::future::Future;

use graph_facade::{BatchingTransport, Client};
use graph_sim::{Sim, SimBuilder, Weather};

use crate::support::{builder_of_both, client_of_both, pass, seconds};

mod catalogue;
mod changes;
mod community;
mod restarts;

/// Who is on a journey, and where.
struct Traveller {
    sim: Sim,
    client: Client,
    seed: u64,
    weather: String,
}

impl Traveller {
    /// Every second one sends its calls in envelopes, every third meets much worse weather.
    async fn departing<F: Future>(
        tenant: SimBuilder,
        seed: u64,
        prepared: impl FnOnce(Sim) -> F,
    ) -> (Self, F::Output) {
        let sim = tenant.build();
        let luggage = prepared(sim.clone()).await;
        let weather = Weather::seeded(seed).worse(if seed.is_multiple_of(3) { 3 } else { 1 });
        let name = format!("{weather:?}");
        sim.change_weather(weather);
        let client = if seed.is_multiple_of(2) {
            builder_of_both(&sim, "ada").transport(BatchingTransport::new(sim.transport())).build().unwrap()
        } else {
            client_of_both(&sim, "ada")
        };
        (Self { sim, client, seed, weather: name }, luggage)
    }

    async fn within_a_day<T>(&self, journey: impl Future<Output = T>) -> T {
        let told = tokio::time::timeout(seconds(24 * 60 * 60), journey).await;
        told.unwrap_or_else(|_| panic!("{}: a day and no end\n{}", self.weather, self.sim.journal()))
    }

    /// Lets everything come to its end under a clear sky.
    async fn clear_up(&self) {
        self.sim.change_weather(None);
        pass(seconds(60 * 60)).await;
    }

    #[track_caller]
    fn assert_honest(&self, lies: &[String], told: &str) {
        assert_eq!(lies, [""; 0], "{}: {told}\n{}", self.weather, self.sim.journal());
        assert_eq!(self.sim.violations(), [""; 0], "{}\n{}", self.weather, self.sim.journal());
    }
}

/// Those who depart with these seeds: how many came how far.
macro_rules! journeys {
    ($journey:ident, $seeds:expr) => {{
        let mut outcomes = BTreeMap::<&str, u32>::new();
        for seed in $seeds {
            let (traveller, luggage) =
                Traveller::departing($journey::tenant(), seed, $journey::prepared).await;
            let (word, lies, told) = $journey::travel(&traveller, luggage).await;
            traveller.assert_honest(&lies, &told);
            *outcomes.entry(word).or_default() += 1;
        }
        outcomes
    }};
}

/// Neither is the weather so bad that nothing is tested, nor so good.
#[track_caller]
fn assert_mixed(outcomes: &BTreeMap<&str, u32>) {
    let all: u32 = outcomes.values().sum();
    assert!(outcomes["done"] * 3 >= all && outcomes.len() > 1, "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_community_is_made_once_and_peopled_or_it_is_said_why_not() {
    assert_mixed(&journeys!(community, 0..150));
}

#[tokio::test(start_paused = true)]
async fn who_follows_changes_has_them_all_in_the_end() {
    assert_mixed(&journeys!(changes, 0..60));
}

#[tokio::test(start_paused = true)]
async fn a_catalogue_comes_in_step_however_many_runs_it_takes() {
    assert_mixed(&journeys!(catalogue, 0..60));
}

#[tokio::test(start_paused = true)]
async fn processes_that_die_make_one_community_between_them() {
    assert_mixed(&journeys!(restarts, 0..100));
}

#[tokio::test(start_paused = true)]
async fn weather_that_nobody_has_seen_is_survived_as_well() {
    let seeds: Vec<u64> = (0..3).map(|_| fastrand::u64(..)).collect();
    journeys!(community, seeds.iter().copied());
    journeys!(changes, seeds.iter().copied());
    journeys!(catalogue, seeds.iter().copied());
    journeys!(restarts, seeds.iter().copied());
}
