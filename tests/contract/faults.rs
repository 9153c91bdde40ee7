//! Everything that a simulated Graph can do wrong, and what a caller notices of it.

use std::error::Error as _;

use futures_util::TryStreamExt as _;
use graph_facade::models::{Community, GroupPatch, NewGroup};
use graph_facade::{
    Added, Client, ErrorKind, ForeignAddress, OperationJournal, PageLoop, Removed, Resumption, Update,
    unified_group,
};
use graph_sim::{Counting, Fault, Sim, SimBuilder, Timeline};
use tokio::time::Instant;

use crate::support::journal::Shelf;
use crate::support::{arrivals, assert_clean, builder, client, pass, pilots, seconds, statuses};

fn sim_with(fault: Fault) -> Sim {
    Sim::builder().group("Pilots", ["ada"]).user("grace").fault(fault).build()
}

fn crew() -> NewGroup {
    unified_group("Crew", "crew")
}

async fn names(client: &Client) -> Vec<String> {
    let groups: Vec<_> = client.groups().list().items().try_collect().await.unwrap();
    groups.into_iter().map(|group| group.display_name.unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn null_for_a_list_is_none_and_an_empty_page_without_items_is_empty() {
    let sim = sim_with(Fault::null_lists("groups.*"));
    let client = client(&sim, "ada");
    let group = client.groups().get(sim.group_id("Pilots").unwrap()).await.unwrap();
    assert_eq!((group.display_name.as_deref(), group.group_types), (Some("Pilots"), None));
    assert_eq!(names(&client).await, ["Pilots"]);
    client.groups().delete(sim.group_id("Pilots").unwrap()).await.unwrap();
    assert_eq!(names(&client).await, [""; 0]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn dates_without_an_offset_are_read_as_utc() {
    let plain = client(&sim_with(Fault::throttle("none")), "ada").groups().list().await.unwrap();
    let sim = sim_with(Fault::dates_without_offset("groups.list"));
    let bare = client(&sim, "ada").groups().list().await.unwrap();
    let date = |page: &graph_facade::Page<graph_facade::models::Group>| {
        page.items[0].created_date_time.clone().unwrap().to_utc().unwrap()
    };
    assert_eq!(date(&bare), date(&plain));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn half_an_answer_to_what_is_safe_to_repeat_is_asked_for_again() {
    let sim = sim_with(Fault::truncate("groups.list").times(2));
    let answer = client(&sim, "ada").groups().list().send_full().await.unwrap();
    assert_eq!((answer.attempts(), answer.value.items.len()), (3, 1));

    let sim = sim_with(Fault::truncate("groups.list").times(100));
    let error = client(&sim, "ada").groups().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
    assert!(error.request_id().is_some() && error.body().starts_with(b"{"), "{error}: what came is kept");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn half_an_answer_to_a_creation_is_not_sent_again_and_says_that_it_worked() {
    let sim = sim_with(Fault::truncate("groups.create"));
    let error = client(&sim, "ada").groups().create(crew()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.maybe_processed()), (ErrorKind::Decode, 1, true));
    assert_eq!(names(&client(&sim, "ada")).await, ["Pilots", "Crew"]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_poll_of_which_half_comes_is_repeated_and_the_operation_goes_on() {
    let sim = sim_with(Fault::truncate("engagement_async_operations.get").times(3));
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    assert_eq!(accepted.wait().await.unwrap().id, sim.community_id("Pilots"));
}

#[tokio::test(start_paused = true)]
async fn what_a_gateway_delivers_twice_is_there_once() {
    let sim = sim_with(Fault::twice("groups.*").times(10));
    let client = client(&sim, "ada");
    let group = sim.group_id("Pilots").unwrap();
    let members = client.groups().members(&group);
    assert_eq!(members.add(sim.user_id("grace")).await.unwrap(), Added::Already);
    assert_eq!(members.list().await.unwrap().items.len(), 2);
    client.groups().update(&group, GroupPatch::new().description("Deck")).await.unwrap();
    assert_eq!(members.remove(sim.user_id("grace")).await.unwrap(), Removed::Already);
    assert_eq!(members.list().await.unwrap().items.len(), 1);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn items_that_come_twice_are_passed_on_as_they_come() {
    let sim = sim_with(Fault::repeat_items("groups.list"));
    assert_eq!(names(&client(&sim, "ada")).await, ["Pilots", "Pilots"], "a list says what the service says");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_comes_twice_is_one_candidate_for_a_lost_creation() {
    let sim = Sim::builder()
        .user("ada")
        .fault(Fault::lose_connection("communities.create"))
        .fault(Fault::repeat_items("communities.list"))
        .build();
    let journal = OperationJournal::new(Shelf::default());
    let client = builder(&sim, "ada").journal(journal).build().unwrap();
    client.communities().create(pilots()).await.unwrap_err();
    pass(seconds(80)).await;
    let resumed = client.operations().resume_all::<Community>().await.unwrap();
    let [Resumption::Ambiguous(ambiguous)] = &resumed[..] else { panic!("{resumed:?}") };
    assert_eq!(ambiguous.candidates.len(), 1);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_result_that_replicas_do_not_have_yet_is_waited_for() {
    let sim = sim_with(Fault::lag("*", seconds(20)));
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let community = accepted.wait().await.unwrap();
    assert_eq!(community.id, sim.community_id("Pilots"));
    let behind = sim
        .journal()
        .entries()
        .iter()
        .filter(|entry| entry.notes.iter().any(|it| it.contains("behind")))
        .count();
    assert!(behind > 0, "\n{}", sim.journal());
}

#[tokio::test(start_paused = true)]
async fn what_was_just_written_may_not_be_read_and_is_there_later() {
    let sim = sim_with(Fault::lag("groups.*", seconds(20)));
    let client = client(&sim, "ada");
    pass(seconds(60)).await;
    let group = client.groups().create(crew()).await.unwrap();
    assert!(client.groups().get(&group).await.unwrap_err().is_not_found());
    assert_eq!(names(&client).await, ["Pilots"]);
    pass(seconds(20)).await;
    assert_eq!(client.groups().get(&group).await.unwrap().id, group.id);
    assert_eq!(names(&client).await, ["Pilots", "Crew"]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn one_operation_stalls_fails_is_skipped_or_is_in_a_state_that_nobody_knows_and_the_next_one_succeeds()
{
    let minute = seconds(60);
    for (course, expected) in [
        (Timeline::new().stall("running"), ErrorKind::WaitExceeded),
        (Timeline::new().stall("unheardOf"), ErrorKind::WaitExceeded),
        (Timeline::new().end("skipped"), ErrorKind::OperationFailed),
        (
            Timeline::new().stay("running", minute).end_with_detail("failed", "full"),
            ErrorKind::OperationFailed,
        ),
    ] {
        let sim = sim_with(Fault::course("communities.create", course));
        let client = client(&sim, "ada");
        let mut accepted = client.communities().create(pilots()).await.unwrap();
        let error = accepted.wait().await.unwrap_err();
        assert_eq!((error.kind(), error.location()), (expected, Some(accepted.location())), "{error}");
        assert_eq!(sim.community_id("Pilots"), None);
        let mut next = client.communities().create(pilots()).await.unwrap();
        assert_eq!(next.wait().await.unwrap().id, sim.community_id("Pilots"));
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_brand_new_status_is_told_as_it_is() {
    let sim = sim_with(Fault::course("communities.create", Timeline::new().stay("unheardOf", seconds(40))));
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    pass(seconds(31)).await;
    let Update::Pending(report) = accepted.poll().await.unwrap() else { panic!("not under way") };
    assert_eq!(report.status.unwrap().as_str(), "unheardOf");
    accepted.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_date_to_come_back_at_is_read_by_the_clock_that_wrote_it() {
    let hour = seconds(60 * 60);
    for skewed in [Fault::clock_ahead("*", hour), Fault::clock_behind("*", hour)] {
        let throttle = Fault::throttle("groups.list").retry_after_date(seconds(90));
        let sim = Sim::builder().group("Pilots", ["ada"]).fault(throttle).fault(skewed).build();
        let start = Instant::now();
        assert_eq!(names(&client(&sim, "ada")).await, ["Pilots"]);
        assert!((90..=91).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn links_lead_nowhere_else_and_circles_end() {
    let many = |fault: Fault| {
        let sim = Sim::builder().user("ada").group("a", ["ada"]).group("b", ["ada"]).page_size(1);
        sim.fault(fault).build()
    };
    let sim = many(Fault::lead_astray("groups.list", "https://evil.example"));
    let error = client(&sim, "ada").groups().list().items().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.source().unwrap().is::<ForeignAddress>(), "{error}");
    assert_clean(&sim);

    let sim = many(Fault::lead_astray("communities.create", "https://evil.example"));
    let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
    assert!(error.source().unwrap().is::<ForeignAddress>() && error.maybe_processed(), "{error}");
    assert_clean(&sim);

    let sim = many(Fault::circle("groups.list"));
    let error = client(&sim, "ada").groups().list().items().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.source().unwrap().is::<PageLoop>(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Decode, "an answer that can't be followed: {error}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_too_late_counts_as_no_answer() {
    let sim = sim_with(Fault::slow_body("groups.list", seconds(30)).times(1));
    let client = builder(&sim, "ada").timeout(seconds(10)).build().unwrap();
    let answer = client.groups().list().send_full().await.unwrap();
    assert_eq!((answer.attempts(), answer.value.items.len()), (2, 1));
    assert_clean(&sim);
}

/// As many reads as it takes to be throttled some times.
async fn read_often(sim: &Sim) -> Vec<Option<u16>> {
    let client = client(sim, "ada");
    let id = sim.group_id("Pilots").unwrap();
    for _ in 0..12 {
        client.groups().members(&id).list().await.unwrap();
    }
    statuses(sim)
}

#[tokio::test(start_paused = true)]
async fn who_waits_as_long_as_asked_is_not_punished_whatever_the_way_of_counting() {
    let phase = seconds(3);
    for counting in [Counting::SlidingLog, Counting::FixedWindow { phase }, Counting::LeakyBucket] {
        let quota = |sim: SimBuilder| sim.counting(counting).hidden_quota("groups.*", 10, seconds(10));
        let calm = quota(Sim::builder().group("Pilots", ["ada"])).build();
        let strict = quota(Sim::builder().group("Pilots", ["ada"])).punish_early_retries(true).build();
        let (often, strictly) = (read_often(&calm).await, read_often(&strict).await);
        assert_eq!(often, strictly, "{counting:?}: nobody came back early\n{}", strict.journal());
        let sum = strictly.iter().filter(|status| **status == Some(200)).count();
        assert_eq!(sum, 12, "{counting:?}");
        assert_clean(&strict);
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_early_waits_longer_each_time() {
    let sim = Sim::builder()
        .group("Pilots", ["ada"])
        .hidden_quota("groups.list", 1, seconds(10))
        .punish_early_retries(true)
        .build();
    let client = builder(&sim, "ada")
        .retry(graph_facade::NoRetry)
        .limiter(graph_facade::Limiter::disabled())
        .build()
        .unwrap();
    client.groups().list().await.unwrap();
    let mut waits = Vec::new();
    for _ in 0..3 {
        waits.push(client.groups().list().await.unwrap_err().retry_after().unwrap().as_secs());
    }
    assert_eq!(waits, [10, 20, 30]);
    pass(seconds(30)).await;
    client.groups().list().await.unwrap();
    assert_eq!(arrivals(&sim, "groups.list").len(), 5);
}
