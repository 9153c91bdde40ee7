//! Without TLS: plain HTTP, which a client speaks with its own machine only.

use std::task::{Context, Poll};

use graph_runtime::BoxFuture;
use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use tower_service::Service;

use crate::BoxError;

const NO_TLS: &str = "graph-client was built without TLS: turn its feature `rustls` on, or `reqwest` and \
    give the client a `ReqwestTransport` with the TLS of your choice";

/// There is none on the way to the machine itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies;

/// Nobody has to be trusted there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots;

impl Proxies {
    pub(crate) fn none() -> Self {
        Self
    }

    #[allow(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "with TLS there are some, which may be wrong"
    )]
    pub(super) fn matcher(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Route(HttpConnector);

impl Route {
    #[allow(clippy::unnecessary_wraps, reason = "with TLS it may fail")]
    pub(super) fn new(tcp: HttpConnector, (): (), _: &Roots) -> Result<Self, BoxError> {
        Ok(Self(tcp))
    }
}

impl Service<Uri> for Route {
    type Response = <HttpConnector as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        if address.scheme() == Some(&Scheme::HTTPS) {
            return Box::pin(async { Err(NO_TLS.into()) });
        }
        let connecting = self.0.call(address);
        Box::pin(async { Ok(connecting.await?) })
    }
}
