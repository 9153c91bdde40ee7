//! A provider's catalogue that keeps itself in step, night after night.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use graph_facade::models::{LearningContent, NewLearningContent};
use graph_facade::sync::{
    ItemOutcome, LearningCatalog, Ledger, MostRemovals, Row, SyncEngine, SyncError, SyncEvent, SyncSummary,
    Withheld,
};
use graph_facade::{Client, ErrorKind};
use graph_sim::{Fault, Sim};

use crate::support::{arrivals, assert_clean, client_of_both, pass, seconds};
use crate::surface::contoso;

const UPSERT: &str = "learning_contents.upsert_by_external_id";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A provider without courses, and what keeps them in step.
struct Night {
    sim: Sim,
    client: Client,
    provider: String,
    engine: SyncEngine<LearningCatalog>,
    ledger: Ledger,
}

impl Night {
    async fn with(fault: Option<Fault>) -> Self {
        let sim = fault
            .into_iter()
            .fold(Sim::builder().user("ada").token_lifetime(100 * DAY), graph_sim::SimBuilder::fault)
            .build();
        let client = client_of_both(&sim, "ada");
        let provider = client.learning_providers().create(contoso()).await.unwrap().id.unwrap();
        let engine = client.sync_learning_contents(provider.as_str());
        Self { sim, client, provider, engine, ledger: Ledger::in_memory() }
    }

    async fn run(
        &mut self,
        courses: impl IntoIterator<Item = NewLearningContent, IntoIter: Send>,
    ) -> SyncSummary {
        self.engine.run(stream::iter(courses), &mut self.ledger).await.unwrap()
    }

    /// How many contents were written so far.
    fn writes(&self) -> usize {
        arrivals(&self.sim, UPSERT).len()
    }

    async fn held(&self) -> Vec<LearningContent> {
        let contents = self.client.learning_providers().contents(&self.provider);
        contents.list().items().try_collect().await.unwrap()
    }
}

fn course(number: usize, title: &str) -> NewLearningContent {
    let address = format!("https://contoso.example/{number}");
    NewLearningContent::new(format!("it's course/{number} #100%"), title, address, "en-us")
}

fn courses(count: usize) -> Vec<NewLearningContent> {
    (0..count).map(|number| course(number, "Take-off")).collect()
}

