//! Golden vectors: what Graph is known to send and to want, each with the test that takes it through the real facade.

use std::path::Path;

use futures_util::TryStreamExt as _;
use graph_facade::models::{DirectoryObject, LearningCourseActivity};
use graph_facade::{ErrorKind, NoRetry, StandardRetry};
use graph_sim::{Answer, Fault, Sim};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{POLL, arrivals, assert_clean, builder, client, pilots, seconds};

/// What is vouched for, and by which test.
const VECTORS: &[(&str, &str)] = &[
    ("Retry-After: 120", "golden::retry_after_is_waited_for_as_it_is_written"),
    (
        "Retry-After: 300, longer than other clients wait",
        "golden::retry_after_is_waited_for_as_it_is_written",
    ),
    ("Retry-After: 2.128", "failures::an_empty_429_is_waited_for_to_the_millisecond"),
    ("Retry-After: an HTTP date", "golden::retry_after_is_waited_for_as_it_is_written"),
    ("Retry-After: 120,120", "golden::retry_after_is_waited_for_as_it_is_written"),
    ("Retry-After: absent on 429", "golden::a_429_without_a_word_is_asked_again_after_a_while"),
    (
        "Retry-After: past the deadline",
        "failures::an_empty_429_that_may_not_be_waited_for_says_when_to_come_back",
    ),
    ("Retry-After: on a 202 and on a poll", "golden::retry_after_holds_polls_back_too"),
    (
        "Retry-After: in words",
        "surface/learning_course_activities::minutes_that_are_said_in_words_are_waited_for",
    ),
    (
        "status skipped",
        "operation_status::an_operation_that_ends_without_success_fails_with_the_services_reason",
    ),
    (
        "status failed with statusDetail",
        "operation_status::an_operation_that_ends_without_success_fails_with_the_services_reason",
    ),
    (
        "status unknownFutureValue, brandNew",
        "operation_status::a_status_that_nobody_knows_is_waited_for_until_the_deadline",
    ),
    ("status Succeeded, in another case", "operation_status::succeeded_counts_in_any_letter_case"),
    ("status null or missing", "operation_status::an_answer_without_a_status_is_waited_through"),
    ("an object without @odata.type", "golden::objects_of_no_type_and_of_tomorrows_are_kept"),
    ("@odata.type of tomorrow", "golden::objects_of_no_type_and_of_tomorrows_are_kept"),
    ("an enum member of tomorrow", "answers::an_enum_member_of_tomorrow_is_kept_byte_for_byte"),
    ("null for a list", "golden::null_for_a_list_is_an_empty_one"),
    ("innerError.date without a zone", "failures::a_404_whose_date_has_no_zone_keeps_code_and_ids"),
    ("error bodies in every form", "golden::refusals_are_read_in_every_form"),
    ("an HTML page for an error", "failures::an_html_502_that_is_not_tried_again_quotes_the_page"),
    ("seven digits of a second, and no zone", "golden::dates_of_every_form_are_kept"),
    ("a duration such as PT20M", "surface/learning_contents::all"),
    ("202 without a body, typed JSON", "golden::retry_after_holds_polls_back_too"),
    (
        "an operation's address: absolute, relative, quoted key, either header",
        "operation_status::the_operation_is_found_wherever_the_acceptance_says_it_is",
    ),
    (
        "202 without an address",
        "answers::an_acceptance_without_an_address_says_what_is_missing_and_is_not_repeated",
    ),
    ("202 with a body and no operation", "surface/learning_contents::every_success_of_an_upsert_is_one"),
    (
        "resourceLocation null on success",
        "operation_status::the_result_is_found_by_its_id_where_its_address_is_missing_or_foreign",
    ),
    (
        "404 on an operation right after its acceptance",
        "operation_trouble::a_404_right_after_acceptance_is_not_the_end",
    ),
    (
        "polls more than 30 s apart",
        "operation_pace::acceptance_is_there_at_once_and_polls_come_every_31_seconds",
    ),
    ("@odata.nextLink to another host", "hostile::a_next_link_leads_nowhere_else"),
    ("@odata.nextLink to itself", "lists::a_list_whose_links_lead_in_a_circle_ends_with_an_error"),
    ("an empty first page with a next link", "lists::a_page_without_items_is_not_the_end"),
    ("a delta page with changes and @removed", "delta::removals_say_whether_there_is_a_way_back"),
    ("a delta token that is gone", "delta::a_reset_is_an_error_or_a_new_beginning"),
    (
        "ConsistencyLevel on every page",
        "queries::advanced_queries_say_so_on_every_page_also_in_another_process",
    ),
    ("a count that begins with a byte order mark", "golden::a_count_may_begin_with_a_mark"),
    (
        "keys with ', /, +, #, % and letters of any script",
        "surface/learning_contents::external_ids_may_hold_anything",
    ),
    ("20 links in a request, and not 21", "surface/groups::what_the_service_must_refuse_is_not_sent"),
    ("20 members to a change, one of which spoils it", "reconcile::one_who_spoils_the_twenty_is_told_alone"),
    ("a batch that mixes orders", "batch/explicit::what_can_not_be_ordered_is_refused_unsent"),
    (
        "a batch's answers in any order, each with its own wait",
        "batch/gathered::only_the_refused_call_is_tried_again_after_its_own_wait",
    ),
    (
        "an app that creates a community without owners",
        "renewal::an_app_alone_is_refused_what_it_can_not_do_before_anything_is_sent",
    ),
    (
        "a creation that may have been processed",
        "repetition::a_creation_whose_answer_got_lost_is_not_sent_again_and_says_that_it_may_have_worked",
    ),
    (
        "one client-request-id for all attempts of a call",
        "repetition::every_attempt_of_a_call_carries_the_same_id",
    ),
    ("a claims challenge, with 401 and 403", "renewal::conditional_access_challenges_with_403"),
    ("a member who is there already, 400", "members::adding_twice_adds_once_and_is_no_error"),
    ("the last owner", "journey::a_community_is_created_peopled_changed_and_deleted"),
    ("a group that isn't known everywhere yet", "reconcile::a_new_group_is_waited_for"),
    ("a team that can't be made yet, 404", "surface/teams::attempts_come_when_they_are_recommended"),
    ("Planner's stale etag, 412 with an empty code", "surface/planner::a_change_of_an_old_state_is_refused"),
    (
        "a change of what Exchange keeps, in a request of its own",
        "surface/groups::a_change_that_is_half_done_says_so",
    ),
    (
        "Prefer: include-unknown-enum-members",
        "wire::headers_of_the_caller_are_sent_and_the_pipelines_own_stay",
    ),
    ("unknownFutureValue is never sent", "refused_unsent::the_sentinel_of_an_enum_is_never_sent"),
];

