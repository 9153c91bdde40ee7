//! What has changed since the last time.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::stream;
use graph_runtime::{Collection, Identify, OperationInfo};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::client::Client;
use crate::client::{RawCall, Writer};
use crate::error::Error;
use crate::query::{Filter, Query, field};

mod change;
mod round;
#[cfg(test)]
mod tests;
mod token;

pub use change::{Change, Link, RemovalReason};
pub use graph_runtime::Tracked;
use round::{Round, Start};
pub use token::{DeltaToken, InvalidDeltaToken};

/// How many objects a round can be limited to.
const MOST_OBJECTS: usize = 50;

/// A round of changes: the first reads everything, each later one what changed since the round before.
///
/// A round goes over several pages, and each page has a [`DeltaToken`]: where to go on, at once or tomorrow, in this process
/// or another. After the last page it begins the next round; after an earlier one it goes on with this round.
///
/// What to expect of the service: the same object may come several times, on one page or on several, and changes may
/// come again; apply them in order. It tells of a change some seconds late, or minutes. A token lasts seven days for groups and
/// users; after that, or when the service wants it so, the round ends with an error that
/// [`is_resync_required`](Error::is_resync_required), unless [`restart`](Self::restart) is set.
///
/// ```no_run
/// use futures_util::TryStreamExt as _;
/// use graph_client::{Change, Delta, DeltaToken, Tracked};
///
/// # async fn example<T: Tracked + std::fmt::Debug>(all: Delta<T>, saved: Option<String>) -> Result<(), Box<dyn std::error::Error>> {
/// let delta = match saved {
///     Some(token) => all.resume(token.parse::<DeltaToken>()?),
///     None => all.select(["displayName", "members"]),
/// };
/// let mut changes = delta.restart().changes();
/// while let Some(change) = changes.try_next().await? {
///     match change {
///         Change::Updated(object) => println!("it is as follows: {object:?}"),
///         Change::Removed { id, reason } => println!("{id} is gone: {reason}"),
///         Change::Linked { object, target, .. } => println!("{} joined {object}", target.id),
///         Change::Unlinked { object, target, .. } => println!("{} left {object}", target.id),
///         Change::Restarted => println!("forget everything: it all comes again"),
///         _ => {}
///     }
/// }
/// let next_round = changes.token().map(DeltaToken::to_json);
/// # Ok(())
/// # }
/// ```
#[must_use = "a delta does nothing until its pages or changes are streamed"]
pub struct Delta<T> {
    client: Client,
    operation: &'static OperationInfo,
    headers: HeaderMap,
    query: Query,
    write: First<T>,
    start: Start,
    restart: bool,
}

/// Makes the call that begins a round which reads everything.
type First<T> = Arc<dyn Fn(&Writer, &Query) -> RawCall<Collection<T>> + Send + Sync>;

/// One page of changes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeltaPage<T> {
    /// The changes, in the order to apply them. There may be none, and still a next page.
    pub changes: Vec<Change<T>>,
    /// Where to go on once they are applied.
    pub token: DeltaToken,
}

