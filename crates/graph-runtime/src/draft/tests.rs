use super::*;
use crate::operation::tests::READ;

static PICTURE: OperationInfo =
    OperationInfo::new("things.put", "things_put", "PUT", "/things/{thing-id}").media_type("image/jpeg");
static TEXT: OperationInfo = OperationInfo::new("things.post", "things_post", "POST", "/things/{thing-id}");

/// What `write` makes of a request for `operation`.
fn written(operation: &'static OperationInfo, write: impl FnOnce(Draft<'_>) -> Draft<'_>) -> String {
    let seam = Seam::unconnected();
    let draft = write(seam.request(operation, "https://h/v1.0/things".to_owned()));
    match draft.finish(Some("application/json")) {
        Ok(request) => {
            let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let body = str::from_utf8(request.body()).unwrap_or("bytes");
            format!("{} {} {} {body}", request.method(), request.uri(), content_type.unwrap_or("-"))
        }
        Err(why) => why,
    }
}

#[test]
fn queries_hold_what_there_is() {
    let none = None::<&str>;
    let cases = [
        (written(&READ, |draft| draft.query("$select", none)), "GET https://h/v1.0/things - "),
        (
            written(&READ, |draft| draft.query("$top", Some(5)).query("x", none).query("$count", Some(true))),
            "GET https://h/v1.0/things?%24top=5&%24count=true - ",
        ),
        (
            written(&READ, |draft| draft.query("f", Some("a b+c='\u{fc}'&#?*-._~"))),
            "GET https://h/v1.0/things?f=a%20b%2Bc%3D%27%C3%BC%27%26%23%3F*-._%7E - ",
        ),
    ];
    for (written, expected) in cases {
        assert_eq!(written, expected);
    }
}

#[test]
fn bodies_say_what_they_are() {
    let cases = [
        (written(&TEXT, |draft| draft.json(&["a"])), "POST https://h/v1.0/things application/json [\"a\"]"),
        (written(&TEXT, |draft| draft.body("text/plain", "a")), "POST https://h/v1.0/things text/plain a"),
        (
            written(&PICTURE, |draft| draft.body("application/octet-stream", "a")),
            "PUT https://h/v1.0/things image/jpeg a",
        ),
        (
            written(&TEXT, |draft| draft.json(&std::collections::BTreeMap::from([(vec![1], 1)]))),
            "key must be a string",
        ),
    ];
    for (written, expected) in cases {
        assert_eq!(written, expected);
    }
}

#[test]
fn arguments_stay_one_part_of_the_path() {
    for (argument, encoded) in [
        ("eyJ/=+%", "eyJ%2F=+%25"),
        (r"..\users", "..%5Cusers"),
        ("a?b#c", "a%3Fb%23c"),
        ("\u{fc}\n", "%C3%BC%0A"),
    ] {
        assert_eq!(encode_path(argument).to_string(), encoded);
    }
}
