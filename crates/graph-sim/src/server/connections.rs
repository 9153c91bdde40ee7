//! Accepting connections, and ending them.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Signal;

/// How long a client may take for the head of a request, the wait for it included: longer than any client pauses between
/// polls.
const HEAD_TIMEOUT: Duration = Duration::from_secs(300);
/// How long nothing is accepted when the system has no more sockets to give.
const BREATHER: Duration = Duration::from_millis(100);

/// Whether, and with what, connections are encrypted.
#[derive(Clone, Default)]
pub(super) struct Encryption {
    #[cfg(feature = "tls")]
    pub(super) acceptor: Option<tokio_rustls::TlsAcceptor>,
}

impl Encryption {
    #[cfg(feature = "tls")]
    pub(super) fn of(certificate: &super::Certificate) -> Self {
        Self { acceptor: Some(certificate.acceptor()) }
    }

    #[cfg(feature = "tls")]
    pub(super) fn scheme(&self) -> &'static str {
        if self.acceptor.is_some() { "https" } else { "http" }
    }

    #[cfg(not(feature = "tls"))]
    #[allow(clippy::unused_self, reason = "with the feature `tls` it depends")]
    pub(super) fn scheme(&self) -> &'static str {
        "http"
    }
}

/// A server at work.
pub(super) struct Running {
    pub(super) listener: TcpListener,
    pub(super) encryption: Encryption,
    pub(super) until: Signal,
    pub(super) grace: Duration,
}

impl Running {
    /// Answers requests with `handle` until the signal, and for the time of grace.
    pub(super) async fn run<H, F>(mut self, handle: H)
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let (closing, is_closing) = watch::channel(());
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut self.until => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let (encryption, handle) = (self.encryption.clone(), handle.clone());
                        connections.spawn(serve(stream, encryption, handle, is_closing.clone()));
                    }
                    Err(error) if concerns_one(&error) => {}
                    Err(_) => tokio::time::sleep(BREATHER).await,
                },
                // A connection that is over, whatever became of it.
                Some(_) = connections.join_next() => {}
            }
        }
        drop((self.listener, is_closing));
        drop(closing);
        let all = async { while connections.join_next().await.is_some() {} };
        // Who isn't done by then is cut off, as the set is dropped.
        let _ = tokio::time::timeout(self.grace, all).await;
    }
}

/// Whether an error of `accept` is about the one connection that wasn't made.
fn concerns_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg_attr(not(feature = "tls"), allow(unused_variables, reason = "there is only plain HTTP then"))]
async fn serve<H, F>(stream: TcpStream, encryption: Encryption, handle: H, closing: watch::Receiver<()>)
where
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Body>> + Send,
{
    // Answers are written whole; a socket that can't be told so is merely slower.
    let _ = stream.set_nodelay(true);
    #[cfg(feature = "tls")]
    if let Some(acceptor) = encryption.acceptor {
        if let Ok(Ok(stream)) = tokio::time::timeout(HEAD_TIMEOUT, acceptor.accept(stream)).await {
            speak(stream, handle, closing).await;
        }
        return;
    }
    speak(stream, handle, closing).await;
}

/// Speaks HTTP until the client is done or, once the server is closing, until the request under way is answered.
async fn speak<I, H, F>(io: I, handle: H, mut closing: watch::Receiver<()>)
where
    I: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Body>> + Send,
{
    let service = service_fn(|request| {
        let answering = handle(request);
        async { Ok::<_, std::convert::Infallible>(answering.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(io), service));
    tokio::select! {
        // What was no HTTP has been answered with 400 or 431, and is over.
        _ = connection.as_mut() => return,
        // Only the end of the channel is a message.
        _ = closing.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
