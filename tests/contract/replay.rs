//! Recorded traffic of the facade, redacted and played again.

use futures_util::TryStreamExt as _;
use graph_facade::models::{CommunityPatch, DirectoryObject};
use graph_facade::{Client, Clock, Error, NoRetry, StaticToken, field};
use graph_sim::{Har, Sim};

use crate::support::{assert_clean, client, pilots};

fn network() -> Sim {
    Sim::builder().user("ada").user("grace").group("Café & Bar", ["ada"]).build()
}

/// A bit of everything: an operation, principal names in paths and bodies, filters on names, lists of people, an envelope.
async fn journey(client: &Client, group: &str) -> Result<Vec<String>, Error> {
    let new = pilots().owner("grace@contoso.example");
    let community = client.communities().create(new).await?.wait().await?;
    client.communities().update(&community, CommunityPatch::new().description("Flight deck")).await?;
    let user = client.users().get("grace@contoso.example").await?;
    let grace = user.id.unwrap_or_default();
    let members = client.groups().members(group);
    members.add(&grace).await?;
    let people: Vec<DirectoryObject> =
        members.list().filter(field("displayName").eq("Grace")).items().try_collect().await?;
    assert_eq!(people.len(), 1);
    let people: Vec<_> = members.list().top(1).items().try_collect().await?;
    let mut seen: Vec<String> = people.iter().map(|person| format!("{person:?}")).collect();
    seen.extend([grace, community.display_name.unwrap_or_default()]);
    Ok(seen)
}

fn replaying(har: &Har, sim: &Sim) -> (Client, graph_sim::Replay) {
    let replay = har.replay();
    let builder = Client::builder().credential(StaticToken::new("any")).retry(NoRetry);
    let client = builder.transport(replay.clone()).clock(Clock::starting_at(sim.now())).build().unwrap();
    (client, replay)
}

#[tokio::test(start_paused = true)]
async fn a_redacted_recording_plays_again() {
    let sim = network();
    let (group, grace) = (sim.group_id("Café & Bar").unwrap(), sim.user_id("grace"));
    let seen = journey(&client(&sim, "ada"), &group).await.unwrap();
    assert_clean(&sim);
    assert!(seen.contains(&grace), "{seen:?}");
    assert!(seen[0].contains("ada@contoso.example"), "{seen:?}");

    let text = sim.journal().to_har().to_string();
    for gone in ["contoso", "Grace", "Ada", "Pilots", "Flight deck", &group, &grace] {
        assert!(!text.contains(gone), "{gone} is still in\n{text}");
    }
    let (client, replay) = replaying(&Har::parse(&text).unwrap(), &sim);
    let again = journey(&client, &group).await.unwrap();
    replay.finish().unwrap();
    assert_eq!(again.len(), seen.len());
    assert!(again.last().unwrap().starts_with("redacted-"), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_departs_is_stopped_there() {
    let sim = network();
    client(&sim, "ada").groups().list().top(5).await.unwrap();
    let (client, replay) = replaying(&sim.journal().to_har(), &sim);
    let error = client.users().get("ada@contoso.example").await.unwrap_err();
    let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    assert!(causes.iter().any(|cause| cause.contains("departs from the recording")), "{causes:?}");
    insta::assert_snapshot!(replay.finish().unwrap_err(), @r"
    request 1 departs from the recording: the path is another
    --- recorded
    GET /v1.0/groups?%24top=5
    --- came
    GET /v1.0/users/ada@contoso.example
    ");
}
