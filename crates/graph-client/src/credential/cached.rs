//! Tokens that are kept until shortly before their end.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use graph_runtime::BoxFuture;

use super::recent::{CAPACITY, Recent};
use super::renewal::{Asked, Failure, Outcome, Renewal, UnderWay};
use super::{Token, TokenProvider, TokenRequest};
use crate::error::BoxError;

mod slot;

pub use slot::RenewalPaused;
use slot::{Grade, Slot, State};

/// How long before its end a token is replaced unless [`CachedToken::refresh_ahead`] says otherwise.
const REFRESH_AHEAD: Duration = Duration::from_secs(5 * 60);

/// Keeps the tokens of another provider, one for each scope, kind of access and [`QuotaKey`](crate::QuotaKey): nobody gets the token of
/// somebody else.
///
/// **Renewal.** A token is replaced five minutes before its end. The call that notices goes on with the token that is still
/// good and polls the renewal beside its own request, as no task does; if that call ends first, the next goes on with the
/// renewal. If it fails, the token is used until its end, and the provider is asked again half a minute later. Only when there
/// is no good token do calls wait, all for the same answer.
///
/// **Refusals.** For a call whose token the service refused, the token is replaced at once, but no more than once in 30 s for each key: if the
/// new one is refused too, or there is none, the call ends with [`RenewalPaused`]. Meanwhile other calls are still given
/// what there is. A token without a known end is kept until it is refused.
///
/// **Limits.** The provider has as much time as its [`max_wait`](TokenProvider::max_wait) says, 30 s by default. The tokens of 10,000 keys are kept;
/// beyond that, those are forgotten that nobody has used for the longest time.
///
/// ```
/// use std::time::Duration;
/// use graph_client::{CachedToken, StaticToken};
///
/// # let my_provider = StaticToken::new("eyJ0eXAi…");
/// let credential = CachedToken::new(my_provider).refresh_ahead(Duration::from_secs(120));
/// ```
pub struct CachedToken<P> {
    provider: Arc<P>,
    refresh_ahead: Duration,
    time_limit: Option<Duration>,
    slots: Mutex<Recent<Slot>>,
}

/// What there is for a call.
enum Found {
    Good(Token),
    /// A good token, and the renewal to poll while it is used.
    Due(Token, Renewal),
    /// No token but what the renewal brings, which this call has started if it is its `own`.
    /// It has `rested` if nobody polled it: then what comes of it may be long out of date.
    Awaited {
        renewal: Renewal,
        asked: Asked,
        own: bool,
        rested: bool,
    },
}

