//! The client that everything starts from.

use std::sync::Arc;

use graph_runtime::{ApiVersion, Cloud, Identify, OperationInfo, Seam};
use http::Extensions;
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
pub use call::{RawCall, Writer};

/// A connection to Microsoft Graph on behalf of one credential.
///
/// Cloning is cheap, and clones share connections, rate limits and everything else. Handles that a client gives out own
/// what they need.
///
/// ```
/// use graph_client::{Client, StaticToken};
///
/// let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).build()?;
/// # Ok::<(), graph_client::Error>(())
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
    writer: Writer,
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
    pub fn as_app(&self) -> Self {
        self.with_access(Access::Application)
    }

    fn with_access(&self, access: Access) -> Self {
        let pipeline = Pipeline { access: Some(access), ..(*self.pipeline).clone() };
        Self { pipeline: Arc::new(pipeline), ..self.clone() }
    }

    /// The same client with another retry policy, made of its own.
    pub fn with_retry<P: RetryPolicy + 'static>(&self, wrap: impl FnOnce(Arc<dyn RetryPolicy>) -> P) -> Self {
        let retry = Arc::new(wrap(Arc::clone(&self.pipeline.retry)));
        let pipeline = Pipeline { retry, ..(*self.pipeline).clone() };
        Self { pipeline: Arc::new(pipeline), ..self.clone() }
    }

    /// The raw client of a generated crate, with every call of it going through this client's pipeline: limits, retries,
    /// token, middleware.
    ///
    /// It is for operations that this crate has no method for, and for other slices of Graph that `cargo codegen generate`
    /// writes. What they fail with, a [`Failure`](graph_runtime::Failure), converts into an [`Error`].
    ///
    /// ```no_run
    /// # async fn example(client: graph_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use graph_client::graph_runtime::Id;
    ///
    /// let things = client.connect(graph_things::RawClient::new);
    /// let thing = things.things_get(&Id::new("ec759127-089f")?, None, None).await?.value;
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
    /// # use graph_client::{Client, QuotaKey, StaticToken};
    /// # let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).build()?;
    /// let for_ada = client.with_quota_key(QuotaKey::new().user("ada"));
    /// # Ok::<(), graph_client::Error>(())
    /// ```
    pub fn with_quota_key(&self, key: QuotaKey) -> Self {
        Self { key, ..self.clone() }
    }

    /// Whom the client acts for, as far as it was told.
    pub fn quota_key(&self) -> &QuotaKey {
        &self.key
    }

    /// The address of an object below the client's root, for a body that names it: `https://graph.microsoft.com/v1.0/groups/…`.
    pub fn address_of(&self, collection: &str, object: impl Identify) -> Result<String, Error> {
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

    /// What the service has sent to this client and its clones and the models do not know; empty after
    /// [`without_drift`](ClientBuilder::without_drift).
    ///
    /// The first sight of each name is also an event of `tracing`.
    ///
    /// ```no_run
    /// # fn example(client: &graph_client::Client) -> Result<(), Box<dyn std::error::Error>> {
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

    /// The address below which everything is that the client calls: `https://graph.microsoft.com/v1.0`.
    pub fn base(&self) -> &str {
        self.pipeline.root.base()
    }

    /// Scheme and host of the service, and the port where it is another than the scheme's.
    pub fn origin(&self) -> &str {
        self.pipeline.root.origin()
    }

    /// For which kind of access the client would call `operation`, as far as it knows; refused where it has no credential for it.
    pub fn access_for(&self, operation: &OperationInfo) -> Result<Option<Access>, Error> {
        self.pipeline.access_for(operation)
    }

    /// The clock that rules the client's waits and timestamps.
    pub fn clock(&self) -> &Clock {
        &self.pipeline.clock
    }
}
