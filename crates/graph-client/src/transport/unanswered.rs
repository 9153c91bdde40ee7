//! Exchanges that are given up, and what that says about their connection.

use std::time::Duration;

use tokio::time::Instant;

/// An exchange that is given up after this long without an answer makes its connection suspect, also before the deadline.
const SUSPECT_AFTER: Duration = Duration::from_secs(5);

/// What an exchange goes over.
pub(super) trait Connection {
    /// Keeps further requests from it. What is under way on it goes on.
    fn retire(&self);
}

/// Retires the connection of an exchange that is dropped because no answer came. Over HTTP/2, whatever is sent after it would
/// otherwise wait behind whatever holds that connection up.
///
/// The drop is for lack of an answer if the exchange's deadline has passed, or if it was under way for [`SUSPECT_AFTER`]: then it is
/// a deadline that only the caller knows, or a wait that somebody tired of. Whoever drops a call sooner, one of many on a healthy
/// connection, retires nothing. A mistake costs one more handshake, and a connection that is wrongly kept costs every call.
pub(super) struct Exchange<C: Connection> {
    connection: Option<C>,
    begun: Instant,
    deadline: Option<Instant>,
}

impl<C: Connection> Exchange<C> {
    pub(super) fn begin(connection: C, deadline: Option<Instant>) -> Self {
        Self { connection: Some(connection), begun: Instant::now(), deadline }
    }

    /// The whole answer came, or a failure that says what became of the connection.
    pub(super) fn end(mut self) {
        self.connection = None;
    }
}

impl<C: Connection> Drop for Exchange<C> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let now = Instant::now();
        let is_late = self.deadline.is_some_and(|deadline| now >= deadline);
        if is_late || now.saturating_duration_since(self.begun) >= SUSPECT_AFTER {
            connection.retire();
        }
    }
}
