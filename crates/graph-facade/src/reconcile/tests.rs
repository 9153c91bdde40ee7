use std::collections::BTreeSet;

use graph_models::Id;
use graph_models::models::{DirectoryObject, Group, User};
use proptest::prelude::*;

use super::plan::Comparison;
use super::{ReconcileCheckpoint, ReconcilePlan};
use crate::Relation;
use crate::testing::Script;

/// The directory's id number `number`.
fn id(number: u8) -> Id {
    Id::new(&format!("0000000a-0000-4000-8000-{number:012x}")).unwrap()
}

fn user(number: u8) -> DirectoryObject {
    let mut user = User::default();
    user.id = Some(id(number).to_string());
    DirectoryObject::User(Box::new(user))
}

fn group(number: u8) -> DirectoryObject {
    let mut group = Group::default();
    group.id = Some(id(number).to_string());
    DirectoryObject::Group(Box::new(group))
}

fn plan(desired: &[Id], present: &[DirectoryObject], keeps_all: bool) -> ReconcilePlan {
    let mut comparison = Comparison::new(desired, keeps_all);
    assert!(present.iter().all(|object| comparison.see(object)));
    comparison.plan(&id(0), Relation::Members)
}

#[test]
fn a_plan_can_be_shown() {
    let desired = [id(1), id(2), id(3)];
    let plan = plan(&desired, &[user(1), user(9), group(7), group(2)], false);
    insta::assert_snapshot!(format!("{plan}\n{plan:#}\n{}", serde_json::to_string_pretty(&plan).unwrap()), @r#"
    members of 0000000a-0000-4000-8000-000000000000: 1 to add, 1 to remove, 2 stay, 1 that are no users are left alone
    members of 0000000a-0000-4000-8000-000000000000: 1 to add, 1 to remove, 2 stay, 1 that are no users are left alone
    + 0000000a-0000-4000-8000-000000000003
    - 0000000a-0000-4000-8000-000000000009
    {
      "group": "0000000a-0000-4000-8000-000000000000",
      "relation": "members",
      "add": [
        "0000000a-0000-4000-8000-000000000003"
      ],
      "remove": [
        "0000000a-0000-4000-8000-000000000009"
      ],
      "unchanged": 2,
      "others": 1
    }
    "#);
    assert_eq!(serde_json::from_str::<ReconcilePlan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
}

proptest! {
    /// Whoever is there, how often they are seen and whatever the list says: carried out, a plan leaves the list, and what was
    /// never to be touched.
    #[test]
    fn a_plan_leads_to_the_list(
        desired in proptest::collection::btree_set(0_u8..40, 0..30),
        seen in proptest::collection::vec((0_u8..40, any::<bool>()), 0..60),
        keeps_all: bool,
    ) {
        let desired_ids: Vec<Id> = desired.iter().copied().map(id).collect();
        // An id belongs to one object.
        let is_user = |number: u8| seen.iter().find(|(other, _)| *other == number).is_some_and(|(_, is)| *is);
        let objects: Vec<_> =
            seen.iter().map(|(number, _)| if is_user(*number) { user(*number) } else { group(*number) }).collect();
        let plan = plan(&desired_ids, &objects, keeps_all);

        let before: BTreeSet<String> = seen.iter().map(|(number, _)| id(*number).to_string()).collect();
        let (add, remove) = (plan.add.iter().cloned(), plan.remove.iter().cloned());
        prop_assert!(add.clone().all(|id| !before.contains(&id)) && remove.clone().all(|id| before.contains(&id)));
        prop_assert_eq!(remove.clone().collect::<BTreeSet<_>>().len(), plan.remove.len(), "each once");
        let mut after = before;
        after.extend(add);
        after.retain(|id| !plan.remove.contains(id));
        let stays = |number: u8| desired.contains(&number) || (seen.iter().any(|(it, _)| *it == number) && (keeps_all || !is_user(number)));
        let expected: BTreeSet<String> = (0..40).filter(|number| stays(*number)).map(|number| id(number).to_string()).collect();
        prop_assert_eq!(after, expected);
    }
}

#[test]
fn ids_are_compared_in_one_spelling() {
    let script = Script::new([]);
    let shouted = id(0xab).to_string().to_uppercase();
    let checkpoint =
        script.client().groups().members("g").reconcile([shouted, id(0xab).to_string()]).checkpoint();
    assert_eq!(checkpoint.unwrap().desired(), [id(0xab).to_string()]);
}

#[test]
fn a_checkpoint_survives_as_text() {
    let script = Script::new([]);
    let task = script.client().groups().owners("g-1").reconcile([id(1)]).removal_limit(3).additions_only();
    let checkpoint = task.checkpoint().unwrap();
    let text = checkpoint.to_string();
    insta::assert_snapshot!(text, @r#"{"version":1,"group":"g-1","relation":"owners","desired":["0000000a-0000-4000-8000-000000000001"],"additions_only":true,"removal_limit":3,"added":0,"removed":0}"#);
    assert_eq!(text.parse::<ReconcileCheckpoint>().unwrap(), checkpoint);
    let resumed = script.client().groups().resume_reconcile(&checkpoint).checkpoint().unwrap();
    assert_eq!(resumed, checkpoint);
    let newer = text.replace("\"version\":1", "\"version\":2").parse::<ReconcileCheckpoint>().unwrap_err();
    assert!(newer.to_string().contains("update graph-facade"), "{newer}");
    assert!("{}".parse::<ReconcileCheckpoint>().is_err());
}

#[tokio::test(start_paused = true)]
async fn lists_that_make_no_sense_are_not_sent() {
    let script = Script::new([]);
    let groups = script.client().groups();
    let many: Vec<Id> = (0..101).map(id).collect();
    for (refused, named) in [
        (
            groups.members("g").reconcile(["ada@contoso.example"]).await.unwrap_err(),
            "`ada@contoso.example` is no id",
        ),
        (groups.members("g").reconcile([""]).await.unwrap_err(), "empty"),
        (groups.members("").reconcile([id(1)]).await.unwrap_err(), "empty"),
        (groups.owners("g").reconcile([""; 0]).await.unwrap_err(), "list one at least"),
        (groups.owners("g").reconcile(&many).await.unwrap_err(), "101 owners"),
    ] {
        assert!(refused.to_string().contains(named) && refused.attempts() == 0, "{refused}");
        assert!(refused.operation().is_some(), "{refused}");
    }
    assert!(groups.owners("g").reconcile([""; 0]).checkpoint().is_err());
    assert_eq!(script.lines(), [""; 0]);
}
