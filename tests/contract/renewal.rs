//! What happens when the service refuses a token, and which of two credentials is asked.

use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt as _;
use graph_facade::models::Group;
use graph_facade::{
    Access, BoxError, BoxFuture, CachedToken, Client, ClientBuilder, Error, ErrorKind, Operation, Token,
    TokenProvider, TokenRequest,
};
use graph_sim::{Fault, Sim};
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;

use crate::support::{POLL, assert_clean, assert_patient, builder, pass, pilots, seconds, statuses};

/// Hands out tokens of the simulator and remembers what it was asked.
#[derive(Clone, Debug)]
struct Issuer {
    sim: Sim,
    user: Option<&'static str>,
    asked: Arc<Mutex<Vec<TokenRequest>>>,
    /// Told to clients of the token's end; the simulator keeps to its own.
    tells_end: bool,
}

impl Issuer {
    fn new(sim: &Sim, user: Option<&'static str>) -> Self {
        Self { sim: sim.clone(), user, asked: Arc::default(), tells_end: false }
    }

    fn asked(&self) -> Vec<TokenRequest> {
        self.asked.lock().unwrap().clone()
    }
}

impl TokenProvider for Issuer {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(request.clone());
            asked.len()
        };
        let token = match self.user {
            // Another app each time, so that every token is a new one.
            Some(user) => self.sim.token_for_app(user, &format!("app-{number}")),
            None => self.sim.app_token(),
        };
        let token = Token::new(token);
        let hour = seconds(3_600);
        Box::pin(
            async move { Ok(if self.tells_end { token.expiring_at(request.now() + hour) } else { token }) },
        )
    }
}

/// A client without the credential that the tests usually have.
fn bare(sim: &Sim) -> ClientBuilder {
    Client::builder().transport(sim.transport()).clock(builder(sim, "ada").build().unwrap().clock().clone())
}

const CHALLENGE: &str =
    "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"";
const CLAIMS: &str = "{\"access_token\":{}}";

fn challenge(operation: &str) -> Fault {
    Fault::claims_challenge(operation, CLAIMS)
}

#[tokio::test(start_paused = true)]
async fn a_claims_challenge_is_answered_once_past_the_cache() {
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(challenge("groups.list").skip(1)).build();
    let issuer = Issuer::new(&sim, Some("ada"));
    let client = bare(&sim).delegated(CachedToken::new(issuer.clone())).build().unwrap();
    client.groups().list().await.unwrap();
    let response = client.groups().list().send_full().await.unwrap();
    client.groups().list().await.unwrap();
    assert_eq!((response.attempts(), statuses(&sim)), (2, [200, 401, 200, 200].map(Some).to_vec()));
    let asked = issuer.asked();
    let claims: Vec<_> = asked.iter().map(TokenRequest::claims).collect();
    assert_eq!(claims, [None, Some(CLAIMS)], "and what it brought is kept");
    assert!(asked[1].refused().is_some());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_second_challenge_is_the_error_and_says_what_is_wanted() {
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(challenge("groups.list").times(9)).build();
    let issuer = Issuer::new(&sim, Some("ada"));
    let client = bare(&sim).credential(issuer.clone()).build().unwrap();
    let error = client.groups().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.claims()), (ErrorKind::Auth, 2, Some(CLAIMS)));
    assert!(
        error
            .to_string()
            .ends_with("sign in again with the claims that the service wants: `claims` of this error")
    );
    assert_eq!((statuses(&sim), issuer.asked().len()), (vec![Some(401); 2], 2));
}

