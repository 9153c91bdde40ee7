//! How much an exchange may cost.

use http::{Extensions, StatusCode};
use tokio::time::Instant;

/// How large the body of a success may be unless the client or the call says otherwise.
pub(crate) const MAX_RESPONSE_BYTES: u64 = 32 * 1024 * 1024;
/// How much is kept of the body of any other answer: what the service has to say about an error is a few lines.
const MAX_ERROR_BYTES: u64 = 64 * 1024;

/// How much an envelope adds to an answer in it, headers included; what is no JSON is a third larger there.
const ITEM_BYTES: u64 = 16 * 1024;

/// What one exchange of a request for its answer may cost. The client puts it into the [`Extensions`] of every request, where a
/// [`Transport`](crate::Transport) finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeLimits {
    max_response_bytes: u64,
    deadline: Option<Instant>,
}

impl ExchangeLimits {
    pub(crate) const fn new(max_response_bytes: u64, deadline: Option<Instant>) -> Self {
        Self { max_response_bytes, deadline }
    }

    /// Those of a request with these extensions, which has the defaults if nothing is said: 32 MiB and no deadline.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self::new(MAX_RESPONSE_BYTES, None))
    }

    /// How many bytes the body of an answer with `status` may have. More is a failure of a success
    /// ([`TransportError::too_large`](crate::TransportError::too_large)); of any other answer, the rest is dropped.
    pub fn max_response_bytes(&self, status: StatusCode) -> u64 {
        if status.is_success() {
            self.max_response_bytes
        } else {
            self.max_response_bytes.min(MAX_ERROR_BYTES)
        }
    }

    /// When the client gives the exchange up, and drops its future.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The limits of an exchange that stands for several. Its answer may be as large as all of theirs together, but not larger than
    /// the default, or than the largest of theirs.
    pub(crate) fn together(all: impl IntoIterator<Item = Self>) -> Self {
        let (mut sum, mut largest, mut deadline) = (0_u64, 0, Some(Instant::now()));
        for Self { max_response_bytes: most, deadline: end } in all {
            sum = sum.saturating_add(most).saturating_add(most / 2).saturating_add(ITEM_BYTES);
            largest = most.max(largest);
            deadline = deadline.zip(end).map(|(one, other)| one.max(other));
        }
        Self { max_response_bytes: sum.min(MAX_RESPONSE_BYTES).max(largest), deadline }
    }
}