impl<T: Tracked> Delta<T> {
    /// `write` makes the first call; `operation` has no parameters in its path.
    pub fn new(
        client: &Client,
        operation: &'static OperationInfo,
        write: impl Fn(&Writer, &Query) -> RawCall<Collection<T>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            client: client.clone(),
            operation,
            headers: HeaderMap::new(),
            query: Query::default(),
            write: Arc::new(write),
            start: Start::Beginning,
            restart: false,
        }
    }

    /// Only changes of these properties, by their names in Graph; `members`, `owners` or another relation among them tells who
    /// joined and left.
    ///
    /// For the first round only: the token carries it.
    pub fn select<I: IntoIterator<Item: AsRef<str>>>(mut self, properties: I) -> Self {
        self.query.set_select(properties);
        self
    }

    /// Only changes of these objects, at most 50. For the first round only: the token carries it.
    pub fn only<I: IntoIterator<Item: Identify>>(mut self, objects: I) -> Self {
        let ids: Result<Vec<_>, _> = objects.into_iter().map(|object| object.identify()).collect();
        match ids {
            Ok(ids) if ids.len() > MOST_OBJECTS => self.query.refuse(&format!(
                "`only` names {} objects, and a round follows at most {MOST_OBJECTS}: follow all, or split them into rounds",
                ids.len(),
            )),
            Ok(ids) => {
                let one = ids.iter().map(|id| field("id").eq(id.as_str()));
                self.query.set_filter(one.reduce(Filter::or).unwrap_or_else(|| Filter::raw("")));
            }
            Err(invalid) => self.query.refuse(&invalid.to_string()),
        }
        self
    }

    /// Only changes of objects that meet this condition. For groups and users, the service accepts comparisons of `id` with
    /// `eq` alone, joined by `or`; see [`only`](Self::only). For the first round only: the token carries it.
    pub fn filter(mut self, condition: impl Into<Filter>) -> Self {
        self.query.set_filter(condition);
        self
    }

    /// Skips what is there already: the first round has no changes, only a token for what changes from now on.
    pub fn from_now(mut self) -> Self {
        self.start = Start::Latest;
        self
    }

    /// Goes on from a token: with a new round, or within the round that it was saved in.
    ///
    /// Refused before anything is sent: a token of another operation, cloud, version or root.
    pub fn resume(mut self, token: DeltaToken) -> Self {
        self.start = Start::Token(token);
        self
    }

    /// Begins anew by itself, once a round, where the service wants a full synchronisation. [`Change::Restarted`]
    /// comes first then, and after it all that there is.
    pub fn restart(mut self) -> Self {
        self.restart = true;
        self
    }

    /// Asks for changed properties alone, instead of at least them: `Prefer: return=minimal`.
    pub fn minimal(self) -> Self {
        self.header(HeaderName::from_static("prefer"), HeaderValue::from_static("return=minimal"))
    }

    /// Adds a header to the request for every page.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The pages of the round, each read when it is asked for. The stream ends after the last page or the first error.
    ///
    /// Save the token of a page when its changes are applied, and no interruption will lose or skip anything.
    pub fn pages(self) -> DeltaPages<T> {
        let pages = stream::try_unfold(Round::new(self), |mut round| async {
            Ok(round.next().await?.map(|page| (page, round)))
        });
        DeltaPages(Box::pin(pages))
    }

    /// The changes of the round, one by one. [`Changes::token`] says where to go on.
    pub fn changes(self) -> Changes<T> {
        Changes { pages: self.pages(), page: VecDeque::new(), read: None, token: None }
    }
}

impl<T> fmt::Debug for Delta<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delta")
            .field("operation", &self.operation.id)
            .field("query", &self.query)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

/// The stream of a round's pages.
#[must_use = "a stream does nothing until it is polled"]
pub struct DeltaPages<T>(BoxStream<'static, Result<DeltaPage<T>, Error>>);

/// The stream of a round's changes.
#[must_use = "a stream does nothing until it is polled"]
pub struct Changes<T> {
    pages: DeltaPages<T>,
    /// What is left of the current page.
    page: VecDeque<Change<T>>,
    /// The token of the current page.
    read: Option<DeltaToken>,
    token: Option<DeltaToken>,
}

impl<T> Changes<T> {
    /// Where to go on, if everything that the stream gave before the last call is applied; none within the first page.
    ///
    /// It moves on when the stream is asked for more after the last change of a page, so that a change in work when
    /// the process ends comes again.
    pub fn token(&self) -> Option<&DeltaToken> {
        self.token.as_ref()
    }
}

impl<T> Stream for DeltaPages<T> {
    type Item = Result<DeltaPage<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

/// Nothing of it is pinned.
impl<T> Unpin for Changes<T> {}

impl<T> Stream for Changes<T> {
    type Item = Result<Change<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(change) = self.page.pop_front() {
                return Poll::Ready(Some(Ok(change)));
            }
            if let Some(token) = self.read.take() {
                self.token = Some(token);
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(DeltaPage { changes, token })) => {
                    self.page = changes.into();
                    self.read = Some(token);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for DeltaPages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeltaPages").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Changes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("token", &self.token).finish_non_exhaustive()
    }
}
