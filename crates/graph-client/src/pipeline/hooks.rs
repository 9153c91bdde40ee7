//! What takes part in the course of one call: a place in a batch, the record of a long-running operation.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use graph_runtime::{BoxFuture, OperationInfo};
use tokio::time::Instant;

use super::Answer;
use crate::error::Error;
use crate::root::Root;
use crate::transport::Transport;

/// What a hook has to wait for at one moment; none if it doesn't care for it.
pub(crate) type Step<'a, T> = Option<BoxFuture<'a, T>>;

/// The call that a hook takes part in.
#[derive(Clone, Copy)]
pub(crate) struct HookContext<'a> {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) root: &'a Root,
    /// The client's id of the call.
    pub(crate) id: &'a str,
    pub(crate) now: SystemTime,
}

/// Takes part in one call. The moments come in the order in which they stand here, those from `ready` to `repeating` once per attempt.
pub(crate) trait CallHook: fmt::Debug + Send + Sync {
    /// The call begins. Nothing is sent if this fails.
    fn begins<'a>(&'a self, _context: HookContext<'a>) -> Step<'a, Result<(), Error>> {
        None
    }

    /// An attempt is due: waits until it may be made, at most until `deadline`. No token is asked for and no slot of the limiter held meanwhile.
    fn ready(&self, _deadline: Option<Instant>) -> Step<'_, Result<(), Error>> {
        None
    }

    /// A request is about to be sent. It isn't if this fails.
    fn sending(&self, _now: SystemTime) -> Step<'_, Result<(), Error>> {
        None
    }

    /// What sends the request in place of the client's transport, which is `inner`.
    fn transport(&self, _inner: &Arc<dyn Transport>) -> Option<Arc<dyn Transport>> {
        None
    }

    /// Whether an attempt failed for another call's sake: then it is repeated as soon as it is `ready`, whatever the retry policy says.
    fn excuses(&self, _failure: &Error) -> bool {
        false
    }

    /// Another attempt follows, and the service surely did not act on those so far.
    fn repeating(&self, _now: SystemTime) -> Step<'_, ()> {
        None
    }

    /// The call is over.
    fn ended<'a>(
        &'a self,
        _context: HookContext<'a>,
        _outcome: &'a mut Result<Answer, Error>,
    ) -> Step<'a, ()> {
        None
    }
}

/// The hooks of one call, in the order in which they were added.
#[derive(Clone, Copy)]
pub(super) struct Hooks<'a>(pub(super) &'a [Arc<dyn CallHook>]);

impl Hooks<'_> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) async fn begin(self, context: HookContext<'_>) -> Result<(), Error> {
        for step in self.0.iter().filter_map(|hook| hook.begins(context)) {
            step.await?;
        }
        Ok(())
    }

    pub(super) async fn ready(self, deadline: Option<Instant>) -> Result<(), Error> {
        for step in self.0.iter().filter_map(|hook| hook.ready(deadline)) {
            step.await?;
        }
        Ok(())
    }

    pub(super) async fn sending(self, now: SystemTime) -> Result<(), Error> {
        for step in self.0.iter().filter_map(|hook| hook.sending(now)) {
            step.await?;
        }
        Ok(())
    }

    pub(super) fn transport(self, inner: &Arc<dyn Transport>) -> Option<Arc<dyn Transport>> {
        self.0.iter().find_map(|hook| hook.transport(inner))
    }

    pub(super) fn excuse(self, failure: &Error) -> bool {
        self.0.iter().any(|hook| hook.excuses(failure))
    }

    pub(super) async fn repeating(self, now: SystemTime) {
        for step in self.0.iter().filter_map(|hook| hook.repeating(now)) {
            step.await;
        }
    }

    pub(super) async fn ended(self, context: HookContext<'_>, outcome: &mut Result<Answer, Error>) {
        for hook in self.0 {
            if let Some(step) = hook.ended(context, outcome) {
                step.await;
            }
        }
    }
}
