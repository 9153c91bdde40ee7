use graph_models::models::{GroupSetting, GroupSettingTemplate};
use serde_json::{Value, json};

use super::SettingValues;
use crate::{Error, ErrorKind};

const TEMPLATE: &str = "62375ab9-6b52-47ed-826b-58e47e0e304b";
const GROUP: &str = "b320ee12-b1cd-4cca-b648-a437be61c5cd";

fn template() -> GroupSettingTemplate {
    let value = |name: &str, kind: &str, default: &str| json!({ "name": name, "type": kind, "defaultValue": default });
    let template = json!({ "id": TEMPLATE, "displayName": "Group.Unified", "values": [
        value("AllowToAddGuests", "System.Boolean", "True"),
        value("Limit", "System.Int32", "7"),
        value("AllowedGroup", "System.Guid", ""),
        value("Prefix", "System.String", ""),
        value("Share", "System.Double", "0.5"),
    ]});
    serde_json::from_value(template).unwrap()
}

fn setting(values: &Value) -> GroupSetting {
    serde_json::from_value(json!({ "id": "s1", "templateId": TEMPLATE.to_uppercase(), "values": values }))
        .unwrap()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, kind: ErrorKind, reason: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(reason), "{error}");
}

#[test]
fn values_are_read_by_type() {
    let values =
        json!([{ "name": "AllowToAddGuests", "value": "false" }, { "name": "AllowedGroup", "value": GROUP }]);
    let values = SettingValues::of(&template(), &setting(&values)).unwrap();
    assert!(!values.bool("AllowToAddGuests").unwrap());
    assert_eq!(values.int("Limit").unwrap(), 7, "what the settings leave out is as the template says");
    assert_eq!(values.guid("AllowedGroup").unwrap().unwrap().as_str(), GROUP);
    assert_eq!(values.text("Prefix").unwrap(), "");
    assert_eq!(values.text("Share").unwrap(), "0.5");
    assert_eq!(values.setting().unwrap().as_str(), "s1");
    let defaults = SettingValues::defaults(&template()).unwrap();
    assert!(defaults.bool("AllowToAddGuests").unwrap());
    assert_eq!((defaults.guid("AllowedGroup").unwrap(), defaults.setting()), (None, None));
}

#[test]
fn a_change_sends_all_of_them() {
    let unknown = json!([{ "name": "FromTomorrow", "value": "x" }]);
    let mut values = SettingValues::of(&template(), &setting(&unknown)).unwrap();
    values.set("AllowToAddGuests", false).unwrap().set("Limit", 8).unwrap();
    values
        .set("AllowedGroup", GROUP)
        .unwrap()
        .set("Prefix", "GRP".to_owned())
        .unwrap()
        .set("Share", "0.6")
        .unwrap();
    let sent = serde_json::to_value(values.to_patch()).unwrap();
    let pairs: Vec<_> = sent["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{}={}", it["name"], it["value"]))
        .collect();
    assert_eq!(
        pairs.join(" ").replace('"', ""),
        format!("AllowToAddGuests=false Limit=8 AllowedGroup={GROUP} Prefix=GRP Share=0.6 FromTomorrow=x")
    );
    let new = serde_json::to_value(values.to_new()).unwrap();
    assert_eq!((&new["templateId"], &new["values"]), (&json!(TEMPLATE), &sent["values"]));
}

#[test]
fn what_the_template_does_not_say_is_refused() {
    let mut values = SettingValues::defaults(&template()).unwrap();
    let invalid = ErrorKind::InvalidRequest;
    refused(values.bool("allowToAddGuests"), invalid, "only `AllowToAddGuests`, `Limit`");
    refused(values.bool("Limit"), invalid, "`Limit` is a `System.Int32`, not a `System.Boolean`");
    refused(values.set("Nothing", true).map(drop), invalid, "names no `Nothing`");
    refused(values.set("AllowToAddGuests", "true").map(drop), invalid, "is a `System.Boolean`");
    refused(values.set("AllowToAddGuests", 1).map(drop), invalid, "is a `System.Boolean`");
    refused(values.set("Limit", "8").map(drop), invalid, "is a `System.Int32`");
    refused(values.set("AllowedGroup", "pilots").map(drop), invalid, "is a `System.Guid`");
    assert_eq!(values, SettingValues::defaults(&template()).unwrap());

    let odd = json!([{ "name": "AllowToAddGuests", "value": "maybe" }, { "name": "AllowedGroup", "value": "x" }, { "name": "Limit", "value": "" }]);
    let odd = SettingValues::of(&template(), &setting(&odd)).unwrap();
    refused(odd.bool("AllowToAddGuests"), ErrorKind::Decode, "its value is `maybe`");
    refused(odd.guid("AllowedGroup"), ErrorKind::Decode, "its value is `x`");
    refused(odd.int("Limit"), ErrorKind::Decode, "its value is ``");

    let mut other = setting(&json!([]));
    other.template_id = Some("another".to_owned());
    refused(SettingValues::of(&template(), &other), invalid, "of the template `another`");
    refused(SettingValues::defaults(&GroupSettingTemplate::default()), invalid, "no `id`");
}
