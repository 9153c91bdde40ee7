//! What is kept under one key.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::locked;
use crate::credential::renewal::{Asked, Outcome, UnderWay};
use crate::credential::{Token, TokenRequest};

/// How long a failed renewal of a token that is still good is left at that, and for how long after a renewal for a refused token
/// there is no other.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

/// A token was refused by the service shortly after it had been renewed for that reason, or that renewal failed: so another is
/// not asked for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token was renewed just now without success, and is not renewed again within {wait:.1?}")]
pub struct RenewalPaused {
    wait: Duration,
}

impl RenewalPaused {
    /// How long there will be no renewal because of a refused token, 30 s at most.
    pub fn wait(&self) -> Duration {
        self.wait
    }
}

#[derive(Default)]
pub(super) struct Slot {
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    kept: Option<Kept>,
    pub(super) renewal: Option<UnderWay>,
    /// How many renewals were started.
    pub(super) renewals: u64,
    /// The last renewal because of a refusal.
    after_refusal: Option<AfterRefusal>,
}

struct Kept {
    token: Token,
    /// The claims that it was asked for with.
    claims: Option<Arc<str>>,
    /// No earlier than this is it to be replaced ahead of its end, as the provider was asked just now.
    not_before: Option<SystemTime>,
}

struct AfterRefusal {
    ended: SystemTime,
    with_claims: bool,
}

/// How good a kept token is.
pub(super) enum Grade {
    Fresh(Token),
    /// Good, but due to be replaced.
    Due(Token),
    None,
}

impl Slot {
    /// Whether nothing is lost but a token.
    pub(super) fn is_idle(&self, limit: Option<Duration>) -> bool {
        locked(&self.state).renewal.as_ref().is_none_or(|renewal| renewal.is_abandoned(limit))
    }
}

impl State {
    pub(super) fn grade(&self, request: &TokenRequest, refresh_ahead: Duration) -> Grade {
        let Some(Kept { token, claims, not_before }) = &self.kept else { return Grade::None };
        let now = request.now();
        if !suits(token, claims.as_ref(), request) || token.has_expired_by(now) {
            return Grade::None;
        }
        // A moment that can't be told is later than any end.
        let is_due = token.expires_at().is_some()
            && now.checked_add(refresh_ahead).is_none_or(|ahead| token.has_expired_by(ahead));
        if is_due && not_before.is_none_or(|moment| now >= moment) {
            Grade::Due(token.clone())
        } else {
            Grade::Fresh(token.clone())
        }
    }

    pub(super) fn is_under_way(&self, number: u64) -> bool {
        self.renewal.as_ref().is_some_and(|renewal| renewal.number == number)
    }

    pub(super) fn take_abandoned(&mut self, limit: Option<Duration>) -> Option<UnderWay> {
        self.renewal.take_if(|renewal| renewal.is_abandoned(limit))
    }

    /// Whether what is kept was refused, and has not merely expired since another was.
    fn is_refused(&self, request: &TokenRequest) -> bool {
        self.kept.as_ref().is_some_and(|kept| is_refused(&kept.token, request))
    }

    /// Refuses a renewal because of a refusal so soon after the last, unless it is the first that the service wants claims for.
    pub(super) fn check_pause(&self, request: &TokenRequest) -> Result<(), RenewalPaused> {
        let Some(last) = self.after_refusal.as_ref().filter(|_| self.is_refused(request)) else {
            return Ok(());
        };
        let wants_more = request.claims.is_some() && !last.with_claims;
        let since = request.now().duration_since(last.ended).unwrap_or_default();
        match PAUSE.checked_sub(since) {
            Some(wait) if !wants_more && !wait.is_zero() => Err(RenewalPaused { wait }),
            _ => Ok(()),
        }
    }

    /// Keeps what the renewal that `request` started has brought.
    pub(super) fn keep(&mut self, request: &TokenRequest, outcome: &Outcome) {
        let now = request.now();
        if self.is_refused(request) {
            self.after_refusal = Some(AfterRefusal { ended: now, with_claims: request.claims.is_some() });
        }
        let not_before = now.checked_add(PAUSE);
        match outcome {
            Ok(token) => {
                let mut token = token.clone();
                // That of a cache within the provider, if any, which is asked again next time.
                drop(token.take_renewal());
                self.kept = Some(Kept { token, claims: request.claims.clone(), not_before });
            }
            Err(failure) => {
                failure.tell();
                if let Some(kept) = &mut self.kept {
                    kept.not_before = not_before;
                }
            }
        }
    }
}

impl Asked {
    pub(super) fn of(request: &TokenRequest) -> Self {
        Self { claims: request.claims.clone(), early: request.early }
    }

    /// Whether the token that it brought will do for `request`.
    pub(super) fn suits(&self, token: &Token, request: &TokenRequest) -> bool {
        suits(token, self.claims.as_ref(), request)
    }

    /// Whether `request` would have asked for the same.
    pub(super) fn is_like(&self, request: &TokenRequest) -> bool {
        self.claims == request.claims && self.early == request.early
    }
}

/// Whether a token that was asked for with `claims` is not the one that was refused, and has the claims that are wanted.
fn suits(token: &Token, claims: Option<&Arc<str>>, request: &TokenRequest) -> bool {
    !is_refused(token, request) && (request.claims.is_none() || claims == request.claims.as_ref())
}

fn is_refused(token: &Token, request: &TokenRequest) -> bool {
    request.refused().is_some_and(|refused| refused.secret() == token.secret())
}
