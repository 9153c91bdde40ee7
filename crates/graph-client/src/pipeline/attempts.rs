//! The loop of attempts, and what one attempt consists of.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::poll_immediate;
use graph_runtime::{BoxFuture, OperationInfo};
use http::{Request, Response, StatusCode};
use tokio::time::{Instant, sleep, timeout};

use super::authorization::Tokens;
use super::classify::{Failed, asked_wait, classify, complete};
use super::hooks::Hooks;
use super::spans::{self, AttemptSpan};
use super::{Answer, AttemptReport, CallContext, CallId, Outgoing, Pipeline, Receipt, Terms, middleware};
use crate::error::{Error, ErrorKind};
use crate::limit::{Patience, Slot};
use crate::policy::{FailedAttempt, FailureClass, RetryEvent, Verdict};
use crate::transport::{self, ExchangeLimits, TransportError};

/// How often a call whose token expires in the limiter's queue gets another and queues again.
const QUEUES: u32 = 3;
const OUTLIVED: &str = "each token expired while the call waited for the rate limiter: use tokens that live longer, or make fewer calls at once";

/// How far a call has come.
struct Progress<'a> {
    tokens: Tokens<'a>,
    sent: u32,
    maybe_processed: bool,
    /// Waiting in the limiter's queue does not count against the policy's time limit.
    first_sent_at: Option<Instant>,
}

impl<'a> Progress<'a> {
    fn new(tokens: Tokens<'a>) -> Self {
        Self { tokens, sent: 0, maybe_processed: false, first_sent_at: None }
    }

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
    /// Sends `outgoing` until it succeeds, the retry policy gives up, or the next attempt would come too late.
    ///
    /// What most calls never need is boxed: held in place, it would make each of them larger. So is an attempt, as two pieces of
    /// less than a kilobyte are allocated in much less time than one of more.
    pub(super) async fn attempts(
        &self,
        operation: &'static OperationInfo,
        id: &CallId,
        outgoing: &Outgoing,
        terms: &Terms<'_>,
    ) -> Result<Answer, Error> {
        let mut progress = Progress::new(self.tokens(operation)?);
        loop {
            if !terms.hooks.is_empty() {
                let ready = Box::pin(Hooks(terms.hooks).ready(terms.deadline)).await.map_err(Failed::from);
                ready.map_err(|failed| failed.into_error(progress.sent, progress.maybe_processed))?;
            }
            let number = progress.sent + 1;
            let context = || outgoing.context(operation, id, number);
            match Box::pin(self.attempt(context(), outgoing, &mut progress, terms)).await {
                Ok(response) => {
                    terms.retry.observe(RetryEvent::Succeeded);
                    let receipt = Receipt::new(&response, *id, progress.sent);
                    return Ok(Answer { response, receipt });
                }
                Err(failed) => Box::pin(self.recover(context(), failed, &mut progress, terms)).await?,
            }
        }
    }

