//! Both versions of the API: what differs between them is the client's affair, not the caller's.

use futures_util::TryStreamExt as _;
use graph_facade::graph_models::Extra;
use graph_facade::models::{
    GroupSetting, GroupSettingPatch, GroupSettingTemplate, NewGroupSetting, SettingValue,
};
use graph_facade::{ApiVersion, Client, Cloud, ErrorKind};
use graph_sim::Sim;

use crate::capture::taped_by;
use crate::support::{assert_clean, builder};

/// A value for everything that a template names.
pub(crate) fn defaults(template: &GroupSettingTemplate) -> Vec<SettingValue> {
    let values = template.values.iter().flatten().map(|named| {
        let mut value = SettingValue::default();
        value.name.clone_from(&named.name);
        value.value.clone_from(&named.default_value);
        value
    });
    values.collect()
}

/// Everything that can be done with settings, one after the other; gives what was made.
pub(crate) async fn call_settings(client: &Client) -> GroupSetting {
    let settings = client.group_settings();
    let templates = settings.templates().await.unwrap().items;
    let template = settings.template(&templates[1]).select(["id", "values"]).await.unwrap();
    let id = template.id.clone().unwrap();
    let made = settings.create(NewGroupSetting::new(id, defaults(&template))).await.unwrap();
    assert_eq!(settings.list().await.unwrap().items, [settings.get(&made).await.map(bare).unwrap()]);
    let mut values = defaults(&template);
    values[0].value = Some("false".to_owned());
    settings.update(&made, GroupSettingPatch::new().values(values.clone())).await.unwrap();
    assert_eq!(settings.get(&made).select(["values"]).await.unwrap().values, Some(values));
    settings.delete(&made).await.unwrap();
    assert!(settings.list().await.unwrap().items.is_empty());
    made
}

/// Without the annotation that an object has only when it is alone.
fn bare(mut setting: GroupSetting) -> GroupSetting {
    assert!(setting.extra.iter().all(|(name, _)| name == "@odata.context"));
    setting.extra = Extra::default();
    setting
}

#[tokio::test(start_paused = true)]
async fn a_client_of_either_version_does_the_same_with_settings() {
    let mut made = Vec::new();
    for version in [ApiVersion::V1, ApiVersion::Beta] {
        let sim = Sim::builder().user("ada").build();
        made.push(bare(call_settings(&builder(&sim, "ada").version(version).build().unwrap()).await));
        assert_clean(&sim);
    }
    assert_eq!(made[0], made[1]);
}

#[tokio::test(start_paused = true)]
async fn settings_on_the_wire_of_beta() {
    let sim = Sim::builder().user("ada").build();
    let (client, tape) = taped_by(&sim, builder(&sim, "ada").version(ApiVersion::Beta));
    call_settings(&client).await;
    let sent = tape.each(|sent| {
        let (method, uri) = (sent.request.method(), sent.request.uri());
        format!("{method} {uri} {}", std::str::from_utf8(sent.request.body()).unwrap())
    });
    insta::assert_snapshot!(sent.join("\n"));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn pages_of_beta_stay_in_beta() {
    let sim = Sim::builder().user("ada").page_size(1).build();
    let client = builder(&sim, "ada").version(ApiVersion::Beta).build().unwrap();
    let templates: Vec<_> = client.group_settings().templates().items().try_collect().await.unwrap();
    assert_eq!(templates.len(), 3);
    let journal = sim.journal();
    let paths: Vec<_> = journal.entries().iter().map(|entry| entry.path.split('?').next().unwrap()).collect();
    assert_eq!(paths, ["/beta/directorySettingTemplates"; 3]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_id_is_carried_over_as_it_is() {
    let sim = Sim::builder().user("ada").build();
    let client = builder(&sim, "ada").version(ApiVersion::Beta).build().unwrap();
    let error = client.group_settings().get("a/b {c}?#%'").await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
    let journal = sim.journal();
    let entry = &journal.entries()[0];
    assert_eq!(entry.operation.as_deref(), Some("group_settings.get"));
    assert!(error.message().contains("'a/b {c}?#%''"), "{error}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_community_is_made_in_beta_as_in_v1() {
    let sim = Sim::builder().user("ada").build();
    let client = builder(&sim, "ada").version(ApiVersion::Beta).build().unwrap();
    let made = client.communities().create(crate::support::pilots()).await.unwrap().wait().await.unwrap();
    assert_eq!(made.display_name.as_deref(), Some("Pilots"));
    let journal = sim.journal();
    assert!(journal.entries().iter().all(|entry| entry.path.starts_with("/beta/")), "{journal}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_a_cloud_lacks_is_refused_unsent_and_what_it_has_is_not() {
    let sim = Sim::builder().user("ada").root("https://graph.microsoft.us").build();
    let client = builder(&sim, "ada").cloud(Cloud::UsGov).version(ApiVersion::Beta).build().unwrap();
    let error = client.communities().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
    assert!(
        error.message().contains("US Government L4 does not offer this; the global cloud does"),
        "{error}"
    );
    assert_eq!(sim.journal().to_string(), "");
    client.group_settings().list().await.unwrap();
    assert_clean(&sim);
}
