//! Deleted groups, and how they come back.

use futures_util::TryStreamExt as _;
use graph_facade::models::DirectoryObject;
use graph_facade::{Change, unified_group};

use super::Stage;
use crate::support::{assert_clean, pass, seconds};

const DAY: u64 = 24 * 60 * 60;

pub(super) async fn all(stage: Stage) {
    let (groups, deleted, pilots) = (stage.client.groups(), stage.client.deleted_items(), stage.pilots());
    groups.members(&pilots).add(stage.sim.user_id("grace")).await.unwrap();
    assert_eq!(deleted.groups().await.unwrap().items, []);
    groups.delete(&pilots).await.unwrap();
    assert!(groups.get(&pilots).await.unwrap_err().is_not_found());
    assert!(groups.delete(&pilots).await.unwrap_err().is_not_found());

    let list = deleted.groups().await.unwrap().items;
    assert_eq!(list[0].id.as_ref(), Some(&pilots));
    assert!(list[0].deleted_date_time.is_some());
    let DirectoryObject::Group(group) = deleted.get(&pilots).await.unwrap() else { panic!("not a group") };
    assert_eq!(group.display_name.as_deref(), Some("Pilots"));

    assert_eq!(deleted.restore(&pilots).await.unwrap().id(), Some(&*pilots));
    assert!(deleted.restore(&pilots).await.unwrap_err().is_not_found());
    assert_eq!(groups.members(&pilots).list().await.unwrap().items.len(), 2, "as it was");
    assert_eq!(deleted.groups().await.unwrap().items, []);

    groups.delete(&pilots).await.unwrap();
    deleted.purge(&pilots).await.unwrap();
    assert!(deleted.purge(&pilots).await.unwrap_err().is_not_found());
    assert!(deleted.restore(&pilots).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_gone_for_good_after_thirty_days() {
    let stage = Stage::new();
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    groups.delete(&pilots).await.unwrap();
    pass(seconds(29 * DAY)).await;
    // The old token has expired.
    let client = crate::support::client(&stage.sim, "ada");
    assert!(client.deleted_items().get(&pilots).await.is_ok(), "not yet");
    pass(seconds(2 * DAY)).await;
    let client = crate::support::client(&stage.sim, "ada");
    assert!(client.deleted_items().get(&pilots).await.unwrap_err().is_not_found());
    assert!(client.deleted_items().restore(&pilots).await.unwrap_err().is_not_found());
    assert_clean(&stage.sim);
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_nickname_was_given_away_stays_deleted() {
    let stage = Stage::new();
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    groups.delete(&pilots).await.unwrap();
    groups.create(unified_group("New pilots", "pilots1")).await.unwrap();
    let refused = stage.client.deleted_items().restore(&pilots).await.unwrap_err();
    assert_eq!(refused.details()[0].target.as_deref(), Some("mailNickname"), "{refused}");
    assert_clean(&stage.sim);
}

#[tokio::test(start_paused = true)]
async fn changes_tell_that_a_group_can_be_restored() {
    let stage = Stage::new();
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    let token = groups.delta().pages().try_collect::<Vec<_>>().await.unwrap().remove(0).token;
    groups.delete(&pilots).await.unwrap();
    let changes: Vec<_> = groups.delta().resume(token).changes().try_collect().await.unwrap();
    assert!(
        matches!(&changes[..], [Change::Removed { id, reason, .. }]
        if *id == pilots && format!("{reason:?}").contains("Changed")),
        "{changes:?}"
    );
    assert_clean(&stage.sim);
}
