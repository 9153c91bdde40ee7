//! The simulator as an in-process transport.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

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

    /// Processes a request at once; its outcome says what is to be waited for.
    pub(crate) fn exchange(&self, request: &Request<Bytes>) -> Outcome {
        exchange(&self.service, request)
    }

    /// Waits in the simulator's time.
    pub(crate) fn wait(&self, length: Duration) -> impl Future<Output = ()> + Send + use<> {
        let service = Arc::clone(&self.service);
        async move {
            if !length.is_zero() {
                service.clock.sleep(length).await;
            }
        }
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
        let Outcome { delay, body_delay, result } = self.exchange(&request);
        let waiting = self.wait(delay.saturating_add(body_delay));
        Box::pin(async move {
            waiting.await;
            result
        })
    }
}
