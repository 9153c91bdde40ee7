use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use url::form_urlencoded;

use super::DeviceCode;
use crate::credential::token::token_request;
use crate::testing::{Reply, Script};
use crate::{OAuthError, QuotaKey, TokenProvider, TokenRequest, TransportError};

/// A credential over `script`, and the prompts that it showed.
fn credential(script: &Script) -> (DeviceCode, Arc<Mutex<Vec<String>>>) {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let prompts = Arc::clone(&shown);
    let credential = DeviceCode::new("contoso.example", "app", move |address, code| {
        prompts.lock().unwrap().push(format!("{address} {code}"));
    });
    (credential.unwrap().transport(script.clone()), shown)
}

/// The token of a call at that time, which takes two minutes and so polls a renewal to its end.
async fn get(credential: &DeviceCode, seconds: u64) -> Result<String, String> {
    let mut token =
        credential.token(&token_request("s", seconds)).await.map_err(|error| error.to_string())?;
    if let Some(renewal) = token.take_renewal() {
        renewal.beside(tokio::time::sleep(Duration::from_secs(120))).await;
    }
    Ok(token.secret().to_owned())
}

/// The values of `name` in the forms that were sent.
fn sent(script: &Script, name: &str) -> Vec<String> {
    let pairs = script
        .requests()
        .into_iter()
        .flat_map(|request| form_urlencoded::parse(request.body()).into_owned().collect::<Vec<_>>());
    pairs.filter(|(key, _)| key == name).map(|(_, value)| value).collect()
}

fn code() -> Reply {
    Reply::json(json!({
        "device_code": "d3vice", "user_code": "ABCD", "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900, "interval": 5,
    }))
}

fn token(name: &str) -> Reply {
    Reply::json(json!({
        "token_type": "Bearer", "expires_in": 3600, "access_token": name, "refresh_token": "r3newal",
    }))
}

fn refusal(error: &str) -> Reply {
    Reply::new(400).body(json!({"error": error}).to_string())
}

