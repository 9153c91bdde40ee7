//! HTTPS, directly or through a proxy, and plain HTTP, which a client speaks with its own machine only.

use std::sync::Arc;
use std::task::{Context, Poll};

use graph_models::BoxFuture;
use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::ClientConfig;
use tower_service::Service;

use super::tls;
use crate::BoxError;

/// Which proxy leads to what.
#[derive(Clone, Debug)]
pub(crate) struct Proxies(Option<Arc<Matcher>>);

impl Proxies {
    pub(crate) fn of_the_system() -> Self {
        Matcher::from_system().into()
    }

    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The proxy on the way to `address`. Plain HTTP stays on this machine.
    fn before(&self, address: &Uri) -> Option<Intercept> {
        let matcher = self.0.as_ref().filter(|_| address.scheme() == Some(&Scheme::HTTPS))?;
        matcher.intercept(address)
    }
}

impl From<Matcher> for Proxies {
    fn from(matcher: Matcher) -> Self {
        Self(Some(Arc::new(matcher)))
    }
}

/// TLS on top of a way there.
#[derive(Clone, Debug)]
pub(crate) struct Route(HttpsConnector<Way>);

impl Route {
    pub(super) fn new(tcp: HttpConnector, proxies: Proxies) -> Result<Self, BoxError> {
        Ok(Self::over(tcp, tls::config()?, proxies))
    }

    pub(super) fn over(tcp: HttpConnector, tls: ClientConfig, proxies: Proxies) -> Self {
        let way = Way { to_proxy: to_proxy(tcp.clone(), tls.clone()), tcp, proxies };
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        Self(tls.enable_all_versions().wrap_connector(way))
    }
}

/// A proxy is spoken to in HTTP/1.1, whatever goes through it.
fn to_proxy(tcp: HttpConnector, tls: ClientConfig) -> HttpsConnector<HttpConnector> {
    HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp)
}

impl Service<Uri> for Route {
    type Response = MaybeHttpsStream<Connection>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        self.0.call(address)
    }
}

/// A connection to a service, or to a proxy that passes everything on to it.
type Connection = MaybeHttpsStream<<HttpConnector as Service<Uri>>::Response>;

/// The way to a service, without TLS.
#[derive(Clone, Debug)]
struct Way {
    tcp: HttpConnector,
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Proxies,
}

impl Service<Uri> for Way {
    type Response = Connection;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Connection, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.before(&address) else {
            let connecting = self.tcp.call(address);
            return Box::pin(async { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        };
        let scheme = proxy.uri().scheme_str().unwrap_or_default();
        if !matches!(scheme, "http" | "https") {
            let refusal = format!(
                "the system's proxy is `{scheme}`, and only `http` and `https` are known: give the client a \
                 `ReqwestTransport` (feature `reqwest`) with reqwest's feature `socks`, or except the host with NO_PROXY"
            );
            return Box::pin(async { Err(refusal.into()) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        let connecting = tunnel.call(address);
        Box::pin(async { Ok(connecting.await?) })
    }
}
