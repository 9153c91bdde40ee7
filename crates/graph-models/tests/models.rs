//! What goes in comes out: the models against the wire.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use graph_models::models::{
    Community, CommunityPatch, CommunityPrivacy, DirectoryObject, Group, LearningAssignment, NewCommunity,
    NewEngagementRoleMember, PlannerTask,
};
use graph_models::{
    Collection, Extra, Field, GraphDateTime, Id, Identify, Inspect, InvalidId, Key, OpenMap, Reference,
};
use proptest::prelude::*;
use serde::Deserialize as _;
use serde_json::{Value, json};

fn read(json: &Value) -> Community {
    serde_json::from_str(&json.to_string()).unwrap()
}

fn written(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn an_unknown_member_keeps_its_text_and_is_written_back() {
    let community = read(&json!({ "privacy": "membersOnly" }));
    let privacy = community.privacy.as_ref().unwrap();
    assert!(privacy.is_unknown());
    assert_eq!(privacy.as_str(), "membersOnly");
    assert_eq!(written(&community), json!({ "privacy": "membersOnly" }));
}

/// What is unknown in a value, line by line.
fn unknown(value: &impl Inspect) -> Vec<String> {
    let mut lines = Vec::new();
    value.inspect("", &mut |it| {
        lines.push(format!("{} {} {} at {:?}", it.kind.as_str(), it.type_name, it.name, it.place));
    });
    lines
}

#[test]
fn what_is_unknown_is_found_however_deep_it_stands() {
    let community = read(&json!({
        "privacy": "membersOnly",
        "theme": "dark",
        "group": {
            "owners": [
                {"@odata.type": "#microsoft.graph.user", "shoeSize": 43},
                {"@odata.type": "#microsoft.graph.robot", "id": "r2"},
            ],
            "assignedLabels": [{"colour": "red"}],
        },
    }));
    let expected = [
        "property AssignedLabel colour at \"Group.assignedLabels\"",
        "property User shoeSize at \"Group.owners\"",
        "type DirectoryObject #microsoft.graph.robot at \"Group.owners\"",
        "member CommunityPrivacy membersOnly at \"Community.privacy\"",
        "property Community theme at \"\"",
    ];
    assert_eq!(unknown(&Some(vec![community])), expected);
}

#[test]
fn what_is_known_by_nature_is_not_unknown() {
    let group: Group = serde_json::from_value(json!({
        "@odata.context": "…",
        "@odata.etag": "…",
        "members@delta": [],
        "extension_0123456789abcdef_badge": "7",
        "owners": [{"id": "without a type"}],
        "licenseProcessingState": null,
    }))
    .unwrap();
    assert_eq!(unknown(&group), [""; 0]);
    assert_eq!(unknown(&read(&json!({ "privacy": "unknownFutureValue" }))), [""; 0]);

    let task: PlannerTask = serde_json::from_value(json!({
        "assignments": {"ada": {"orderHint": "x"}, "ada@odata.type": "…"},
        "appliedCategories": {"category1": true, "category1@odata.type": "…"},
        "mood": "well",
    }))
    .unwrap();
    assert_eq!(
        unknown(&task),
        ["property PlannerTask mood at \"\""],
        "people name the entries of open types"
    );
}

#[test]
fn a_property_with_two_spellings_is_read_by_either_and_written_by_one() {
    for spelling in ["externalcourseActivityId", "externalCourseActivityId"] {
        for value in [json!("a1"), Value::Null] {
            let json = json!({ spelling: value }).to_string();
            let assignment: LearningAssignment = serde_json::from_str(&json).unwrap();
            assert_eq!(assignment.externalcourse_activity_id.as_deref(), value.as_str());
            assert_eq!(written(&assignment), json!({ "externalcourseActivityId": value }));
        }
    }
}

#[test]
fn a_role_is_given_by_reference_alone() {
    let member = NewEngagementRoleMember::new("https://graph.microsoft.com/v1.0/users/u1");
    assert_eq!(written(&member), json!({ "user@odata.bind": "https://graph.microsoft.com/v1.0/users/u1" }));
}

#[test]
fn every_known_member_has_its_own_variant() {
    for member in CommunityPrivacy::KNOWN {
        assert_eq!(CommunityPrivacy::from(member.as_str()), *member);
        assert!(!member.is_unknown());
    }
    assert_eq!(CommunityPrivacy::from("public"), CommunityPrivacy::Public);
    assert!(CommunityPrivacy::from("Public").is_unknown(), "members are told apart by their exact text");
}

#[test]
fn the_sentinel_is_read_but_never_sent() {
    let community = read(&json!({ "privacy": "unknownFutureValue" }));
    assert!(community.privacy.as_ref().unwrap().is_unknown());
    let refused = serde_json::to_string(&community).unwrap_err().to_string();
    assert!(refused.contains("`unknownFutureValue`") && refused.contains("Set a known member"), "{refused}");
}

#[test]
fn unknown_properties_survive_in_their_order_and_to_the_digit() {
    let text = r#"{"displayName":"Pilots","zeta":1.10,"@odata.context":"c","alpha":{"b":[1,null]},"big":12345678901234567890123}"#;
    let community: Community = serde_json::from_str(text).unwrap();
    assert_eq!(community.extra.get("zeta"), Some("1.10"));
    assert_eq!(
        community.extra.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["zeta", "@odata.context", "alpha", "big"]
    );
    assert_eq!(serde_json::to_string(&community).unwrap(), text);
}

#[test]
fn an_explicit_null_is_written_back_and_an_absent_property_is_not() {
    let community = read(&json!({ "description": null, "displayName": "Pilots" }));
    assert_eq!(community.description, None);
    assert_eq!(written(&community), json!({ "description": null, "displayName": "Pilots" }));
    assert_eq!(community, read(&json!({ "displayName": "Pilots" })), "both read as nothing");
}

#[test]
fn a_property_of_another_type_is_named_in_the_error() {
    let error = serde_json::from_str::<Group>(r#"{"mailEnabled":"yes"}"#).unwrap_err().to_string();
    assert!(error.starts_with("Group.mailEnabled: invalid type"), "{error}");
}

#[test]
fn a_date_is_kept_as_it_came_whatever_it_says() {
    let cases = [
        ("2024-05-02T08:00:00.123456-07:00", Some("2024-05-02 15:00:00.123456 +00:00:00")),
        ("2024-05-02T08:00:00.1234567Z", Some("2024-05-02 8:00:00.1234567 +00:00:00")),
        ("2024-02-08T12:07:31", Some("2024-02-08 12:07:31.0 +00:00:00")),
        ("2018-01-01T00:00:00.5", Some("2018-01-01 0:00:00.5 +00:00:00")),
        ("soon", None),
        ("", None),
    ];
    for (text, utc) in cases {
        let date: GraphDateTime = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(written(&date), json!(text));
        assert_eq!(date.to_utc().ok().map(|utc| utc.to_string()).as_deref(), utc, "{text}");
    }
}

#[test]
fn a_member_is_what_its_type_says_and_others_are_kept_whole() {
    let page = json!({ "value": [
        { "@odata.type": "#microsoft.graph.user", "id": "u", "displayName": "Ada" },
        { "@odata.type": "#microsoft.graph.group", "id": "g" },
        { "@odata.type": "#microsoft.graph.device", "id": "d", "model": "X" },
        { "id": "untyped" },
    ]});
    let page: Collection<DirectoryObject> = serde_json::from_str(&page.to_string()).unwrap();
    let [user, group, device, untyped] = page.value.as_slice() else { panic!("{page:?}") };
    assert!(matches!(user, DirectoryObject::User(user) if user.display_name.as_deref() == Some("Ada")));
    assert!(matches!(group, DirectoryObject::Group(_)));
    let DirectoryObject::Other(other) = device else { panic!("{device:?}") };
    assert_eq!(other.odata_type(), Some("#microsoft.graph.device"));
    assert_eq!(written(device)["model"], "X");
    assert_eq!([user.id(), device.id(), untyped.id()], [Some("u"), Some("d"), Some("untyped")]);
}

#[test]
fn a_type_is_the_same_with_and_without_its_sign() {
    for (name, is_user) in [
        ("#microsoft.graph.user", true),
        ("microsoft.graph.user", true),
        ("##microsoft.graph.user", false),
        ("graph.user", false),
    ] {
        let read: DirectoryObject =
            serde_json::from_value(json!({ "@odata.type": name, "id": "u" })).unwrap();
        assert_eq!(matches!(read, DirectoryObject::User(_)), is_user, "{name}");
    }
}

#[test]
fn a_page_may_be_null_or_empty_and_have_a_successor() {
    let page: Collection<Community> =
        serde_json::from_str(r#"{"value":null,"@odata.nextLink":"https://x/y","@odata.count":7}"#).unwrap();
    assert_eq!((page.value.len(), page.count, page.next_link.as_deref()), (0, Some(7), Some("https://x/y")));
}

#[test]
fn what_is_created_has_its_references_made_absolute() {
    let mut new = NewCommunity::new("Pilots", "Flight deck", CommunityPrivacy::Private).owner("a/b");
    let unresolved = serde_json::to_string(&new).unwrap_err().to_string();
    assert!(unresolved.contains("users/a/b has no root"), "{unresolved}");
    new.resolve("https://graph.microsoft.com/v1.0");
    assert_eq!(
        written(&new),
        json!({
            "displayName": "Pilots", "description": "Flight deck", "privacy": "private",
            "owners@odata.bind": ["https://graph.microsoft.com/v1.0/users/a%2Fb"],
        })
    );
}

#[test]
fn a_reference_to_nobody_is_never_sent() {
    let mut reference = Reference::new("users", "..");
    reference.resolve("https://graph.microsoft.com/v1.0");
    let refused = serde_json::to_string(&reference).unwrap_err().to_string();
    assert!(refused.contains("`..` is a step in a path"), "{refused}");
}

#[test]
fn a_patch_sends_what_was_set_and_nothing_else() {
    assert!(CommunityPatch::new().is_empty());
    assert_eq!(written(&CommunityPatch::new()), json!({}));
    let patch = CommunityPatch::new().display_name("Aviators");
    assert!(!patch.is_empty());
    assert_eq!(written(&patch), json!({ "displayName": "Aviators" }));
}

#[test]
fn the_difference_of_two_readings_is_the_smallest_patch() {
    let before = read(&json!({ "displayName": "Pilots", "description": "Flight deck", "groupId": "g" }));
    let mut after = before.clone();
    assert!(CommunityPatch::between(&before, &after).is_empty());
    after.display_name = Some("Aviators".to_owned());
    after.description = None;
    after.group_id = Some("another".to_owned());
    assert_eq!(written(&CommunityPatch::between(&before, &after)), json!({ "displayName": "Aviators" }));
}

#[test]
fn what_may_be_cleared_is_cleared() {
    let cases = [
        (Some(1), Some(1), Field::Keep),
        (None, None, Field::Keep),
        (Some(1), None, Field::Clear),
        (Some(1), Some(2), Field::Set(2)),
        (None, Some(2), Field::Set(2)),
    ];
    for (before, after, change) in cases {
        assert_eq!(Field::between(before.as_ref(), after.as_ref()), change);
    }
}

struct NotePatch {
    note: Field<&'static str>,
    extra: Extra,
}

graph_runtime::view! { NotePatch { patch note: "note", } }

#[test]
fn a_field_is_kept_cleared_or_set() {
    let cases = [
        (Field::Keep, json!({})),
        (Field::Clear, json!({ "note": null })),
        (Field::Set("x"), json!({ "note": "x" })),
    ];
    for (note, expected) in cases {
        assert_eq!(written(&NotePatch { note, extra: Extra::default() }), expected);
    }
}

#[test]
fn ids_that_a_path_would_swallow_are_none() {
    assert_eq!(Id::new(""), Err(InvalidId::Empty));
    for step in [".", ".."] {
        assert_eq!(Id::new(step), Err(InvalidId::PathStep(step.into())));
    }
    for word in [
        "delta",
        "Delta",
        "delta()",
        "getByIds",
        "$count",
        "$COUNT",
        "$batch",
        "$ref",
        "graph.user",
        "microsoft.graph.delta()",
    ] {
        assert_eq!(Id::new(word), Err(InvalidId::Reserved(word.into())), "{word}");
    }
    for id in [
        "...",
        "deltas",
        "graph.user@example.com",
        "graph.example.com,1,2",
        "microsoft.graph.x@example.com",
        "root",
        "a$b",
    ] {
        assert_eq!(Id::new(id).unwrap().as_str(), id);
    }
    assert_eq!(Group::default().identify(), Err(InvalidId::Missing("Group")));
}

#[test]
fn keys_double_their_quotes_and_are_then_encoded() {
    let cases = [
        ("O'Brien/1", "O''Brien%2F1"),
        ("a+b & 100%", "a+b%20&%20100%25"),
        ("a\\..\\b", "a%5C..%5Cb"),
        ("Straße#?", "Stra%C3%9Fe%23%3F"),
        ("''", "''''"),
        ("", ""),
    ];
    for (key, encoded) in cases {
        assert_eq!(graph_runtime::encode_path(Key::new(key)).to_string(), encoded, "{key}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn reading_and_writing_loses_nothing(
        name in prop::option::of("\\PC*"),
        privacy in prop::option::of("[a-z]{0,8}"),
        unknown in prop::collection::btree_map("x(\\PC|[\"\\\\\n\u{0}]){0,6}", any_json(), 0..20),
    ) {
        let mut object = json!(unknown);
        object["displayName"] = json!(name);
        object["privacy"] = json!(privacy);
        let text = object.to_string();
        let community: Community = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(community.extra.len(), unknown.len());
        for (name, value) in &unknown {
            let kept = community.extra.get(name).map(ToOwned::to_owned);
            prop_assert_eq!(kept, Some(value.to_string()));
        }
        let again: Community = serde_json::from_str(&serde_json::to_string(&community).unwrap()).unwrap();
        prop_assert_eq!(&again, &community);
        prop_assert_eq!(written(&community), object.clone());
        // However it is read.
        prop_assert_eq!(&serde_json::from_slice::<Community>(text.as_bytes()).unwrap(), &community);
        prop_assert_eq!(&serde_json::from_reader::<_, Community>(text.as_bytes()).unwrap(), &community);
        prop_assert_eq!(&serde_json::from_value::<Community>(object.clone()).unwrap(), &community);
        prop_assert_eq!(&Community::deserialize(&object).unwrap(), &community);
    }
}

#[test]
fn a_name_that_comes_twice_is_written_twice() {
    let text = r#"{"displayName":"Pilots","x":1,"x":[ 2 ],"":{}}"#;
    let community: Community = serde_json::from_str(text).unwrap();
    assert_eq!(community.extra.iter().collect::<Vec<_>>(), [("x", "1"), ("x", "[ 2 ]"), ("", "{}")]);
    assert_eq!(serde_json::to_string(&community).unwrap(), text);
}

#[test]
fn a_map_keeps_its_annotations_and_says_null_to_remove_an_entry() {
    let text =
        r##"{"@odata.type":"#microsoft.graph.plannerAppliedCategories","category1":true,"category2":null}"##;
    let mut map: OpenMap<bool> = serde_json::from_str(text).unwrap();
    assert_eq!((map.get("category1"), map.get("category2"), map.entries.len()), (Some(&true), None, 2));
    assert_eq!(written(&map), serde_json::from_str::<Value>(text).unwrap());
    map.remove("category1");
    map.set("category3", false);
    assert_eq!(
        written(&map),
        json!({
            "@odata.type": "#microsoft.graph.plannerAppliedCategories",
            "category1": null, "category2": null, "category3": false,
        })
    );
}
