//! The simulator as an in-process transport.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service as TowerService;

use crate::error::ConnectionLost;
use crate::exchange::{Outcome, exchange};
use crate::service::Service;

/// Takes requests to a [`Sim`](crate::Sim) without a network; a [`tower_service::Service`].
///
/// A request is processed when [`call`](TowerService::call) is called. Requests need an absolute URL, or a `Host` header.
#[derive(Debug, Clone)]
pub struct Transport {
    service: Arc<Service>,
}

impl Transport {
    pub(crate) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }
}

impl TowerService<Request<Bytes>> for Transport {
    type Response = Response<Bytes>;
    type Error = ConnectionLost;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let Outcome { delay, result } = exchange(&self.service, &request);
        let service = Arc::clone(&self.service);
        Box::pin(async move {
            if !delay.is_zero() {
                service.clock.sleep(delay).await;
            }
            result
        })
    }
}
