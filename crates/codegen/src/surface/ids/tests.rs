use super::*;

fn target(text: &str) -> Target<'_> {
    let mut words = text.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let rest: Vec<_> = words.collect();
    Target { path, method, lists: rest.contains(&"lists"), call: rest.contains(&"call") }
}

fn ids(targets: &[&str]) -> Vec<String> {
    let targets: Vec<_> = targets.iter().map(|text| target(text)).collect();
    derive(&targets, &BTreeSet::new()).into_iter().map(Option::unwrap_or_default).collect()
}

#[test]
fn an_id_says_where_and_what() {
    let cases = [
        ("get /groups lists", "groups.list"),
        ("post /groups", "groups.create"),
        ("get /groups/{group-id}", "groups.get"),
        ("patch /groups/{group-id}", "groups.update"),
        ("delete /groups/{group-id}", "groups.delete"),
        ("put /groups/{group-id}/photo", "groups.photo.replace"),
        ("get /groups/{group-id}/calendar", "groups.calendar.get"),
        ("get /groups/{group-id}/calendarView lists", "groups.calendar_view.list"),
        ("get /groups/$count", "groups.count"),
        ("get /groups/{group-id}/members/$ref lists", "groups.members.refs.list"),
        ("get /users/{user-id}/manager/$ref", "users.manager.ref.get"),
        ("post /groups/{group-id}/members/$ref", "groups.members.add"),
        ("delete /groups/{group-id}/members/{directoryObject-id}/$ref", "groups.members.remove"),
        ("put /groups/{group-id}/acceptedSenders/$ref", "groups.accepted_senders.set"),
        ("get /groups/{group-id}/members/graph.user lists", "groups.members.user.list"),
        ("get /groups/delta() call", "groups.delta"),
        ("get /groups/{group-id}/microsoft.graph.delta() lists call", "groups.delta"),
        ("post /groups/{group-id}/assignLicense call", "groups.assign_license"),
        ("post /groups/{group-id}/microsoft.graph.assignLicense call", "groups.assign_license"),
        ("get /groups(uniqueName='{uniqueName}')", "groups.get_by_unique_name"),
        ("get /groups(uniqueName='{uniqueName}')/owners lists", "groups.by_unique_name.owners.list"),
        ("get /sites/{site-id}/getByPath(path='{path}') call", "sites.get_by_path"),
        ("get /me/onenote/pages/{onenotePage-id}/$value", "me.onenote.pages.content.get"),
        ("get /reports/x(period='{period}',top={top}) call", "reports.x"),
    ];
    for (target, expected) in cases {
        assert_eq!(ids(&[target]), [expected], "{target}");
    }
}

#[test]
fn two_that_would_share_an_id_show_their_parameters() {
    assert_eq!(
        ids(&[
            "get /sites/{site-id}/delta() lists call",
            "get /sites/{site-id}/delta(token='{token}') lists call",
            "get /sites lists",
        ]),
        ["sites.by_site_id.delta.list", "sites.by_site_id.delta.by_token.list", "sites.list"]
    );
}

#[test]
fn a_count_is_told_from_a_function_of_that_name() {
    assert_eq!(
        ids(&["get /tables/$count", "get /tables/count() call"]),
        ["tables.dollar_count.get", "tables.count.get"]
    );
}

#[test]
fn an_id_that_is_taken_is_not_given_again() {
    let taken = BTreeSet::from(["groups_list".to_owned()]);
    let ids = derive(&[target("get /groups lists"), target("get /users lists")], &taken);
    assert_eq!(ids, [None, Some("users.list".to_owned())]);
}

#[test]
fn paths_that_differ_in_case_alone_get_none() {
    assert_eq!(ids(&["get /a/{id}/B lists", "get /a/{id}/b lists"]), ["", ""]);
}
