//! Groups: made, read, changed, deleted and restored, and what else they can be told to do.

use graph_facade::models::{AssignedLicense, DirectoryObject, GroupPatch};
use graph_facade::{GroupNames, Identify as _, NameCheck, security_group, unified_group};
use graph_sim::{Fault, Sim};
use serde_json::json;

use super::Stage;
use crate::support::{assert_clean, builder, client, seconds};

pub(super) async fn all(stage: Stage) {
    let (groups, ada) = (stage.client.groups(), stage.sim.user_id("ada"));

    let new = unified_group("Navigators", "navigators").unique_name("nav").visibility("Private").owner(&ada);
    let group = groups.create(new.member(stage.sim.user_id("grace"))).await.unwrap();
    assert_eq!((group.mail_enabled, group.security_enabled), (Some(true), Some(false)));
    assert_eq!(group.mail.as_deref(), Some("navigators@contoso.example"));
    let found = groups.by_unique_name("nav").await.unwrap();
    assert_eq!(found.and_then(|found| found.id), group.id);
    assert_eq!(groups.by_unique_name("O'Brien").await.unwrap(), None);

    let change = GroupPatch::new().display_name("Pathfinders").theme("Teal").allow_external_senders(true);
    groups.update(&group, change.unseen_count(3)).await.unwrap();
    groups.update(&group, GroupPatch::new().clear_theme()).await.unwrap();
    groups.update(&group, GroupPatch::new().hide_from_outlook_clients(true)).await.unwrap();
    let names = ["displayName", "theme", "allowExternalSenders", "unseenCount", "hideFromOutlookClients"];
    let changed = groups.get(&group).select(names).await.unwrap();
    assert_eq!((changed.display_name.as_deref(), changed.theme), (Some("Pathfinders"), None));
    assert_eq!((changed.allow_external_senders, changed.unseen_count), (Some(true), Some(3)));
    assert_eq!(groups.get(&group).await.unwrap().unseen_count, None, "it comes only when asked for");

    groups.add_favorite(&group).await.unwrap();
    assert_eq!(groups.get(&group).select(["isFavorite"]).await.unwrap().is_favorite, Some(true));
    groups.remove_favorite(&group).await.unwrap();
    groups.remove_favorite(&group).await.unwrap();
    groups.renew(&group).await.unwrap();

    names_are_checked(&stage, &group).await;
    groups_in_groups(&stage).await;
    licences(&stage).await;
    groups.delete(&group).await.unwrap();
}

async fn names_are_checked(stage: &Stage, group: &graph_facade::models::Group) {
    let groups = stage.client.groups();
    let (free, taken) =
        (GroupNames::new().mail_nickname("free"), GroupNames::new().mail_nickname("navigators"));
    assert_eq!(groups.validate(free.clone()).await.unwrap(), NameCheck::Valid);
    for outcome in [groups.validate(taken.clone()), groups.validate_in_directory(taken.clone())] {
        let NameCheck::Faulty(faults) = outcome.await.unwrap() else { panic!("the nickname is taken") };
        assert_eq!(faults[0].target.as_deref(), Some("mailNickname"));
        assert_eq!(faults[0].code.as_ref().map(ToString::to_string).as_deref(), Some("PropertyConflict"));
    }
    assert_eq!(groups.validate_in_directory(free.clone()).await.unwrap(), NameCheck::Valid);
    assert_eq!(groups.validate_of_group(group, taken).await.unwrap(), NameCheck::Valid, "it is its own");
    let of_pilots = GroupNames::new().display_name("Pilots").mail_nickname("pilots1");
    let outcome = groups.validate_of_group(group, of_pilots).await.unwrap();
    assert!(matches!(outcome, NameCheck::Faulty(faults) if faults.len() == 1));
}

async fn groups_in_groups(stage: &Stage) {
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    let outer = groups.create(security_group("Everybody", "everybody").member(&pilots)).await.unwrap();
    let all = groups.create(security_group("All", "all")).await.unwrap();
    groups.members(&all).add(&outer).await.unwrap();
    let around = groups.member_groups(&pilots, true).await.unwrap();
    assert_eq!(around, [outer.id.clone().unwrap(), all.id.clone().unwrap()]);
    let checked = groups.check_member_groups(&pilots, [all.identify().unwrap(), "other".identify().unwrap()]);
    assert_eq!(checked.await.unwrap(), [all.id.clone().unwrap()]);

    let inside = groups.transitive_members(&all).await.unwrap().items;
    let kinds = |object: &DirectoryObject| matches!(object, DirectoryObject::Group(_));
    assert_eq!(inside.iter().map(kinds).collect::<Vec<_>>(), [true, true, false]);
    let users = groups.transitive_member_users(&all).await.unwrap().items;
    assert_eq!(users[0].id, Some(stage.sim.user_id("ada")));
    assert_eq!(groups.transitive_members_count(&all).await.unwrap(), 3);
}

