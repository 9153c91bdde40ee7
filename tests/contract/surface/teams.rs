//! Making a team of a group, at once and when the group is slow to come through.

use std::time::{Duration, SystemTime};

use graph_facade::models::{Team, TeamFunSettings, TeamPatch};
use graph_facade::{ApiVersion, Client, ErrorKind, SavedTeamSetup, TeamSetupPolicy};
use graph_sim::{Fault, Sim};

use super::Stage;
use crate::support::{arrivals, assert_clean, builder, client, pass, seconds};

const CREATE: &str = "groups.team.create";

fn sober() -> Team {
    let mut fun = TeamFunSettings::default();
    fun.allow_giphy = Some(false);
    let mut team = Team::default();
    team.fun_settings = Some(fun);
    team
}

pub(super) async fn all(stage: Stage) {
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    let team = groups.team(&pilots);
    assert!(team.get().await.unwrap_err().is_not_found());
    let made = team.create(sober()).await.unwrap();
    assert_eq!(made.display_name.as_deref(), Some("Pilots"));
    let fun = team.get().await.unwrap().fun_settings.unwrap();
    assert_eq!((fun.allow_giphy, fun.allow_custom_memes), (Some(false), Some(true)));
    let read = stage.client.teams().get(&pilots).select(["id"]).await.unwrap();
    assert_eq!(read.id.as_deref(), Some(pilots.as_str()), "a team has the id of its group");
    let mut fun = TeamFunSettings::default();
    fun.allow_custom_memes = Some(false);
    let teams = stage.client.teams();
    teams.update(&pilots, TeamPatch::new().display_name("Crew").fun_settings(fun)).await.unwrap();
    let changed = teams.get(&pilots).await.unwrap();
    let fun = changed.fun_settings.unwrap();
    assert_eq!((fun.allow_giphy, fun.allow_custom_memes), (Some(false), Some(false)));
    assert_eq!(changed.display_name.as_deref(), Some("Crew"));
    assert!(
        teams.update(&pilots, TeamPatch::new()).await.unwrap_err().to_string().contains("changes nothing")
    );
    let again = team.create(sober()).await.unwrap_err();
    assert_eq!(again.status().unwrap(), 409);
    assert_eq!(team.set_up(sober()).unwrap().wait().await.unwrap().id, read.id, "it has one: that will do");
    stage.sim.add_fault(Fault::respond(CREATE, 500));
    assert_eq!(team.set_up(sober()).unwrap().wait().await.unwrap().id, read.id, "whatever the service says");
}

/// A group that is there for Teams after so many seconds.
fn slow(after: u64) -> (Sim, Client, String) {
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).team_after(seconds(after)).build();
    let (client, group) = (client(&sim, "ada"), sim.group_id("Pilots").unwrap());
    (sim, client, group)
}

fn asked(sim: &Sim) -> Vec<u64> {
    arrivals(sim, CREATE).iter().map(Duration::as_secs).collect()
}

