//! What the targets have in common: steps in batches, and a policy that leaves waiting to the run.

use std::sync::Arc;

use crate::client::Client;
use graph_client::{
    Error, ErrorKind, FailedAttempt, FailureClass, Request, Response, RetryEvent, RetryPolicy, Verdict,
};

use super::target::Applied;

/// What came of a step.
pub(super) type Outcome = Result<Applied, Error>;

/// A client of which what is throttled is for the run to wait for, which then holds back everything else too.
pub(super) fn yielding(client: &Client) -> Client {
    client.with_retry(|inner| Yielding { inner }).into()
}

/// Sends the calls that there are in one batch, and gives what came of each in its place.
pub(super) async fn together<T: Send + 'static, K>(
    client: &Client,
    calls: impl Iterator<Item = Result<Request<T>, K>>,
) -> Result<Vec<Result<Result<T, Error>, K>>, Error> {
    let mut batch = client.batch();
    let calls: Vec<_> = calls.map(|call| call.map(|request| batch.add(request))).collect();
    let outcome = batch.send().await?;
    Ok(calls.into_iter().map(|call| call.map(|call| outcome.take(call))).collect())
}

/// A call of which only the success matters: an answer that can't be read is as good as any other.
pub(super) fn done<T: 'static>(request: Request<T>) -> Request<Applied> {
    let is_unreadable = |error: &Error| error.kind() == ErrorKind::Decode;
    request.then(move |outcome| done_if(outcome, is_unreadable, Applied::Done))
}

/// A success, or a failure that amounts to one.
pub(super) fn done_if<T>(
    outcome: Result<Response<T>, Error>,
    amounts_to_one: impl FnOnce(&Error) -> bool,
    otherwise: Applied,
) -> Result<Response<Applied>, Error> {
    match outcome {
        Ok(response) => Ok(response.map(|_| Applied::Done)),
        Err(error) if amounts_to_one(&error) => Response::of_refusal(&error, otherwise).ok_or(error),
        Err(error) => Err(error),
    }
}

/// The error of a step for which something was only read: whatever became of the reading, nothing has changed.
pub(super) fn of_a_reading(error: Error) -> Error {
    error.with_maybe_processed(false)
}

/// What comes of so many steps when their batch as a whole is refused before it is sent.
pub(super) fn all_refused(error: Error, steps: usize) -> Vec<Outcome> {
    let others = (1..steps).map(|_| Err(Error::new(error.kind(), error.message()))).collect::<Vec<_>>();
    std::iter::once(Err(error)).chain(others).collect()
}

/// Any policy, but throttled requests are not tried again.
#[derive(Debug)]
struct Yielding {
    inner: Arc<dyn RetryPolicy>,
}

impl RetryPolicy for Yielding {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        match failed.class {
            FailureClass::Throttled | FailureClass::Unavailable => Verdict::GiveUp,
            _ => self.inner.decide(failed),
        }
    }

    fn observe(&self, event: RetryEvent) {
        self.inner.observe(event);
    }
}
