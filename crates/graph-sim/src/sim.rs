//! The handle that tests hold.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;

use crate::app::App;
use crate::behavior::copies;
use crate::builder::SimBuilder;
use crate::clock;
use crate::error::{ServeError, SignInError};
use crate::fault::Fault;
use crate::findings::{Findings, REMARK};
use crate::ids;
use crate::journal::Journal;
use crate::scenario::Scenario;
use crate::server::Server;
use crate::service::Service;
use crate::token::{self, Caller, GRAPH, Grant};
use crate::token_endpoint;
use crate::token_endpoint::Decision;
use crate::transport::Transport;
use crate::weather::Weather;

/// A stateful Microsoft Graph in this process: one tenant, with its users, groups and communities.
///
/// Clones share their state. Time is tokio's: under a paused clock, an operation that takes minutes takes none.
///
/// ```
/// use bytes::Bytes;
/// use graph_sim::Sim;
/// use tower_service::Service as _;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).build();
/// let request = http::Request::get("https://graph.microsoft.com/v1.0/groups")
///     .header("Authorization", format!("Bearer {}", sim.token("ada")))
///     .body(Bytes::new())?;
/// let response = sim.transport().call(request).await?;
///
/// assert_eq!(response.status(), 200);
/// assert_eq!(sim.journal().to_string(), "    0.000s ada GET /v1.0/groups -> 200 groups.list\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Sim {
    service: Arc<Service>,
}

impl Sim {
    /// The id of the tenant; it also goes by `contoso.example`.
    pub const TENANT_ID: &str = ids::TENANT;

    /// Sets up a simulator. It starts out without users; add at least one to have a token.
    pub fn builder() -> SimBuilder {
        SimBuilder::new()
    }

    pub(crate) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    pub(crate) fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// A bearer token of the default app for a user, with every permission; for a name that the simulator doesn't know, one
    /// it refuses.
    pub fn token(&self, user: &str) -> String {
        self.token_for_app(user, ids::DEFAULT_APP)
    }

    /// A bearer token of another app for a user: quotas are kept for each user and app. What a registered [`App`] may do is
    /// what it was consented to; any other may do everything.
    pub fn token_for_app(&self, user: &str, app: &str) -> String {
        self.issue(Some(user), app, self.consented(app, true), GRAPH)
    }

    /// A bearer token of the default app for a user, with these permissions alone, such as `Group.Read.All`.
    pub fn token_with<P: Into<String>>(
        &self,
        user: &str,
        permissions: impl IntoIterator<Item = P>,
    ) -> String {
        self.issue(Some(user), ids::DEFAULT_APP, permissions.into_iter().map(Into::into).collect(), GRAPH)
    }

    /// A bearer token of the default app on its own behalf, without a user, with every permission.
    pub fn app_token(&self) -> String {
        self.issue(None, ids::DEFAULT_APP, self.consented(ids::DEFAULT_APP, false), GRAPH)
    }

    /// A bearer token of the default app on its own behalf, with these permissions alone.
    pub fn app_token_with<P: Into<String>>(&self, permissions: impl IntoIterator<Item = P>) -> String {
        self.issue(None, ids::DEFAULT_APP, permissions.into_iter().map(Into::into).collect(), GRAPH)
    }

    /// The token with which a user called the web service that is the app `app`: what an on-behalf-of flow exchanges. Graph
    /// refuses it, as it is for another audience.
    pub fn assertion(&self, user: &str, app: &str) -> String {
        self.issue(Some(user), "calling-app", BTreeSet::from(["access_as_user".to_owned()]), app)
    }

    /// Signs a user in on the device that shows `code`; the form at `/devicelogin` does the same.
    pub fn sign_in(&self, code: &str, user: &str) -> Result<(), SignInError> {
        let user = self.service.state().store.user_named(user).map(|user| user.id.clone()).ok_or(user);
        let user = user.map_err(|name| SignInError::UnknownUser(name.to_owned()))?;
        self.decide(code, Decision::SignedIn(user))
    }