#[tokio::test(start_paused = true)]
async fn attempts_come_when_they_are_recommended() {
    for (after, expected) in
        [(0, &[0][..]), (15, &[0, 10, 20]), (30, &[0, 10, 20, 30]), (31, &[0, 10, 20, 30, 900])]
    {
        let (sim, client, group) = slow(after);
        let team = client.groups().team(&group).set_up(Team::default()).unwrap().wait().await.unwrap();
        assert_eq!(team.id, Some(group), "the answer leaves it out");
        assert_eq!(asked(&sim), expected, "after {after} s");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_never_comes_through_is_given_up() {
    let (sim, client, group) = slow(10_000);
    let mut setup = client.groups().team(&group).set_up(Team::default()).unwrap();
    let error = setup.wait().await.unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("also after 15 min"), "{error}");
    assert_eq!(asked(&sim), [0, 10, 20, 30, 900]);
}

#[tokio::test(start_paused = true)]
async fn a_group_known_to_be_old_is_not_waited_for() {
    let (sim, client, group) = slow(40);
    let created = client.clock().now() - seconds(880);
    let setup = client.groups().team(&group).set_up(Team::default()).unwrap();
    setup.group_created_at(created).wait().await.unwrap();
    assert_eq!(asked(&sim), [0, 10, 20, 30, 40]);
}

#[tokio::test(start_paused = true)]
async fn another_process_goes_on() {
    let (sim, client, group) = slow(600);
    let groups = client.groups();
    let mut setup = groups.team(&group).set_up(sober()).unwrap();
    let early = setup.wait_timeout(seconds(60)).await.unwrap_err();
    assert_eq!(early.kind(), ErrorKind::WaitExceeded);
    assert_eq!(
        (early.retry_at(), sim.elapsed()),
        (Some(setup.next_attempt_at()), seconds(30)),
        "no wait in vain"
    );
    let saved = setup.save().to_string();
    assert!(!saved.contains(&sim.token("ada")));
    drop((setup, client));

    pass(seconds(100)).await;
    let other = builder(&sim, "ada").build().unwrap();
    let saved: SavedTeamSetup = saved.parse().unwrap();
    let mut resumed = other.groups().resume_team(saved.clone()).unwrap();
    assert_eq!((resumed.misses(), resumed.poll().await.unwrap()), (4, None), "too early: nothing is sent");
    resumed.wait().await.unwrap();
    assert_eq!(asked(&sim), [0, 10, 20, 30, 900]);
    let fun = other.groups().team(&group).get().await.unwrap().fun_settings.unwrap();
    assert_eq!(fun.allow_giphy, Some(false), "what was asked for came along");

    let beta = builder(&sim, "ada").version(ApiVersion::Beta).build().unwrap();
    let foreign = beta.groups().resume_team(saved.clone()).unwrap_err();
    assert!(foreign.to_string().contains("cloud and version"), "{foreign}");
    for (other, reason) in [(r#"{"version":2}"#, "update graph-facade"), ("{}", "no saved making of a team")]
    {
        let error = other.parse::<SavedTeamSetup>().unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_ahead_holds_nobody_up() {
    let (sim, client, group) = slow(0);
    let saved = client
        .groups()
        .team(&group)
        .set_up(Team::default())
        .unwrap()
        .group_created_at(SystemTime::UNIX_EPOCH);
    let saved = saved.save().to_string().replace("\"secs_since_epoch\":17", "\"secs_since_epoch\":97");
    client.groups().resume_team(saved.parse().unwrap()).unwrap().wait().await.unwrap();
    assert_eq!(asked(&sim), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_group_without_an_owner_is_not_waited_for() {
    let sim = Sim::builder().user("ada").group("Nobody's", [""; 0]).team_after(seconds(60)).build();
    let client = client(&sim, "ada");
    let team = client.groups().team(sim.group_id("Nobody's").unwrap());
    let refused = team.set_up(Team::default()).unwrap().wait().await.unwrap_err();
    assert!(refused.to_string().contains("the group has no owner"), "{refused}");
    assert_eq!((asked(&sim), sim.elapsed()), (vec![0, 10, 20, 30], seconds(30)));
    pass(seconds(30)).await;
    let refused = team.create(Team::default()).await.unwrap_err();
    assert!(refused.is_ownerless() && !refused.is_last_owner(), "{refused}");
    assert!(refused.to_string().contains("add an owner to the group"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_second_team() {
    let lost = Fault::lose_connection(CREATE).times(1);
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).fault(lost).build();
    let client = client(&sim, "ada");
    let team = client.groups().team(sim.group_id("Pilots").unwrap());
    let policy = TeamSetupPolicy::default().retries(0).pause(seconds(1));
    let made = team.set_up(Team::default()).unwrap().with_policy(policy).wait().await.unwrap();
    assert_eq!(made.display_name.as_deref(), Some("Pilots"));
    assert_eq!(arrivals(&sim, CREATE).len(), 2, "the pipeline asked again, and was told that there is one");
}
