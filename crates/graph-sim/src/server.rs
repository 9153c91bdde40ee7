//! The simulator as an HTTP server on loopback.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures_core::Stream;
use http::{Response, StatusCode};
use tokio::net::TcpListener;
use tokio::time::Sleep;

use crate::error::{ConnectionLost, ServeError};
use crate::exchange::Outcome;
use crate::transport::Transport;

/// More than any body that Graph takes here.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Accepts connections until it is dropped; axum runs a task for each.
pub(crate) async fn serve(listener: TcpListener, transport: Transport) -> Result<(), ServeError> {
    let app = axum::Router::new().fallback(move |request: Request| answer(transport.clone(), request));
    Ok(axum::serve(listener, app).await?)
}

async fn answer(transport: Transport, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return refused;
    };
    let Outcome { delay, body_delay, result } = transport.exchange(&Request::from_parts(head, body));
    tokio::time::sleep(delay).await;
    match result {
        Ok(response) if body_delay.is_zero() => response.map(Body::from),
        Ok(response) => response.map(|content| Body::from_stream(Slow::new(content, body_delay))),
        Err(lost) => Response::new(Body::from_stream(Broken(lost))),
    }
}

/// A body that comes as a whole, and late.
struct Slow {
    content: Option<Bytes>,
    wait: Pin<Box<Sleep>>,
}

impl Slow {
    fn new(content: Bytes, delay: Duration) -> Self {
        Self { content: Some(content), wait: Box::pin(tokio::time::sleep(delay)) }
    }
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
