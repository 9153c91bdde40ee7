//! The transport over a client of reqwest.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use graph_runtime::BoxFuture;
use reqwest::redirect::Policy;
use url::{Position, Url};

use super::http_transport::{PING_AFTER, PING_TIMEOUT};
use super::unanswered::{Connection, Exchange};
use super::{ExchangeLimits, Transport, TransportError, body};
use crate::BoxError;
use crate::error::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// HTTP by a client of reqwest with settings of your own: another TLS, certificates that only your program trusts, SOCKS.
///
/// It keeps to the rules of [`HttpTransport`](crate::HttpTransport): no redirects, no second try behind the rate limiter's back, no
/// decompression, no proxy for plain HTTP, which is spoken with this machine only; connections of HTTP/2 are asked for a sign of life,
/// and after a call that timed out none of the connections gets further ones.
///
/// One of reqwest's TLS features has to be on for addresses that begin with `https`.
#[derive(Clone)]
pub struct ReqwestTransport(Arc<Inner>);

struct Inner {
    /// Makes clients; nothing if the only one was given.
    settings: Option<Box<Settings>>,
    current: Mutex<Arc<Generation>>,
    /// For plain HTTP, which is spoken with this machine only and goes past every proxy. Made when it is first needed.
    past_proxies: Mutex<Option<Arc<Generation>>>,
}

type Settings = dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync;

/// A client, and whether one of its connections hangs. It can't be told which.
struct Generation {
    client: reqwest::Client,
    hangs: AtomicBool,
}

impl ReqwestTransport {
    /// A transport over clients with `settings`. Fails if reqwest can't make one.
    ///
    /// What comes in has a connect timeout of 10 seconds and asks connections of HTTP/2 for a sign of life as an
    /// [`HttpTransport`](crate::HttpTransport) does; change it as you like. Redirects, retries, decompression and the referrer are
    /// turned off afterwards. Leave reqwest's cookies off, which can't be turned off here.
    ///
    /// After a call that got no answer in time, the next one makes a new client, so `settings` may be called again at any time; so it is
    /// for the first call of plain HTTP, whose client has no proxy.
    ///
    /// ```no_run
    /// # fn example() -> Result<graph_client::Client, Box<dyn std::error::Error>> {
    /// use graph_client::{Client, ReqwestTransport, StaticToken};
    ///
    /// let proxy = reqwest::Proxy::all("http://proxy.contoso.example:3128")?;
    /// let transport = ReqwestTransport::new(move |http| http.proxy(proxy.clone()))?;
    /// let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).transport(transport).build()?;
    /// # Ok(client)
    /// # }
    /// ```
    pub fn new(
        settings: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let first = Generation::new(make(&settings).map_err(Error::of_settings)?);
        Ok(Self::over(Some(Box::new(settings)), first))
    }

    /// A transport over a client that was made elsewhere, which may follow redirects: reqwest then sends the token, or a secret in
    /// a body, to whatever address it is told, and nothing here can prevent that.
    ///
    /// Build it with `redirect(Policy::none())`, `retry(reqwest::retry::never())` and without decompression, or take [`new`](Self::new),
    /// which does. Plain HTTP goes through the client's proxies, those of the environment included. An answer that came by way of a redirect is refused, but then the request has been sent. A connection
    /// that hangs is used again, unless the client has HTTP/2's keep-alive.
    pub fn from_client_that_may_redirect(client: reqwest::Client) -> Self {
        Self::over(None, Generation::new(client))
    }

    fn over(settings: Option<Box<Settings>>, first: Arc<Generation>) -> Self {
        Self(Arc::new(Inner { settings, current: Mutex::new(first), past_proxies: Mutex::default() }))
    }

    /// The client for `address`: a new one after one of the last one's connections hung.
    fn generation(&self, address: &Url) -> Result<Arc<Generation>, BoxError> {
        let mut current = locked(&self.0.current);
        let Some(settings) = &self.0.settings else { return Ok(Arc::clone(&current)) };
        if address.scheme() == "http" {
            drop(current);
            let mut direct = locked(&self.0.past_proxies);
            return match &*direct {
                Some(client) if !client.hangs() => Ok(Arc::clone(client)),
                _ => {
                    let client = Generation::new(make(|http| settings(http).no_proxy())?);
                    Ok(Arc::clone(direct.insert(client)))
                }
            };
        }
        if current.hangs() {
            *current = Generation::new(make(settings)?);
        }
        Ok(Arc::clone(&current))
    }
}

impl Generation {
    fn new(client: reqwest::Client) -> Arc<Self> {
        Arc::new(Self { client, hangs: AtomicBool::new(false) })
    }

    fn hangs(&self) -> bool {
        self.hangs.load(Ordering::Relaxed)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn make(
    settings: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<reqwest::Client, BoxError> {
    let suitable = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(PING_AFTER)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        .http2_keep_alive_while_idle(true);
    let bound = settings(suitable)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    Ok(bound.build()?)
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let limits = ExchangeLimits::of(request.extensions());
            let request = reqwest::Request::try_from(request).map_err(classify)?;
            let asked = request.url().clone();
            let generation = self.generation(&asked).map_err(TransportError::connect)?;
            let exchange = Exchange::begin(Arc::clone(&generation), limits.deadline());
            let answer = match generation.client.execute(request).await {
                Ok(answer) if *answer.url() != asked => {
                    Err(TransportError::redirected(Followed::to(answer.url())))
                }
                Ok(answer) => {
                    let (head, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
                    body::receive(head, body, limits, classify).await
                }
                Err(error) => Err(classify(error)),
            };
            // A timeout of reqwest's own says what the client's says.
            if answer.as_ref().is_err_and(TransportError::is_timeout) {
                generation.retire();
            }
            exchange.end();
            answer
        })
    }
}

impl Connection for Arc<Generation> {
    fn retire(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

/// Whose answer it is, as far as it may be told: not the path, which may hold what the other origin wants to be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the client of reqwest followed a redirect to {origin}: make the transport with `ReqwestTransport::new`, or the client \
     with `redirect(Policy::none())`; whatever secret the request had may have been sent there"
)]
struct Followed {
    origin: String,
}

impl Followed {
    fn to(address: &Url) -> Self {
        Self { origin: address[..Position::BeforePath].rsplit('@').next().unwrap_or_default().to_owned() }
    }
}

/// What reqwest without TLS says of an address that begins with `https`.
const WITHOUT_TLS: &str = "scheme is not http";
const NO_TLS: &str =
    "reqwest was built without TLS: turn one of its features on, such as `rustls` or `native-tls`";

fn classify(error: reqwest::Error) -> TransportError {
    // The address is in the operation already, and its query may hold what people search for.
    let error = error.without_url();
    // A timeout while connecting is both; that nothing was sent matters more.
    if error.is_connect() || error.is_builder() {
        let failed = TransportError::connect(error);
        if failed.reason().ends_with(WITHOUT_TLS) { TransportError::connect(NO_TLS) } else { failed }
    } else if error.is_timeout() {
        TransportError::timeout(error)
    } else {
        TransportError::lost(error)
    }
}