    /// Waits until another attempt is due after one that `failed`, if there is to be one.
    async fn recover(
        &self,
        context: CallContext<'_>,
        mut failed: Failed,
        progress: &mut Progress<'_>,
        terms: &Terms<'_>,
    ) -> Result<(), Error> {
        let hooks = Hooks(terms.hooks);
        if hooks.excuse(&failed.error) {
            match hooks.ready(terms.deadline).await {
                Ok(()) => return Ok(()),
                // Whether the other call succeeds after all will not be known in time.
                Err(late) if late.kind() == ErrorKind::Timeout => failed = late.into(),
                Err(_) => {}
            }
        }
        progress.maybe_processed |= failed.error.maybe_processed();
        if self.renew(context.operation, &mut progress.tokens, terms, &mut failed.error).await && !terms.once
        {
            spans::token_renewed(&context);
            self.tell(|observer| observer.token_renewed(context.operation));
            self.repeating(progress, terms).await;
            return Ok(());
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
        spans::retrying(&context, failed.class, wait);
        self.tell(|observer| observer.retrying(context.operation, failed.class.as_str(), wait));
        self.repeating(progress, terms).await;
        sleep(wait).await;
        Ok(())
    }

    /// Tells the hooks, before another attempt, if the service surely did not act on those so far.
    async fn repeating(&self, progress: &Progress<'_>, terms: &Terms<'_>) {
        if !progress.maybe_processed {
            Hooks(terms.hooks).repeating(self.clock.now()).await;
        }
    }

    async fn attempt(
        &self,
        context: CallContext<'_>,
        outgoing: &Outgoing,
        progress: &mut Progress<'_>,
        terms: &Terms<'_>,
    ) -> Result<Response<Bytes>, Failed> {
        match self.authorize(context.operation, &mut progress.tokens, terms).await? {
            None => self.authorized(context, outgoing, progress, terms).await,
            Some(renewal) => {
                Box::pin(renewal.beside(self.authorized(context, outgoing, progress, terms))).await
            }
        }
    }

    /// An attempt from the token on. The limiter comes after it, so that no slot is held while a token is waited for.
    async fn authorized(
        &self,
        context: CallContext<'_>,
        outgoing: &Outgoing,
        progress: &mut Progress<'_>,
        terms: &Terms<'_>,
    ) -> Result<Response<Bytes>, Failed> {
        let (mut slot, mut waited) = self.slot(&context, progress, terms).await?;
        if progress.tokens.has_expired_since(&self.clock) {
            (slot, waited) = Box::pin(self.queue_again(&context, slot, waited, progress, terms)).await?;
        }
        let span = AttemptSpan::begin(&self.root, &context, waited);
        let response = {
            let exchange = self.exchange(&context, outgoing, &mut slot, progress, terms, &span);
            spans::within(span.span(), pin!(exchange)).await?
        };
        let retry_after = asked_wait(&response, &self.clock);
        slot.answered_with(&response, retry_after);
        let response = classify(response, retry_after, &self.clock)?;
        complete(response, context.operation)
    }

    /// Gets another token in place of one that expired while `slot` was waited for. Where that takes time, the slot is given back and
    /// waited for again.
    async fn queue_again(
        &self,
        context: &CallContext<'_>,
        mut slot: Slot,
        mut waited: Duration,
        progress: &mut Progress<'_>,
        terms: &Terms<'_>,
    ) -> Result<(Slot, Duration), Failed> {
        for _ in 0..QUEUES {
            {
                let mut asking = pin!(self.authorize(context.operation, &mut progress.tokens, terms));
                if let Some(got) = poll_immediate(&mut asking).await {
                    got?;
                    return Ok((slot, waited));
                }
                drop(slot);
                asking.await?;
            }
            let (another, wait) = self.slot(context, progress, terms).await?;
            (slot, waited) = (another, waited.saturating_add(wait));
            if !progress.tokens.has_expired_since(&self.clock) {
                return Ok((slot, waited));
            }
        }
        Err(Error::new(ErrorKind::Auth, OUTLIVED).into())
    }

    /// The part of an attempt that its span tells of: an answer, whatever its status.
    async fn exchange(
        &self,
        context: &CallContext<'_>,
        outgoing: &Outgoing,
        slot: &mut Slot,
        progress: &mut Progress<'_>,
        terms: &Terms<'_>,
        span: &AttemptSpan,
    ) -> Result<Response<Bytes>, Failed> {
        let hooks = Hooks(terms.hooks);
        if !hooks.is_empty() {
            let written = Box::pin(hooks.sending(self.clock.now())).await;
            written.inspect_err(|error| self.unanswered(context, span, error))?;
        }
        let request = outgoing
            .attempt(&progress.tokens)
            .and_then(|mut request| {
                middleware::on_request(&self.attempt_middleware, context, request.headers_mut())?;
                Ok(request)
            })
            .inspect_err(|error| drop(span.failed(error)))?;
        progress.sent += 1;
        let now = Instant::now();
        progress.first_sent_at.get_or_insert(now);
        slot.sending_at(now);
        match self.transmit(request, terms).await {
            Ok(response) => {
                let error_type = span.answered(&response);
                self.attempted(context, span, Some(response.status()), error_type.as_deref());
                middleware::on_response(&self.attempt_middleware, context, &response);
                Ok(response)
            }
            Err(failure) => {
                let failed = Failed::from(failure);
                self.unanswered(context, span, &failed.error);
                middleware::on_failure(&self.attempt_middleware, context, &failed.error);
                Err(failed)
            }
        }
    }

    /// No answer came to a request, or it could not be sent.
    fn unanswered(&self, context: &CallContext<'_>, span: &AttemptSpan, error: &Error) {
        let error_type = span.failed(error);
        self.attempted(context, span, None, Some(&error_type));
    }

    fn attempted(
        &self,
        context: &CallContext<'_>,
        span: &AttemptSpan,
        status: Option<StatusCode>,
        error_type: Option<&str>,
    ) {
        let CallContext { operation, method, .. } = *context;
        let (server, duration) = (self.root.server(), span.elapsed());
        let report = AttemptReport { operation, method, server, status, error_type, duration };
        self.tell(|observer| observer.attempt_ended(&report));
    }

    /// Waits for the limiter, and says how long. That there is no slot in time counts as a refusal by the service.
    async fn slot(
        &self,
        context: &CallContext<'_>,
        progress: &Progress<'_>,
        terms: &Terms<'_>,
    ) -> Result<(Slot, Duration), Failed> {
        let parked = |wait| {
            let attempt = progress.failed(context, FailureClass::Throttled, Some(wait));
            matches!(terms.retry.decide(&attempt), Verdict::RetryAfter(_))
        };
        let hold = Patience::hold_for(self.attempt_limit(terms));
        let patience = Patience { parked: &parked, deadline: terms.deadline, hold };
        let (slot, waited) =
            self.limiter.acquire_if(context.operation, terms.key, progress.tokens.is_app(), &patience).await;
        if let Some(bucket) = context.operation.bucket {
            spans::limiter_waited(waited);
            self.tell(|observer| observer.limiter_waited(bucket, waited));
        }
        match slot {
            Ok(slot) => Ok((slot, waited)),
            Err(no_slot) => Err(Failed::without_slot(no_slot, self.clock.now())),
        }
    }

    /// How long an attempt that begins now may take.
    fn attempt_limit(&self, terms: &Terms<'_>) -> Duration {
        terms.remaining().map_or(self.timeout, |remaining| remaining.min(self.timeout))
    }

    /// Hands `request` to the transport, which has as much time as there is.
    fn transmit<'a>(
        &'a self,
        mut request: Request<Bytes>,
        terms: &'a Terms<'_>,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a {
        let limit = self.attempt_limit(terms);
        let most = terms.max_response_bytes.unwrap_or(self.max_response_bytes);
        let limits = ExchangeLimits::new(most, Instant::now().checked_add(limit));
        request.extensions_mut().insert(limits);
        let sending: BoxFuture<'_, _> = match Hooks(terms.hooks).transport(&self.transport) {
            Some(transport) => Box::pin(async move { transport.send(request).await }),
            None => self.transport.send(request),
        };
        timeout(limit, sending).map(move |outcome| {
            let answer = outcome.unwrap_or_else(|late| Err(TransportError::timeout(late)))?;
            transport::within(answer, limits)
        })
    }
}
