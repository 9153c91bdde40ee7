//! The transport over the network.

use bytes::Bytes;
use graph_models::BoxFuture;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connect::{Connector, Proxies};
use super::{Transport, TransportError};
use crate::BoxError;

/// HTTP by hyper: HTTP/1.1 and HTTP/2, pooled connections, the system's proxies, no redirects, no cookies. An address goes out
/// as it was checked, without another parser in between.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: legacy::Client<Connector, Full<Bytes>>,
}

impl HttpTransport {
    /// A transport with settings that suit the service. Fails if the system's certificates can't be read.
    ///
    /// HTTPS goes through the proxy that the variables `HTTPS_PROXY` or `ALL_PROXY` name, or else the system's settings, unless
    /// `NO_PROXY` excepts the host.
    pub fn new() -> Result<Self, BoxError> {
        Ok(Self::over(Connector::new(Proxies::of_the_system())?))
    }

    /// The same without proxies, for a service on this machine.
    pub fn direct() -> Result<Self, BoxError> {
        Ok(Self::over(Connector::new(Proxies::none())?))
    }

    pub(super) fn over(connector: Connector) -> Self {
        let mut settings = legacy::Client::builder(TokioExecutor::new());
        // Without it, connections that nobody uses are never closed.
        settings.pool_timer(TokioTimer::new());
        Self { client: settings.build(connector) }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        // Sent at once, so that the future does not hold the request as well.
        let sent = prepare(request).map(|request| self.client.request(request));
        Box::pin(async {
            let (parts, body) = sent?.await.map_err(unanswered)?.into_parts();
            let body = body.collect().await.map_err(TransportError::lost)?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        })
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
