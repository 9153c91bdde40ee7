//! A middleware that remembers what was sent.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use graph_facade::{CallContext, Middleware};
use http::Response;

/// What every client of a journey sent: operation, number of the attempt, status.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<Mutex<Vec<Sent>>>);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) operation: &'static str,
    pub(crate) attempt: u32,
    pub(crate) status: u16,
}

impl Watch {
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Middleware for Watch {
    fn on_response(&self, context: &CallContext<'_>, response: &Response<Bytes>) {
        let sent = Sent {
            operation: context.operation.id,
            attempt: context.attempt,
            status: response.status().as_u16(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
    }
}
