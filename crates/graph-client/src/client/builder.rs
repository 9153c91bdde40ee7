//! The settings of a client.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use graph_runtime::{ApiVersion, Cloud};
use http::{Extensions, HeaderValue};

use super::{Client, Shared, Writer};
use crate::clock::Clock;
use crate::credential::{Credentials, TokenProvider};
use crate::error::Error;
use crate::limit::{Limiter, QuotaKey};
use crate::pipeline::{Ids, Middleware, Observer, Pipeline};
use crate::policy::{RetryPolicy, StandardRetry};
use crate::root::Root;
use crate::telemetry::DriftLog;
#[cfg(feature = "metrics")]
use crate::telemetry::Metrics;
use crate::transport::{HttpTransport, MAX_RESPONSE_BYTES, Transport};

/// How long one attempt may take unless [`ClientBuilder::timeout`] says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);
/// What the service's logs call a client that no other crate is built over.
const PRODUCT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Settings of a [`Client`]. All but the credential have a default.
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder<C = Client> {
    /// Of a crate that is built over this one.
    product: &'static str,
    credentials: Credentials,
    transport: Option<Arc<dyn Transport>>,
    cloud: Option<Cloud>,
    root: Option<String>,
    version: ApiVersion,
    clock: Option<Clock>,
    retry: Option<Arc<dyn RetryPolicy>>,
    limiter: Option<Limiter>,
    key: QuotaKey,
    extensions: Extensions,
    timeout: Option<Duration>,
    max_response_bytes: Option<u64>,
    user_agent: Option<String>,
    call_middleware: Vec<Arc<dyn Middleware>>,
    attempt_middleware: Vec<Arc<dyn Middleware>>,
    without_drift: bool,
    client: PhantomData<fn() -> C>,
}

impl<C> Default for ClientBuilder<C> {
    fn default() -> Self {
        Self::of_product(PRODUCT)
    }
}

impl<C> ClientBuilder<C> {
    /// A builder for the client of another crate, which the service's logs know as `product`: `my-client/1.2.0`.
    pub fn of_product(product: &'static str) -> Self {
        Self {
            product,
            credentials: Credentials::default(),
            transport: None,
            cloud: None,
            root: None,
            version: ApiVersion::default(),
            clock: None,
            retry: None,
            limiter: None,
            key: QuotaKey::default(),
            extensions: Extensions::default(),
            timeout: None,
            max_response_bytes: None,
            user_agent: None,
            call_middleware: Vec::new(),
            attempt_middleware: Vec::new(),
            without_drift: false,
            client: PhantomData,
        }
    }

    /// Where tokens come from, whether they stand for a user or for the app. This or one of a known kind must be given.
    ///
    /// The client can't tell its kind and so refuses nothing because of it. Beside one of a known kind, it serves the calls
    /// that the other can't.
    pub fn credential(mut self, credential: impl TokenProvider + 'static) -> Self {
        self.credentials.either = Some(Arc::new(credential));
        self
    }

    /// Where tokens on behalf of a user come from.
    ///
    /// Together with [`application`](Self::application), the operation decides: what the service offers to one kind of
    /// access goes with that, and what it offers to both goes on behalf of the user, unless
    /// [`Client::as_app`] says otherwise. Alone, what is only offered to apps is refused before anything is sent.
    pub fn delegated(mut self, credential: impl TokenProvider + 'static) -> Self {
        self.credentials.delegated = Some(Arc::new(credential));
        self
    }

    /// Where tokens of the app itself come from, without a user.
    ///
    /// Alone, what is only offered on behalf of a user is refused before anything is sent.
    /// See [`delegated`](Self::delegated) for both together.
    pub fn application(mut self, credential: impl TokenProvider + 'static) -> Self {
        self.credentials.application = Some(Arc::new(credential));
        self
    }

