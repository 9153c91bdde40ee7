use std::time::Duration;

use graph_runtime::OperationInfo;
use http::StatusCode;

use super::envelope::Envelope;
use super::{Error, ErrorCode, ErrorKind};

fn code_of(body: &str) -> Option<ErrorCode> {
    Envelope::parse(body.as_bytes()).code
}

#[test]
fn codes_are_found_whatever_the_envelope() {
    for (body, code) in [
        (r#"{"error":{"code":"Request_BadRequest","message":"m"}}"#, "Request_BadRequest"),
        (r#"{"error":{"code":"request_badrequest"}}"#, "Request_BadRequest"),
        (
            r#"{"error":{"code":"BadRequest","innerError":{"code":"Request_ResourceNotFound"}}}"#,
            "Request_ResourceNotFound",
        ),
        (
            r#"{"error":{"code":"BadRequest","innererror":{"innererror":{"code":"itemNotFound"}}}}"#,
            "itemNotFound",
        ),
        (r#"{"error":{"code":"Forbidden","innerError":{"code":"licence-17"}}}"#, "Forbidden"),
        (r#"{"error":{"code":"brandNew","innerError":{"code":"newer"}}}"#, "brandNew"),
        (r#"{"error":{"code":"","innerError":{"code":"newer"}}}"#, "newer"),
        (r#"{"error":{"code":17}}"#, "17"),
        (r#"{"code":"tooManyRequests","message":"Retry after 5 minutes"}"#, "TooManyRequests"),
        (r#"{"Error":{"Code":"NotFound"}}"#, "NotFound"),
        (r#"{"odata.error":{"code":"Request_BadRequest"}}"#, "Request_BadRequest"),
        (r#"{"error":"invalid_grant","error_description":"m"}"#, "invalid_grant"),
    ] {
        assert_eq!(code_of(body).as_ref().map(ErrorCode::as_str), Some(code), "{body}");
    }
    for body in [
        "",
        " ",
        "<html>",
        "null",
        "[]",
        "17",
        r#"{"error":{"code":""}}"#,
        r#"{"error":null}"#,
        "{\"error\":",
    ] {
        assert_eq!(code_of(body), None, "{body}");
    }
}

#[test]
fn a_date_without_a_zone_harms_nothing() {
    let body = r#"{"error":{"code":"Request_BadRequest","message":"m","target":"owners","details":[
        {"code":"PropertyConflict","message":"taken","target":"mailNickname"},null],
        "innerError":{"date":"2026-08-20T10:00:00","request-id":"r","client-request-id":"c","status":"400"}}}"#;
    let envelope = Envelope::parse(body.as_bytes());
    assert_eq!(envelope.message.as_deref(), Some("m"));
    assert_eq!(envelope.target.as_deref(), Some("owners"));
    assert_eq!(
        (envelope.request_id.as_deref(), envelope.client_request_id.as_deref()),
        (Some("r"), Some("c"))
    );
    assert_eq!(envelope.details.len(), 1);
    assert_eq!(envelope.details[0].target.as_deref(), Some("mailNickname"));
}

#[test]
fn what_is_no_envelope_becomes_the_message() {
    let message = |body: &[u8]| Envelope::parse(body).message;
    assert_eq!(message(b""), None);
    assert_eq!(message(b"  busy \n").as_deref(), Some("busy"));
    assert_eq!(message(b"\xff\xfe").as_deref(), Some("\u{fffd}\u{fffd}"));
    assert_eq!(message(br#"{"error":{}}"#).as_deref(), Some(r#"{"error":{}}"#));
    assert_eq!(message("ü".repeat(500).as_bytes()).unwrap().chars().count(), 201);
    for body in [
        r#"{"error":{"message":{"lang":"en","value":"no"}}}"#,
        r#"{"odata.error":{"code":"x","message":{"lang":"en","value":"no"}}}"#,
        r#"{"error":"invalid_grant","error_description":"no"}"#,
        r#"{"type":"about:blank","title":"Bad","status":400,"detail":"no"}"#,
        r#"{"type":"about:blank","title":"no","status":400}"#,
        r#"{"Message":"no"}"#,
        r#"{"statusCode":401,"message":"no"}"#,
    ] {
        assert_eq!(message(body.as_bytes()).as_deref(), Some("no"), "{body}");
    }
}

fn refusal(status: u16, code: &str, message: &str) -> Error {
    let mut error = Error::new(ErrorKind::Service, message);
    error.inner_mut().status = StatusCode::from_u16(status).ok();
    error.inner_mut().code = (!code.is_empty()).then(|| ErrorCode::from(code));
    error
}

/// Whether a name is taken, permission is denied, the state is another, a limit is reached, an object isn't there.
fn judged(error: &Error) -> [bool; 5] {
    [
        error.is_name_taken(),
        error.is_permission_denied(),
        error.is_changed_meanwhile(),
        error.is_limit_reached(),
        error.is_not_found(),
    ]
}

#[test]
fn each_service_behind_graph_is_understood() {
    const TAKEN: [bool; 5] = [true, false, false, false, false];
    const DENIED: [bool; 5] = [false, true, false, false, false];
    const CHANGED: [bool; 5] = [false, false, true, false, false];
    const FULL: [bool; 5] = [false, false, false, true, false];
    const MISSING: [bool; 5] = [false, false, false, false, true];
    const NONE: [bool; 5] = [false; 5];
    for (status, code, expected) in [
        (403, "Authorization_RequestDenied", DENIED),
        (403, "Forbidden", DENIED),
        (403, "ErrorAccessDenied", DENIED),
        (403, "ErrorSendAsDenied", DENIED),
        (403, "accessDenied", DENIED),
        (403, "AccessDenied", DENIED),
        (403, "InsufficientPrivileges", DENIED),
        (403, "MissingPermissions", DENIED),
        (403, "40004", DENIED),
        (403, "UnknownError", DENIED),
        (403, "generalException", DENIED),
        (401, "40001", NONE),
        (401, "accessDenied", NONE),
        (500, "generalException", NONE),
        (403, "30102", NONE),
        (403, "10008", NONE),
        (403, "MaximumTasksInProject", FULL),
        (403, "Directory_QuotaExceeded", FULL),
        (507, "30101", FULL),
        (507, "quotaLimitReached", FULL),
        (409, "nameAlreadyExists", TAKEN),
        (409, "20117", TAKEN),
        (409, "Conflict", NONE),
        (409, "ErrorIrresolvableConflict", CHANGED),
        (409, "resourceModified", CHANGED),
        (412, "ErrorIrresolvableConflict", CHANGED),
        (404, "ErrorItemNotFound", MISSING),
        (404, "ResourceNotFound", MISSING),
        (404, "20102", MISSING),
        (404, "itemNotFound", MISSING),
        (404, "UnknownError", MISSING),
    ] {
        let error = refusal(status, code, "words");
        assert_eq!(judged(&error), expected, "{error}");
        let has_remedy = error.to_string().contains("words; ");
        assert_eq!(has_remedy, expected != NONE, "{error}");
    }
}

/// What is known of an operation is in its own row, whichever crate it came from.
#[test]
fn the_remedy_of_another_crates_operation_follows_from_its_row() {
    static READ: OperationInfo = OperationInfo::new("drives.get", "drives_get", "GET", "/drives/{drive-id}")
        .scopes(&["Files.Read", "Files.Read.All"], &["Files.Read.All"]);
    static WRITE: OperationInfo = OperationInfo::new("drives.post", "drives_post", "POST", "/drives");
    let lost = |row| {
        let mut error = Error::new(ErrorKind::Timeout, "lost").with_operation(row);
        error.inner_mut().maybe_processed = true;
        error.to_string()
    };
    assert!(!lost(&READ).contains("look whether"), "{}", lost(&READ));
    assert!(lost(&WRITE).ends_with("look whether the service acted on it before you send it again"));
    let denied = refusal(403, "accessDenied", "no").with_operation(&READ).to_string();
    assert!(
        denied.ends_with("with consent (at least delegated Files.Read, application Files.Read.All)"),
        "{denied}"
    );
    let denied = refusal(403, "accessDenied", "no").with_operation(&WRITE).to_string();
    assert!(denied.ends_with("with consent"), "{denied}");
}

#[test]
fn second_settings_of_one_template_are_no_matter_of_names() {
    let text = "Another object with the same value for property templateId already exists.";
    let error = refusal(400, "Request_BadRequest", text);
    assert!(!error.is_name_taken() && error.has_settings_already());
    assert!(error.to_string().contains("; update the settings"), "{error}");
}

/// What is asked, how, and of which errors it is true.
type Question<'a> = (&'a str, fn(&Error) -> bool, &'a [&'a Error]);

#[test]
fn predicates_tell_the_refusals_apart() {
    let exists = refusal(
        400,
        "Request_BadRequest",
        "One or more added object references already exist for: 'members'.",
    );
    let last = refusal(400, "Request_BadRequest", "The group must have at least one owner, hence …");
    let absent = refusal(400, "Request_BadRequest", "One or more removed object references do not exist …");
    let young = refusal(
        400,
        "Request_BadRequest",
        "The source resource object or one of the objects being referenced don't exist.",
    );
    let taken = refusal(
        400,
        "Request_BadRequest",
        "Another object with the same value for property mailNickname already exists.",
    );
    let missing = refusal(404, "Request_ResourceNotFound", "Resource 'x' does not exist or …");
    let denied = refusal(403, "Authorization_RequestDenied", "Insufficient privileges");
    let bare = refusal(403, "", "");
    let quota = refusal(403, "Directory_QuotaExceeded", "maximum quota count '100'");
    let planner = refusal(403, "MaximumTasksInProject", "too many");
    let mut stale = refusal(412, "", "");
    let mut conflict = refusal(409, "Conflict", "changed concurrently");
    for error in [&mut stale, &mut conflict] {
        error.inner_mut().operation = Some(&graph_things::operations::PARTS_DELETE);
    }
    let occupied = refusal(409, "Conflict", "the name is taken");
    let questions: [Question<'_>; 9] = [
        ("already member", Error::is_already_member, &[&exists]),
        ("name taken", Error::is_name_taken, &[&taken]),
        ("last owner", Error::is_last_owner, &[&last]),
        ("absent", |error| error.is_absent_reference("u1"), &[&absent]),
        ("not yet visible", Error::is_not_yet_visible, &[&young, &missing]),
        ("not found", Error::is_not_found, &[&missing]),
        ("denied", Error::is_permission_denied, &[&denied, &bare]),
        ("changed meanwhile", Error::is_changed_meanwhile, &[&stale, &conflict]),
        ("limit reached", Error::is_limit_reached, &[&quota, &planner]),
    ];
    let all = [
        &exists, &last, &absent, &young, &taken, &missing, &denied, &bare, &quota, &planner, &stale,
        &conflict, &occupied,
    ];
    for (name, is, expected) in questions {
        for error in all {
            let wanted = expected.iter().any(|expected| std::ptr::eq(*expected, error));
            assert_eq!(is(error), wanted, "{name}: {error}");
        }
    }
}

#[test]
fn an_error_prints_one_line_that_says_what_to_do() {
    let mut error = refusal(400, "Request_BadRequest", "The group must have\n at least one owner,\thence …");
    error.inner_mut().operation = Some(&graph_things::operations::PARTS_DELETE);
    error.inner_mut().request_id = Some("r-1".into());
    error.inner_mut().attempts = 2;
    insta::assert_snapshot!(error, @"parts.delete: the service refused (400 Request_BadRequest): The group must have at least one owner, hence … [2 attempts, request-id r-1]; add another owner first");

    let mut throttled = refusal(429, "", "Too Many Requests");
    throttled.inner_mut().kind = ErrorKind::Throttled;
    throttled.inner_mut().retry_after = Some(Duration::from_millis(2_128));
    insta::assert_snapshot!(throttled, @"throttled (429): Too Many Requests [retry after 2.128 s]; wait, then send less often");
}

#[test]
fn codes_keep_what_they_do_not_know() {
    let code = ErrorCode::from("BrandNew");
    assert!(code.is_unknown());
    assert_eq!(code.to_string(), "BrandNew");
}

#[test]
fn an_error_is_small_and_can_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
