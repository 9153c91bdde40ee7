//! The loop of attempts, and what one attempt consists of.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::Either;
use http::header::AUTHORIZATION;
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout};

use super::authorization::Tokens;
use super::classify::{Failed, asked_wait, classify};
use super::{Answer, CallContext, Pipeline, Receipt, Terms, middleware};
use crate::batch::{Seat, failed_dependency};
use crate::error::Error;
use crate::limit::{Patience, Slot};
use crate::policy::{FailedAttempt, FailureClass, RetryEvent, Verdict};
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
    /// Sends `request` until it succeeds, the retry policy gives up, or the next attempt would come too late.
    pub(super) async fn attempts(
        &self,
        mut context: CallContext<'_>,
        request: &Request<Bytes>,
        terms: Terms<'_>,
    ) -> Result<Answer, Error> {
        let mut progress = Progress::default();
        let mut tokens = self.tokens(context.operation, terms)?;
        let seat = Seat::of(request);
        loop {
            if let Some(seat) = seat
                && !seat.cleared().await
            {
                return Err(self.left_behind(&progress));
            }
            context.attempt = progress.sent + 1;
            let outcome = self.attempt(&context, request, &mut progress, &mut tokens, terms).await;
            let mut failed = match outcome {
                Ok(response) => {
                    terms.retry.observe(RetryEvent::Succeeded);
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
            if self.renew(context.operation, &mut tokens, &mut failed.error).await && !terms.once {
                tracing::debug!(attempt = progress.sent, "trying again with another token");
                continue;
            }
            let attempt = progress.failed(&context, failed.class, failed.error.retry_after());
            let Verdict::RetryAfter(wait) = terms.retry.decide(&attempt) else {
                return Err(failed.into_error(progress.sent, progress.maybe_processed));
            };
            if !terms.allow(wait) {
                failed.come_back_after(wait, self.clock.now());
                return Err(failed.into_error(progress.sent, progress.maybe_processed));
            }
            terms.retry.observe(RetryEvent::Retrying(failed.class));
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
        request: &Request<Bytes>,
        progress: &mut Progress,
        tokens: &mut Tokens<'_>,
        terms: Terms<'_>,
    ) -> Result<Response<Bytes>, Failed> {
        let mut slot = self.slot(context, progress, terms).await?;
        let token = self.authorization(context.operation, tokens).await?;
        let mut request = request.clone();
        request.headers_mut().insert(AUTHORIZATION, token);
        middleware::on_request(&self.attempt_middleware, context, request.headers_mut())?;
        progress.sent += 1;
        progress.first_sent_at.get_or_insert_with(Instant::now);
        slot.sending();
        let response = self.exchange(request, terms).await?;
        let retry_after = asked_wait(&response, self.clock.now());
        slot.answered_with(&response, retry_after);
        middleware::on_response(&self.attempt_middleware, context, &response);
        tracing::debug!(attempt = context.attempt, status = response.status().as_u16(), "answered");
        classify(response, retry_after, self.clock.now())
    }

    /// Waits for the limiter. That there is no slot in time counts as a refusal by the service.
    async fn slot(
        &self,
        context: &CallContext<'_>,
        progress: &Progress,
        terms: Terms<'_>,
    ) -> Result<Slot, Failed> {
        let parked = |wait| {
            let attempt = progress.failed(context, FailureClass::Throttled, Some(wait));
            matches!(terms.retry.decide(&attempt), Verdict::RetryAfter(_))
        };
        let patience = Patience { parked: &parked, deadline: terms.deadline };
        let slot = self.limiter.acquire_if(context.operation, terms.key, &patience).await;
        slot.map_err(|no_slot| Failed::without_slot(no_slot, self.clock.now()))
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        terms: Terms<'_>,
    ) -> Result<Response<Bytes>, TransportError> {
        let limit = terms.remaining().map_or(self.timeout, |remaining| remaining.min(self.timeout));
        let sending = match Seat::of(&request).cloned() {
            // Boxed, so that calls that are in no batch stay small.
            Some(seat) => Either::Left(Box::pin(async move { seat.send(&self.transport, request).await })),
            None => Either::Right(self.transport.send(request)),
        };
        match timeout(limit, sending).await {
            Ok(outcome) => outcome,
            Err(elapsed) => Err(TransportError::timeout(elapsed)),
        }
    }
}
