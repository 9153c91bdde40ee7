//! What a caller adds to one call.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use super::{CallHook, Terms};

/// What a caller adds to one call.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub(crate) headers: HeaderMap,
    /// How long the call may take from sending to the end of the answer, waits included.
    pub(crate) time_limit: Option<Duration>,
    /// How large the body of a success may be, where it is another size than the client's.
    pub(crate) max_response_bytes: Option<u64>,
    /// What takes part in it.
    pub(crate) hooks: Vec<Arc<dyn CallHook>>,
}

impl From<HeaderMap> for CallOptions {
    fn from(headers: HeaderMap) -> Self {
        Self { headers, ..Self::default() }
    }
}

impl CallOptions {
    /// `terms`, with what this call adds, and the end that they have for a call that is sent now.
    pub(crate) fn terms<'a>(&'a self, terms: Terms<'a>) -> Terms<'a> {
        let deadline = self.time_limit.and_then(|limit| Instant::now().checked_add(limit));
        Terms { deadline, max_response_bytes: self.max_response_bytes, hooks: &self.hooks, ..terms }
    }
}
