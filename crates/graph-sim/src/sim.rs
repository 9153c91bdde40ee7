//! The handle that tests hold.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;

use crate::behavior::copies;
use crate::builder::SimBuilder;
use crate::clock;
use crate::error::ServeError;
use crate::ids;
use crate::journal::Journal;
use crate::server;
use crate::service::Service;
use crate::token::{self, Caller};
use crate::transport::Transport;

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
    /// Sets up a simulator. It starts out without users; add at least one to have a token.
    pub fn builder() -> SimBuilder {
        SimBuilder::new()
    }

    pub(crate) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// A bearer token of the default app for a user; for a name that the simulator doesn't know, one it refuses.
    pub fn token(&self, user: &str) -> String {
        self.token_for_app(user, ids::DEFAULT_APP)
    }

    /// A bearer token of another app for a user: quotas are kept for each user and app.
    pub fn token_for_app(&self, user: &str, app: &str) -> String {
        let upn = self.service.state().store.user_named(user).map(|user| user.upn.clone());
        self.issue(&Caller { user: Some(self.user_id(user)), app: app.to_owned() }, upn.as_deref())
    }

    /// A bearer token of the default app on its own behalf, without a user.
    pub fn app_token(&self) -> String {
        self.issue(&Caller { user: None, app: ids::DEFAULT_APP.to_owned() }, None)
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
        self.service.state().store.search.find(provider, words, self.elapsed())
    }

    /// An in-process way to send requests.
    pub fn transport(&self) -> Transport {
        Transport::new(Arc::clone(&self.service))
    }

    /// Scheme and host of every address, without a slash at the end.
    pub fn root(&self) -> String {
        self.service.state().root.clone()
    }

    /// Every request so far.
    pub fn journal(&self) -> Journal {
        let state = self.service.state();
        Journal::new(state.entries.clone(), state.store.labels())
    }

    /// What no client should do, and no service: oldest first.
    ///
    /// - requests and responses that break the contract,
    /// - an operation polled again within 30 seconds of the last answer,
    /// - requests for another host, above all those with a token.
    pub fn violations(&self) -> Vec<String> {
        self.service.state().violations.clone()
    }

    /// The time of day in the simulated tenant: it starts on a Monday morning in January 2026. A client that compares its
    /// clock with dates in answers should start there.
    pub fn now(&self) -> SystemTime {
        clock::time_of_day(self.elapsed())
    }

    /// How long the simulator has been running, in tokio's time.
    pub fn elapsed(&self) -> Duration {
        self.service.clock.elapsed()
    }

    /// Serves HTTP/1.1 until the future is dropped; each connection is a task of the current tokio runtime.
    ///
    /// [`root`](Self::root) becomes the listener's address as soon as this is called. Only loopback will do: nobody
    /// should reach a service that checks no signatures.
    pub fn serve(
        &self,
        listener: TcpListener,
    ) -> impl Future<Output = Result<(), ServeError>> + Send + 'static {
        let ready = self.move_to(&listener);
        let transport = self.transport();
        async move {
            ready?;
            server::serve(listener, transport).await
        }
    }

    fn move_to(&self, listener: &TcpListener) -> Result<(), ServeError> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        self.service.state().root = format!("http://{address}");
        Ok(())
    }

    fn issue(&self, caller: &Caller, upn: Option<&str>) -> String {
        token::issue(caller, upn, self.service.state().now, self.service.settings.token_lifetime)
    }
}
