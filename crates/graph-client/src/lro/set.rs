//! Many long-running operations, watched by one task.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use graph_runtime::{BoxFuture, LongRunningResult, StatusReport};
use tokio::time::{Instant, Sleep, sleep_until};

use super::handle::{Operation, Turn};
use super::saved::SavedOperation;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::request::Request;

mod pending;
mod typical;
use pending::{Pending, age_at_last_poll, due};
use typical::Typical;

/// How many requests are under way at once unless it is told.
const AT_ONCE: usize = 10;

/// Long-running operations that are started and watched together, by whoever polls this stream.
///
/// There is one timer and no task: nothing is spawned, and nothing happens while the stream is not polled. At most
/// [`at_once`](Self::at_once) requests are under way; new operations and polls take turns, so that under a rate limit both come
/// forward. A set learns how long its operations take as a rule, and asks about each not much earlier than that. All that is
/// promised of one [`Operation`] holds for each.
///
/// An item is the key of an operation and what was [`Watched`]. The stream ends when nothing is left to watch; then more can be
/// added. It has no deadline: put one around it, and what [`saved`](Self::saved) gives in safety.
///
/// ```no_run
/// use futures_util::StreamExt as _;
/// use graph_client::{LongRunningResult, Operation, OperationSet, Request, Watched};
///
/// # async fn example<T: LongRunningResult + std::fmt::Debug>(creations: Vec<(String, Request<Operation<T>>)>) {
/// let mut set = OperationSet::new();
/// for (name, creation) in creations {
///     set.start(name, creation);
/// }
/// while let Some((name, watched)) = set.next().await {
///     match watched {
///         Watched::Done(created) => println!("{name}: {created:?}"),
///         Watched::Failed(error) | Watched::NotStarted(error) => println!("{name}: {error}"),
///         _ => {}
///     }
/// }
/// # }
/// ```
#[must_use = "nothing is started or watched until the stream is polled"]
pub struct OperationSet<K, T> {
    at_once: usize,
    /// To be started, in this order.
    starts: VecDeque<(K, Request<Operation<T>>)>,
    /// Accepted, the next to be asked about first.
    pending: BinaryHeap<Reverse<Box<Pending<K, T>>>>,
    /// Requests under way.
    requests: FuturesUnordered<BoxFuture<'static, Answered<T>>>,
    /// Whose requests these are.
    under_way: HashMap<u64, UnderWay<K>>,
    timer: Option<Pin<Box<Sleep>>>,
    typical: Typical,
    progress: Progress,
    /// How many operations and requests there were, as numbers for the next.
    numbers: u64,
    started_last: bool,
}

/// What was seen of one operation of a set.
#[derive(Debug)]
#[non_exhaustive]
pub enum Watched<T> {
    /// The service has accepted it. Saved, it outlives the process.
    Accepted(SavedOperation),
    /// It is under way, and the service says something else about it than before.
    Pending(StatusReport),
    /// It is done, and this is its result.
    Done(T),
    /// It ended without success.
    Failed(Error),
    /// It could not be started; [`maybe_processed`](Error::maybe_processed) says whether it may have been all the same.
    NotStarted(Error),
    /// Asking about it, or reading its result, failed in a way that does not pass by itself. The set does not watch it any
    /// more; [`insert`](OperationSet::insert) it again to go on.
    Unanswered(Box<Operation<T>>, Error),
}

/// How far the operations of a set are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Not accepted yet.
    pub to_start: usize,
    /// Accepted and not over.
    pub pending: usize,
    /// Done.
    pub done: usize,
    /// Ended without success.
    pub failed: usize,
    /// Not started, or not watched any more, because of an error.
    pub given_back: usize,
}

struct UnderWay<K> {
    key: K,
    /// The operation, unless it is only being started.
    operation: Option<(SavedOperation, Clock)>,
}

enum Answered<T> {
    Start(u64, Box<Result<Operation<T>, Error>>),
    Question(u64, Box<Question<T>>),
}

struct Question<T> {
    operation: Operation<T>,
    /// What was known before.
    before: StatusReport,
    outcome: Result<Turn<T>, Error>,
}

