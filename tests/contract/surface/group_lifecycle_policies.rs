//! The policies for the expiry of groups.

use graph_facade::models::{GroupLifecyclePolicyPatch, NewGroupLifecyclePolicy};

use super::Stage;

pub(super) async fn all(stage: Stage) {
    let (policies, pilots) = (stage.client.group_lifecycle_policies(), stage.pilots());
    assert_eq!(policies.list().await.unwrap().items, []);

    let policy = policies.create(NewGroupLifecyclePolicy::new(180, "Selected")).await.unwrap();
    let second = policies.create(NewGroupLifecyclePolicy::new(180, "All")).await.unwrap_err();
    assert!(second.to_string().contains("one at most"), "{second}");

    assert!(policies.add_group(&policy, &pilots).await.unwrap());
    let applying = policies.list_of_group(&pilots).await.unwrap().items;
    assert_eq!(applying[0].id, policy.id);
    assert!(policies.remove_group(&policy, &pilots).await.unwrap());
    assert!(!policies.remove_group(&policy, &pilots).await.unwrap(), "it was under no policy any more");
    assert_eq!(policies.list_of_group(&pilots).await.unwrap().items, []);
    assert!(policies.add_group(&policy, "no-group").await.unwrap_err().is_not_found());

    let change =
        GroupLifecyclePolicyPatch::new().group_lifetime_in_days(90).clear_alternate_notification_emails();
    let changed = policies.update(&policy, change).await.unwrap();
    assert_eq!(changed.group_lifetime_in_days, Some(90));
    assert_eq!(policies.get(&policy).await.unwrap(), changed);

    policies.delete(&policy).await.unwrap();
    assert!(policies.get(&policy).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn what_the_service_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let policies = stage.client.group_lifecycle_policies();
    for (refused, named) in [
        (
            policies.create(NewGroupLifecyclePolicy::new(29, "All")).await.unwrap_err(),
            "`groupLifetimeInDays` is 29",
        ),
        (
            policies.create(NewGroupLifecyclePolicy::new(30, "Some")).await.unwrap_err(),
            "`All`, `Selected`, `None`",
        ),
        (policies.update("1", GroupLifecyclePolicyPatch::new()).await.unwrap_err(), "changes nothing"),
        (policies.add_group("1", "").await.unwrap_err(), "id is empty"),
    ] {
        assert!(refused.to_string().contains(named), "{refused}");
    }
    assert_eq!(stage.sim.journal().entries().len(), 0);
}
