//! The loop of attempts, and what one attempt consists of.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::Either;
use http::header::AUTHORIZATION;
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout};

use super::classify::{Failed, classify};
use super::{Answer, CallContext, Pipeline, Receipt, middleware};
use crate::batch::{Seat, failed_dependency};
use crate::credential::TokenRequest;
use crate::error::{Error, ErrorKind};
use crate::limit::Slot;
use crate::policy::{FailedAttempt, FailureClass, RetryPolicy, Verdict, retry_after_of};
use crate::transport::TransportError;

/// How far a call has come.
#[derive(Debug, Default)]
struct Progress {
    sent: u32,
    maybe_processed: bool,
    /// Waiting in the limiter's queue does not count against the policy's time limit.
    first_sent_at: Option<Instant>,
}

impl Progress {
    fn failed(
        &self,
        context: &CallContext<'_>,
        class: FailureClass,
        retry_after: Option<Duration>,
    ) -> FailedAttempt {
        FailedAttempt {
            operation: context.operation,
            class,
            attempt: self.sent,
            elapsed: self.first_sent_at.map(|first| first.elapsed()).unwrap_or_default(),
            retry_after,
            random: fastrand::f64(),
        }
    }
}

impl Pipeline {
    /// Sends `request` until it succeeds or the retry policy gives up.
    pub(super) async fn attempts(
        &self,
        mut context: CallContext<'_>,
        request: &Request<Bytes>,
        retry: &dyn RetryPolicy,
    ) -> Result<Answer, Error> {
        let mut progress = Progress::default();
        let seat = Seat::of(request);
        loop {
            if let Some(seat) = seat
                && !seat.cleared().await
            {
                return Err(self.left_behind(&progress));
            }
            context.attempt = progress.sent + 1;
            let failed = match self.attempt(&context, request.clone(), &mut progress, retry).await {
                Ok(response) => {
                    let receipt = Receipt::new(&response, context.client_request_id, progress.sent);
                    return Ok(Answer { response, receipt });
                }
                Err(failed) => failed,
            };
            if let Some(seat) = seat
                && seat.shares_a_fate(failed.error.status())
                && seat.cleared().await
            {
                continue;
            }
            progress.maybe_processed |= failed.error.maybe_processed();
            let attempt = progress.failed(&context, failed.class, failed.error.retry_after());
            let Verdict::RetryAfter(wait) = retry.decide(&attempt) else {
                return Err(failed.into_error(progress.sent, progress.maybe_processed));
            };
            tracing::debug!(attempt = progress.sent, ?wait, error = %failed.error, "trying again");
            sleep(wait).await;
        }
    }

    /// The error of a call of a batch that depends on one that failed.
    fn left_behind(&self, progress: &Progress) -> Error {
        match classify(failed_dependency(), None, self.clock.now()) {
            Err(failed) => failed.into_error(progress.sent, progress.maybe_processed),
            Ok(_) => Error::refused("a call that this one depends on did not succeed"),
        }
    }

    async fn attempt(
        &self,
        context: &CallContext<'_>,
        mut request: Request<Bytes>,
        progress: &mut Progress,
        retry: &dyn RetryPolicy,
    ) -> Result<Response<Bytes>, Failed> {
        let mut slot = self.slot(context, progress, retry).await?;
        let token = self.authorization(context).await?;
        request.headers_mut().insert(AUTHORIZATION, token);
        middleware::on_request(&self.attempt_middleware, context, request.headers_mut())?;
        progress.sent += 1;
        progress.first_sent_at.get_or_insert_with(Instant::now);
        slot.sending();
        let response = self.exchange(request).await?;
        let retry_after = retry_after_of(response.headers(), self.clock.now());
        slot.answered(response.status(), retry_after);
        middleware::on_response(&self.attempt_middleware, context, &response);
        tracing::debug!(attempt = context.attempt, status = response.status().as_u16(), "answered");
        classify(response, retry_after, self.clock.now())
    }

    /// Waits for the limiter. A bucket that is parked counts as the refusal that parked it.
    async fn slot(
        &self,
        context: &CallContext<'_>,
        progress: &Progress,
        retry: &dyn RetryPolicy,
    ) -> Result<Slot, Failed> {
        let patient = |wait| {
            let attempt = progress.failed(context, FailureClass::Throttled, Some(wait));
            matches!(retry.decide(&attempt), Verdict::RetryAfter(_))
        };
        let slot = self.limiter.acquire(context.operation.bucket, patient).await;
        slot.map_err(|parked| Failed::parked(parked.0, self.clock.now()))
    }

    async fn authorization(&self, context: &CallContext<'_>) -> Result<http::HeaderValue, Failed> {
        let request = TokenRequest {
            scope: Arc::clone(&self.scope),
            operation: context.operation,
            now: self.clock.now(),
        };
        let token = self.credential.token(&request).await.and_then(|token| token.authorization());
        token.map_err(|error| Failed::from(Error::from_source(ErrorKind::Auth, error)))
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let sending = match Seat::of(&request).cloned() {
            Some(seat) => Either::Left(async move { seat.send(&self.transport, request).await }),
            None => Either::Right(self.transport.send(request)),
        };
        match timeout(self.timeout, sending).await {
            Ok(outcome) => outcome,
            Err(elapsed) => Err(TransportError::timeout(elapsed)),
        }
    }
}
