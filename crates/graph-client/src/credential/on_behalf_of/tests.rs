use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use url::form_urlencoded;

use super::OnBehalfOf;
use crate::credential::token::token_request;
use crate::testing::{Reply, Script, start_time};
use graph_runtime::Cloud;

use crate::{ErrorKind, OAuthError, TokenProvider, TokenRequest};

const SECRETS: [&str; 3] = ["app-s3cret", "users-t0ken", "graph-t0ken"];

fn credential(script: &Script) -> OnBehalfOf {
    let credential = OnBehalfOf::new("contoso.example", "app", SECRETS[0], SECRETS[1]).unwrap();
    credential.transport(script.clone())
}

fn granted() -> Reply {
    Reply::json(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": SECRETS[2]}))
}

#[tokio::test(start_paused = true)]
async fn the_users_token_is_exchanged_at_the_authority_of_the_cloud_and_kept() {
    for (cloud, authority) in [
        (Cloud::Global, "https://login.microsoftonline.com"),
        (Cloud::UsGov, "https://login.microsoftonline.us"),
        (Cloud::UsGovDod, "https://login.microsoftonline.us"),
        (Cloud::China, "https://login.chinacloudapi.cn"),
    ] {
        let script = Script::new([granted()]);
        let credential = credential(&script).cloud(cloud).unwrap();
        for _ in 0..2 {
            let token = credential.token(&token_request("g/.default", 0)).await.unwrap();
            assert_eq!(token.secret(), SECRETS[2]);
        }
        assert_eq!(script.lines(), [format!("POST {authority}/contoso.example/oauth2/v2.0/token")]);
        let body = script.requests()[0].body().clone();
        let form: BTreeMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
        let expected = [
            ("assertion", SECRETS[1]),
            ("client_id", "app"),
            ("client_secret", SECRETS[0]),
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("requested_token_use", "on_behalf_of"),
            ("scope", "g/.default"),
        ];
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(form, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn claims_are_asked_for() {
    let script = Script::new([granted()]);
    let request = TokenRequest { claims: Some("{\"a\":1}".into()), ..token_request("s", 0) };
    credential(&script).token(&request).await.unwrap();
    let body = script.requests()[0].body().clone();
    assert!(form_urlencoded::parse(&body).any(|pair| pair == ("claims".into(), "{\"a\":1}".into())));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_quoted_a_redirect_is_not_followed_and_nothing_secret_is_printed() {
    let refusal = json!({"error": "invalid_grant", "error_description": "AADSTS50013: expired"});
    for (reply, expected) in [
        (Reply::new(400).body(refusal.to_string()), "invalid_grant: AADSTS50013: expired"),
        (Reply::new(302).header("Location", "https://evil.example/"), "answered 302 Found without"),
        (Reply::new(200).body("{}"), "no token that can be read"),
    ] {
        let script = Script::new([reply]);
        let credential = credential(&script);
        let error = credential.token(&token_request("s", 0)).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        let printed = format!("{credential:?} {error:?} {error}");
        assert!(SECRETS.iter().all(|secret| !printed.contains(secret)), "{printed}");
        assert_eq!(script.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_among_the_sources_of_the_calls_error_with_its_claims() {
    let refusal = json!({
        "error": "interaction_required", "suberror": "basic_action", "error_codes": [50_076, "x"], "claims": "{\"a\":1}",
        "error_description": "AADSTS50076:\n ada\u{1b}[2J must sign in", "correlation_id": "c", "trace_id": 7,
    });
    let script = Script::new([Reply::new(400).body(refusal.to_string())]);
    let client = script.builder().delegated(credential(&script)).build().unwrap();
    let error = client.things().list().await.unwrap_err();
    assert_eq!((error.kind(), error.claims()), (ErrorKind::Auth, Some("{\"a\":1}")));
    let refusal = OAuthError::within(&error).unwrap();
    assert_eq!((&*refusal.error, &*refusal.error_codes), ("interaction_required", &[50_076][..]));
    assert_eq!((refusal.suberror.as_deref(), refusal.trace_id.as_deref()), (Some("basic_action"), None));
    assert_eq!((refusal.correlation_id.as_deref(), refusal.status.as_u16()), (Some("c"), 400));
    assert!(!refusal.to_string().contains(char::is_control), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_token_is_told_whatever_its_length_is_written_as() {
    let hour = Some(Duration::from_secs(3_599));
    let year = Some(Duration::from_secs(365 * 24 * 3_600));
    for (expires_in, expected) in [
        (json!(3_599), hour),
        (json!("3599"), hour),
        (json!(3_599.9), hour),
        (json!(0), Some(Duration::ZERO)),
        (json!(u64::MAX), year),
        (json!("99999999999999999999"), year),
        (json!(1e300), year),
        (json!(-1), None),
        (json!("soon"), None),
        (json!(null), None),
    ] {
        let answer = json!({"token_type": "Bearer", "expires_in": expires_in, "access_token": "t"});
        // The answer takes its time; the token's life began before it.
        let script = Script::new([Reply::json(answer).after(Duration::from_secs(20))]);
        let token = credential(&script).token(&token_request("s", 0)).await.unwrap();
        let life = token.expires_at().map(|end| end.duration_since(start_time()).unwrap());
        assert_eq!(life, expected, "{expires_in}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_does_not_answer_is_given_up() {
    for (limit, seconds) in [(None, 30), (Some(4), 4)] {
        let script = Script::new([granted().after(Duration::from_secs(3_600))]);
        let mut credential = credential(&script);
        if let Some(limit) = limit {
            credential = credential.time_limit(Duration::from_secs(limit));
        }
        let began = Instant::now();
        let error = credential.token(&token_request("s", 0)).await.unwrap_err().to_string();
        assert_eq!(began.elapsed(), Duration::from_secs(seconds));
        assert!(
            error.ends_with(
                "no answer in time: it had {}s, which `time_limit` of the credential changes"
                    .replace("{}", &seconds.to_string())
                    .as_str()
            ),
            "{error}"
        );
    }
}

#[test]
fn secrets_go_nowhere_but_to_an_authority() {
    for tenant in ["", "a/b", "..", "a@evil.example", "a?b", "a#b", "a\\b", "evil.example/"] {
        let error = OnBehalfOf::new(tenant, "app", "s", "t").unwrap_err();
        assert!(error.message().contains("is no tenant"), "{tenant}: {error}");
    }
    for origin in ["http://login.example", "https://u@login.example", "https://login.example/x", "login"] {
        assert!(credential(&Script::new([])).authority(origin).is_err(), "{origin}");
    }
    assert!(credential(&Script::new([])).authority("http://127.0.0.1:8080").is_ok());
}