    /// Declines to sign in on the device that shows `code`.
    pub fn decline_sign_in(&self, code: &str) -> Result<(), SignInError> {
        self.decide(code, Decision::Declined)
    }

    fn decide(&self, code: &str, decision: Decision) -> Result<(), SignInError> {
        let mut state = self.service.state();
        let at = state.now;
        let is_known = state.sign_ins.decide(code, decision, at);
        is_known.then_some(()).ok_or_else(|| SignInError::UnknownCode(code.to_owned()))
    }

    /// Makes every sign-in of a user so far one that can't be renewed; access tokens stay good until they expire.
    pub fn revoke_sign_ins(&self, user: &str) {
        let id = self.user_id(user);
        let mut state = self.service.state();
        let at = state.now;
        state.sign_ins.revoke(&id, at);
    }

    /// The names of the users, in the order in which they were added.
    pub fn users(&self) -> Vec<String> {
        self.service.state().store.user_names().map(str::to_owned).collect()
    }

    /// The id of a user; for a name that the simulator doesn't know, an id that belongs to nobody.
    pub fn user_id(&self, name: &str) -> String {
        let state = self.service.state();
        state.store.user_named(name).map_or_else(|| ids::guid_of_nobody(name), |user| user.id.clone())
    }

    /// The id of the first group of this display name, at this moment.
    pub fn group_id(&self, name: &str) -> Option<String> {
        let state = self.service.state();
        let group = state.store.groups().iter().find(|group| group.profile.display_name == name);
        group.map(|group| group.id.clone())
    }

    /// The id of the first community of this display name, at this moment.
    pub fn community_id(&self, name: &str) -> Option<String> {
        let state = self.service.state();
        let mut communities = state.store.communities();
        let found = communities.find(|(_, group)| group.profile.display_name == name);
        found.map(|(community, _)| community.id.clone())
    }

    /// The id of the first notebook, section or page of this name, at this moment.
    pub fn onenote_id(&self, name: &str) -> Option<String> {
        copies::named(&self.service.state().store.records, name)
    }

    /// The external ids of the courses of a provider that learners find at this moment by a part of the title: those on offer
    /// and meant to be found, as they were [some time ago](SimBuilder::found_after).
    pub fn found_courses(&self, provider: &str, words: &str) -> Vec<String> {
        let state = self.service.state();
        state.store.search.find(provider, words, state.now)
    }

    /// An in-process way to send requests.
    pub fn transport(&self) -> Transport {
        Transport::new(Arc::clone(&self.service))
    }

    /// Scheme and host of every address, without a slash at the end.
    pub fn root(&self) -> String {
        self.service.state().root.clone()
    }

    /// Scheme and host of the token endpoint: the login host of the root's cloud or, where that is none of Microsoft's, the root itself.
    pub fn authority(&self) -> String {
        token_endpoint::authority_of(&self.root()).to_owned()
    }

    /// Every request so far.
    pub fn journal(&self) -> Journal {
        let state = self.service.state();
        let mut labels = state.store.labels();
        labels.push((ids::TENANT.to_owned(), "{tenant}".to_owned()));
        Journal::new(state.entries.as_slice().to_vec(), labels)
    }

    /// Checks that nothing went wrong that shouldn't have: no [violations](Self::violations), and every expectation met.
    ///
    /// # Errors
    ///
    /// Everything that is to be complained about, each with both sides of the exchange.
    pub fn verify(&self) -> Result<(), Findings> {
        Findings::of(&self.service.state())
    }

    /// As [`verify`](Self::verify), for the end of a test.
    ///
    /// # Panics
    ///
    /// If there is something to complain about; the message is that of [`Findings`].
    #[track_caller]
    pub fn assert_clean(&self) {
        if let Err(findings) = self.verify() {
            panic!("{findings}");
        }
    }

    #[cfg(test)]
    pub(crate) fn note_violation(&self, text: &str) {
        self.service.state().violations.push(text.to_owned());
    }