#[tokio::test(start_paused = true)]
async fn what_changed_is_written_and_nothing_else() {
    let mut night = Night::with(None).await;
    let first = night.run(courses(300)).await;
    assert_eq!((first.counts.created, first.is_complete()), (300, true));
    assert_eq!((night.writes(), night.held().await.len()), (300, 300));
    let envelopes = night.sim.journal().entries().iter().filter(|it| it.path.ends_with("$batch")).count();
    assert_eq!(envelopes, 15);

    let requests = night.sim.journal().entries().len();
    assert_eq!(night.run(courses(300)).await.counts.unchanged, 300);
    assert_eq!(night.sim.journal().entries().len(), requests, "the ledger suffices");

    let mut changed = courses(300);
    for number in [17, 118, 219] {
        changed[number] = course(number, "Landing");
    }
    let third = night.run(changed.clone()).await;
    assert_eq!((third.counts.changed, third.counts.unchanged, night.writes()), (3, 297, 303));
    let landings = night.held().await.into_iter().filter(|held| held.title.as_deref() == Some("Landing"));
    let landings: BTreeSet<_> = landings.filter_map(|held| held.external_id).collect();
    assert_eq!(landings, [17, 118, 219].map(|number| course(number, "").external_id).into());
    assert_clean(&night.sim);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_goes_off_the_offer_and_later_for_good() {
    let mut night = Night::with(None).await;
    night.engine = night.engine.delete_after(7 * DAY);
    assert!(night.run(courses(40)).await.is_complete());
    pass(DAY).await;
    assert_eq!(night.sim.found_courses(&night.provider, "").len(), 40);

    assert_eq!(night.run(courses(38)).await.counts.deactivated, 2);
    let off = night.held().await.into_iter().filter(|held| held.is_active == Some(false));
    let off: Vec<_> = off.map(|held| (held.external_id.unwrap(), held.title.unwrap())).collect();
    assert_eq!(off.len(), 2);
    assert!(off.iter().all(|(_, title)| title == "Take-off"), "the rest of them stays: {off:?}");
    pass(DAY).await;
    assert_eq!(night.sim.found_courses(&night.provider, "").len(), 38);

    pass(5 * DAY).await;
    assert_eq!(night.run(courses(38)).await.counts.written(), 0);
    pass(DAY).await;
    assert_eq!(night.run(courses(38)).await.counts.deleted, 2);
    assert_eq!((night.held().await.len(), night.ledger.len()), (38, 38));
    assert_clean(&night.sim);
}

#[tokio::test(start_paused = true)]
async fn a_mass_deletion_is_withheld_until_it_is_meant() {
    let mut night = Night::with(None).await;
    assert!(night.run(courses(200)).await.is_complete());
    let requests = night.sim.journal().entries().len();
    for (there, limit) in [(0, 0), (179, 20)] {
        let withheld = night.run(courses(there)).await.withheld;
        assert!(
            matches!(withheld, Some(Withheld::TooMany { limit: found, .. }) if found == limit),
            "{withheld:?}"
        );
    }
    let plan = night.engine.plan(stream::iter(courses(0)), &night.ledger).await.unwrap();
    assert!(plan.is_empty() && plan.to_string().contains("200 of 200 items are not in the input"), "{plan}");
    assert_eq!(night.sim.journal().entries().len(), requests);

    night.engine = night.engine.clone().most_removals(MostRemovals::Items(200));
    assert_eq!(night.run(courses(0)).await.counts.deactivated, 200);
    assert!(night.held().await.iter().all(|held| held.is_active == Some(false)));
    assert_clean(&night.sim);
}

#[tokio::test(start_paused = true)]
async fn an_input_that_breaks_off_deletes_nothing() {
    let mut night = Night::with(None).await;
    assert!(night.run(courses(60)).await.is_complete());
    let broken = courses(59).into_iter().chain([course(70, "Landing")]).map(Ok);
    let broken = stream::iter(broken.chain([Err("the connection to the LMS was lost")]));
    let summary = night.engine.run(broken, &mut night.ledger).await.unwrap();
    assert_eq!((summary.counts.created, summary.counts.deactivated), (1, 0));
    let Some(Withheld::InputBroke { reason }) = &summary.withheld else { panic!("{summary}") };
    assert_eq!(&**reason, "the connection to the LMS was lost");
    assert_eq!(night.held().await.iter().filter(|held| held.is_active == Some(true)).count(), 61);
    assert_clean(&night.sim);
}

#[tokio::test(start_paused = true)]
async fn minutes_in_words_hold_the_whole_run_back() {
    let fault = Fault::throttle_in_words(UPSERT, 3).skip(50).times(5);
    let mut night = Night::with(Some(fault)).await;
    let summary = night.run(courses(200)).await;
    assert_eq!((summary.counts.created, summary.is_complete()), (200, true));
    assert!(summary.throttled >= seconds(180) && summary.throttled < seconds(240), "{:?}", summary.throttled);
    assert_eq!(night.held().await.len(), 200);
    assert_eq!(night.writes(), 205, "only what was refused was sent again");
    let arrivals = arrivals(&night.sim, UPSERT);
    let gap = arrivals.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max().unwrap();
    assert!(gap >= seconds(180), "{gap:?}");
}

/// The service documents 202 with a body, and need not keep to it.
#[tokio::test(start_paused = true)]
async fn a_success_that_says_nothing_is_one() {
    let mut night = Night::with(Some(Fault::respond(UPSERT, 202).times(30))).await;
    assert_eq!(night.run(courses(40)).await.counts.created, 40);
    assert_eq!(night.run(courses(40)).await.counts.unchanged, 40);
    assert_eq!(night.writes(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_refused_row_is_told_and_the_rest_goes_on() {
    let fault =
        Fault::respond(UPSERT, 400).skip(7).body(r#"{"error":{"code":"badRequest","message":"No."}}"#);
    let mut night = Night::with(Some(fault)).await;
    let rows = courses(30).into_iter().map(Row::from);
    let rows =
        rows.chain([course(3, "Again").into(), Row::unreadable(40, None, "no JSON"), course(50, " ").into()]);
    let mut run = night.engine.run(stream::iter(rows), &mut night.ledger);
    let (mut refused, mut failed) = (Vec::new(), Vec::new());
    while let Some(event) = run.next().await {
        match event.unwrap() {
            SyncEvent::Item(item) if item.outcome == ItemOutcome::Refused => refused.push(item.to_string()),
            SyncEvent::Item(item) if item.outcome == ItemOutcome::Failed => failed.push(item.to_string()),
            _ => {}
        }
    }
    let counts = run.summary().unwrap().counts;
    drop(run);
    assert_eq!((counts.created, counts.refused, counts.failed), (29, 3, 1));
    insta::assert_snapshot!(refused.join("\n"), @r"
    line 31: refused it's course/3 #100%; `externalId` is the same as in line 4: each must be there once
    line 40: refused; no JSON
    line 33: refused it's course/50 #100%; `title` is missing
    ");
    assert!(
        failed[0].contains("line 8: create it's course/7 #100%, which failed") && failed[0].contains("400"),
        "{failed:?}"
    );
    let again = night.run(courses(30)).await;
    assert_eq!((again.counts.created, again.counts.unchanged), (1, 29));
}

/// A ledger that was lost, or a provider that another system has filled: the service is read once.
#[tokio::test(start_paused = true)]
async fn what_the_service_holds_can_be_taken_over() {
    let mut night = Night::with(None).await;
    assert!(night.run(courses(250)).await.is_complete());
    night.ledger = Ledger::in_memory();
    assert_eq!(night.engine.take_stock(&mut night.ledger).await.unwrap(), 250);
    let writes = night.writes();
    let mut wanted = courses(249);
    wanted[5] = course(5, "Landing");
    let summary = night.run(wanted).await;
    assert_eq!((summary.counts.changed, summary.counts.unchanged, summary.counts.deactivated), (1, 248, 1));
    assert_eq!(night.writes() - writes, 2);
    assert_clean(&night.sim);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_exist_stops_the_run() {
    let mut night = Night::with(None).await;
    night.engine = night.client.sync_learning_contents("no-such-provider").failures_in_a_row(40);
    let error = night.engine.run(stream::iter(courses(1_000)), &mut night.ledger).await.unwrap_err();
    let SyncError::Failing { last, .. } = &error else { panic!("{error}") };
    assert_eq!((last.kind(), last.is_not_found()), (ErrorKind::Service, true));
    assert!(night.writes() < 200, "{}", night.writes());
    assert!(night.ledger.is_empty());
}
