//! Client-side rate limits: the published quotas, kept so that the service never has to refuse.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use graph_models::Bucket;
use http::StatusCode;

mod gate;
pub(crate) use gate::Parked;
use gate::{Gate, Permit};

/// Holds requests back so that no published quota is exceeded.
///
/// Each quota has that many slots. A request takes one before it is sent, retries included, and the slot is free again one
/// window *after the answer came*: whatever the way of counting at the service and however long the network takes, no
/// window of the service sees more than the quota. Requests are let through in the order in which they asked.
///
/// A quota belongs to one user of one app. Clients that share both should share the limiter: clone it into their
/// builders. Operations without a published quota pass at once.
#[derive(Clone, Debug)]
pub struct Limiter(Option<Arc<Mutex<Gates>>>);

/// The quotas met so far, by the names of their buckets.
type Gates = HashMap<&'static str, Arc<Gate>>;

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Limiter {
    /// A limiter that keeps the published quotas.
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// A limiter that lets everything pass at once; the service will then refuse what exceeds its quotas.
    pub fn disabled() -> Self {
        Self(None)
    }

    /// Waits for a slot. Dropping the future gives up the place in the queue and nothing else.
    ///
    /// While the service's last refusal holds everything back, `patient` decides whether to wait that long.
    pub(crate) async fn acquire(
        &self,
        bucket: Option<&'static Bucket>,
        patient: impl Fn(Duration) -> bool + Send,
    ) -> Result<Slot, Parked> {
        let permit = match (&self.0, bucket) {
            (Some(gates), Some(bucket)) => Some(gate_of(gates, bucket).enter(patient).await?),
            _ => None,
        };
        Ok(Slot(permit))
    }
}

fn gate_of(gates: &Mutex<Gates>, bucket: &'static Bucket) -> Arc<Gate> {
    let mut gates = gates.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(gates.entry(bucket.id).or_insert_with(|| Arc::new(Gate::new(bucket))))
}

/// The right to send one request.
///
/// Dropped before [`sending`](Self::sending), it was never used. Dropped after it, the request counts, with allowance for
/// its still being on the way.
#[derive(Debug)]
pub(crate) struct Slot(Option<Permit>);

impl Slot {
    /// From here on the request counts.
    pub(crate) fn sending(&mut self) {
        if let Some(permit) = &mut self.0 {
            permit.sending();
        }
    }

    /// The answer came. A refusal for lack of quota holds back everything until the service will listen again.
    pub(crate) fn answered(self, status: StatusCode, retry_after: Option<Duration>) {
        let Some(permit) = self.0 else { return };
        match retry_after {
            Some(wait) if status == StatusCode::TOO_MANY_REQUESTS => permit.refused(wait),
            _ => permit.answered(),
        }
    }
}

#[cfg(test)]
mod tests;
