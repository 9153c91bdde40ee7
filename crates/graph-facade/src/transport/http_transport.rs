//! The transport over the network.

use std::time::Duration;

use bytes::Bytes;
use graph_models::BoxFuture;

use super::{Transport, TransportError};
use crate::BoxError;

/// HTTP through reqwest: HTTP/1.1 and HTTP/2, pooled connections, the system's proxies, no redirects, no cookies.
#[derive(Clone, Debug)]
pub struct HttpTransport(reqwest::Client);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl HttpTransport {
    /// A transport with settings that suit the service. Fails if the system's certificates can't be read.
    pub fn new() -> Result<Self, BoxError> {
        Ok(Self(settings().build()?))
    }

    /// The same without the system's proxies, for a service on this machine.
    pub fn direct() -> Result<Self, BoxError> {
        Ok(Self(settings().no_proxy().build()?))
    }

    /// A transport over a client with settings of your own. Turn its redirects and retries off.
    pub fn from_client(client: reqwest::Client) -> Self {
        Self(client)
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> reqwest::Result<http::Response<Bytes>> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        *response.body_mut() = answer.bytes().await?;
        Ok(response)
    }
}

fn settings() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        // A redirect could carry the token elsewhere, and a hidden second try would escape the rate limiter.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async { self.exchange(request).await.map_err(classify) })
    }
}

fn classify(error: reqwest::Error) -> TransportError {
    // The address is in the operation already, and its query may hold what people search for.
    let error = error.without_url();
    // A timeout while connecting is both; that nothing was sent matters more.
    if error.is_connect() || error.is_builder() {
        TransportError::connect(error)
    } else if error.is_timeout() {
        TransportError::timeout(error)
    } else {
        TransportError::lost(error)
    }
}