#[tokio::test(start_paused = true)]
async fn conditional_access_challenges_with_403() {
    let fault =
        Fault::respond("groups.list", 403).header(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
    let client = bare(&sim).credential(Issuer::new(&sim, Some("ada"))).build().unwrap();
    client.groups().list().await.unwrap();
    assert_eq!(statuses(&sim), [403, 200].map(Some));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_or_is_revoked_between_two_pages_is_renewed_there() {
    for tells_end in [true, false] {
        let sim =
            (0..5).fold(Sim::builder().user("ada"), |sim, number| sim.group(&format!("g{number}"), ["ada"]));
        let sim = sim.page_size(1).token_lifetime(seconds(3_600)).build();
        let issuer = Issuer { tells_end, ..Issuer::new(&sim, Some("ada")) };
        let client = bare(&sim).delegated(CachedToken::new(issuer.clone())).build().unwrap();
        let mut groups = client.groups().list().items();
        let mut seen: Vec<Group> = Vec::new();
        while let Some(group) = groups.try_next().await.unwrap() {
            seen.push(group);
            pass(seconds(1_500)).await;
        }
        let refused = statuses(&sim).iter().filter(|status| **status == Some(401)).count();
        assert_eq!((seen.len(), issuer.asked().len()), (5, 2), "{tells_end}");
        assert_eq!(refused, usize::from(!tells_end), "a known end is never run into");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_told_with_the_refusal() {
    #[derive(Debug)]
    struct Once(Issuer);
    impl TokenProvider for Once {
        fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
            match request.refused() {
                Some(_) => Box::pin(async { Err("az login has expired".into()) }),
                None => self.0.token(request),
            }
        }
    }
    let sim = Sim::builder().user("ada").fault(Fault::respond("groups.list", 401)).build();
    let client = bare(&sim).credential(Once(Issuer::new(&sim, Some("ada")))).build().unwrap();
    let error = client.groups().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16(), error.attempts()), (ErrorKind::Auth, 401, 1));
    assert!(error.message().ends_with("no other token could be got: az login has expired"), "{error}");
}

fn both(sim: &Sim) -> (Issuer, Issuer, Client) {
    let (user, app) = (Issuer::new(sim, Some("ada")), Issuer::new(sim, None));
    let client = bare(sim).delegated(user.clone()).application(app.clone()).build().unwrap();
    (user, app, client)
}

#[tokio::test(start_paused = true)]
async fn pages_and_polls_stay_with_the_kind_of_access_they_began_with() {
    let sim = Sim::builder().group("a", ["ada"]).group("b", ["ada"]).page_size(1).build();
    let (user, app, client) = both(&sim);
    let all: Vec<_> = client.as_app().groups().list().items().try_collect().await.unwrap();
    let mut creating: Operation<_> =
        client.as_app().communities().create(pilots().owner(sim.user_id("ada"))).await.unwrap();
    creating.wait().await.unwrap();
    assert_eq!((all.len(), user.asked().len()), (2, 0));
    assert!(app.asked().iter().all(|asked| asked.access() == Some(Access::Application)));
    let journal = sim.journal();
    assert!(journal.entries().iter().all(|entry| entry.user == "app"), "{journal}");

    client.groups().list().await.unwrap();
    assert_eq!(user.asked()[0].access(), Some(Access::Delegated), "the default where both suffice");
    client.as_app().on_behalf_of_user().groups().list().await.unwrap();
    assert_eq!(user.asked().len(), 2);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_app_alone_is_refused_what_it_can_not_do_before_anything_is_sent() {
    let sim = Sim::builder().user("ada").build();
    let (user, app, client) = both(&sim);
    let alone = bare(&sim).application(app.clone()).build().unwrap();
    for client in [&alone, &client.as_app()] {
        let error: Error = client.communities().create(pilots()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
        assert!(error.message().ends_with("without owners: name at least one with `owner`"), "{error}");
    }
    assert_eq!((sim.journal().entries().len(), user.asked().len() + app.asked().len()), (0, 0));
    let _ = client.communities().create(pilots()).await.unwrap();
    assert_eq!(user.asked().len(), 1, "on behalf of a user, who becomes the owner");
}

#[tokio::test(start_paused = true)]
async fn the_wrong_kind_is_refused_with_the_remedy_and_the_right_one_chosen() {
    use graph_facade::graph_models::RawClient;
    let sim = Sim::builder().user("ada").build();
    let (user, app, client) = both(&sim);
    for (client, remedy) in [
        (bare(&sim).application(app.clone()).build().unwrap(), "`.delegated(…)` too"),
        (client.as_app(), "call it on behalf of a user"),
    ] {
        let raw = client.connect(RawClient::new);
        let outcome = raw.learning_providers_list(None, None, None, None, None, None, None, None).await;
        let error = Error::from(outcome.unwrap_err());
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
        assert!(error.message().contains(remedy), "{error}");
    }
    assert_eq!((sim.journal().entries().len(), user.asked().len() + app.asked().len()), (0, 0));
    let raw = client.connect(RawClient::new);
    let _ = raw.learning_providers_list(None, None, None, None, None, None, None, None).await;
    assert_eq!((user.asked().len(), app.asked().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_poll_is_not_repeated_at_once_for_a_new_token() {
    let sim = Sim::builder().user("ada").fault(challenge(POLL)).build();
    let client = bare(&sim).delegated(Issuer::new(&sim, Some("ada"))).build().unwrap();
    let mut operation = client.communities().create(pilots()).await.unwrap();
    operation.wait().await.unwrap();
    assert_patient(&sim, 3);
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_of_the_token_in_a_row_ends_the_wait_and_not_the_operation() {
    let sim = Sim::builder().user("ada").fault(challenge(POLL).times(2)).build();
    let client = bare(&sim).delegated(Issuer::new(&sim, Some("ada"))).build().unwrap();
    let mut operation = client.communities().create(pilots()).await.unwrap();
    let refused = operation.wait().await.unwrap_err();
    assert_eq!((refused.kind(), refused.location()), (ErrorKind::Auth, Some(operation.location())));
    operation.wait().await.unwrap();
    assert_patient(&sim, 3);
}
