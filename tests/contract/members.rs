//! Members and owners: adding and removing say what they came to.

use futures_util::TryStreamExt as _;
use graph_facade::{Added, Change, Client, ErrorCode, Groups, Removed, StaticToken};
use graph_sim::{Fault, Scenario, Sim, SimBuilder};

use crate::support::{assert_clean, client};

fn sim_with(faults: impl IntoIterator<Item = Fault>) -> Sim {
    let sim = Sim::builder().group("Pilots", ["ada"]).user("grace");
    faults.into_iter().fold(sim, SimBuilder::fault).build()
}

#[tokio::test(start_paused = true)]
async fn adding_twice_adds_once_and_is_no_error() {
    let sim = sim_with([]);
    let (groups, group) = (client(&sim, "ada").groups(), sim.group_id("Pilots").unwrap());
    for people in [groups.members(&group), groups.owners(&group)] {
        assert_eq!(people.add(sim.user_id("grace")).await.unwrap(), Added::Now);
        assert_eq!(people.add(sim.user_id("grace")).await.unwrap(), Added::Already);
        assert_eq!(people.list().await.unwrap().items.len(), 2);
    }
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn hidden_members_are_left_out_without_the_permission_and_without_an_error() {
    let sim = Scenario::from_yaml(
        "users: [{ name: ada }, { name: grace }]\n\
         groups: [{ name: Night, visibility: hiddenMembership, owners: [ada], members: [grace] }]",
    );
    let sim = sim.unwrap().build();
    let group = sim.group_id("Night").unwrap();
    for people in [0, 2] {
        let permissions = if people == 0 { "Group.Read.All" } else { "Group.Read.All Member.Read.Hidden" };
        let token = StaticToken::new(sim.token_with("ada", permissions.split(' ')));
        let client = Client::builder().credential(token).transport(sim.transport()).build().unwrap();
        let (groups, members) = (client.groups(), client.groups().members(&group));
        let numbers = [
            members.list().await.unwrap().items.len(),
            members.users().await.unwrap().items.len(),
            members.addresses().await.unwrap().items.len(),
            usize::try_from(members.count().await.unwrap()).unwrap(),
            groups.transitive_members(&group).await.unwrap().items.len(),
            groups.get(&group).expand(["members"]).await.unwrap().members.unwrap_or_default().len(),
            changes_of_members(&groups).await,
        ];
        assert_eq!(numbers, [people; 7], "{permissions}");
        assert_eq!(groups.owners(&group).list().await.unwrap().items.len(), 1, "owners are not hidden");
    }
    assert_clean(&sim);
}

/// How many members a first reading of changes tells.
async fn changes_of_members(groups: &Groups) -> usize {
    let changes = groups.delta().select(["displayName", "members"]).changes();
    let changes: Vec<_> = changes.try_collect().await.unwrap();
    changes.iter().filter(|change| matches!(change, Change::Linked { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn what_was_there_already_comes_with_the_status_and_ids_of_the_refusal() {
    let sim = sim_with([]);
    let members = client(&sim, "ada").groups().members(sim.group_id("Pilots").unwrap());
    let answer = members.add(sim.user_id("ada")).send_full().await.unwrap();
    assert_eq!((answer.value, answer.status.as_u16(), answer.attempts()), (Added::Already, 400, 1));
    assert!(answer.request_id().is_some());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn removing_twice_removes_once_and_then_nobody_is_found() {
    let sim = sim_with([]);
    let members = client(&sim, "ada").groups().members(sim.group_id("Pilots").unwrap());
    members.add(sim.user_id("grace")).await.unwrap();
    assert_eq!(members.remove(sim.user_id("grace")).await.unwrap(), Removed::Now);
    // The 404 names who is missing. One that names the group is no success.
    assert_eq!(members.remove(sim.user_id("grace")).await.unwrap(), Removed::Already);
    let nowhere = client(&sim, "ada").groups().members("0000000b-0000-4000-8000-00000000ffff");
    assert!(nowhere.remove(sim.user_id("grace")).await.unwrap_err().is_not_found());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_surely_about_the_member_is_a_removal_of_before() {
    let message = "One or more removed object references do not exist for the following modified properties: 'members'.";
    let body = serde_json::json!({"error": {"code": "Request_BadRequest", "message": message}}).to_string();
    let fault = Fault::respond("groups.members.remove", 400).content_type("application/json").body(body);
    let sim = sim_with([fault]);
    let members = client(&sim, "ada").groups().members(sim.group_id("Pilots").unwrap());
    assert_eq!(members.remove(sim.user_id("grace")).await.unwrap(), Removed::Already);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_user_or_a_group_that_does_not_exist_is_not_found() {
    let sim = sim_with([]);
    let (groups, group) = (client(&sim, "ada").groups(), sim.group_id("Pilots").unwrap());
    let nobody = sim.user_id("nobody");
    for error in [
        groups.members(&group).add(&nobody).await.unwrap_err(),
        groups.owners(&group).add(&nobody).await.unwrap_err(),
        groups.members("no-group").remove(&nobody).await.unwrap_err(),
        groups.members("no-group").add(sim.user_id("grace")).await.unwrap_err(),
        groups.members("no-group").list().await.unwrap_err(),
        groups.get("no-group").await.unwrap_err(),
        client(&sim, "ada").users().get(&nobody).await.unwrap_err(),
    ] {
        assert!(error.is_not_found() && !error.is_last_owner(), "{error}");
        assert_eq!(error.code(), Some(&ErrorCode::RequestResourceNotFound));
        assert!(error.to_string().contains("check the ids"), "{error}");
    }
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_user_is_added_by_principal_name_or_as_the_object_that_was_read() {
    let sim = sim_with([]);
    let client = client(&sim, "ada");
    let members = client.groups().members(sim.group_id("Pilots").unwrap());
    assert_eq!(members.add("grace@contoso.example").await.unwrap(), Added::Now);
    let grace = client.users().get("grace@contoso.example").await.unwrap();
    assert_eq!(grace.id, Some(sim.user_id("grace")));
    assert_eq!(members.add(&grace).await.unwrap(), Added::Already);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_group_as_a_member_is_refused_with_the_services_reason() {
    let sim = Sim::builder().group("Pilots", ["ada"]).group("Crew", ["ada"]).build();
    let members = client(&sim, "ada").groups().members(sim.group_id("Pilots").unwrap());
    let error = members.add(sim.group_id("Crew").unwrap()).await.unwrap_err();
    assert!(error.is_permission_denied(), "{error}");
    assert!(error.to_string().contains("Only users may be members"), "{error}");
    assert_clean(&sim);
}
