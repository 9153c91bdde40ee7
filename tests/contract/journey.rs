//! The product's main job, from beginning to end.

use futures_util::TryStreamExt as _;
use graph_facade::models::{Community, CommunityPatch, DirectoryObject};
use graph_facade::{Added, Client, Members, Removed, Update};
use graph_sim::Sim;

use crate::support::{assert_clean, client, pass, pilots, seconds};

async fn names(people: &Members) -> Vec<String> {
    let name = |person| match person {
        DirectoryObject::User(user) => user.display_name.unwrap_or_default(),
        other => panic!("no user: {other:?}"),
    };
    people.list().items().map_ok(name).try_collect().await.unwrap()
}

async fn create(client: &Client, owner: &str) -> Community {
    let mut accepted = client.communities().create(pilots().owner(owner)).await.unwrap();
    pass(seconds(31)).await;
    let Update::Pending(report) = accepted.poll().await.unwrap() else { panic!("too soon") };
    assert_eq!(report.status.unwrap().as_str(), "running");
    accepted.wait().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_community_is_created_peopled_changed_and_deleted() {
    let sim = Sim::builder().user("ada").user("grace").user("lin").build();
    let [ada, grace, lin] = ["ada", "grace", "lin"].map(|name| sim.user_id(name));
    let client = client(&sim, "ada");

    let community = create(&client, &ada).await;
    assert_eq!(community.display_name.as_deref(), Some("Pilots"));
    assert_eq!(community.id, sim.community_id("Pilots"));

    let group = client.communities().group(&community).await.unwrap();
    assert_eq!((&group.id, &community.group_id), (&sim.group_id("Pilots"), &sim.group_id("Pilots")));
    let (members, owners) = (client.groups().members(&group), client.groups().owners(&group));

    assert_eq!(members.add(&lin).await.unwrap(), Added::Now);
    assert_eq!(owners.add(&grace).await.unwrap(), Added::Now);
    assert_eq!(
        (names(&members).await, names(&owners).await),
        (vec!["Ada".into(), "Lin".into()], { vec!["Ada".to_owned(), "Grace".to_owned()] })
    );

    assert_eq!(owners.remove(&ada).await.unwrap(), Removed::Now);
    let refused = owners.remove(&grace).await.unwrap_err();
    assert!(refused.is_last_owner(), "{refused}");
    assert!(refused.to_string().ends_with("; add another owner first"), "{refused}");
    assert_eq!(members.remove(&lin).await.unwrap(), Removed::Now);
    let admins: Vec<_> = client.communities().owners(&community).items().try_collect().await.unwrap();
    assert_eq!(admins.into_iter().map(|admin| admin.id.unwrap()).collect::<Vec<_>>(), [grace]);

    let change = CommunityPatch::new().description("Flight deck and cabin");
    client.communities().update(&community, change).await.unwrap();
    let changed = client.communities().get(&community).await.unwrap();
    assert_eq!(changed.description.as_deref(), Some("Flight deck and cabin"));
    assert_eq!(changed.display_name, community.display_name, "what is not set stays");

    client.communities().delete(&community).await.unwrap();
    assert!(client.communities().get(&community).await.unwrap_err().is_not_found());
    assert!(client.groups().get(&group).await.unwrap_err().is_not_found(), "its group goes with it");

    insta::assert_snapshot!(sim.journal());
    assert_clean(&sim);
}
