//! What a credential library asks, and what it is told.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::token::{self, unsigned};
use crate::{App, Fault, SignInError, Sim};

const LOGIN: &str = "https://login.microsoftonline.com";
const DEFAULT: &str = "https://graph.microsoft.com/.default";
const OTHER: &str = "11111111-2222-4333-8444-555555555555";

fn tenant() -> Sim {
    let other = App::new(OTHER).secret("other").delegated(["Group.Read.All"]).application(["User.Read.All"]);
    Sim::builder().group("Pilots", ["ada"]).app(other).token_lifetime(Duration::from_secs(3_600)).build()
}

async fn send(sim: &Sim, request: Request<Bytes>) -> (StatusCode, HeaderMap, Value) {
    let (head, body) = sim.transport().call(request).await.unwrap().into_parts();
    (head.status, head.headers, serde_json::from_slice(&body).unwrap_or_default())
}

fn form(parameters: &[(&str, &str)]) -> Bytes {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&").into()
}

async fn post(sim: &Sim, path: &str, parameters: &[(&str, &str)]) -> (StatusCode, Value) {
    let request = Request::post(format!("{LOGIN}/contoso.example{path}"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let (status, _, json) = send(sim, request.body(form(parameters)).unwrap()).await;
    (status, json)
}

async fn ask(sim: &Sim, parameters: &[(&str, &str)]) -> (StatusCode, Value) {
    post(sim, "/oauth2/v2.0/token", parameters).await
}

fn as_app<'a>(id: &'a str, secret: &'a str, scope: &'a str) -> [(&'static str, &'a str); 4] {
    [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", scope)]
}

/// The status of a request to Graph with this token.
async fn call(sim: &Sim, token: &Value, path: &str) -> u16 {
    let request = Request::get(format!("https://graph.microsoft.com/v1.0{path}"));
    let request = request.header("authorization", format!("Bearer {}", token.as_str().unwrap_or_default()));
    send(sim, request.body(Bytes::new()).unwrap()).await.0.as_u16()
}

#[tokio::test(start_paused = true)]
async fn an_app_gets_a_token_of_what_it_was_consented_to() {
    let sim = tenant();
    let (status, answer) = ask(&sim, &as_app(App::DEFAULT_ID, App::DEFAULT_SECRET, DEFAULT)).await;
    assert_eq!((status.as_u16(), &answer["token_type"]), (200, &json!("Bearer")));
    assert_eq!((&answer["expires_in"], &answer["refresh_token"]), (&json!(3_600), &Value::Null));
    assert_eq!(call(&sim, &answer["access_token"], "/groups").await, 200);

    let (_, other) = ask(&sim, &as_app(OTHER, "other", DEFAULT)).await;
    let claims = token::claims(other["access_token"].as_str().unwrap()).unwrap();
    assert_eq!((&claims["appid"], &claims["roles"]), (&json!(OTHER), &json!(["User.Read.All"])));
    assert_eq!((&claims["tid"], &claims["idtyp"]), (&json!(Sim::TENANT_ID), &json!("app")));
    assert_eq!(call(&sim, &other["access_token"], "/users/ada@contoso.example").await, 200);
    assert_eq!(call(&sim, &other["access_token"], "/groups").await, 403);

    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert_eq!(call(&sim, &answer["access_token"], "/groups").await, 401);
    let by_id = Request::get(format!("{LOGIN}/{}/discovery/v2.0/keys", Sim::TENANT_ID));
    send(&sim, by_id.body(Bytes::new()).unwrap()).await;
    let journal = sim.journal().to_string();
    assert!(journal.contains(" GET /{tenant}/discovery/v2.0/keys -> 200"), "{journal}");
    assert!(journal.contains(" POST /contoso.example/oauth2/v2.0/token -> 200 oauth2.token"), "{journal}");
    assert!(!journal.contains("secret"), "{journal}");
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_app_may_prove_itself_by_header_or_assertion() {
    let sim = tenant();
    let basic = Request::post(format!("{LOGIN}/common/oauth2/v2.0/token"))
        .header("authorization", format!("Basic {}", base64_of(&format!("{OTHER}:other"))))
        .body(form(&[("grant_type", "client_credentials"), ("scope", DEFAULT)]));
    assert_eq!(send(&sim, basic.unwrap()).await.0, 200);

    for (subject, audience, expected) in [
        (OTHER, format!("{LOGIN}/contoso.example/oauth2/v2.0/token"), 200),
        (App::DEFAULT_ID, format!("{LOGIN}/contoso.example/oauth2/v2.0/token"), 401),
        (OTHER, "https://evil.example/token".to_owned(), 401),
    ] {
        let assertion = unsigned(&json!({ "iss": OTHER, "sub": subject, "aud": audience }));
        let parameters = [
            ("grant_type", "client_credentials"),
            ("client_id", OTHER),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
            ("scope", DEFAULT),
        ];
        assert_eq!(ask(&sim, &parameters).await.0, expected, "{subject} {audience}");
    }
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test(start_paused = true)]
async fn refusals_are_worded_as_entra_words_them() {
    let sim = tenant();
    let (app, secret) = (App::DEFAULT_ID, App::DEFAULT_SECRET);
    let on_behalf = |assertion: &'static str| {
        vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("requested_token_use", "on_behalf_of"),
            ("client_id", app),
            ("client_secret", secret),
            ("scope", DEFAULT),
            ("assertion", assertion),
        ]
    };
    let token_for_graph: &str = sim.token("ada").leak();
    for (parameters, status, error, code) in [
        (vec![], 400, "invalid_request", 900_144),
        (vec![("grant_type", "password")], 400, "unsupported_grant_type", 70_003),
        (as_app("nobody", secret, DEFAULT).to_vec(), 400, "unauthorized_client", 700_016),
        (as_app(app, "wrong", DEFAULT).to_vec(), 401, "invalid_client", 7_000_215),
        (as_app(app, "", DEFAULT).to_vec(), 401, "invalid_client", 7_000_218),
        (as_app(app, secret, "Group.Read.All").to_vec(), 400, "invalid_scope", 1_002_012),
        (as_app(app, secret, "https://vault.example/.default").to_vec(), 400, "invalid_resource", 500_011),
        (on_behalf("made.up.token"), 400, "invalid_grant", 50_013),
        (on_behalf(token_for_graph), 400, "invalid_grant", 500_131),
        (
            vec![("grant_type", "refresh_token"), ("client_id", app), ("refresh_token", "made up")],
            400,
            "invalid_grant",
            9_002_313,
        ),
    ] {
        let (is, answer) = ask(&sim, &parameters).await;
        assert_eq!((is.as_u16(), &answer["error"]), (status, &json!(error)), "{answer}");
        assert_eq!(answer["error_codes"], json!([code]), "{answer}");
        let text = answer["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{code}: ")) && text.contains(" Trace ID: "), "{text}");
        assert_eq!(answer["timestamp"], "2026-01-05 08:00:00Z");
        assert!(answer["trace_id"].is_string() && answer["correlation_id"].is_string());
    }
    let elsewhere = Request::post(format!("{LOGIN}/fabrikam.example/oauth2/v2.0/token"));
    let (_, _, answer) = send(&sim, elsewhere.body(Bytes::new()).unwrap()).await;
    assert_eq!(answer["error_codes"], json!([90_002]));
    let got = Request::get(format!("{LOGIN}/common/oauth2/v2.0/token")).body(Bytes::new()).unwrap();
    assert_eq!(send(&sim, got).await.2["error_codes"], json!([900_561]));
}

