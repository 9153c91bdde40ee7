//! The transport over the network.

use std::time::Duration;

use bytes::Bytes;
use graph_runtime::BoxFuture;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connect::Connector;
use super::unanswered::{Connection, Exchange};
use super::{ExchangeLimits, HttpTransportBuilder, Transport, TransportError, body};
use crate::error::Error;

/// When a connection of HTTP/2 on which nothing comes is asked whether it is still there, and how long it has to answer. A call
/// on one that is not fails in half of the 60 seconds that it has, and may be repeated.
pub(super) const PING_AFTER: Duration = Duration::from_secs(20);
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// HTTP by hyper: HTTP/1.1 and HTTP/2, pooled connections, the system's proxies, no redirects, no cookies, no decompression. An
/// address goes out as it was checked, without another parser in between.
///
/// Connections of HTTP/2 are asked for a sign of life every 20 seconds, idle ones too, and given up 10 seconds after a question that
/// got no answer. One on which a call timed out gets no further calls, nor does one on which a call was dropped after waiting for
/// at least 5 seconds.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: legacy::Client<Connector, Full<Bytes>>,
}

impl HttpTransport {
    /// A transport with settings that suit the service. Fails if the system has no certificates to trust, as in a
    /// container without its package of them.
    ///
    /// HTTPS goes through the proxy that the variables `HTTPS_PROXY` or `ALL_PROXY` name, or else the system's settings, unless
    /// `NO_PROXY` excepts the host. [`builder`](Self::builder) has other settings.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// The same without proxies, for a service on this machine.
    pub fn direct() -> Result<Self, Error> {
        Self::builder().no_proxy().build()
    }

    /// A transport with settings of your own.
    pub fn builder() -> HttpTransportBuilder {
        HttpTransportBuilder::default()
    }

    pub(super) fn over(connector: Connector) -> Self {
        let mut settings = legacy::Client::builder(TokioExecutor::new());
        // Without it, connections that nobody uses are never closed.
        settings.pool_timer(TokioTimer::new());
        settings.timer(TokioTimer::new());
        settings.http2_keep_alive_interval(PING_AFTER);
        settings.http2_keep_alive_timeout(PING_TIMEOUT);
        settings.http2_keep_alive_while_idle(true);
        Self { client: settings.build(connector) }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let limits = ExchangeLimits::of(request.extensions());
        // Sent at once, so that the future does not hold the request as well.
        let sent = prepare(request).map(|mut request| {
            let connection = capture_connection(&mut request);
            (connection, self.client.request(request))
        });
        Box::pin(async move {
            let (connection, sent) = sent?;
            let exchange = Exchange::begin(connection, limits.deadline());
            let (answer, body) = sent.await.map_err(unanswered)?.into_parts();
            let answer = body::receive(answer, body, limits, TransportError::lost).await;
            exchange.end();
            answer
        })
    }
}

impl Connection for CaptureConnection {
    fn retire(&self) {
        if let Some(connection) = &*self.connection_metadata() {
            connection.poison();
        }
    }
}

fn prepare(mut request: Request<Bytes>) -> Result<Request<Full<Bytes>>, TransportError> {
    if request.uri().authority().is_none() {
        return Err(TransportError::connect("the address has no host"));
    }
    let usually_has_a_body = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    if usually_has_a_body && request.body().is_empty() {
        // hyper says nothing where nothing follows, and there are servers that answer that with a 411.
        request.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
    }
    Ok(request.map(Full::new))
}

fn unanswered(error: legacy::Error) -> TransportError {
    if error.is_connect() { TransportError::connect(error) } else { TransportError::lost(error) }
}