async fn licences(stage: &Stage) {
    let groups = stage.client.groups();
    let licensed = groups.create(security_group("Licensed", "licensed")).await.unwrap();
    let sku = "00000009-0000-4000-8000-000000000001";
    let mut licence = AssignedLicense::default();
    licence.sku_id = Some(sku.to_owned());
    licence.disabled_plans = Some(Vec::new());
    groups.assign_license(&licensed, vec![licence.clone()], [""; 0]).await.unwrap();
    let held = groups.get(&licensed).select(["assignedLicenses"]).await.unwrap().assigned_licenses;
    assert_eq!(held, Some(vec![licence]));
    groups.assign_license(&licensed, Vec::new(), [sku]).await.unwrap();
    let absent = groups.assign_license(&licensed, Vec::new(), [sku]).await.unwrap_err();
    assert!(absent.to_string().contains("no licence"), "{absent}");
}

#[tokio::test(start_paused = true)]
async fn what_the_service_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let groups = stage.client.groups();
    let many = (0..21).fold(unified_group("Many", "many"), |group, number| group.owner(format!("u{number}")));
    let dynamic = || unified_group("Rule", "rule").group_types(vec!["DynamicMembership".to_owned()]);
    let mut without_mail = unified_group("Pilots", "p");
    without_mail.mail_enabled = false;
    for (refused, named) in [
        (groups.create(unified_group(" ", "p")).await.unwrap_err(), "`displayName` is empty"),
        (groups.create(unified_group("x".repeat(257), "p")).await.unwrap_err(), "257 characters"),
        (groups.create(unified_group("Pilots", "")).await.unwrap_err(), "`mailNickname` is empty"),
        (groups.create(unified_group("Pilots", "x".repeat(65))).await.unwrap_err(), "65 characters"),
        (groups.create(unified_group("Pilots", "test pilots")).await.unwrap_err(), "the character ' '"),
        (groups.create(unified_group("Pilots", "p@contoso")).await.unwrap_err(), "the character '@'"),
        (groups.create(unified_group("Pilots", "piloten\u{e4}")).await.unwrap_err(), "the character 'ä'"),
        (groups.create(unified_group("Pilots", "p").visibility("Secret")).await.unwrap_err(), "`Secret`"),
        (
            groups.create(security_group("Pilots", "p").visibility("HiddenMembership")).await.unwrap_err(),
            "for Microsoft 365 groups",
        ),
        (groups.create(without_mail).await.unwrap_err(), "`mailEnabled`"),
        (groups.create(dynamic()).await.unwrap_err(), "`mailEnabled`"),
        (groups.create(many).await.unwrap_err(), "`create_with_people`"),
        (groups.update("g", GroupPatch::new()).await.unwrap_err(), "changes nothing"),
        (groups.update("g", GroupPatch::new().clear_display_name()).await.unwrap_err(), "not cleared"),
        (groups.update("g", GroupPatch::new().mail_nickname("a:b")).await.unwrap_err(), "the character ':'"),
        (
            groups.update("g", GroupPatch::new().visibility("HiddenMembership")).await.unwrap_err(),
            "from a group's creation on only",
        ),
        (groups.update("", GroupPatch::new().theme("Teal")).await.unwrap_err(), "id is empty"),
    ] {
        assert!(refused.to_string().contains(named), "{refused}");
    }
    for (refused, named) in [
        (groups.validate(GroupNames::new()).await.unwrap_err(), "no name to check"),
        (groups.validate(GroupNames::new().display_name("x").on_behalf_of("")).await.unwrap_err(), "empty"),
    ] {
        assert!(refused.to_string().contains(named), "{refused}");
    }
    let asked = groups.check_member_groups("g", (0..21).map(|number| number.to_string())).await.unwrap_err();
    assert!(asked.to_string().contains("21 groups"), "{asked}");
    let licences = groups.assign_license("g", Vec::new(), [""; 0]).await.unwrap_err();
    assert!(licences.to_string().contains("no licence"), "{licences}");
    assert_eq!(stage.sim.journal().entries().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_taken_nickname_is_refused_by_name() {
    let sim = Sim::builder().group("Pilots", ["ada"]).group("Crew", ["ada"]).build();
    let groups = client(&sim, "ada").groups();
    let crew = sim.group_id("Crew").unwrap();
    for refused in [
        groups.create(unified_group("Others", "PILOTS1")).await.unwrap_err(),
        groups.update(&crew, GroupPatch::new().mail_nickname("pilots1")).await.unwrap_err(),
    ] {
        assert_eq!(refused.status().map(|status| status.as_u16()), Some(400), "{refused}");
        assert_eq!(refused.details()[0].target.as_deref(), Some("mailNickname"));
        assert!(refused.is_name_taken() && !refused.is_already_member(), "{refused}");
    }
    groups.update(&crew, GroupPatch::new().mail_nickname("crew2")).await.unwrap();
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_half_done_says_so() {
    // The first request is the directory's part, the second is Exchange's.
    let fault = Fault::respond("groups.update", 400).skip(1);
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
    let (groups, pilots) = (client(&sim, "ada").groups(), sim.group_id("Pilots").unwrap());
    let change = GroupPatch::new().theme("Teal").hide_from_address_lists(true);
    let error = groups.update(&pilots, change.clone()).await.unwrap_err();
    assert!(error.to_string().contains("what Exchange does not keep was changed"), "{error}");
    assert_eq!(groups.get(&pilots).await.unwrap().theme.as_deref(), Some("Teal"));
    groups.update(&pilots, change).await.unwrap();
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn the_simulator_refuses_what_the_service_refuses() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let (pilots, token) = (sim.group_id("Pilots").unwrap(), sim.token("ada"));
    let send = async |method: &str, path: &str, body: serde_json::Value| {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}/v1.0{path}", sim.root()))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(bytes::Bytes::from(body.to_string()))
            .unwrap();
        let answer = tower_service::Service::call(&mut sim.transport(), request).await.unwrap();
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    };
    let group = format!("/groups/{pilots}");
    let mixed = json!({ "theme": "Teal", "unseenCount": 1 });
    let new = |more: serde_json::Value| {
        let mut body = json!({ "displayName": "X", "mailNickname": "x", "mailEnabled": true, "securityEnabled": false,
            "groupTypes": ["Unified"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (method, path, body, words) in [
        ("PATCH", &*group, mixed, "in one request with others"),
        ("PATCH", &*group, json!({ "visibility": "HiddenMembership" }), "for creation"),
        ("POST", "/groups", new(json!({ "allowExternalSenders": true })), "can't be set on creation"),
        ("POST", "/groups", new(json!({ "groupTypes": [] })), "mail-enabled"),
        ("POST", "/groups", new(json!({ "displayName": " " })), "displayName"),
    ] {
        let (status, answer) = send(method, path, body).await;
        assert!(status == 400 && answer.contains(words), "{status} {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_app_has_no_favourites() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let app =
        builder(&sim, "ada").credential(graph_facade::StaticToken::new(sim.app_token())).build().unwrap();
    let error = app.groups().add_favorite(sim.group_id("Pilots").unwrap()).await.unwrap_err();
    assert!(error.is_permission_denied(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_new_group_is_not_found_for_a_while() {
    let sim = Sim::builder().user("ada").user("grace").group_delay(seconds(90)).build();
    let groups = client(&sim, "ada").groups();
    let group = groups.create(unified_group("Pilots", "pilots")).await.unwrap();
    for error in [
        groups.get(&group).await.unwrap_err(),
        groups.members(&group).list().await.unwrap_err(),
        groups.members(&group).add(sim.user_id("grace")).await.unwrap_err(),
    ] {
        assert!(error.is_not_yet_visible(), "{error}");
    }
    crate::support::pass(seconds(91)).await;
    groups.members(&group).add(sim.user_id("grace")).await.unwrap();
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_rule_decides_on_members_and_not_on_owners() {
    let sim = Sim::builder().user("ada").user("grace").build();
    let groups = client(&sim, "ada").groups();
    let types = vec!["Unified".to_owned(), "DynamicMembership".to_owned()];
    let rule = unified_group("Rule", "rule").group_types(types).membership_rule("user.department -eq \"x\"");
    let group = groups.create(rule).await.unwrap();
    let error = groups.members(&group).add(sim.user_id("grace")).await.unwrap_err();
    assert!(error.is_permission_denied(), "{error}");
    let owners = groups.owners(&group);
    owners.add(sim.user_id("grace")).await.unwrap();
    owners.remove(sim.user_id("grace")).await.unwrap();
    owners.reconcile([sim.user_id("ada"), sim.user_id("grace")]).await.unwrap();
    assert_eq!(owners.list().await.unwrap().items.len(), 2);
    assert_clean(&sim);
}
