//! The client that everything starts from.

use std::sync::Arc;

use graph_models::{ApiVersion, Cloud, Identify, Inspect, OperationInfo, RawClient, Seam};
use http::{Extensions, HeaderMap};
use serde::de::DeserializeOwned;
use url::Url;

use crate::clock::Clock;
use crate::error::{BoxError, Error, ErrorKind};
use crate::limit::QuotaKey;
use crate::pipeline::{Pipeline, Terms};
use crate::policy::RetryPolicy;
use crate::scopes::Access;
use crate::telemetry::{DriftLog, DriftReport};

mod builder;
mod call;

pub use builder::ClientBuilder;
pub(crate) use call::RawCall;

/// A connection to Microsoft Graph on behalf of one credential.
///
/// Cloning is cheap, and clones share connections, rate limits and everything else. Handles that a client gives out own
/// what they need.
///
/// ```
/// use graph_facade::{Client, StaticToken};
///
/// let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).build()?;
/// # Ok::<(), graph_facade::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) shared: Arc<Shared>,
    /// Whose budgets its calls count against.
    pub(crate) key: QuotaKey,
}

/// What clones of a client share beside the way that their calls take.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Writes requests below the root, and sends none.
    pub(crate) raw: RawClient,
    /// What the models do not know of the answers; nothing if nobody wants to know.
    drift: Option<Arc<DriftLog>>,
    /// What others keep with a client, by its type.
    pub(crate) extensions: Extensions,
}

impl Client {
    /// A builder, to which only a credential must be given.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The same client for calls on behalf of a user, also where the app could call by itself.
    ///
    /// Handles and lists that come from it stay with that. What the service doesn't offer to users is refused before
    /// anything is sent.
    pub fn on_behalf_of_user(&self) -> Self {
        self.with_access(Access::Delegated)
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
        self.with_access(Access::Application)
    }

    fn with_access(&self, access: Access) -> Self {
        let pipeline = Pipeline { access: Some(access), ..(*self.pipeline).clone() };
        Self { pipeline: Arc::new(pipeline), ..self.clone() }
    }

    /// The same client with another retry policy, made of its own.
    pub(crate) fn with_retry<P: RetryPolicy + 'static>(
        &self,
        wrap: impl FnOnce(Arc<dyn RetryPolicy>) -> P,
    ) -> Self {
        let retry = Arc::new(wrap(Arc::clone(&self.pipeline.retry)));
        let pipeline = Pipeline { retry, ..(*self.pipeline).clone() };
        Self { pipeline: Arc::new(pipeline), ..self.clone() }
    }

    /// The raw client of a generated crate, with every call of it going through this client's pipeline: limits, retries,
    /// token, middleware.
    ///
    /// It is for operations that this crate has no method for, and for other slices of Graph that `cargo codegen generate`
    /// writes. What they fail with, a [`Failure`](graph_models::Failure), converts into an [`Error`].
    ///
    /// ```no_run
    /// # async fn example(client: graph_facade::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use graph_facade::graph_models::{Id, RawClient};
    ///
    /// let raw = client.connect(RawClient::new);
    /// let role = raw.engagement_roles_get(&Id::new("ec759127-089f")?, None, None).await?.value;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect<R>(&self, raw: impl FnOnce(Arc<str>, Seam) -> R) -> R {
        raw(Arc::clone(self.pipeline.root.base()), Seam::new(Arc::new(self.clone())))
    }

    /// The same client, acting for somebody else: its calls count against the budgets of `key`, and its credential is told. All
    /// else is shared.
    ///
    /// ```
    /// # use graph_facade::{Client, QuotaKey, StaticToken};
    /// # let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).build()?;
    /// let for_ada = client.with_quota_key(QuotaKey::new().user("ada"));
    /// # Ok::<(), graph_facade::Error>(())
    /// ```
    pub fn with_quota_key(&self, key: QuotaKey) -> Self {
        Self { key, ..self.clone() }
    }

    /// Whom the client acts for, as far as it was told.
    pub fn quota_key(&self) -> &QuotaKey {
        &self.key
    }

    /// The address of an object below the client's root, for a body that names it: `https://graph.microsoft.com/v1.0/groups/…`.
    pub(crate) fn address_of(&self, collection: &str, object: impl Identify) -> Result<String, Error> {
        let invalid = |error: BoxError| Error::from_source(ErrorKind::InvalidRequest, error);
        let id = object.identify().map_err(|error| invalid(error.into()))?;
        let mut address = Url::parse(self.pipeline.root.base()).map_err(|error| invalid(error.into()))?;
        // An https or http address always has segments.
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.extend([collection, id.as_str()]);
        }
        Ok(address.into())
    }

    /// What every call wants unless it says otherwise.
    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms {
            retry: &*self.pipeline.retry,
            key: &self.key,
            deadline: None,
            once: false,
            max_response_bytes: None,
            follows: None,
            hooks: &[],
        }
    }

    /// Reads the object at an address that the service handed out.
    pub(crate) async fn read<T: DeserializeOwned + Inspect>(
        &self,
        operation: &'static OperationInfo,
        address: &Url,
    ) -> Result<T, Error> {
        let answer = self.pipeline.get(operation, address, &HeaderMap::new(), &self.terms()).await?;
        self.pipeline.read(operation, &answer)
    }

    /// What the service has sent to this client and its clones and the models do not know; empty after
    /// [`without_drift`](ClientBuilder::without_drift).
    ///
    /// The first sight of each name is also an event of `tracing`.
    ///
    /// ```no_run
    /// # fn example(client: &graph_facade::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// std::fs::write("drift.json", serde_json::to_string_pretty(&client.drift())?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn drift(&self) -> DriftReport {
        self.shared.drift.as_ref().map(|drift| drift.report()).unwrap_or_default()
    }

    /// The cloud that the client talks to.
    pub fn cloud(&self) -> Cloud {
        self.pipeline.cloud
    }

    /// The version of the API that the client uses.
    pub fn version(&self) -> ApiVersion {
        self.pipeline.root.version()
    }

    /// The clock that rules the client's waits and timestamps.
    pub fn clock(&self) -> &Clock {
        &self.pipeline.clock
    }
}
