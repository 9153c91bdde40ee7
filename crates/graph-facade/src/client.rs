//! The client that everything starts from.

use std::ops::Deref;

use graph_client::{Batch, QuotaKey};
use graph_models::facts;

/// A connection to Microsoft Graph on behalf of one credential, with the resources of this crate.
///
/// Cloning is cheap, and clones share connections, rate limits and everything else. Handles that a client gives out own
/// what they need. It is the [engine's client](graph_client::Client) and what that has: `drift`, `connect`, `batch` and so on.
///
/// ```
/// use graph_facade::{Client, StaticToken};
///
/// let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).build()?;
/// # Ok::<(), graph_facade::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client(graph_client::Client);

/// Settings of a [`Client`]. All but the credential have a default.
pub type ClientBuilder = graph_client::ClientBuilder<Client>;

/// What the service's logs call this crate.
const PRODUCT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

impl Client {
    /// A builder, to which only a credential must be given.
    pub fn builder() -> ClientBuilder {
        graph_client::ClientBuilder::of_product(PRODUCT)
    }

    /// The same client for calls on behalf of a user, also where the app could call by itself: see
    /// [`graph_client::Client::on_behalf_of_user`].
    pub fn on_behalf_of_user(&self) -> Self {
        Self(self.0.on_behalf_of_user())
    }

    /// The same client for calls of the app itself, also where it could call on behalf of a user.
    ///
    /// Handles and lists that come from it stay with that. What the service doesn't offer to apps is refused before
    /// anything is sent.
    ///
    /// ```no_run
    /// # async fn example(client: graph_facade::Client) -> Result<(), graph_facade::Error> {
    /// let seen_by_the_user = client.groups().list().await?;
    /// let seen_by_the_app = client.as_app().groups().list().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_app(&self) -> Self {
        Self(self.0.as_app())
    }

    /// Calls that travel together: see [`graph_client::Client::batch`].
    ///
    #[doc = facts!(BATCH)]
    pub fn batch(&self) -> Batch {
        self.0.batch()
    }

    /// The same client, acting for somebody else: see [`graph_client::Client::with_quota_key`].
    pub fn with_quota_key(&self, key: QuotaKey) -> Self {
        Self(self.0.with_quota_key(key))
    }
}

impl Deref for Client {
    type Target = graph_client::Client;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<graph_client::Client> for Client {
    fn from(client: graph_client::Client) -> Self {
        Self(client)
    }
}

impl From<Client> for graph_client::Client {
    fn from(client: Client) -> Self {
        client.0
    }
}
