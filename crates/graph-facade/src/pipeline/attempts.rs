//! The loop of attempts, and what one attempt consists of.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::Either;
use http::header::AUTHORIZATION;
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::Instrument as _;

use super::authorization::Tokens;
use super::classify::{Failed, asked_wait, classify, failure};
use super::{Answer, CallContext, Pipeline, Receipt, Terms, middleware};
use crate::batch::{Seat, failed_dependency};
use crate::error::{Error, ErrorKind};
use crate::limit::{Patience, Slot};
use crate::policy::{FailedAttempt, FailureClass, RetryEvent, Verdict};
use crate::telemetry::{self, AttemptSpan};
use crate::transport::TransportError;

const TOO_LATE: &str = "the time limit was over before the calls that this one depends on were";

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
        let seat = terms.seat;
        loop {
            self.cleared(seat, terms)
                .await
                .map_err(|failed| failed.into_error(progress.sent, progress.maybe_processed))?;
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
            {
                match self.cleared(Some(seat), terms).await {
                    Ok(()) => continue,
                    // Whether the other call succeeds after all will not be known in time.
                    Err(late) if late.error.kind() == ErrorKind::Timeout => failed = late,
                    Err(_) => {}
                }
            }
            progress.maybe_processed |= failed.error.maybe_processed();
            if let Some(entry) = terms.journal
                && !progress.maybe_processed
            {
                entry.refused(self.clock.now()).await;
            }
            if self.renew(context.operation, &mut tokens, &mut failed.error).await && !terms.once {
                telemetry::token_renewed(&context);
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
            telemetry::retrying(&context, failed.class, wait);
            sleep(wait).await;
        }
    }

    /// Waits for what a call of a batch depends on, as long as there is time.
    async fn cleared(&self, seat: Option<&Seat>, terms: Terms<'_>) -> Result<(), Failed> {
        let Some(seat) = seat else { return Ok(()) };
        let cleared = match terms.deadline {
            None => Ok(seat.cleared().await),
            Some(deadline) => timeout_at(deadline, seat.cleared()).await,
        };
        match cleared {
            Ok(true) => Ok(()),
            Ok(false) => Err(failure(&failed_dependency(), None, self.clock.now())),
            Err(_) => Err(Error::new(ErrorKind::Timeout, TOO_LATE).into()),
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
        let (slot, waited) = self.slot(context, progress, tokens.is_app(), terms).await?;
        let token = self.authorization(context.operation, tokens).await?;
        let mut request = request.clone();
        request.headers_mut().insert(AUTHORIZATION, token);
        let span = AttemptSpan::begin(&self.root, context, waited);
        // Pinned here, as it would be copied into what instruments it.
        let exchange = pin!(self.exchange(context, request, slot, progress, terms, &span));
        exchange.instrument(span.span()).await
    }

    /// The part of an attempt that its span tells of.
    async fn exchange(
        &self,
        context: &CallContext<'_>,
        mut request: Request<Bytes>,
        mut slot: Slot,
        progress: &mut Progress,
        terms: Terms<'_>,
        span: &AttemptSpan<'_>,
    ) -> Result<Response<Bytes>, Failed> {
        middleware::on_request(&self.attempt_middleware, context, request.headers_mut())
            .inspect_err(|error| span.refused(error))?;
        if let Some(entry) = terms.journal {
            entry.sending(self.clock.now()).await.inspect_err(|error| span.unanswered(error))?;
        }
        progress.sent += 1;
        progress.first_sent_at.get_or_insert_with(Instant::now);
        slot.sending();
        let response = match self.transmit(request, terms).await {
            Ok(response) => response,
            Err(failure) => {
                let failed = Failed::from(failure);
                span.unanswered(&failed.error);
                middleware::on_failure(&self.attempt_middleware, context, &failed.error);
                return Err(failed);
            }
        };
        let retry_after = asked_wait(&response, self.clock.now());
        slot.answered_with(&response, retry_after);
        span.answered(&response);
        middleware::on_response(&self.attempt_middleware, context, &response);
        classify(response, retry_after, self.clock.now())
    }

    /// Waits for the limiter, and says how long. That there is no slot in time counts as a refusal by the service.
    async fn slot(
        &self,
        context: &CallContext<'_>,
        progress: &Progress,
        as_app: bool,
        terms: Terms<'_>,
    ) -> Result<(Slot, Duration), Failed> {
        let parked = |wait| {
            let attempt = progress.failed(context, FailureClass::Throttled, Some(wait));
            matches!(terms.retry.decide(&attempt), Verdict::RetryAfter(_))
        };
        let patience = Patience { parked: &parked, deadline: terms.deadline };
        let asked_at = Instant::now();
        let slot = self.limiter.acquire_if(context.operation, terms.key, as_app, &patience).await;
        let waited = asked_at.elapsed();
        telemetry::limiter_waited(context.operation, waited);
        match slot {
            Ok(slot) => Ok((slot, waited)),
            Err(no_slot) => Err(Failed::without_slot(no_slot, self.clock.now())),
        }
    }

    async fn transmit(
        &self,
        request: Request<Bytes>,
        terms: Terms<'_>,
    ) -> Result<Response<Bytes>, TransportError> {
        let limit = terms.remaining().map_or(self.timeout, |remaining| remaining.min(self.timeout));
        let sending = match terms.seat {
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