/// Asks for a code and, if somebody is named, signs in.
async fn device(sim: &Sim, scope: &str) -> (String, String) {
    let (status, code) =
        post(sim, "/oauth2/v2.0/devicecode", &[("client_id", OTHER), ("scope", scope)]).await;
    assert_eq!(status, 200, "{code}");
    assert_eq!((&code["expires_in"], &code["interval"]), (&json!(900), &json!(5)));
    let text = |name: &str| code[name].as_str().unwrap().to_owned();
    assert!(
        text("message").contains(&text("user_code")) && text("verification_uri").ends_with("/devicelogin")
    );
    (text("device_code"), text("user_code"))
}

async fn poll(sim: &Sim, device_code: &str) -> (String, Value) {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let parameters = [("grant_type", grant), ("client_id", OTHER), ("device_code", device_code)];
    let (_, answer) = ask(sim, &parameters).await;
    (answer["error"].as_str().unwrap_or("token").to_owned(), answer)
}

#[tokio::test(start_paused = true)]
async fn a_user_signs_in_on_another_device_and_the_sign_in_is_renewed() {
    let sim = tenant();
    let (device_code, user_code) = device(&sim, "Group.Read.All offline_access openid").await;
    assert_eq!(poll(&sim, &device_code).await.0, "authorization_pending");
    assert_eq!(sim.sign_in(&user_code, "bob"), Err(SignInError::UnknownUser("bob".to_owned())));
    assert_eq!(sim.sign_in("x", "ada"), Err(SignInError::UnknownCode("x".to_owned())));
    sim.sign_in(&user_code.to_ascii_lowercase(), "ada").unwrap();
    let (outcome, answer) = poll(&sim, &device_code).await;
    assert_eq!(outcome, "token", "{answer}");
    assert_eq!(answer["scope"], "https://graph.microsoft.com/Group.Read.All");
    let id = token::claims(answer["id_token"].as_str().unwrap()).unwrap();
    assert_eq!((&id["preferred_username"], &id["aud"]), (&json!("ada@contoso.example"), &json!(OTHER)));
    assert_eq!(call(&sim, &answer["access_token"], "/groups").await, 200);
    assert_eq!(call(&sim, &answer["access_token"], "/users/ada@contoso.example").await, 403);
    assert_eq!(poll(&sim, &device_code).await.0, "bad_verification_code", "a code is good for one token");

    let renew = async |token: &Value| {
        let token = token.as_str().unwrap();
        let parameters = [("grant_type", "refresh_token"), ("client_id", OTHER), ("refresh_token", token)];
        ask(&sim, &parameters).await.1
    };
    let renewed = renew(&answer["refresh_token"]).await;
    assert!(renewed["access_token"].is_string() && renewed["refresh_token"] != answer["refresh_token"]);
    tokio::time::advance(Duration::from_secs(90 * 24 * 60 * 60)).await;
    assert_eq!(renew(&renewed["refresh_token"]).await["error_codes"], json!([700_082]));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_may_be_declined_expire_or_be_revoked() {
    let sim = tenant();
    let (device_code, user_code) = device(&sim, DEFAULT).await;
    sim.decline_sign_in(&user_code).unwrap();
    assert_eq!(poll(&sim, &device_code).await.0, "authorization_declined");

    let (device_code, user_code) = device(&sim, DEFAULT).await;
    tokio::time::advance(Duration::from_secs(900)).await;
    assert_eq!(poll(&sim, &device_code).await.0, "expired_token");
    assert_eq!(sim.sign_in(&user_code, "ada"), Err(SignInError::UnknownCode(user_code)));

    let (device_code, user_code) = device(&sim, &format!("{DEFAULT} offline_access")).await;
    sim.sign_in(&user_code, "ada").unwrap();
    let (_, answer) = poll(&sim, &device_code).await;
    sim.revoke_sign_ins("ada");
    let token = answer["refresh_token"].as_str().unwrap();
    let parameters = [("grant_type", "refresh_token"), ("client_id", OTHER), ("refresh_token", token)];
    assert_eq!(ask(&sim, &parameters).await.1["error_codes"], json!([50_173]));
}

#[tokio::test(start_paused = true)]
async fn consent_and_the_words_of_a_scope_are_checked() {
    let sim = tenant();
    for (scope, code) in [
        ("User.Read.All", 65_001),
        ("Made.Up", 70_011),
        ("https://graph.microsoft.com/.default Group.Read.All", 70_011),
        (&format!("Group.Read.All api://{OTHER}/.default"), 28_000),
    ] {
        let parameters = [("client_id", OTHER), ("scope", scope)];
        let (_, answer) = post(&sim, "/oauth2/v2.0/devicecode", &parameters).await;
        assert_eq!(answer["error_codes"], json!([code]), "{scope}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_form_in_a_browser_signs_in_too() {
    let sim = tenant();
    let (device_code, user_code) = device(&sim, DEFAULT).await;
    let page = Request::get(format!("{LOGIN}/devicelogin")).body(Bytes::new()).unwrap();
    let (status, headers, _) = send(&sim, page).await;
    assert_eq!(
        (status.as_u16(), headers["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    for (user, origin, expected) in [
        ("bob", LOGIN, 400),
        ("ada", "https://evil.example", 403),
        ("ada", "null", 403),
        ("ada@contoso.example", LOGIN, 200),
        ("ada", LOGIN, 400),
    ] {
        let body = form(&[("code", &user_code), ("user", user)]);
        let sent = Request::post(format!("{LOGIN}/devicelogin")).header("origin", origin).body(body).unwrap();
        assert_eq!(send(&sim, sent).await.0, expected, "{user} by {origin}");
    }
    assert_eq!(poll(&sim, &device_code).await.0, "token");
}

#[tokio::test(start_paused = true)]
async fn an_app_acts_for_the_user_who_called_it() {
    let sim = tenant();
    let assertion = sim.assertion("ada", App::DEFAULT_ID);
    let parameters = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("requested_token_use", "on_behalf_of"),
        ("client_id", App::DEFAULT_ID),
        ("client_secret", App::DEFAULT_SECRET),
        ("scope", DEFAULT),
        ("assertion", &assertion),
    ];
    let (status, answer) = ask(&sim, &parameters).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(call(&sim, &answer["access_token"], "/groups").await, 200);
    assert_eq!(call(&sim, &json!(assertion), "/groups").await, 401, "it is for the app, not for Graph");
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert_eq!(ask(&sim, &parameters).await.1["error_codes"], json!([500_133]));
}

#[tokio::test(start_paused = true)]
async fn the_metadata_leads_to_the_endpoints() {
    let sim = tenant();
    let get = async |path: &str| {
        let request = Request::get(format!("https://graph.microsoft.com{path}")).body(Bytes::new()).unwrap();
        send(&sim, request).await.2
    };
    let document = get("/contoso.example/v2.0/.well-known/openid-configuration").await;
    let base = "https://login.microsoftonline.com/contoso.example";
    assert_eq!(document["token_endpoint"], format!("{base}/oauth2/v2.0/token"));
    assert_eq!(document["device_authorization_endpoint"], format!("{base}/oauth2/v2.0/devicecode"));
    assert_eq!(document["issuer"], format!("https://login.microsoftonline.com/{}/v2.0", Sim::TENANT_ID));
    assert_eq!(get("/contoso.example/discovery/v2.0/keys").await, json!({ "keys": [] }));
    let instance = get("/common/discovery/instance?api-version=1.1").await;
    assert!(instance["tenant_discovery_endpoint"].as_str().unwrap().ends_with("/openid-configuration"));
}

#[tokio::test(start_paused = true)]
async fn faults_strike_the_token_endpoint_too() {
    let sim = Sim::builder().user("ada").fault(Fault::respond("oauth2.token", 503)).build();
    let parameters = as_app(App::DEFAULT_ID, App::DEFAULT_SECRET, DEFAULT);
    assert_eq!(ask(&sim, &parameters).await.0, 503);
    assert_eq!(ask(&sim, &parameters).await.0, 200);
}