#[tokio::test(start_paused = true)]
async fn the_user_signs_in_once_and_again_when_the_sign_in_can_not_be_renewed() {
    let pending = || refusal("authorization_pending");
    let first = [code(), pending(), pending(), token("t1"), token("t2")];
    let script = Script::new(first.into_iter().chain([refusal("invalid_grant"), code(), token("t3")]));
    let (credential, shown) = credential(&script);
    let began = Instant::now();
    for (seconds, expected, prompts, waited) in
        [(0, "t1", 1, 15), (10, "t1", 1, 15), (3_700, "t2", 1, 15), (7_400, "t3", 2, 20)]
    {
        let token = credential.token(&token_request("s", seconds)).await.unwrap();
        assert_eq!((token.secret(), shown.lock().unwrap().len()), (expected, prompts));
        assert_eq!(began.elapsed(), Duration::from_secs(waited));
    }
    assert_eq!(shown.lock().unwrap()[0], "https://microsoft.com/devicelogin ABCD");
    let origin = "POST https://login.microsoftonline.com/contoso.example/oauth2/v2.0/";
    assert!(script.lines().iter().all(|line| line.starts_with(origin)), "{:?}", script.lines());
    let printed = format!("{credential:?}");
    assert!(
        ["t1", "t2", "t3\"", "r3newal", "d3vice"].iter().all(|secret| !printed.contains(secret)),
        "{printed}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_who_does_not_come_or_declines_ends_the_wait() {
    let script = Script::new([code()].into_iter().chain((0..200).map(|_| refusal("authorization_pending"))));
    let began = Instant::now();
    let error = get(&credential(&script).0, 0).await.unwrap_err();
    assert!(error.contains("nobody signed in with the code within the 900 s"), "{error}");
    assert!(began.elapsed() <= Duration::from_secs(900));

    let script = Script::new([code(), refusal("authorization_declined")]);
    assert_eq!(get(&credential(&script).0, 0).await.unwrap_err(), "authorization_declined");
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_because_the_endpoint_is_out_of_order() {
    let trouble = || {
        [
            Reply::new(503),
            Reply::new(503).body(json!({"error": "invalid_grant"}).to_string()),
            Reply::new(200).body("<html>a portal</html>"),
            refusal("temporarily_unavailable"),
            refusal("invalid_client"),
            Reply::failing(TransportError::connect("refused")),
            token("t9").after(Duration::from_secs(31)),
        ]
    };
    for trouble in trouble() {
        let script = Script::new([code(), token("t1"), trouble, token("t2"), token("t3")]);
        let (credential, shown) = credential(&script);
        for (seconds, expected) in [(0, "t1"), (3_400, "t1"), (3_500, "t2"), (3_600, "t2")] {
            assert_eq!(get(&credential, seconds).await.as_deref(), Ok(expected), "{seconds}");
        }
        assert_eq!(shown.lock().unwrap().len(), 1);
    }
    // Also where there is no token left: then the call fails, and the next one tries again.
    for trouble in trouble() {
        let script = Script::new([code(), token("t1"), trouble, token("t2")]);
        let (credential, shown) = credential(&script);
        get(&credential, 0).await.unwrap();
        get(&credential, 4_000).await.unwrap_err();
        assert_eq!(get(&credential, 4_000).await.as_deref(), Ok("t2"));
        assert_eq!(shown.lock().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_user_is_asked_only_when_there_is_no_token_left() {
    let script = Script::new([code(), token("t1"), refusal("invalid_grant"), code(), token("t2")]);
    let (credential, shown) = credential(&script);
    for (seconds, expected, prompts) in [(0, "t1", 1), (3_400, "t1", 1), (3_500, "t1", 1), (3_700, "t2", 2)] {
        assert_eq!(get(&credential, seconds).await.as_deref(), Ok(expected));
        assert_eq!(shown.lock().unwrap().len(), prompts, "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn polling_survives_what_passes_and_is_never_hasty() {
    let began = Instant::now();
    let passing = [
        Reply::new(502).body("<html>bad gateway</html>"),
        Reply::new(200).body("<html>a portal</html>"),
        Reply::failing(TransportError::lost("reset")),
        refusal("slow_down"),
        refusal("authorization_pending"),
    ];
    let script = Script::new([code()].into_iter().chain(passing).chain([token("t1")]));
    assert_eq!(get(&credential(&script).0, 0).await.as_deref(), Ok("t1"));
    assert_eq!(script.seconds_since(began), [0, 5, 15, 30, 50, 75, 100]);

    for (interval, life, polls) in [
        (json!(0), json!(900), 180),
        (json!(u64::MAX), json!(u64::MAX), 15),
        (json!("1e9"), json!(null), 180),
        (json!(-1), json!(-1), 180),
        (json!(1e300), json!(1e300), 15),
        (json!("7"), json!("60"), 9),
        (json!(5), json!(0), 1),
    ] {
        let code = Reply::json(json!({
            "device_code": "d", "user_code": "A-1", "verification_uri": "http://127.0.0.1:80/", "expires_in": life,
            "interval": interval,
        }));
        let pending = (0..200).map(|_| refusal("authorization_pending"));
        let script = Script::new([code].into_iter().chain(pending));
        get(&credential(&script).0, 0).await.unwrap_err();
        // The request for the code, and no poll at the end of its life.
        assert_eq!(script.requests().len(), polls, "{interval} {life}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shown_that_a_user_should_not_open_or_type() {
    let good = ("https://microsoft.com/devicelogin", "ABCD-1234");
    for (address, user_code) in [
        ("javascript:alert(1)", good.1),
        ("file:///etc/passwd", good.1),
        ("http://microsoft.com/devicelogin", good.1),
        ("https://microsoft.com@evil.example/", good.1),
        ("microsoft.com/devicelogin", good.1),
        ("", good.1),
        (good.0, ""),
        (good.0, "\u{1b}[2J"),
        (good.0, "AB CD"),
        (good.0, "\u{202e}DCBA"),
        (good.0, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let code = Reply::json(json!({
            "device_code": "d", "user_code": user_code, "verification_uri": address, "expires_in": 900,
        }));
        let script = Script::new([code]);
        let (credential, shown) = credential(&script);
        let error = get(&credential, 0).await.unwrap_err();
        assert!(error.contains("nobody was asked to sign in"), "{error}");
        assert_eq!((shown.lock().unwrap().len(), script.requests().len()), (0, 1));
    }
    let code = Reply::json(json!({
        "device_code": "d", "user_code": good.1, "verification_uri": "https://microsoft.com/\u{1b}[2J\nx", "expires_in": 900,
    }));
    let script = Script::new([code, token("t1")]);
    let (credential, shown) = credential(&script);
    get(&credential, 0).await.unwrap();
    assert!(shown.lock().unwrap()[0].chars().all(|char| char.is_ascii_graphic() || char == ' '));
}

#[tokio::test(start_paused = true)]
async fn each_key_signs_in_and_is_renewed_by_itself() {
    let renewable = |name: &str| {
        Reply::json(json!({
            "token_type": "Bearer", "expires_in": 3600, "access_token": name, "refresh_token": format!("renewal of {name}"),
        }))
    };
    let replies = [code(), renewable("a1"), code(), renewable("b1"), renewable("a2"), renewable("b2")];
    let script = Script::new(replies);
    let (credential, shown) = credential(&script);
    for (seconds, user, expected) in
        [(0, "ada", "a1"), (0, "bob", "b1"), (3_700, "ada", "a2"), (3_700, "bob", "b2")]
    {
        let key = QuotaKey::new().user(user);
        let request = TokenRequest { key, ..token_request("s", seconds) };
        assert_eq!(credential.token(&request).await.unwrap().secret(), expected);
    }
    assert_eq!(shown.lock().unwrap().len(), 2);
    assert_eq!(sent(&script, "refresh_token"), ["renewal of a1", "renewal of b1"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_endpoint_refuses_is_kept() {
    let body = json!({"error": "expired_token", "suberror": "bad_token", "error_codes": [70_019]});
    let script = Script::new([code(), Reply::new(400).body(body.to_string())]);
    let error = credential(&script).0.token(&token_request("s", 0)).await.unwrap_err();
    let refusal = OAuthError::within(&*error).unwrap();
    assert_eq!(refusal.suberror.as_deref(), Some("bad_token"));
    assert_eq!((&*refusal.error, &*refusal.error_codes), ("expired_token", &[70_019][..]));
}
