//! The simulator as an HTTP server on loopback.

mod connections;
#[cfg(feature = "tls")]
mod tls;

use std::fmt;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::json;
use tokio::net::TcpListener;
use tower_service::Service as _;

use crate::admin;
use crate::error::{ConnectionLost, ServeError};
use crate::exchange::Outcome;
use crate::origin;
use crate::service::Service;
use crate::transport::Transport;
use connections::{Encryption, Running};
#[cfg(feature = "tls")]
pub use tls::{Certificate, CertificateError};

/// More than any body that Graph takes here.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How a [`Sim`](crate::Sim) is served over HTTP/1.1; see [`Sim::server`](crate::Sim::server).
///
/// Each connection is a task of the tokio runtime that the future runs on; when the future is dropped or done, they are gone
/// too. Whatever a client sends, the server goes on.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use graph_sim::Sim;
/// use tokio::net::TcpListener;
///
/// let sim = Sim::builder().user("ada").build();
/// let admin = sim.server().serve_admin(TcpListener::bind("127.0.0.1:8081").await?);
/// let graph = sim.server().serve(TcpListener::bind("127.0.0.1:8080").await?);
/// tokio::try_join!(graph, admin)?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is served until `serve`"]
pub struct Server {
    service: Arc<Service>,
    encryption: Encryption,
    /// What clients address, if not the listener.
    root: Option<String>,
    until: Signal,
    grace: Duration,
}

impl Server {
    pub(crate) fn new(service: Arc<Service>) -> Self {
        let grace = Duration::from_secs(5);
        Self { service, encryption: Encryption::default(), root: None, until: Box::pin(pending()), grace }
    }

    /// Serves HTTPS with this certificate.
    #[cfg(feature = "tls")]
    pub fn tls(self, certificate: &Certificate) -> Self {
        Self { encryption: Encryption::of(certificate), ..self }
    }

    /// Sets scheme and host that clients address, such as `https://graph.microsoft.com`, where that isn't the listener's address: behind an
    /// entry in the hosts file, or a proxy. Every address in an answer begins with it, and requests for another host are refused. For the root of one of
    /// Microsoft's clouds, the token endpoint is at that cloud's login host too.
    ///
    /// # Errors
    ///
    /// [`ServeError::NotAnOrigin`] if `root` is more or less than scheme, host and, possibly, port.
    pub fn root(self, root: &str) -> Result<Self, ServeError> {
        let origin = origin::read(root).ok_or_else(|| ServeError::NotAnOrigin(root.to_owned()))?;
        Ok(Self { root: Some(origin), ..self })
    }

    /// Shuts down when `signal` comes: no further connection is accepted, requests under way are answered, then the future is
    /// done.
    pub fn until(self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { until: Box::pin(signal), ..self }
    }

    /// Sets how long after the signal requests under way may take before they are cut off: 5 seconds by default.
    pub fn grace(self, length: Duration) -> Self {
        Self { grace: length, ..self }
    }

    /// Serves Graph and the token endpoint.
    ///
    /// [`Sim::root`](crate::Sim::root) becomes the listener's address, or what [`root`](Self::root) says, as soon as this is called.
    pub fn serve(
        self,
        listener: TcpListener,
    ) -> impl Future<Output = Result<(), ServeError>> + Send + 'static {
        let root = self.origin(&listener).map(|own| self.root.clone().unwrap_or(own));
        if let Ok(root) = &root {
            self.service.state().root.clone_from(root);
        }
        let transport = Transport::new(Arc::clone(&self.service));
        async move {
            root?;
            self.running(listener).run(move |request| answer(transport.clone(), request)).await;
            Ok(())
        }
    }

    /// Serves the admin endpoint, over plain HTTP: virtual time, state, journal, faults. `GET /` lists what it has.
    pub fn serve_admin(
        self,
        listener: TcpListener,
    ) -> impl Future<Output = Result<(), ServeError>> + Send + 'static {
        let server = Self { encryption: Encryption::default(), ..self };
        let origin = server.origin(&listener);
        async move {
            let router = admin::router(Arc::clone(&server.service), &origin?);
            let handle = move |request: Request<hyper::body::Incoming>| {
                let mut router = router.clone();
                async move { router.call(request.map(Body::new)).await.unwrap_or_else(|never| match never {}) }
            };
            server.running(listener).run(handle).await;
            Ok(())
        }
    }

    fn origin(&self, listener: &TcpListener) -> Result<String, ServeError> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        Ok(format!("{}://{address}", self.encryption.scheme()))
    }

    fn running(self, listener: TcpListener) -> Running {
        Running { listener, encryption: self.encryption, until: self.until, grace: self.grace }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("grace", &self.grace).finish_non_exhaustive()
    }
}

async fn answer(transport: Transport, request: Request<hyper::body::Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            return if error.is::<LengthLimitError>() {
                refused(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "RequestEntityTooLarge",
                    "The body is larger than 4 MB.",
                )
            } else {
                refused(StatusCode::BAD_REQUEST, "BadRequest", "The body of the request can't be read.")
            };
        }
    };
    let Outcome { delay, body_delay, result } = transport.exchange(&Request::from_parts(head, body));
    transport.wait(delay).await;
    match result {
        Ok(response) if body_delay.is_zero() => response.map(Body::from),
        Ok(response) => response.map(|content| {
            Body::from_stream(Slow { content: Some(content), wait: Box::pin(transport.wait(body_delay)) })
        }),
        Err(lost) => Response::new(Body::from_stream(Broken(lost))),
    }
}

/// The answer to a request that never gets to Graph.
fn refused(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let body = json!({ "error": { "code": code, "message": message } });
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// A body that comes as a whole, and late.
struct Slow {
    content: Option<Bytes>,
    wait: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Stream for Slow {
    type Item = Result<Bytes, ConnectionLost>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.wait.as_mut().poll(context));
        Poll::Ready(self.content.take().map(Ok))
    }
}

/// A body that fails before its first byte, upon which the server closes the connection without a word.
struct Broken(ConnectionLost);

impl Stream for Broken {
    type Item = Result<Bytes, ConnectionLost>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(Some(Err(self.0)))
    }
}