impl<K: Clone, T: LongRunningResult> OperationSet<K, T> {
    /// A set of none.
    pub fn new() -> Self {
        Self {
            at_once: AT_ONCE,
            starts: VecDeque::new(),
            pending: BinaryHeap::new(),
            requests: FuturesUnordered::new(),
            under_way: HashMap::new(),
            timer: None,
            typical: Typical::default(),
            progress: Progress::default(),
            numbers: 0,
            started_last: false,
        }
    }

    /// So many requests at once instead of 10; none counts as one. More than a rate limit lets through are of no use.
    pub fn at_once(mut self, requests: usize) -> Self {
        self.at_once = requests.max(1);
        self
    }

    /// Watches an operation that was accepted: of this process, or resumed.
    pub fn insert(&mut self, key: K, operation: Operation<T>) {
        self.progress.pending += 1;
        let number = self.number();
        self.await_turn(number, key, operation, true);
    }

    /// Sends `request` when its turn comes, and watches what it starts.
    pub fn start(&mut self, key: K, request: Request<Operation<T>>) {
        self.progress.to_start += 1;
        self.starts.push_back((key, request));
    }

    /// How far the operations are.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// How long the operations take as a rule, as far as was learned: most are done at this age.
    pub fn typical_duration(&self) -> Option<Duration> {
        self.typical.aim()
    }

    /// All operations that were accepted and are not over, in no particular order, as they survive a restart. What was not
    /// started yet is not among them.
    pub fn saved(&self) -> impl Iterator<Item = (&K, SavedOperation)> {
        let waiting = self.pending.iter().map(|Reverse(it)| (&it.key, it.operation.save()));
        let asked = self.under_way.values().filter_map(|it| {
            let (saved, clock) = it.operation.clone()?;
            // The question may reach the service as late as now.
            Some((&it.key, SavedOperation { last_poll_at: Some(clock.now()), ..saved }))
        });
        waiting.chain(asked)
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers - 1
    }

    fn await_turn(&mut self, number: u64, key: K, operation: Operation<T>, fresh: bool) {
        let age = match age_at_last_poll(&operation) {
            Some(age) if !fresh => Typical::next_question(age),
            _ => self.typical.first_question(number),
        };
        let due = due(&operation, age);
        self.pending.push(Reverse(Box::new(Pending { due, number, key, operation, fresh })));
    }

    /// Sends what is next, if anything is to be sent now.
    fn send_next(&mut self) -> bool {
        let asks = self.pending.peek().is_some_and(|Reverse(next)| next.due <= Instant::now());
        if self.requests.len() >= self.at_once || (!asks && self.starts.is_empty()) {
            return false;
        }
        if asks && (self.started_last || self.starts.is_empty()) {
            self.ask_next();
        } else {
            self.start_next();
        }
        true
    }

    fn start_next(&mut self) {
        let Some((key, request)) = self.starts.pop_front() else { return };
        self.started_last = true;
        let number = self.number();
        self.under_way.insert(number, UnderWay { key, operation: None });
        self.requests.push(Box::pin(async move { Answered::Start(number, Box::new(request.send().await)) }));
    }

    fn ask_next(&mut self) {
        let Some(Reverse(next)) = self.pending.pop() else { return };
        self.started_last = false;
        let Pending { number, key, mut operation, .. } = *next;
        let saved = Some((operation.save(), operation.client().clock().clone()));
        self.under_way.insert(number, UnderWay { key, operation: saved });
        let before = operation.last_report().clone();
        self.requests.push(Box::pin(async move {
            let outcome = operation.take_turn().await;
            Answered::Question(number, Box::new(Question { operation, before, outcome }))
        }));
    }

    fn settle(&mut self, answered: Answered<T>) -> Option<(K, Watched<T>)> {
        match answered {
            Answered::Start(number, outcome) => {
                let key = self.under_way.remove(&number)?.key;
                Some((key.clone(), self.started(number, key, *outcome)))
            }
            Answered::Question(number, question) => {
                let key = self.under_way.remove(&number)?.key;
                self.learn(&question);
                Some((key.clone(), self.asked(number, key, *question)?))
            }
        }
    }

