//! Many long-running operations, started and watched by one task.

use futures_util::StreamExt as _;
use graph_facade::models::{Community, CommunityPrivacy, NewCommunity};
use graph_facade::{Client, ErrorKind, Operation, OperationSet, SavedOperation, Watched};
use graph_sim::{Fault, Sim, Timeline};
use tokio::time::{Instant, timeout};

use crate::support::{POLL, arrivals, assert_clean, builder, client, pass, pilots, seconds};

type Set = OperationSet<usize, Community>;

fn named(number: usize) -> NewCommunity {
    NewCommunity::new(format!("Crew {number}"), "Flight deck", CommunityPrivacy::Private)
}

fn started(client: &Client, many: usize) -> Set {
    let mut set = OperationSet::new();
    (0..many).for_each(|number| set.start(number, client.communities().create(named(number))));
    set
}

/// The names of the communities, by key, once all is over.
async fn done(set: &mut Set) -> Vec<(usize, String)> {
    let mut done = Vec::new();
    while let Some((key, watched)) = set.next().await {
        match watched {
            Watched::Done(community) => done.push((key, community.display_name.unwrap())),
            Watched::Accepted(_) | Watched::Pending(_) => {}
            other => panic!("{key}: {other:?}"),
        }
    }
    done.sort();
    done
}

#[tokio::test(start_paused = true)]
async fn all_are_created_and_seen_to_their_end_under_the_limit() {
    let sim = Sim::builder().user("ada").build();
    let client = client(&sim, "ada");
    let mut set = started(&client, 40);
    let start = Instant::now();
    let done = done(&mut set).await;
    assert_eq!(done, (0..40).map(|number| (number, format!("Crew {number}"))).collect::<Vec<_>>());
    let requests = sim.journal().entries().len();
    assert!(requests <= 40 * 3 + 12, "{requests} requests for 40 communities");
    assert!(start.elapsed() <= seconds(390), "{:?}", start.elapsed());
    let progress = set.progress();
    assert_eq!((progress.to_start, progress.pending, progress.done), (0, 0, 40));
    assert!((75..=93).contains(&set.typical_duration().unwrap().as_secs()), "{:?}", set.typical_duration());
    assert!(sim.journal().entries().iter().all(|entry| entry.status != Some(429)), "{}", sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn creations_and_polls_take_turns() {
    let sim = Sim::builder().user("ada").build();
    let client = client(&sim, "ada");
    let mut set = started(&client, 60);
    let start = Instant::now();
    let mut first_done = None;
    while let Some((_, watched)) = set.next().await {
        if matches!(watched, Watched::Done(_)) {
            first_done.get_or_insert((start.elapsed(), set.progress().to_start));
        }
    }
    let (first_done, to_start) = first_done.unwrap();
    assert!(first_done < seconds(130), "{first_done:?}");
    assert!(to_start > 20, "{to_start} creations left when the first is done");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_told_apart_and_given_back() {
    let ends = Timeline::new().end_with_detail("failed", "the network is full");
    let refused = Fault::respond("communities.create", 403).times(1);
    let sim =
        Sim::builder().user("ada").timeline(ends).fault(refused).fault(Fault::respond(POLL, 403)).build();
    let mut set = started(&client(&sim, "ada"), 3);
    let (mut kinds, mut inserted) = (Vec::new(), 0);
    while let Some((key, watched)) = set.next().await {
        match watched {
            Watched::NotStarted(error) => kinds.push(("not started", error.kind())),
            Watched::Failed(error) => kinds.push(("failed", error.kind())),
            Watched::Unanswered(operation, error) => {
                kinds.push(("unanswered", error.kind()));
                inserted += 1;
                set.insert(key, *operation);
            }
            _ => {}
        }
    }
    let (service, failed) = (ErrorKind::Service, ErrorKind::OperationFailed);
    kinds.sort_by_key(|(what, _)| *what);
    assert_eq!(
        kinds,
        [("failed", failed), ("failed", failed), ("not started", service), ("unanswered", service)]
    );
    let progress = set.progress();
    assert_eq!((progress.failed, progress.given_back, progress.pending, inserted), (2, 2, 0, 1));
    assert_polls_patient(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_dropped_is_resumed_from_what_was_saved() {
    let sim = Sim::builder().user("ada").build();
    let before = client(&sim, "ada");
    let mut set = started(&before, 5);
    let watching = async { while set.next().await.is_some() {} };
    assert!(timeout(seconds(33), watching).await.is_err());
    let saved: Vec<(usize, String)> = set.saved().map(|(key, it)| (*key, it.to_string())).collect();
    assert_eq!(saved.len(), 5);
    drop(set);

    pass(seconds(10)).await;
    let after = client(&sim, "ada");
    let resume = |text: &str| after.operations().resume(text.parse::<SavedOperation>().unwrap()).unwrap();
    let mut set: Set = saved.iter().map(|(key, text)| (*key, resume(text))).collect();
    assert_eq!(done(&mut set).await.len(), 5);
    assert_eq!(arrivals(&sim, "communities.create").len(), 5);
    assert_polls_patient(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_question_under_way_is_saved_as_one_that_may_arrive_now() {
    let sim = Sim::builder().user("ada").fault(Fault::delay(POLL, seconds(20))).build();
    let client = client(&sim, "ada");
    let mut set = Set::new();
    set.insert(7, client.communities().create(pilots()).await.unwrap());
    assert!(timeout(seconds(40), set.next()).await.is_err(), "9 s into the first question");
    let saved: Vec<_> = set.saved().map(|(key, saved)| (*key, saved.last_poll_at())).collect();
    assert_eq!(saved, [(7, Some(client.clock().now()))]);
}

#[tokio::test(start_paused = true)]
async fn trouble_passes_and_a_set_may_be_added_to_after_its_end() {
    let trouble = Fault::respond(POLL, 503).times(3);
    let sim = Sim::builder().user("ada").fault(trouble).fault(Fault::throttle(POLL)).build();
    let client = client(&sim, "ada");
    let mut set = started(&client, 2);
    assert_eq!(done(&mut set).await.len(), 2);
    let operation: Operation<Community> = client.communities().create(named(2)).await.unwrap();
    set.insert(2, operation);
    assert_eq!(done(&mut set).await, [(2, "Crew 2".to_owned())]);
    assert!(set.next().await.is_none());
    assert_polls_patient(&sim);
}

#[tokio::test(start_paused = true)]
async fn operations_of_several_clients_share_one_set() {
    let sim = Sim::builder().user("ada").user("grace").build();
    let mut set = Set::new();
    for (number, user) in ["ada", "grace"].into_iter().enumerate() {
        let client = builder(&sim, user).build().unwrap();
        set.start(number, client.communities().create(named(number)));
        pass(seconds(3)).await;
    }
    assert_eq!(done(&mut set).await.len(), 2);
    assert_clean(&sim);
}

/// No operation was polled twice within 30 seconds; the simulator sees to it.
#[track_caller]
fn assert_polls_patient(sim: &Sim) {
    assert_clean(sim);
}
