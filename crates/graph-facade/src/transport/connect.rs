//! Connections: what becomes of an address before the first request goes to it.

use std::task::{Context, Poll};
use std::time::Duration;

use graph_models::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::timeout;
use tower_service::Service;

use crate::BoxError;

#[cfg(feature = "rustls")]
#[path = "connect/https.rs"]
mod route;
#[cfg(not(feature = "rustls"))]
#[path = "connect/plain.rs"]
mod route;
#[cfg(feature = "rustls")]
mod tls;

pub(super) use route::Proxies;
use route::Route;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a connection on which nothing happens is asked whether it is still there, and how often in vain.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 3;

/// Makes connections, within [`CONNECT_TIMEOUT`] each: the name's address, TCP, a proxy and TLS together.
#[derive(Clone, Debug)]
pub(super) struct Connector(Route);

impl Connector {
    pub(super) fn new(proxies: Proxies) -> Result<Self, BoxError> {
        Ok(Self(Route::new(tcp(), proxies)?))
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    // For what begins with `https` too: TLS is put on top of it.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE));
    tcp.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
    tcp
}

impl Service<Uri> for Connector {
    type Response = <Route as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let connecting = self.0.call(address);
        Box::pin(async {
            timeout(CONNECT_TIMEOUT, connecting)
                .await
                .unwrap_or_else(|_| Err(format!("no connection within {CONNECT_TIMEOUT:?}").into()))
        })
    }
}

#[cfg(feature = "rustls")]
#[cfg(test)]
mod tests;