    fn started(&mut self, number: u64, key: K, outcome: Result<Operation<T>, Error>) -> Watched<T> {
        self.progress.to_start -= 1;
        match outcome {
            Ok(operation) => {
                self.progress.pending += 1;
                let saved = operation.save();
                self.await_turn(number, key, operation, true);
                Watched::Accepted(saved)
            }
            Err(error) => {
                self.progress.given_back += 1;
                Watched::NotStarted(error)
            }
        }
    }

    fn asked(&mut self, number: u64, key: K, question: Question<T>) -> Option<Watched<T>> {
        let Question { operation, before, outcome } = question;
        let over = match outcome {
            Ok(Turn::Running | Turn::Silence) => {
                let report = operation.last_report();
                let news = (*report != before).then(|| Watched::Pending(report.clone()));
                self.await_turn(number, key, operation, false);
                return news;
            }
            Ok(Turn::Done(result)) => Watched::Done(result),
            Err(error) if error.kind() == ErrorKind::OperationFailed => Watched::Failed(error),
            Err(error) => Watched::Unanswered(Box::new(operation), error),
        };
        let Progress { pending, done, failed, given_back, .. } = &mut self.progress;
        *pending -= 1;
        *match over {
            Watched::Done(_) => done,
            Watched::Failed(_) => failed,
            _ => given_back,
        } += 1;
        Some(over)
    }

    fn learn(&mut self, question: &Question<T>) {
        let Question { operation, outcome, .. } = question;
        let over = match outcome {
            Ok(Turn::Running) => false,
            Ok(Turn::Done(_)) => true,
            Ok(Turn::Silence) | Err(_) => return,
        };
        let age = age_at_last_poll(operation);
        let before = self.typical.aim();
        self.typical.observe(age.unwrap_or_default(), over);
        if differs(before, self.typical.aim()) {
            let reconsidered = std::mem::take(&mut self.pending).into_iter().map(|Reverse(mut it)| {
                if it.fresh {
                    it.due = due(&it.operation, self.typical.first_question(it.number));
                }
                Reverse(it)
            });
            self.pending = reconsidered.collect();
        }
    }
}

/// Whether what is known changed by so much that it is worth going over everything again.
fn differs(before: Option<Duration>, after: Option<Duration>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => before.abs_diff(after) > before / 10,
        (None, None) => false,
        _ => true,
    }
}

impl<K: Clone, T: LongRunningResult> Stream for OperationSet<K, T> {
    type Item = (K, Watched<T>);

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            while this.send_next() {}
            match this.requests.poll_next_unpin(cx) {
                Poll::Ready(Some(answered)) => match this.settle(answered) {
                    Some(item) => return Poll::Ready(Some(item)),
                    None => continue,
                },
                // With all places taken, the next thing that happens is an answer.
                Poll::Pending if this.requests.len() >= this.at_once => return Poll::Pending,
                Poll::Pending | Poll::Ready(None) => {}
            }
            let Some(Reverse(next)) = this.pending.peek() else {
                return if this.requests.is_empty() { Poll::Ready(None) } else { Poll::Pending };
            };
            let due = next.due;
            let timer = this.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

/// Nothing in it is pinned in place.
impl<K, T> Unpin for OperationSet<K, T> {}

impl<K: Clone, T: LongRunningResult> Default for OperationSet<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone, T: LongRunningResult> Extend<(K, Operation<T>)> for OperationSet<K, T> {
    fn extend<I: IntoIterator<Item = (K, Operation<T>)>>(&mut self, operations: I) {
        operations.into_iter().for_each(|(key, operation)| self.insert(key, operation));
    }
}

impl<K: Clone, T: LongRunningResult> FromIterator<(K, Operation<T>)> for OperationSet<K, T> {
    fn from_iter<I: IntoIterator<Item = (K, Operation<T>)>>(operations: I) -> Self {
        let mut set = Self::new();
        set.extend(operations);
        set
    }
}

impl<K, T> fmt::Debug for OperationSet<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationSet")
            .field("progress", &self.progress)
            .field("at_once", &self.at_once)
            .finish_non_exhaustive()
    }
}
