//! The transport over a client of reqwest.

use bytes::Bytes;
use graph_models::BoxFuture;

use super::{Transport, TransportError};

/// HTTP by a [`reqwest::Client`] with settings of your own: another TLS, certificates that only your program trusts, SOCKS.
///
/// Turn its redirects and its retries off: a redirect could carry the token elsewhere, and a hidden second try escapes the rate
/// limiter.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// A transport over `client`.
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> reqwest::Result<http::Response<Bytes>> {
        let mut answer = self.client.execute(request.try_into()?).await?;
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        *response.body_mut() = answer.bytes().await?;
        Ok(response)
    }
}

impl Transport for ReqwestTransport {
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