    /// What no client should do, and no service: oldest first.
    ///
    /// - requests and responses that break the contract,
    /// - an operation polled again within 30 seconds of the last answer,
    /// - requests for another host, above all those with a token.
    pub fn violations(&self) -> Vec<String> {
        self.service.state().violations.clone()
    }

    /// What the service accepts and a client should rather not rely on, such as a text where a number is meant: oldest first. The
    /// journal has each as a note of its request; none is a violation.
    pub fn remarks(&self) -> Vec<String> {
        let state = self.service.state();
        let notes = state.entries.as_slice().iter().flat_map(|entry| &entry.notes);
        notes.filter_map(|note| note.strip_prefix(REMARK)).map(str::to_owned).collect()
    }

    /// Changes the [weather](Weather); with none, nothing goes wrong by chance any more, and one can look at what it left.
    pub fn change_weather(&self, weather: impl Into<Option<Weather>>) {
        let mut state = self.service.state();
        state.weather = weather.into();
        state.reach_back();
    }

    /// The time of day in the simulated tenant: it starts on a Monday morning in January 2026. A client that compares its
    /// clock with dates in answers should start there.
    pub fn now(&self) -> SystemTime {
        clock::time_of_day(self.service.state().now)
    }

    /// Begins anew with another tenant, its time and its troubles. Every handle, and the address, stay what they are; ids, tokens
    /// and journal are the new tenant's.
    pub fn load(&self, scenario: &Scenario) {
        self.service.replace(scenario.state());
    }

    /// How long the simulator has been running, in tokio's time.
    pub fn elapsed(&self) -> Duration {
        self.service.state().running()
    }

    /// Leaps over so much time: operations go on, tokens expire, delayed answers come. Time that passes anyway comes on top.
    pub fn advance(&self, by: Duration) {
        self.service.clock.advance(by);
    }

    /// Stops the clock, so that time passes by [`advance`](Self::advance) alone: for a server's tests that want to know every date.
    /// What takes time, such as an answer that is held back, then waits for that.
    pub fn stop_clock(&self) {
        self.service.clock.run(false);
    }

    /// Lets time pass by itself again.
    pub fn start_clock(&self) {
        self.service.clock.run(true);
    }

    /// Adds something that goes wrong, after what was added before.
    pub fn add_fault(&self, fault: Fault) {
        let mut state = self.service.state();
        state.faults.add(fault);
        state.reach_back();
    }

    /// Begins anew with the tenant as it was built, at the time when it was: without faults, and with an empty journal. Tokens
    /// stay good.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Serves HTTP/1.1 until the future is dropped, and with it every connection: `server().serve(listener)`.
    ///
    /// [`root`](Self::root) becomes the listener's address as soon as this is called. Only loopback will do: nobody
    /// should reach a service that checks no signatures.
    pub fn serve(
        &self,
        listener: TcpListener,
    ) -> impl Future<Output = Result<(), ServeError>> + Send + 'static {
        self.server().serve(listener)
    }

    /// How the simulator is served: over TLS, until a signal comes, with an admin endpoint.
    pub fn server(&self) -> Server {
        Server::new(Arc::clone(&self.service))
    }

    pub(crate) fn consented(&self, app: &str, for_user: bool) -> BTreeSet<String> {
        let registered = self.service.state().settings.apps.iter().find(|it| it.id == app).cloned();
        let permissions = &self.service.spec.permissions;
        registered.unwrap_or_else(|| App::new(app)).consented(for_user, permissions).clone()
    }

    /// A token for Graph, or for an app; `user` is a name.
    pub(crate) fn issue(
        &self,
        user: Option<&str>,
        app: &str,
        permissions: BTreeSet<String>,
        audience: &str,
    ) -> String {
        let state = self.service.state();
        let upn = user.and_then(|name| state.store.user_named(name)).map(|user| user.upn.clone());
        let (at, lifetime) = (state.now, state.settings.token_lifetime);
        drop(state);
        let caller = Caller { user: user.map(|name| self.user_id(name)), app: app.to_owned() };
        let grant = Grant { caller, permissions };
        token::issue(&grant, upn.as_deref(), audience, at, lifetime)
    }
}
