//! What the command says of permissions, for the project's own operations.

use serde_json::{Value, json};

use crate::support::checkout::{codegen, project};
use crate::support::text;

fn told(arguments: &[&str]) -> String {
    let output = codegen(project(), &[&["scopes"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_least_for_some_operations_names_what_hidden_memberships_need() {
    insta::assert_snapshot!(told(&["communities.create", "groups.members.list"]), @r"
    on behalf of a user  Community.ReadWrite.All GroupMember.ReadBasic.All
    for an app alone     Community.ReadWrite.All GroupMember.ReadBasic.All
    and beside it        Member.Read.Hidden where the group hides its membership: groups.members.list
    ");
    insta::assert_snapshot!(told(&["batch", "groups.list"]), @r"
    on behalf of a user  Group.ReadBasic.All
    for an app alone     Group.ReadBasic.All
    ");
    insta::assert_snapshot!(told(&["learning_contents.upsert"]), @r"
    on behalf of a user  not offered by learning_contents.upsert
    for an app alone     LearningContent.ReadWrite.All
    ");
}

#[test]
fn all_operations_for_machines() {
    let all: Value = serde_json::from_str(&told(&["--all", "--json"])).unwrap();
    let all = all.as_object().unwrap();
    assert_eq!(all.len(), told(&["--all"]).lines().count());
    for (id, row) in all {
        assert!(row["method"].is_string() && row["path"].as_str().unwrap().starts_with('/'), "{id}: {row}");
        assert!(row["delegated"].is_array() && row["application"].is_array(), "{id}: {row}");
    }
    assert_eq!(all["groups.members.remove"]["path"], "/groups/{group-id}/members/{directoryObject-id}/$ref");
    assert_eq!(
        all["teams.update"],
        json!({
            "method": "PATCH",
            "path": "/teams/{team-id}",
            "delegated": ["TeamSettings.ReadWrite.All", "Directory.ReadWrite.All", "Group.ReadWrite.All"],
            "application": ["TeamSettings.ReadWrite.All", "Directory.ReadWrite.All", "Group.ReadWrite.All"],
            "resourceSpecific": ["TeamSettings.ReadWrite.Group"],
        })
    );
    let some: Value = serde_json::from_str(&told(&["--json", "teams.update"])).unwrap();
    assert_eq!(some, json!({ "teams.update": all["teams.update"] }));
}

#[test]
fn an_operation_that_is_not_there_is_refused() {
    let output = codegen(project(), &["scopes", "groups.lst", "Groups.List", "things.get"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r"
    error: spec/surface.toml: no operation is called `groups.lst`
      help: did you mean `groups.list`?
    error: spec/surface.toml: no operation is called `Groups.List`
      help: did you mean `groups.list`?
    error: spec/surface.toml: no operation is called `things.get`
      help: the ids are those of its `[[keep]]` tables; `cargo codegen scopes --all` lists them
    ");
}
