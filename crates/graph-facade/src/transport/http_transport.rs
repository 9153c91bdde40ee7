//! The transport over the network.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryFutureExt as _;
use graph_models::BoxFuture;
use http::Uri;
use http::uri::{Authority, Scheme};
use url::Url;

use super::{Transport, TransportError};
use crate::BoxError;

/// HTTP through reqwest: HTTP/1.1 and HTTP/2, pooled connections, the system's proxies, no redirects, no cookies.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    /// Of the first request, and so of nearly all: parsing its host costs as much as the rest of an address.
    origin: Arc<OnceLock<Origin>>,
}

#[derive(Debug)]
struct Origin {
    scheme: Scheme,
    authority: Authority,
    url: Url,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl HttpTransport {
    /// A transport with settings that suit the service. Fails if the system's certificates can't be read.
    pub fn new() -> Result<Self, BoxError> {
        Ok(Self::from_client(settings()?.build()?))
    }

    /// The same without the system's proxies, for a service on this machine.
    pub fn direct() -> Result<Self, BoxError> {
        Ok(Self::from_client(settings()?.no_proxy().build()?))
    }

    /// A transport over a client with settings of your own. Turn its redirects and retries off.
    ///
    /// Where none of reqwest's own TLS features is on, reqwest makes a client only if rustls was given a provider before.
    pub fn from_client(client: reqwest::Client) -> Self {
        Self { client, origin: Arc::default() }
    }

    /// Sends at once, so that the future does not hold the request as well.
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = reqwest::Result<http::Response<Bytes>>> + Send + use<> {
        let sent = self.prepare(request).map(|request| self.client.execute(request));
        async { received(sent?.await?).await }
    }
}

async fn received(mut answer: reqwest::Response) -> reqwest::Result<http::Response<Bytes>> {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = answer.status();
    *response.version_mut() = answer.version();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    *response.body_mut() = answer.bytes().await?;
    Ok(response)
}

impl HttpTransport {
    fn prepare(&self, request: http::Request<Bytes>) -> reqwest::Result<reqwest::Request> {
        let Some(url) = self.url(request.uri()) else { return request.try_into() };
        let (parts, body) = request.into_parts();
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    /// `uri` as a URL, if it has one origin with the first request.
    fn url(&self, uri: &Uri) -> Option<Url> {
        let origin = match self.origin.get() {
            Some(origin) => origin,
            None => {
                let first = Origin::of(uri)?;
                self.origin.get_or_init(|| first)
            }
        };
        // Letter by letter; an authority in other letters is parsed as any other.
        let same = |authority: &Authority| authority.as_str() == origin.authority.as_str();
        (uri.scheme() == Some(&origin.scheme) && uri.authority().is_some_and(same)).then(|| origin.at(uri))
    }
}

impl Origin {
    fn of(uri: &Uri) -> Option<Self> {
        let (scheme, authority) = (uri.scheme()?.clone(), uri.authority()?.clone());
        let url = Url::parse(&format!("{scheme}://{authority}")).ok()?;
        Some(Self { scheme, authority, url })
    }

    /// The address in it that has the path and the query of `uri`.
    fn at(&self, uri: &Uri) -> Url {
        let mut url = self.url.clone();
        url.set_path(uri.path());
        url.set_query(uri.query());
        url
    }
}

#[cfg_attr(not(feature = "rustls"), allow(clippy::unnecessary_wraps, reason = "with rustls it may fail"))]
fn settings() -> Result<reqwest::ClientBuilder, BoxError> {
    let settings = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        // A redirect could carry the token elsewhere, and a hidden second try would escape the rate limiter.
        .redirect(reqwest::redirect::Policy::none())
        // Or else each request is cloned first, for a try that never comes.
        .retry(reqwest::retry::never().max_retries_per_request(0));
    #[cfg(feature = "rustls")]
    let settings = settings.tls_backend_preconfigured(super::tls::config()?);
    Ok(settings)
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request).map_err(classify))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_origin_than_the_first_is_parsed_anew() {
        let transport = HttpTransport::direct().unwrap();
        let url = |address: &str| transport.url(&address.parse().unwrap()).map(String::from);
        assert_eq!(url("https://a.example/x"), Some("https://a.example/x".to_owned()));
        for other in ["https://b.example/x", "http://a.example/x", "https://a.example:8443/x", "/x"] {
            assert_eq!(url(other), None, "{other}");
        }
    }

    proptest! {
        /// Only the origin is remembered; whatever stands behind it reads as it does in a whole address.
        #[test]
        fn an_address_is_the_same_in_parts_and_as_a_whole(
            origin in "https?://(a\\.example|127\\.0\\.0\\.1|\\[::1\\])(:[1-9][0-9]{0,3})?",
            rest in "([/.%25eE\\\\a@:;'|^ü]|/\\.\\.|%2e){0,12}(\\?[/.a@'%ü\\\\]{0,6})?",
        ) {
            let address = format!("{origin}/{rest}");
            if let Ok(uri) = address.parse::<Uri>() {
                let in_parts = Origin::of(&uri).map(|origin| origin.at(&uri));
                prop_assert_eq!(in_parts, Url::parse(&uri.to_string()).ok(), "{}", uri);
            }
        }
    }
}
