//! HTTPS, directly or through a proxy, and plain HTTP, which a client speaks with its own machine only.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use graph_runtime::BoxFuture;
use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tower_service::Service;

use super::tls;
pub(crate) use super::tls::Roots;
use crate::BoxError;

/// Which proxies are to be gone through.
#[derive(Clone, Default)]
pub(crate) enum Proxies {
    /// Those that the environment names, or else the system's settings.
    #[default]
    OfTheSystem,
    None,
    /// This one, which may have a password.
    One(String),
}

impl Proxies {
    pub(crate) fn of(address: String) -> Self {
        Self::One(address)
    }

    pub(crate) fn none() -> Self {
        Self::None
    }

    pub(super) fn matcher(&self) -> Result<Option<Arc<Matcher>>, BoxError> {
        let matcher = match self {
            Self::None => return Ok(None),
            Self::OfTheSystem => Matcher::from_system(),
            Self::One(address) => {
                check_proxy(address)?;
                Matcher::builder().all(address.as_str()).build()
            }
        };
        Ok(Some(Arc::new(matcher)))
    }
}

/// Without its password.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::OfTheSystem => f.write_str("OfTheSystem"),
            Self::One(address) => f.debug_tuple("One").field(&without_password(address)).finish(),
        }
    }
}

fn without_password(address: &str) -> &str {
    address.rsplit('@').next().unwrap_or_default()
}

/// The matcher would take an address that it does not understand for no proxy at all.
fn check_proxy(address: &str) -> Result<(), BoxError> {
    let understood = address.parse::<Uri>().ok().filter(|uri| {
        uri.host().is_some_and(|host| !host.is_empty()) && matches!(uri.scheme_str(), Some("http" | "https"))
    });
    if understood.is_some() {
        return Ok(());
    }
    let shown = without_password(address);
    Err(format!(
        "`{shown}` is no proxy that this transport knows: pass one such as http://proxy.contoso.example:3128, or take a \
         `ReqwestTransport` (feature `reqwest`) with reqwest's feature `socks`"
    )
    .into())
}

/// TLS on top of a way there.
#[derive(Clone, Debug)]
pub(crate) struct Route(HttpsConnector<Way>);

impl Route {
    pub(super) fn new(
        tcp: HttpConnector,
        proxies: Option<Arc<Matcher>>,
        roots: &Roots,
    ) -> Result<Self, BoxError> {
        let tls = tls::config(roots)?;
        let way = Way { to_proxy: to_proxy(tcp.clone(), tls.clone()), tcp, proxies };
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        Ok(Self(tls.enable_all_versions().wrap_connector(way)))
    }
}

/// A proxy is spoken to in HTTP/1.1, whatever goes through it.
fn to_proxy(tcp: HttpConnector, tls: rustls::ClientConfig) -> HttpsConnector<HttpConnector> {
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
    proxies: Option<Arc<Matcher>>,
}

impl Way {
    /// The proxy on the way to `address`. Plain HTTP stays on this machine.
    fn proxy_before(&self, address: &Uri) -> Option<Intercept> {
        let matcher = self.proxies.as_ref().filter(|_| address.scheme() == Some(&Scheme::HTTPS))?;
        matcher.intercept(address)
    }
}

impl Service<Uri> for Way {
    type Response = Connection;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Connection, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let Some(proxy) = self.proxy_before(&address) else {
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
