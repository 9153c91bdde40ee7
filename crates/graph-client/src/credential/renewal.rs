//! Renewals of tokens, which are polled by the calls that want them and by nobody else.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use graph_runtime::BoxFuture;
use tokio::time::Instant;

use super::{NoToken, Token};
use crate::error::BoxError;
use crate::target::TARGET;

/// How old a renewal without a time limit may be for another call to go on with it: as long as a sign-in by code may take.
const ABANDONED: Duration = Duration::from_secs(15 * 60);

/// The provider's answer, for everybody who waits for it.
pub(super) type Outcome = Result<Token, Failure>;

/// A renewal that somebody polls. It is no task: once nobody does, it rests until the next call.
#[derive(Clone)]
pub(crate) struct Renewal {
    outcome: Shared<BoxFuture<'static, Outcome>>,
    _interest: Arc<()>,
}

impl Renewal {
    /// Polls the renewal for as long as `main` takes, whose outcome is what counts.
    pub(crate) async fn beside<F: Future>(mut self, main: F) -> F::Output {
        let (mut main, mut over) = (pin!(main), false);
        poll_fn(|context| {
            over = over || self.outcome.poll_unpin(context).is_ready();
            main.as_mut().poll(context)
        })
        .await
    }

    /// Its outcome, if it takes no waiting.
    pub(super) fn now(&mut self) -> Option<Outcome> {
        (&mut self.outcome).now_or_never()
    }

    pub(super) async fn wait(self) -> Outcome {
        self.outcome.await
    }
}

/// A renewal under way, as its key remembers it.
pub(super) struct UnderWay {
    outcome: Shared<BoxFuture<'static, Outcome>>,
    /// Alive while somebody polls it.
    interest: Weak<()>,
    started: Instant,
    /// Tells it from those before and after it under the same key.
    pub(super) number: u64,
    pub(super) asked: Asked,
}

/// What a renewal was asked for.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) claims: Option<Arc<str>>,
    /// While there was a token that was still good.
    pub(super) early: bool,
}

impl UnderWay {
    pub(super) fn new(number: u64, asked: Asked, outcome: BoxFuture<'static, Outcome>) -> Self {
        Self { outcome: outcome.shared(), interest: Weak::new(), started: Instant::now(), number, asked }
    }

    /// For one more call to poll.
    pub(super) fn join(&mut self) -> Renewal {
        let interest = self.interest.upgrade().unwrap_or_default();
        self.interest = Arc::downgrade(&interest);
        Renewal { outcome: self.outcome.clone(), _interest: interest }
    }

    pub(super) fn is_polled(&self) -> bool {
        self.interest.strong_count() > 0
    }

    /// Whether nobody polls it, and nothing can come of it any more.
    pub(super) fn is_abandoned(&self, limit: Option<Duration>) -> bool {
        !self.is_polled() && self.started.elapsed() >= limit.unwrap_or(ABANDONED)
    }
}

/// One failure of the provider, for everybody who waited for it.
#[derive(Clone, Debug)]
pub(super) struct Failure(Arc<BoxError>);

impl Failure {
    pub(super) fn new(error: BoxError) -> Self {
        Self(Arc::new(error))
    }

    /// Tells telemetry of it by its kind and codes: its words may name people.
    pub(super) fn tell(&self) {
        #[cfg(feature = "oauth2")]
        if let Some(refusal) = super::OAuthError::within(&**self.0) {
            let codes = refusal.error_codes.as_slice();
            tracing::debug!(target: TARGET, { "error.type" = refusal.kind(), "graph.token.error_codes" = ?codes }, "no new token");
            return;
        }
        let kind = if self.0.is::<NoToken>() { "timeout" } else { "other" };
        tracing::debug!(target: TARGET, { "error.type" = kind }, "no new token");
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.0)
    }
}