    /// What moves the bytes; otherwise an [`HttpTransport`]. The repository's `docs/transports.md` says which one to take when.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The cloud to talk to; otherwise the global one.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = Some(cloud);
        self
    }

    /// Another origin than the cloud's, such as `http://127.0.0.1:8080` for a test. It must be https unless it is loopback.
    pub fn root(mut self, origin: impl Into<String>) -> Self {
        self.root = Some(origin.into());
        self
    }

    /// The version of the API; otherwise `v1.0`.
    pub fn version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// The clock; otherwise one that starts at the time of day.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// What decides about trying again; otherwise [`StandardRetry`].
    pub fn retry(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.retry = Some(Arc::new(policy));
        self
    }

    /// What holds requests back; otherwise a limiter of the client's own.
    pub fn limiter(mut self, limiter: Limiter) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// Whom the client acts for; otherwise one user through one app. See [`Client::with_quota_key`].
    pub fn quota_key(mut self, key: QuotaKey) -> Self {
        self.key = key;
        self
    }

    /// Keeps a value with the client, one of each type.
    pub(crate) fn keep<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(value);
        self
    }

    /// How long one attempt may take, from sending to the end of the answer; otherwise 60 seconds. Waiting for the rate
    /// limiter and between attempts does not count. Zero is refused by [`build`](Self::build).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many bytes the body of an answer may have, a `$batch`'s as a whole included; otherwise 32 MiB.
    ///
    /// A success with more ends the call with an error of kind [`ResponseTooLarge`](crate::ErrorKind::ResponseTooLarge), and is not read
    /// any further. Of any other answer, no more than 64 KiB are kept. [`Request::max_response_bytes`](crate::Request::max_response_bytes)
    /// is for one call. Zero is refused by [`build`](Self::build).
    pub fn max_response_bytes(mut self, bytes: u64) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// What the service's logs call the application, such as `pilots/1.2`; it is put before the name of the SDK.
    pub fn user_agent(mut self, application: impl Into<String>) -> Self {
        self.user_agent = Some(application.into());
        self
    }

    /// Adds code that takes part in every call, after what was added before.
    pub fn call_middleware(mut self, middleware: impl Middleware + 'static) -> Self {
        self.call_middleware.push(Arc::new(middleware));
        self
    }

    /// Adds code that takes part in every attempt, after what was added before.
    pub fn attempt_middleware(mut self, middleware: impl Middleware + 'static) -> Self {
        self.attempt_middleware.push(Arc::new(middleware));
        self
    }

    /// Does not look for what the models do not know of answers; see [`Client::drift`].
    pub fn without_drift(mut self) -> Self {
        self.without_drift = true;
        self
    }

    /// The client, if the settings are acceptable. Nothing is sent.
    pub fn build(self) -> Result<C, Error>
    where
        C: From<Client>,
    {
        if self.credentials.is_empty() {
            return Err(Error::refused(
                "the client has no credential: give the builder one with `.credential(…)`",
            ));
        }
        if self.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(Error::refused(
                "the timeout of an attempt is zero, so that no answer could come in time: give `.timeout(…)` more",
            ));
        }
        if self.max_response_bytes == Some(0) {
            return Err(Error::refused(
                "no answer with a body would be taken: give `.max_response_bytes(…)` more than zero",
            ));
        }
        let cloud = self.cloud.unwrap_or(Cloud::Global);
        let origin = Root::origin_of(cloud).ok_or_else(|| {
            Error::refused("this release does not know the address of this cloud: update it")
        })?;
        let root =
            Root::new(self.root.as_deref().unwrap_or(origin), self.version).map_err(Error::of_settings)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None if root.is_loopback() => Arc::new(HttpTransport::direct()?),
            None => Arc::new(HttpTransport::new()?),
        };
        let drift: Option<Arc<DriftLog>> = (!self.without_drift).then(Arc::default);
        let shared = Shared {
            writer: Writer::new(Arc::clone(root.base())),
            drift: drift.clone(),
            extensions: self.extensions,
        };
        let pipeline = Pipeline {
            root,
            cloud,
            scope: format!("{origin}/.default").into(),
            clock: self.clock.unwrap_or_default(),
            transport,
            credentials: self.credentials,
            access: None,
            retry: self.retry.unwrap_or_else(|| Arc::new(StandardRetry::default())),
            limiter: self.limiter.unwrap_or_default(),
            timeout: self.timeout.unwrap_or(TIMEOUT),
            max_response_bytes: self.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES),
            ids: Ids::default(),
            user_agent: user_agent(self.user_agent.as_deref(), self.product)?,
            call_middleware: self.call_middleware,
            attempt_middleware: self.attempt_middleware,
            observers: observers(drift),
        };
        Ok(Client { pipeline: Arc::new(pipeline), shared: Arc::new(shared), key: self.key }.into())
    }
}

/// Who is told of all calls of a client.
fn observers(drift: Option<Arc<DriftLog>>) -> Arc<[Arc<dyn Observer>]> {
    let drift = drift.map(|drift| -> Arc<dyn Observer> { drift });
    #[cfg(feature = "metrics")]
    let metrics: Option<Arc<dyn Observer>> = Some(Arc::new(Metrics));
    #[cfg(not(feature = "metrics"))]
    let metrics = None;
    metrics.into_iter().chain(drift).collect()
}

fn user_agent(application: Option<&str>, product: &str) -> Result<HeaderValue, Error> {
    let text = application.map_or_else(|| product.to_owned(), |name| format!("{name} {product}"));
    HeaderValue::try_from(text)
        .map_err(|_| Error::refused("the user agent has characters that no header can carry"))
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("cloud", &self.cloud)
            .field("root", &self.root)
            .field("version", &self.version)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
