//! The transport that makes batches by itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use graph_runtime::BoxFuture;
use http::{Request, Response};

use super::WINDOW;
use super::envelope;
use super::gathering::Gatherer;
use crate::transport::{Transport, TransportError};

/// A transport that sends concurrent requests together, in one `$batch` of up to 20.
///
/// A request waits [5 milliseconds](Self::window) for others of the same sender, cloud and version; at 20 the envelope goes
/// at once. Everyone gets its own answer, so limits, retries and errors work as without it. A request that stays alone goes
/// as it is, as does what isn't JSON. At most 4 requests in an envelope are for one mailbox.
///
/// If the envelope as a whole is refused or lost, so is each of its requests. Dropping a call takes its request out of an
/// envelope that was not sent yet; the others are not disturbed either way.
///
/// ```
/// use graph_client::{BatchingTransport, Client, HttpTransport, StaticToken};
///
/// # fn example() -> Result<Client, graph_client::BoxError> {
/// let client = Client::builder()
///     .credential(StaticToken::new("eyJ0eXAi…"))
///     .transport(BatchingTransport::new(HttpTransport::new()?))
///     .build()?;
/// # Ok(client)
/// # }
/// ```
pub struct BatchingTransport {
    inner: Arc<dyn Transport>,
    gatherer: Gatherer,
}

impl BatchingTransport {
    /// Sends over `inner`.
    pub fn new(inner: impl Transport + 'static) -> Self {
        Self { inner: Arc::new(inner), gatherer: Gatherer::new(WINDOW) }
    }

    /// How long the first request of an envelope waits for others; otherwise 5 milliseconds.
    #[must_use]
    pub fn window(self, window: Duration) -> Self {
        Self { gatherer: Gatherer::new(window), ..self }
    }
}

impl Transport for BatchingTransport {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        if envelope::carries(&request) {
            Box::pin(self.gatherer.send(&self.inner, request, None))
        } else {
            self.inner.send(request)
        }
    }
}

impl fmt::Debug for BatchingTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchingTransport").field("gatherer", &self.gatherer).finish_non_exhaustive()
    }
}
