//! The simulator as an HTTP server on loopback.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures_core::Stream;
use http::{Response, StatusCode};
use tokio::net::TcpListener;
use tower_service::Service as _;

use crate::error::{ConnectionLost, ServeError};
use crate::transport::Transport;

/// More than any body that Graph takes here.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Accepts connections until it is dropped; axum runs a task for each.
pub(crate) async fn serve(listener: TcpListener, transport: Transport) -> Result<(), ServeError> {
    let app = axum::Router::new().fallback(move |request: Request| answer(transport.clone(), request));
    Ok(axum::serve(listener, app).await?)
}

async fn answer(mut transport: Transport, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return refused;
    };
    match transport.call(Request::from_parts(head, body)).await {
        Ok(response) => response.map(Body::from),
        Err(lost) => Response::new(Body::from_stream(Broken(lost))),
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
