//! Saved forms that earlier releases wrote, in `tests/vectors/`: this release goes on with each of them. A file there is never
//! written anew; a form that changes gets further files.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use graph_facade::{ApiVersion, Change, Client, DeltaToken, ReconcileCheckpoint, Relation, SavedTeamSetup};
use graph_sim::{Sim, SimBuilder};

use crate::support::{assert_clean, builder, client, seconds};

/// The tenant in which the forms were saved.
fn tenant() -> SimBuilder {
    let people = Sim::builder().user("grace").user("linus");
    people.community("Crew", ["ada"]).group("Pilots", ["ada"]).group("Bar", ["ada"]).page_size(1)
}

/// The changes that `client` gets from where the token says.
async fn changes(client: &Client, token: &str) -> Vec<String> {
    let changes = client.groups().delta().resume(token.parse().unwrap()).changes();
    let names = changes.try_fold(Vec::new(), async |mut names, change| {
        match change {
            Change::Updated(group) => names.extend(group.display_name),
            Change::Linked { .. } => {}
            other => panic!("{other:?}"),
        }
        Ok(names)
    });
    names.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn delta_tokens_go_on_where_they_were_saved() {
    let sim = tenant().build();
    let client = client(&sim, "ada");
    // The service knows the three rounds that the tokens are of.
    for _ in 0..3 {
        client.groups().delta().changes().try_collect::<Vec<_>>().await.unwrap();
    }
    let within = include_str!("../vectors/delta_tokens/within_a_round.json");
    assert_eq!(changes(&client, within).await, ["Bar"], "the third of three pages");

    let complete = include_str!("../vectors/delta_tokens/complete.json");
    let beta_filtered = include_str!("../vectors/delta_tokens/beta_filtered.json");
    let beta = builder(&sim, "ada").version(ApiVersion::Beta).build().unwrap();
    for (client, text) in [(&client, complete), (&beta, beta_filtered)] {
        let token: DeltaToken = text.parse().unwrap();
        assert!(token.is_complete());
        assert_eq!(token.operation(), "groups.delta");
        assert!(changes(client, text).await.is_empty());
    }
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn checkpoints_end_with_the_list_that_they_hold() {
    let (ada, both, all) =
        (["ada"].as_slice(), ["ada", "grace"].as_slice(), ["ada", "grace", "linus"].as_slice());
    for (text, relation, added, expected) in [
        (include_str!("../vectors/checkpoints/members_unbegun.json"), Relation::Members, 0, all),
        (include_str!("../vectors/checkpoints/members_under_way.json"), Relation::Members, 2, all),
        (include_str!("../vectors/checkpoints/owners_additions_only.json"), Relation::Owners, 0, both),
        (include_str!("../vectors/checkpoints/owners_removal_limit.json"), Relation::Owners, 0, both),
    ] {
        let sim = tenant().build();
        let client = client(&sim, "ada");
        let checkpoint: ReconcileCheckpoint = text.parse().unwrap();
        assert_eq!((checkpoint.relation(), checkpoint.added()), (relation, added), "{text}");
        assert_eq!(checkpoint.group(), sim.group_id("Pilots").unwrap());
        assert!(client.groups().resume_reconcile(&checkpoint).await.unwrap().is_complete(), "{text}");

        let group = client.groups().members(checkpoint.group());
        let owners = client.groups().owners(checkpoint.group());
        let people = if relation == Relation::Members { group.list() } else { owners.list() };
        let people: Vec<_> = people.items().try_collect().await.unwrap();
        let people: BTreeSet<_> = people.iter().filter_map(|it| it.id().map(str::to_owned)).collect();
        assert!(ada.iter().all(|name| people.contains(&sim.user_id(name))), "{text}");
        assert_eq!(people, expected.iter().map(|name| sim.user_id(name)).collect(), "{text}");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn team_setups_make_the_team_that_was_asked_for() {
    for (text, misses, giphy) in [
        (include_str!("../vectors/team_setups/unbegun.json"), 0, None),
        (include_str!("../vectors/team_setups/waiting.json"), 4, Some(false)),
    ] {
        let saved: SavedTeamSetup = text.parse().unwrap();
        let sim = Sim::builder().user("grace").group("Other", ["ada"]).group("Pilots", ["ada"]).build();
        let client = client(&sim, "ada");
        let mut setup = client.groups().resume_team(saved.clone()).unwrap();
        assert_eq!(setup.misses(), misses, "{text}");
        setup.wait().await.unwrap();
        let team = client.groups().team(saved.group()).get().await.unwrap();
        assert_eq!(team.fun_settings.and_then(|fun| fun.allow_giphy), giphy.or(Some(true)), "{text}");
        assert!(sim.elapsed() <= seconds(15 * 60), "{text}");
        assert_clean(&sim);
    }
}
