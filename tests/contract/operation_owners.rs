//! Whose a long-running operation is: a client goes on with what belongs to it, and is told of the rest without touching it.

use futures_util::TryStreamExt as _;
use graph_facade::models::{Community, Team};
use graph_facade::{Client, ErrorKind, OperationJournal, QuotaKey, RecordOwner, Resumption};
use graph_sim::{Fault, Sim, Timeline};

use crate::support::journal::Shelf;
use crate::support::{POLL, arrivals, assert_clean, builder, pass, pilots, seconds, statuses};

fn ada() -> QuotaKey {
    QuotaKey::new().tenant("contoso").app("desk").user("ada")
}

fn keyed(sim: &Sim, shelf: &Shelf, key: QuotaKey) -> Client {
    let journal = OperationJournal::new(shelf.clone());
    builder(sim, "ada").quota_key(key).journal(journal).build().unwrap()
}

/// The kinds of what a client is given, and how many records of which others there are.
async fn found(client: &Client) -> (Vec<&'static str>, Vec<(RecordOwner, usize)>) {
    let (mut kinds, mut others) = (Vec::new(), Vec::new());
    for resumption in client.operations().resume_all::<Community>().await.unwrap() {
        match resumption {
            Resumption::Unsent(_) => kinds.push("unsent"),
            Resumption::Ambiguous(_) => kinds.push("ambiguous"),
            Resumption::Resumed(_) => kinds.push("resumed"),
            Resumption::Ended(_) => kinds.push("ended"),
            Resumption::OtherOwner { owner, records, .. } => others.push((owner, records)),
            other => panic!("{other:?}"),
        }
    }
    kinds.sort_unstable();
    (kinds, others)
}

/// One record of each stage, of a client with this key.
async fn fill(shelf: &Shelf, key: &QuotaKey) {
    let quick = |fault: Option<Fault>| {
        let sim = Sim::builder().user("ada").timeline(Timeline::new());
        keyed(&fault.into_iter().fold(sim, graph_sim::SimBuilder::fault).build(), shelf, key.clone())
    };
    let throttled = quick(Some(Fault::throttle("communities.create").retry_after("60")));
    let waiting = throttled.communities().create(pilots()).send();
    tokio::time::timeout(seconds(30), waiting).await.unwrap_err();
    let lost = quick(Some(Fault::lose_connection("communities.create")));
    lost.communities().create(pilots()).await.unwrap_err();
    drop(quick(None).communities().create(pilots()).await.unwrap());
    quick(None).communities().create(pilots()).await.unwrap().wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn records_of_another_owner_are_counted_and_left_alone() {
    let shelf = Shelf::default();
    fill(&shelf, &ada()).await;
    let records = shelf.records();
    for other in [
        ada().tenant("fabrikam"),
        ada().app("phone"),
        ada().user("bob"),
        QuotaKey::new().tenant("contoso").app("desk"),
        QuotaKey::new().user("ada"),
        QuotaKey::new(),
    ] {
        let sim = Sim::builder().user("ada").build();
        let client = keyed(&sim, &shelf, other);
        let (kinds, others) = found(&client).await;
        assert_eq!(kinds, [""; 0], "{:?}", client.quota_key());
        let [(owner, 4)] = &others[..] else { panic!("{others:?}") };
        assert_eq!((&owner.quota_key, &*owner.root), (&ada(), "https://graph.microsoft.com"));
        let forgotten = client.operations().forget_ended_before(client.clock().now() + seconds(1)).await;
        assert_eq!(forgotten.unwrap(), 0);
        assert!(statuses(&sim).is_empty(), "nothing is sent about them");
        assert_eq!(shelf.records(), records);

        let theirs = client.with_quota_key(owner.quota_key.clone());
        let all = ["ambiguous", "ended", "resumed", "unsent"];
        assert_eq!(found(&theirs).await, (all.to_vec(), vec![]), "whoever may act for them goes on");
        assert_clean(&sim);
    }
    let client = keyed(&Sim::builder().user("ada").build(), &shelf, ada().as_app());
    assert_eq!(found(&client).await.0.len(), 4, "how it acts is not whom for");
    let later = client.clock().now() + seconds(60);
    assert_eq!(client.operations().forget_ended_before(later).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn records_without_an_owner_are_of_the_client_that_names_none() {
    let shelf = Shelf::default();
    fill(&shelf, &QuotaKey::new()).await;
    let sim = Sim::builder().user("ada").build();
    let (kinds, others) = found(&keyed(&sim, &shelf, ada())).await;
    assert!(kinds.is_empty() && statuses(&sim).is_empty(), "{kinds:?}");
    assert_eq!(
        others.iter().map(|(owner, records)| (&owner.quota_key, *records)).collect::<Vec<_>>(),
        [(&QuotaKey::new(), 4)]
    );
    assert_eq!(found(&keyed(&sim, &shelf, QuotaKey::new())).await.0.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_others_are_busy_with_is_not_counted() {
    let (sim, shelf) = (Sim::builder().user("ada").build(), Shelf::default());
    let client = keyed(&sim, &shelf, ada());
    let operation = client.communities().create(pilots()).await.unwrap();
    let other = client.with_quota_key(ada().user("bob"));
    assert_eq!(found(&other).await, (vec![], vec![]));
    drop(operation);
    assert_eq!(found(&other).await.1.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_saved_operation_is_resumed_by_nobody_else() {
    let (sim, shelf) = (Sim::builder().user("ada").build(), Shelf::default());
    let client = keyed(&sim, &shelf, ada());
    let saved = client.communities().create(pilots()).await.unwrap().save();
    let text = saved.to_string();
    let saved = text.parse::<graph_facade::SavedOperation>().unwrap();
    assert_eq!((saved.tenant(), saved.app(), saved.user()), (Some("contoso"), Some("desk"), Some("ada")));
    pass(seconds(40)).await;
    for (key, part) in [
        (ada().tenant("fabrikam"), "the tenant contoso"),
        (ada().app("phone"), "the app desk"),
        (ada().user("bob"), "the user ada"),
    ] {
        let other = client.with_quota_key(key);
        let error = other.operations().resume::<Community>(saved.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.message().contains(part) && error.message().contains("resume it with"), "{error}");
    }
    assert!(arrivals(&sim, POLL).is_empty());
    for key in [ada(), QuotaKey::new(), QuotaKey::new().tenant("contoso")] {
        drop(client.with_quota_key(key).operations().resume::<Community>(saved.clone()).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn other_saved_forms_stay_in_their_tenant_too() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let client = keyed(&sim, &Shelf::default(), ada());
    let page = client.groups().delta().pages().try_next().await.unwrap().unwrap();
    let token = page.token.to_json();
    let team = client.groups().team(sim.group_id("Pilots").unwrap());
    let setup = team.set_up(Team::default()).unwrap().save().to_string();
    let requests = statuses(&sim).len();

    let other = client.with_quota_key(ada().tenant("fabrikam"));
    let error = other.groups().delta().resume(token.parse().unwrap()).pages().try_next().await.unwrap_err();
    assert!(error.message().contains("the delta token belongs to the tenant contoso"), "{error}");
    let error = other.groups().resume_team(setup.parse().unwrap()).unwrap_err();
    assert!(error.message().contains("belongs to the tenant contoso"), "{error}");
    assert_eq!(statuses(&sim).len(), requests);
    for key in [ada().user("bob"), QuotaKey::new()] {
        let client = client.with_quota_key(key);
        client.groups().delta().resume(token.parse().unwrap()).pages().try_next().await.unwrap();
        drop(client.groups().resume_team(setup.parse().unwrap()).unwrap());
    }
}
