//! Connections: what becomes of an address before the first request goes to it.

use std::task::{Context, Poll};
use std::time::Duration;

use graph_runtime::BoxFuture;
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

use route::Route;
pub(super) use route::{Proxies, Roots};

/// How often a connection on which nothing happens is asked whether it is still there, and how often in vain.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 3;

/// Makes connections, within `timeout` each: the name's address, TCP, a proxy and TLS together.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    route: Route,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(proxies: &Proxies, roots: &Roots, timeout: Duration) -> Result<Self, BoxError> {
        Ok(Self { route: Route::new(tcp(), proxies.matcher()?, roots)?, timeout })
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
        self.route.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let (connecting, limit) = (self.route.call(address), self.timeout);
        Box::pin(async move {
            timeout(limit, connecting)
                .await
                .unwrap_or_else(|_| Err(format!("no connection within {limit:?}").into()))
        })
    }
}

#[cfg(feature = "rustls")]
#[cfg(test)]
mod tests;
