//! How a call of an explicit batch goes through the pipeline: when it may be sent, and in whose company.

use std::sync::Arc;

use bytes::Bytes;
use graph_runtime::BoxFuture;
use http::{Request, Response};
use tokio::time::{Instant, timeout_at};

use super::envelope;
use super::gathering::{Gatherer, failed_dependency};
use super::seat::Seat;
use crate::error::{Error, ErrorKind};
use crate::pipeline::{CallHook, Step, refused_by};
use crate::transport::{Transport, TransportError};

const TOO_LATE: &str = "the time limit was over before the calls that this one depends on were";

/// The hook of one call of a batch.
#[derive(Clone, Debug)]
pub(super) struct Seated {
    pub(super) seat: Seat,
    pub(super) gatherer: Arc<Gatherer>,
}

impl CallHook for Seated {
    fn ready(&self, deadline: Option<Instant>) -> Step<'_, Result<(), Error>> {
        Some(Box::pin(async move {
            let cleared = match deadline {
                None => Ok(self.seat.cleared().await),
                Some(deadline) => timeout_at(deadline, self.seat.cleared()).await,
            };
            match cleared {
                Ok(true) => Ok(()),
                Ok(false) => Err(refused_by(&failed_dependency())),
                Err(_) => Err(Error::new(ErrorKind::Timeout, TOO_LATE)),
            }
        }))
    }

    fn excuses(&self, failure: &Error) -> bool {
        self.seat.shares_a_fate(failure.status())
    }

    fn transport(&self, inner: &Arc<dyn Transport>) -> Option<Arc<dyn Transport>> {
        Some(Arc::new(InCompany { seated: self.clone(), inner: Arc::clone(inner) }))
    }
}

/// Sends the requests of one call, with those of other calls if they fit into an envelope.
struct InCompany {
    seated: Seated,
    inner: Arc<dyn Transport>,
}

impl Transport for InCompany {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let Seated { seat, gatherer } = &self.seated;
        if envelope::carries(&request) {
            Box::pin(gatherer.send(&self.inner, request, Some(seat.clone())))
        } else if seat.may_join(&std::iter::empty()) {
            self.inner.send(request)
        } else {
            Box::pin(async { Ok(failed_dependency()) })
        }
    }
}