impl<P: TokenProvider + 'static> CachedToken<P> {
    /// Keeps the tokens that `provider` gives.
    pub fn new(provider: P) -> Self {
        Self {
            provider: Arc::new(provider),
            refresh_ahead: REFRESH_AHEAD,
            time_limit: None,
            slots: Mutex::new(Recent::new(CAPACITY)),
        }
    }

    /// Replaces tokens so long before their end; otherwise five minutes.
    pub fn refresh_ahead(self, refresh_ahead: Duration) -> Self {
        Self { refresh_ahead, ..self }
    }

    /// Gives up on the provider after `limit`, whatever its [`max_wait`](TokenProvider::max_wait) says.
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { time_limit: Some(limit), ..self }
    }

    /// Keeps the tokens of `keys` keys, at least one; otherwise 10,000. A token that is in use or being renewed is kept beyond that.
    /// Call it before the first token is asked for: what was kept is forgotten.
    pub fn capacity(self, keys: usize) -> Self {
        Self { slots: Mutex::new(Recent::new(keys.max(1))), ..self }
    }

    /// The provider, for a copy with other settings.
    #[cfg(feature = "oauth2")]
    pub(super) fn provider(&self) -> &P {
        &self.provider
    }

    fn limit(&self) -> Option<Duration> {
        self.time_limit.or_else(|| self.provider.max_wait())
    }

    async fn fresh(&self, request: &TokenRequest) -> Result<Token, BoxError> {
        let slot = locked(&self.slots).of(request, |slot| slot.is_idle(self.limit()));
        loop {
            let (renewal, asked, own, rested) = match self.find(&slot, request)? {
                Found::Good(token) => return Ok(token),
                Found::Due(token, mut renewal) => {
                    if renewal.now().is_none() {
                        return Ok(token.with_renewal(renewal));
                    }
                    // It took no time, and what came of it is kept.
                    continue;
                }
                Found::Awaited { renewal, asked, own, rested } => (renewal, asked, own, rested),
            };
            match renewal.wait().await {
                Ok(token) if rested && token.has_expired_by(request.now()) => {}
                Ok(token) if own || asked.suits(&token, request) => return Ok(token),
                Err(failure) if own || !rested && asked.is_like(request) => return Err(failure.into()),
                // Somebody else asked for something else, or at another time.
                _ => {}
            }
        }
    }

    /// Looks for a token, and starts or joins the renewal that it takes.
    fn find(&self, slot: &Arc<Slot>, request: &TokenRequest) -> Result<Found, RenewalPaused> {
        // Dropped after the lock, which its end takes too.
        let _abandoned;
        let mut state = locked(&slot.state);
        _abandoned = state.take_abandoned(self.limit());
        match state.grade(request, self.refresh_ahead) {
            Grade::Fresh(token) => Ok(Found::Good(token)),
            Grade::Due(token) => Ok(match &mut state.renewal {
                Some(renewal) if renewal.is_polled() => Found::Good(token),
                Some(renewal) => Found::Due(token, renewal.join()),
                None => {
                    let request = TokenRequest { early: true, ..request.clone() };
                    Found::Due(token, self.start(slot, &mut state, request))
                }
            }),
            Grade::None => {
                if let Some(renewal) = &mut state.renewal {
                    let (asked, rested) = (renewal.asked.clone(), !renewal.is_polled());
                    return Ok(Found::Awaited { renewal: renewal.join(), asked, own: false, rested });
                }
                state.check_pause(request)?;
                let renewal = self.start(slot, &mut state, request.clone());
                Ok(Found::Awaited { renewal, asked: Asked::of(request), own: true, rested: false })
            }
        }
    }

    fn start(&self, slot: &Arc<Slot>, state: &mut State, request: TokenRequest) -> Renewal {
        state.renewals += 1;
        let number = state.renewals;
        let asked = Asked::of(&request);
        let ending = Ending { slot: Arc::downgrade(slot), number };
        let (provider, limit) = (Arc::clone(&self.provider), self.limit());
        let outcome: BoxFuture<'static, Outcome> = Box::pin(async move {
            // All who wait must hear of a panic, which would otherwise reach one of them.
            let asking = AssertUnwindSafe(super::ask(&*provider, &request, limit)).catch_unwind().await;
            let outcome = asking.unwrap_or_else(|_| Err("the token provider panicked".into()));
            let outcome = outcome.map_err(Failure::new);
            ending.keep(&request, &outcome);
            outcome
        });
        state.renewal.insert(UnderWay::new(number, asked, outcome)).join()
    }
}

/// Takes a renewal from its slot when it ends, also by a panic.
struct Ending {
    slot: Weak<Slot>,
    number: u64,
}

impl Ending {
    fn keep(&self, request: &TokenRequest, outcome: &Outcome) {
        let Some(slot) = self.slot.upgrade() else { return };
        let mut state = locked(&slot.state);
        if state.is_under_way(self.number) {
            state.keep(request, outcome);
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let Some(slot) = self.slot.upgrade() else { return };
        let mut state = locked(&slot.state);
        let ended = if state.is_under_way(self.number) { state.renewal.take() } else { None };
        drop(state);
        drop(ended);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept is whole between any two statements that could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<P: TokenProvider + 'static> TokenProvider for CachedToken<P> {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(self.fresh(request))
    }

    /// None, as each renewal has a limit of its own.
    fn max_wait(&self) -> Option<Duration> {
        None
    }
}

impl<P: fmt::Debug> fmt::Debug for CachedToken<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedToken")
            .field("provider", &self.provider)
            .field("refresh_ahead", &self.refresh_ahead)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
