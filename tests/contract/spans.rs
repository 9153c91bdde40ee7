//! What the spans of calls and attempts say, and what they never say.

use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt as _;
use graph_facade::models::{Community, Group};
use graph_facade::{
    BoxError, BoxFuture, CachedToken, CallContext, Error, ErrorKind, Middleware, Operation, QuotaKey, Token,
    TokenProvider, TokenRequest, field,
};
use graph_sim::{Fault, Sim};
use http::HeaderMap;

use crate::recorder::{Recording, record};
use crate::support::{assert_clean, builder, client, pilots, seconds};

/// Hands out a token that the simulator refuses, and then a good one.
#[derive(Debug)]
struct Stale(String);

impl TokenProvider for Stale {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        let token = if request.refused().is_some() { &self.0 } else { "stale" };
        Box::pin(async move { Ok(Token::new(token)) })
    }
}

fn groups(names: &[&str]) -> graph_sim::SimBuilder {
    names.iter().fold(Sim::builder().user("ada"), |sim, name| sim.group(name, ["ada"]))
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_throttled_once() {
    let fault = Fault::throttle("communities.get").retry_after("2.5");
    let sim = Sim::builder().community("Pilots", ["ada"]).fault(fault).build();
    let community = sim.community_id("Pilots").unwrap();
    let (recording, _guard) = record();
    client(&sim, "ada").communities().get(community).await.unwrap();
    insta::assert_snapshot!(recording.print());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_token_was_renewed() {
    let sim = groups(&["Pilots"]).build();
    let client = builder(&sim, "ada").credential(Stale(sim.token("ada"))).build().unwrap();
    let (recording, _guard) = record();
    client.groups().list().await.unwrap();
    insta::assert_snapshot!(recording.print());
}

#[tokio::test(start_paused = true)]
async fn a_list_of_two_pages() {
    let sim = groups(&["Pilots", "Cooks", "Nurses"]).page_size(2).build();
    let (recording, _guard) = record();
    let groups: Vec<Group> = client(&sim, "ada").groups().list().items().try_collect().await.unwrap();
    assert_eq!(groups.len(), 3);
    insta::assert_snapshot!(recording.print());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_long_running_operation_also_across_a_restart() {
    let sim = Sim::builder().user("ada").build();
    let (recording, _guard) = record();
    let operation = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let saved = operation.save();
    let mut resumed: Operation<Community> = client(&sim, "ada").operations().resume(saved).unwrap();
    resumed.wait().await.unwrap();
    insta::assert_snapshot!(recording.print());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_the_limiter_and_one_that_fails() {
    let sim = Sim::builder().community("Pilots", ["ada"]).build();
    let community = sim.community_id("Pilots").unwrap();
    let client = client(&sim, "ada");
    for _ in 0..10 {
        client.communities().get(&*community).await.unwrap();
    }
    let (recording, _guard) = record();
    let error = client.communities().get("nowhere").await.unwrap_err();
    assert!(error.is_not_found());
    insta::assert_snapshot!(recording.print());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost() {
    let sim = Sim::builder().user("ada").fault(Fault::lose_connection("communities.create")).build();
    let (recording, _guard) = record();
    let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(recording.values("graph.attempt", "error.type"), ["connect"]);
    assert_eq!(recording.values("graph.call", "otel.status_code"), ["ERROR"]);
}

/// Whatever goes well or wrong, nothing that is said about it holds a token, what people search for, or who they are.
#[tokio::test(start_paused = true)]
async fn no_secret_and_nothing_about_people_is_in_any_field() {
    let sim = groups(&["Pilots"])
        .user("grace")
        .fault(Fault::throttle("groups.list"))
        .fault(Fault::respond("groups.members.add", 400).body(
            r#"{"error": {"code": "Request_BadRequest", "message": "ada@example.com lacks a licence"}}"#,
        ))
        .build();
    let (group, grace) = (sim.group_id("Pilots").unwrap(), sim.user_id("grace"));
    let token = sim.token("ada");
    let (recording, _guard) = record();
    let client = client(&sim, "ada");
    let about_ada = field("displayName").starts_with("Ada");
    client.groups().list().filter(about_ada).await.unwrap();
    client.groups().list().search(graph_facade::Search::term("displayName", "Lovelace")).await.unwrap();
    client.groups().members(&*group).add(&*grace).await.unwrap_err();
    client.users().get(&*grace).await.unwrap();
    client.users().get("ada@example.com").await.unwrap_err();
    client.groups().members(&*group).remove(&*grace).await.unwrap();
    let mut operation = client.communities().create(pilots()).await.unwrap();
    operation.wait().await.unwrap();

    let fields = recording.fields();
    assert!(fields.len() > 100, "{}", recording.print());
    for private in [&*token, "Bearer", &*grace, &*group, "Ada", "ada@", "Lovelace", "licence", "$filter", "?"]
    {
        let leaks: Vec<_> = fields.iter().filter(|(_, value)| value.contains(private)).collect();
        assert!(leaks.is_empty(), "{private}: {leaks:?}");
    }
}

/// Has one token, of which it says that it ends in a minute, and then words about people.
#[derive(Debug)]
struct Talkative(String);

impl TokenProvider for Talkative {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(async move {
            match request.refused() {
                None if request.quota_key().user.is_none() => {
                    Ok(Token::new(&*self.0).expiring_at(request.now() + seconds(60)))
                }
                _ => Err("AADSTS50034: The user account ada@example.com does not exist".into()),
            }
        })
    }
}

/// What a token service says stays out as well, and so does a code that is none.
#[tokio::test(start_paused = true)]
async fn nothing_that_a_credential_or_a_service_says_is_in_any_field() {
    let said =
        r#"{"error": {"code": "ada@example.com", "message": "referenced don't exist: ada@example.com"}}"#;
    let refusal =
        |operation| Fault::respond(operation, 400).content_type("application/json").body(said).times(4);
    let faults = [refusal("groups.members.add"), refusal("groups.update")];
    let sim =
        faults.into_iter().fold(groups(&["Pilots"]).user("grace"), graph_sim::SimBuilder::fault).build();
    let (group, grace) = (sim.group_id("Pilots").unwrap(), sim.user_id("grace"));
    let (recording, _guard) = record();
    let credential = CachedToken::new(Talkative(sim.token("ada")));
    let client = builder(&sim, "ada").credential(credential).build().unwrap();
    client.groups().list().await.unwrap();
    let for_ada = client.with_quota_key(QuotaKey::new().user("x"));
    let error = for_ada.groups().list().await.unwrap_err();
    assert!(error.message().contains("ada@example.com"), "{error}");
    client.groups().members(&*group).add(&*grace).await.unwrap_err();
    client.groups().members(&*group).reconcile([sim.user_id("ada"), grace]).await.unwrap();

    let printed = recording.print();
    for expected in ["no new token", "waiting until it can be found", "graph.error.code: other"] {
        assert!(printed.contains(expected), "{expected}\n{printed}");
    }
    let leaks: Vec<_> = recording.fields().into_iter().filter(|(_, value)| value.contains("ada@")).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
}

/// Notes what it is told, and in which span.
#[derive(Clone, Debug, Default)]
struct Notes(Arc<Mutex<Vec<String>>>, Recording);

impl Notes {
    fn write(&self, what: &str, context: &CallContext<'_>) {
        let span = self.1.innermost();
        self.0.lock().unwrap().push(format!("{span} {}: {what}", context.attempt));
    }
}

impl Middleware for Notes {
    fn on_request(&self, context: &CallContext<'_>, _: &mut HeaderMap) -> Result<(), BoxError> {
        self.write("request", context);
        Ok(())
    }

    fn on_response(&self, context: &CallContext<'_>, response: &http::Response<bytes::Bytes>) {
        self.write(response.status().as_str(), context);
    }

    fn on_failure(&self, context: &CallContext<'_>, error: &Error) {
        assert_eq!(error.client_request_id().is_some(), context.attempt == 0);
        self.write(&format!("{:?}", error.kind()), context);
    }
}

#[tokio::test(start_paused = true)]
async fn middleware_runs_inside_of_the_spans_and_sees_failures() {
    let lost = Fault::lose_connection("users.get").before_processing();
    let sim = Sim::builder().user("ada").fault(lost).build();
    let (recording, _guard) = record();
    let notes = Notes(Arc::default(), recording);
    let client = builder(&sim, "ada").call_middleware(notes.clone()).attempt_middleware(notes.clone());
    client.build().unwrap().users().get("nobody").await.unwrap_err();
    let expected = [
        "graph.call 0: request",
        "graph.attempt 1: request",
        "graph.attempt 1: Connect",
        "graph.attempt 2: request",
        "graph.attempt 2: 404",
        "graph.call 0: Service",
    ];
    assert_eq!(*notes.0.lock().unwrap(), expected);
}