#[test]
fn every_vector_has_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract");
    for (vector, test) in VECTORS {
        let (module, name) = test.split_once("::").unwrap();
        let text = std::fs::read_to_string(folder.join(format!("{module}.rs"))).unwrap();
        assert!(text.contains(&format!("fn {name}(")), "{vector}: there is no {test}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_as_it_is_written() {
    for (written, expected) in [
        ("120", 120),
        ("300", 300),
        ("Mon, 05 Jan 2026 08:01:30 GMT", 90),
        ("120,120", 120),
        ("120, 60", 120),
    ] {
        let fault = Fault::throttle("groups.list").retry_after(written);
        let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
        let patient = StandardRetry::default().time_limit(seconds(600));
        let client = builder(&sim, "ada").retry(patient).build().unwrap();
        let start = Instant::now();
        client.groups().list().await.unwrap();
        assert_eq!(start.elapsed(), seconds(expected), "{written}");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_without_a_word_is_asked_again_after_a_while() {
    let sim = Sim::builder().user("ada").fault(Fault::throttle("groups.list").times(2)).build();
    let (client, start) = (client(&sim, "ada"), Instant::now());
    client.groups().list().await.unwrap();
    let times = arrivals(&sim, "groups.list");
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "never at once: {times:?}");
    assert!(start.elapsed() < seconds(60), "{:?}", start.elapsed());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_polls_back_too() {
    let sim = Sim::builder().community("Crew", ["ada"]).build();
    let place = "https://graph.microsoft.com/v1.0/employeeExperience/engagementAsyncOperations('op')";
    let accepted = Answer::status(202)
        .header("content-type", "application/json")
        .header("operation-location", place)
        .header("retry-after", "45");
    let report = |status: &str, resource: Option<String>| json!({ "id": "op", "status": status, "operationType": "createCommunity", "resourceId": resource });
    sim.on("communities.create").respond(accepted).times(1);
    sim.on(POLL).respond(Answer::json(&report("running", None)).header("retry-after", "75")).times(1);
    sim.on(POLL).respond(report("succeeded", sim.community_id("Crew"))).times(1);

    let mut operation = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let community = operation.wait().await.unwrap();
    assert_eq!(community.display_name.as_deref(), Some("Crew"));
    assert_eq!(arrivals(&sim, POLL), [seconds(45), seconds(120)]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn objects_of_no_type_and_of_tomorrows_are_kept() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let client = client(&sim, "ada");
    let group = sim.group_id("Pilots").unwrap();
    let future = json!({ "@odata.type": "#microsoft.graph.futureActivity", "id": "f", "altitude": 7 });
    let members = json!({ "value": [{ "id": "n", "displayName": "Nobody" }, future] });
    sim.on("groups.members.list").respond(Answer::json(&members).unchecked()).times(1);
    sim.on("learning_course_activities.get").respond(Answer::json(&future).unchecked()).times(1);

    let members: Vec<DirectoryObject> =
        client.groups().members(&group).list().items().try_collect().await.unwrap();
    let kept = |object: &DirectoryObject| match object {
        DirectoryObject::Other(object) => serde_json::to_value(object).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(kept(&members[0])["displayName"], "Nobody");
    assert_eq!(kept(&members[1]), future);
    let activity = client.learning_course_activities().get("f").await.unwrap();
    let LearningCourseActivity::Other(activity) = activity else { panic!("{activity:?}") };
    assert_eq!(serde_json::to_value(activity).unwrap(), future);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn null_for_a_list_is_an_empty_one() {
    let sim = Sim::builder()
        .group("Pilots", ["ada"])
        .fault(Fault::alter("groups.get", |json| json["groupTypes"] = Value::Null))
        .fault(Fault::alter("groups.list", |json| json["value"] = Value::Null))
        .build();
    let groups = client(&sim, "ada").groups();
    let group = groups.get(sim.group_id("Pilots").unwrap()).await.unwrap();
    assert!(group.group_types.unwrap_or_default().is_empty());
    assert_eq!(groups.list().await.unwrap().items.len(), 0);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn dates_of_every_form_are_kept() {
    for (text, is_moment) in [
        ("2024-05-02T08:00:26.1995367Z", true),
        ("2024-05-02T08:00:00.123456-07:00", true),
        ("2024-05-02T08:00:00Z", true),
        ("2024-05-02T08:00:00", true),
        ("2024-05-02T08:00:00.0000000", true),
        ("soon", false),
    ] {
        let fault = Fault::alter("groups.get", move |json| json["createdDateTime"] = text.into());
        let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
        let group = client(&sim, "ada").groups().get(sim.group_id("Pilots").unwrap()).await.unwrap();
        let created = group.created_date_time.unwrap();
        assert_eq!((created.as_str(), created.to_utc().is_ok()), (text, is_moment));
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_count_may_begin_with_a_mark() {
    let sim = Sim::builder().user("ada").build();
    sim.on("groups.count").respond(Answer::status(200).body("text/plain", "\u{feff}5"));
    assert_eq!(client(&sim, "ada").groups().count().await.unwrap(), 5);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn refusals_are_read_in_every_form() {
    for (status, body, kind, code, message) in [
        (
            403,
            r#"{"error":{"code":"","message":"Planner says no"}}"#,
            ErrorKind::Service,
            None,
            "Planner says no",
        ),
        (
            400,
            r#"{"error":{"code":"BadRequest","message":"m","innererror":{"innererror":{"code":"itemNotFound"}}}}"#,
            ErrorKind::Service,
            Some("itemNotFound"),
            "m",
        ),
        (
            429,
            r#"{"code":"tooManyRequests","message":"Retry after 2 minutes"}"#,
            ErrorKind::Throttled,
            Some("TooManyRequests"),
            "Retry after 2 minutes",
        ),
        (
            422,
            r#"{"error":{"code":"Request_UnprocessableEntity","message":"m","details":[{"code":"PropertyConflict","target":"mailNickname","message":"taken"}]}}"#,
            ErrorKind::Service,
            Some("Request_UnprocessableEntity"),
            "m",
        ),
    ] {
        let sim = Sim::builder().user("ada").build();
        sim.on("groups.list").respond(Answer::status(status).body("application/json", body)).times(1);
        let client = builder(&sim, "ada").retry(NoRetry).build().unwrap();
        let error = client.groups().list().await.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (kind, status), "{body}");
        assert_eq!(error.code().map(graph_facade::ErrorCode::as_str), code, "{body}");
        assert_eq!(error.message(), message, "{body}");
        assert_eq!(error.details().len(), usize::from(status == 422), "{body}");
        assert_clean(&sim);
    }
}
