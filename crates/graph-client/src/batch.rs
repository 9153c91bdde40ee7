//! Graph's `$batch`: many calls in one request.

use std::fmt;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use graph_runtime::BoxFuture;

use crate::client::Client;
use crate::error::Error;
use crate::request::Request;
use crate::response::Response;

mod envelope;
mod gathering;
mod seat;
mod seated;
mod transport;

pub use transport::BatchingTransport;

use gathering::Gatherer;
use seat::{Plan, Seat};
use seated::Seated;

/// How long the first request of an envelope waits for others: enough for calls that are made at the same moment.
const WINDOW: Duration = Duration::from_millis(5);

/// Calls that travel together, as many to an envelope as the service takes.
///
/// Each call is still one of its own: it waits for its quota, is tried again by itself if the service refuses it for now,
/// and gets its own answer. Calls go in parallel unless one [`depends_on`](Batched::depends_on) another.
///
/// - An envelope takes 20 calls, and 4 for one mailbox; more go in several envelopes. Nothing is sent before what it depends
///   on has succeeded or is in the same envelope.
/// - A call whose prerequisite failed is not sent, or refused by the service; its error
///   [`is_failed_dependency`](Error::is_failed_dependency). If the prerequisite succeeds at a later attempt, the call is sent
///   again too.
/// - Waiting for a prerequisite counts against the [`time_limit`](Request::time_limit) of a call; when that is over, the call
///   ends with an error of kind [`Timeout`](crate::ErrorKind::Timeout).
/// - A [`List`](crate::List) is read for one page, as [`List::send`](crate::List::send) does.
/// - What isn't JSON, such as the bare number of a [`Count`](crate::Count), travels beside the envelopes. A call that is left alone travels without one.
///
/// ```no_run
/// # use graph_client::{Client, Error, Get, Request};
/// # async fn example<T: std::fmt::Debug + Send + 'static>(client: Client, change: Request<()>, read: Get<T>) -> Result<(), Error> {
/// let mut batch = client.batch();
/// let changed = batch.add(change);
/// let object = batch.add(read.select(["displayName"])).depends_on(&changed);
/// let outcome = batch.send().await?;
/// outcome.take(changed)?;
/// println!("{:?}", outcome.take(object)?);
/// # Ok(())
/// # }
/// ```
#[must_use = "a batch does nothing until it is sent"]
pub struct Batch {
    identity: Arc<()>,
    calls: Vec<Queued>,
}

/// One call of a [`Batch`], to which its result will belong.
#[must_use = "without it, the result of the call can't be taken"]
pub struct Batched<T> {
    identity: Arc<()>,
    index: usize,
    links: Arc<Mutex<Links>>,
    result: Slot<T>,
}

/// What became of the calls of a [`Batch`].
pub struct BatchOutcome {
    identity: Arc<()>,
    succeeded: Vec<bool>,
}

type Slot<T> = Arc<Mutex<Option<Result<Response<T>, Error>>>>;

struct Queued {
    links: Arc<Mutex<Links>>,
    run: Run,
}

type Run = Box<dyn FnOnce(Seated) -> BoxFuture<'static, bool> + Send>;

/// What a call depends on, or why it can't.
#[derive(Default)]
struct Links {
    after: Vec<usize>,
    problem: Option<&'static str>,
}

impl Client {
    /// A batch without calls.
    ///
    /// One `POST` of `/$batch` for each 20 calls.
    pub fn batch(&self) -> Batch {
        Batch { identity: Arc::default(), calls: Vec::new() }
    }
}

impl Batch {
    /// Adds a call. Its result is [taken](BatchOutcome::take) from the outcome with what this returns.
    pub fn add<T: Send + 'static>(&mut self, request: impl Into<Request<T>>) -> Batched<T> {
        let (links, result) = (Arc::default(), Slot::default());
        let (request, slot) = (request.into(), Arc::clone(&result));
        let run: Run = Box::new(|seated| {
            let outcome = request.hooked(Arc::new(seated)).start();
            Box::pin(async move {
                let outcome = outcome.await;
                let succeeded = outcome.is_ok();
                *lock(&slot) = Some(outcome);
                succeeded
            })
        });
        let index = self.calls.len();
        self.calls.push(Queued { links: Arc::clone(&links), run });
        Batched { identity: Arc::clone(&self.identity), index, links, result }
    }

    /// How many calls it has.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether it has no calls.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Sends all calls and waits for the last answer. A call that fails is part of the outcome.
    ///
    /// Dropping the future drops all calls that are not done; some may have reached the service.
    ///
    /// # Errors
    ///
    /// If a call depends on one that was not added before it to the same batch. Nothing was sent then.
    pub async fn send(self) -> Result<BatchOutcome, Error> {
        let mut calls = Vec::with_capacity(self.calls.len());
        for (index, Queued { links, run }) in self.calls.into_iter().enumerate() {
            let links = std::mem::take(&mut *lock(&links));
            if let Some(problem) = links.problem {
                return Err(Error::refused(format!("call {} of the batch {problem}", index + 1)));
            }
            calls.push((links.after, run));
        }
        let (plan, gatherer) = (Arc::new(Plan::new(calls.len())), Arc::new(Gatherer::new(WINDOW)));
        let running = calls.into_iter().enumerate().map(|(index, (after, run))| {
            let seat = Seat::new(&plan, index, after);
            let seated = Seated { seat: seat.clone(), gatherer: Arc::clone(&gatherer) };
            async move {
                let succeeded = run(seated).await;
                seat.done(succeeded);
                succeeded
            }
        });
        Ok(BatchOutcome { identity: self.identity, succeeded: join_all(running).await })
    }
}

impl IntoFuture for Batch {
    type Output = Result<BatchOutcome, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> Batched<T> {
    /// Sends this call only after `other` has succeeded. `other` must have been added before, to the same batch.
    pub fn depends_on<U>(self, other: &Batched<U>) -> Self {
        let mut links = lock(&self.links);
        if !Arc::ptr_eq(&self.identity, &other.identity) {
            links.problem = Some("depends on a call of another batch: add both to one");
        } else if other.index >= self.index {
            links.problem = Some("depends on a call that comes later: add that one first");
        } else if !links.after.contains(&other.index) {
            links.after.push(other.index);
        }
        drop(links);
        self
    }
}

impl BatchOutcome {
    /// Whether every call succeeded.
    pub fn all_succeeded(&self) -> bool {
        self.succeeded.iter().all(|succeeded| *succeeded)
    }

    /// The value of a call.
    pub fn take<T>(&self, call: Batched<T>) -> Result<T, Error> {
        self.take_full(call).map(|response| response.value)
    }

    /// The value of a call, with the status, headers and ids of its answer.
    #[allow(clippy::needless_pass_by_value, reason = "a result can be taken once")]
    pub fn take_full<T>(&self, call: Batched<T>) -> Result<Response<T>, Error> {
        let result = lock(&call.result).take().filter(|_| Arc::ptr_eq(&self.identity, &call.identity));
        result.unwrap_or_else(|| Err(Error::refused("this outcome is that of another batch")))
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("calls", &self.calls.len()).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Batched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batched").field("index", &self.index).finish_non_exhaustive()
    }
}

impl fmt::Debug for BatchOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchOutcome").field("succeeded", &self.succeeded).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
