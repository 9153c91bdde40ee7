use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::reply::{Body, Reply};

const ROOT: &str = "https://graph.microsoft.com";

fn statuses(faults: &mut Faults, operation: &str, requests: usize) -> Vec<Option<u16>> {
    let status = |instead| match instead {
        Some(Instead::Answer(reply)) => Some(reply.status.as_u16()),
        Some(Instead::Throttle { .. }) => Some(429),
        Some(Instead::Challenge { .. }) => Some(401),
        Some(Instead::Lose) => Some(0),
        Some(Instead::Reset) => Some(410),
        None => None,
    };
    (0..requests).map(|_| status(faults.instead(operation, false))).collect()
}

/// What becomes of a body.
fn altered(fault: Fault, body: Value) -> Value {
    let mut reply = Reply::ok(body);
    Faults::new(vec![fault]).alter("a", &mut reply, ROOT, "https://graph.microsoft.com/v1.0/a?$top=1");
    match reply.body {
        Body::Json(json) => json,
        Body::Raw(bytes) => String::from_utf8(bytes.into()).unwrap().into(),
        Body::Empty => Value::Null,
    }
}

#[test]
fn faults_apply_in_order_until_they_run_out() {
    let mut faults = Faults::new(vec![
        Fault::throttle("a.*").times(2),
        Fault::respond("a.get", 502),
        Fault::lose_connection("*").before_processing(),
    ]);
    assert_eq!(statuses(&mut faults, "a.get", 5), [Some(429), Some(429), Some(502), Some(0), None]);
    assert_eq!(statuses(&mut faults, "b.get", 1), [None]);
}

#[test]
fn the_first_requests_can_be_spared() {
    let mut faults = Faults::new(vec![Fault::respond("a", 500).skip(1)]);
    assert_eq!(statuses(&mut faults, "a", 3), [None, Some(500), None]);

    let mut faults = Faults::new(vec![Fault::lose_connection("a").before_processing().skip(1)]);
    assert!(faults.instead("a", false).is_none() && !faults.loses_answer("a"));
    assert_eq!(statuses(&mut faults, "a", 1), [Some(0)]);
}

#[test]
fn an_answer_gets_lost_once_and_altered_for_ever() {
    let mut faults = Faults::new(vec![Fault::lose_connection("a"), Fault::alter("a", |it| *it = 1.into())]);
    assert!(faults.instead("a", false).is_none(), "the request is processed");
    assert_eq!((faults.loses_answer("a"), faults.loses_answer("a")), (true, false));
    for _ in 0..2 {
        let mut reply = Reply::ok(Value::Null);
        assert!(faults.alter("a", &mut reply, ROOT, ""));
        assert!(matches!(&reply.body, Body::Json(json) if *json == 1));
    }
}

#[test]
fn only_requests_that_go_on_are_reset() {
    let mut faults = Faults::new(vec![Fault::reset_delta("a")]);
    assert!(faults.instead("a", false).is_none());
    assert!(matches!(faults.instead("a", true), Some(Instead::Reset)));
    assert!(faults.instead("a", true).is_none());
}

#[test]
fn delays_add_up() {
    let second = Duration::from_secs(1);
    let mut faults = Faults::new(vec![Fault::delay("a", second), Fault::delay("*", second).times(1)]);
    assert_eq!(
        (faults.delay("a"), faults.delay("a"), faults.delay("b")),
        (2 * second, second, Duration::ZERO)
    );
}

#[test]
fn answers_are_spoilt_in_the_ways_that_are_known() {
    let page = json!({ "value": [{ "tags": ["x"], "at": "2026-01-05T08:00:00.5Z", "in": { "all": [] } }] });
    for (fault, expected) in [
        (
            Fault::null_lists("a"),
            json!({ "value": [{ "tags": null, "at": "2026-01-05T08:00:00.5Z", "in": { "all": null } }] }),
        ),
        (
            Fault::dates_without_offset("a"),
            json!({ "value": [{ "tags": ["x"], "at": "2026-01-05T08:00:00.5", "in": { "all": [] } }] }),
        ),
        (Fault::repeat_items("a"), json!({ "value": [page["value"][0], page["value"][0]] })),
        (
            Fault::circle("a"),
            json!({ "value": page["value"], "@odata.nextLink": "https://graph.microsoft.com/v1.0/a?$top=1" }),
        ),
        (Fault::truncate("a"), page.to_string()[..page.to_string().len() / 2].into()),
    ] {
        assert_eq!(altered(fault, page.clone()), expected);
    }
    assert_eq!(altered(Fault::null_lists("a"), json!({ "value": [] })), json!({ "value": null }));
    assert_eq!(
        altered(Fault::dates_without_offset("a"), json!("2026-01-05T00:00:00-08:00")),
        "2026-01-05T00:00:00"
    );
}

#[test]
fn addresses_lead_elsewhere_in_bodies_and_headers() {
    let evil = || Fault::lead_astray("a", "https://evil.example");
    let body =
        altered(evil(), json!({ "@odata.nextLink": "https://graph.microsoft.com/v1.0/x", "webUrl": ROOT }));
    assert_eq!(body, json!({ "@odata.nextLink": "https://evil.example/v1.0/x", "webUrl": ROOT }));
    let name = HeaderName::from_static("operation-location");
    let mut reply = Reply::no_content().header(name, "https://graph.microsoft.com/v1.0/op");
    assert!(Faults::new(vec![evil()]).alter("a", &mut reply, ROOT, ""));
    assert_eq!(reply.headers[0].1, HeaderValue::from_static("https://evil.example/v1.0/op"));
}

#[test]
fn a_passing_fault_happens_to_its_request_alone() {
    let mut faults = Faults::new(Vec::new());
    assert_eq!(faults.begin(Some(Fault::twice("*"))).as_deref(), Some("twice"));
    assert_eq!(faults.begin(None), None, "one inside an envelope");
    assert!(!faults.doubles("a"));
    faults.end();
    assert!(faults.doubles("a"));
    faults.end();
    assert!(!faults.doubles("a"));
}

#[test]
fn a_fault_may_have_its_time() {
    let mut faults = Faults::new(vec![
        Fault::respond("a", 503).from(Duration::from_secs(5)).until(Duration::from_secs(9)).times(9),
    ]);
    for (second, expected) in [(4, None), (5, Some(503)), (8, Some(503)), (9, None)] {
        faults.now = Duration::from_secs(second);
        assert_eq!(statuses(&mut faults, "a", 1), [expected], "second {second}");
    }
}
