//! The settings of one group, and what their template says of them. Those of the tenant are in `versions`.

use graph_facade::models::GroupSettingPatch;

use super::Stage;

pub(super) async fn all(stage: Stage) {
    let settings = stage.client.groups().settings(stage.pilots());
    let mut values = settings.values("Group.Unified.Guest").await.unwrap();
    assert!(values.bool("AllowToAddGuests").unwrap(), "as the template says");
    values.set("AllowToAddGuests", false).unwrap();
    settings.set_values(&mut values).await.unwrap();

    let mut read = settings.values("group.unified.guest").await.unwrap();
    assert_eq!(read, values, "what is set is read");
    assert!(!read.bool("AllowToAddGuests").unwrap());
    read.set("AllowToAddGuests", true).unwrap();
    settings.set_values(&mut read).await.unwrap();

    let one = settings.list().await.unwrap().items.remove(0);
    assert_eq!(settings.get(&one).await.unwrap().values, one.values);
    assert_eq!(one.values.as_ref().unwrap()[0].value.as_deref(), Some("true"));
    assert_eq!(stage.client.group_settings().list().await.unwrap().items, [], "the tenant has none");
    settings.delete(&one).await.unwrap();
    assert!(settings.get(&one).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_is_refused() {
    let stage = Stage::new();
    let settings = stage.client.groups().settings(stage.pilots());
    let unknown = settings.values("Group.Unifed").await.unwrap_err();
    assert!(unknown.to_string().contains("only `Group.Unified`, `Group.Unified.Guest`, "), "{unknown}");
    let mut of_tenant = settings.values("Group.Unified").await.unwrap();
    let refused = settings.set_values(&mut of_tenant).await.unwrap_err();
    assert!(refused.to_string().contains("for the tenant"), "{refused}");
    let sent = stage.sim.journal().entries().len();
    let refused = settings.update("s", GroupSettingPatch::new()).await.unwrap_err();
    assert!(refused.to_string().contains("`values` is empty"), "{refused}");
    assert_eq!(stage.sim.journal().entries().len(), sent);
}
