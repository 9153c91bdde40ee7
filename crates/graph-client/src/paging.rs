//! Lists: streams of items and of pages.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use graph_runtime::{BoxFuture, Collection, Inspect, OperationInfo};
use http::header::{HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::client::{RawCall, Writer};
use crate::error::Error;
use crate::pipeline::CallOptions;
use crate::query::{Consistency, Expand, Filter, OrderBy, Query, Search};
use crate::request::Request;
use crate::response::Response;

mod walk;
pub use walk::PageLoop;
pub(crate) use walk::Walk;

/// The reading of a list. Take its [`items`](Self::items) or [`pages`](Self::pages) as a stream, or send it for the first
/// page alone.
///
/// ```no_run
/// use futures_util::TryStreamExt;
/// use graph_client::field;
/// # use graph_client::{Error, List};
/// # use graph_client::graph_runtime::Inspect;
/// # async fn example<T: serde::de::DeserializeOwned + Inspect + std::fmt::Debug + Send + 'static>(list: List<T>) -> Result<(), Error> {
/// let mut pilots = list.filter(field("displayName").starts_with("P")).select(["id"]).items();
/// while let Some(item) = pilots.try_next().await? {
///     println!("{item:?}");
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a list does nothing until it is sent or streamed"]
pub struct List<T> {
    client: Client,
    operation: &'static OperationInfo,
    options: CallOptions,
    query: Query,
    start: Start<T>,
}

/// Where the reading begins.
enum Start<T> {
    First(First<T>),
    At(PageLink),
}

/// Makes the call for the first page.
type First<T> = Box<dyn FnOnce(&Writer, &Query) -> RawCall<Collection<T>> + Send>;

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items. A page may have none and still a successor.
    pub items: Vec<T>,
    /// How many items the whole list has, if that was asked for; only on the first page.
    pub count: Option<i64>,
    /// Where the list goes on; on the last page, nothing.
    pub next: Option<PageLink>,
}

/// Where a list goes on: an address that only the service can make, good for some time.
///
/// It can be written and read with serde, and given to [`List::resume_from`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageLink(String);

impl PageLink {
    pub(crate) fn new(address: String) -> Self {
        Self(address)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T> From<Collection<T>> for Page<T> {
    fn from(page: Collection<T>) -> Self {
        Self { items: page.value, count: page.count, next: page.next_link.map(PageLink) }
    }
}

impl<T: DeserializeOwned + Inspect + Send + 'static> List<T> {
    /// The list of `operation`, whose first page `write` asks for by a method of the generated client.
    pub fn new(
        client: &Client,
        operation: &'static OperationInfo,
        write: impl FnOnce(&Writer, &Query) -> RawCall<Collection<T>> + Send + 'static,
    ) -> Self {
        let start = Start::First(Box::new(write));
        let options = CallOptions::default();
        Self { client: client.clone(), operation, options, query: Query::default(), start }
    }

    /// Only these properties, by their names in Graph: `["id", "displayName"]`.
    pub fn select<I: IntoIterator<Item: AsRef<str>>>(mut self, properties: I) -> Self {
        self.query.set_select(properties);
        self
    }

    /// These related objects along with each item: names of relations, or [`Expand`] for parts of them.
    pub fn expand<I: IntoIterator<Item: Into<Expand>>>(mut self, relations: I) -> Self {
        self.query.set_expand(relations);
        self
    }

    /// Only items that meet this condition: one built from [`field`](crate::field), or a text in OData's language, sent as
    /// it is.
    pub fn filter(mut self, condition: impl Into<Filter>) -> Self {
        self.query.set_filter(condition);
        self
    }

    /// Sorted by these properties: [`asc`](crate::asc), [`desc`](crate::desc), or a text such as `displayName desc`.
    pub fn order_by<I: IntoIterator<Item: Into<OrderBy>>>(mut self, properties: I) -> Self {
        self.query.set_order_by(properties);
        self
    }

    /// Only items in which this is found: a [`Search`], or a text with the quotes that the service wants, sent as it is.
    pub fn search(mut self, words: impl Into<Search>) -> Self {
        self.query.set_search(words);
        self
    }

    /// At most this many items on a page. It does not limit the list.
    pub fn top(mut self, items: u32) -> Self {
        self.query.set_top(items);
        self
    }

    /// Asks how many items there are in all; see [`Page::count`].
    pub fn count(mut self) -> Self {
        self.query.set_count();
        self
    }

    /// From what the directory answers. By default, it is asked for eventual consistency where the query needs that, on
    /// every page, with `$count=true` where that is needed too.
    pub fn consistency(mut self, consistency: Consistency) -> Self {
        self.query.set_consistency(consistency);
        self
    }

    /// Adds a header to the request for every page.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.append(name, value);
        self
    }

    /// How long the reading of each page may take, as for [`Request::time_limit`].
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.options.time_limit = Some(limit);
        self
    }

    /// How many bytes each page may have, as for [`Request::max_response_bytes`].
    pub fn max_response_bytes(mut self, bytes: u64) -> Self {
        self.options.max_response_bytes = Some(bytes);
        self
    }

    /// Goes on where an earlier reading stopped. The link carries the query; headers of your own have to be added again.
    pub fn resume_from(mut self, link: PageLink) -> Self {
        self.start = Start::At(link);
        self
    }

    /// Reads one page: the first, or the one to resume from.
    pub async fn send(self) -> Result<Page<T>, Error> {
        self.send_full().await.map(|response| response.value)
    }

    /// Reads one page and returns it with the status, headers and ids of the answer.
    pub async fn send_full(self) -> Result<Response<Page<T>>, Error> {
        self.begin().await.map(|(response, _)| response)
    }

    /// All pages, each read when it is asked for. The stream ends after the last page or the first error.
    pub fn pages(self) -> Pages<T> {
        let pages = stream::try_unfold(Reading::Begin(Box::new(self)), |reading| async {
            let (response, walk) = match reading {
                Reading::Begin(list) => {
                    let (response, walk) = list.begin().await?;
                    (response, Box::new(walk))
                }
                Reading::Walk(mut walk, link) => (walk.next(&link).await?.map(Page::from), walk),
                Reading::End => return Ok(None),
            };
            let page = response.value;
            let rest = page.next.clone().map_or(Reading::End, |link| Reading::Walk(walk, link));
            Ok(Some((page, rest)))
        });
        Pages(Box::pin(pages))
    }

    /// All items of all pages. The stream ends after the last item or the first error.
    pub fn items(self) -> Items<T> {
        let items =
            self.pages().map_ok(|page: Page<T>| stream::iter(page.items.into_iter().map(Ok))).try_flatten();
        Items(items.boxed())
    }

    async fn begin(self) -> Result<(Response<Page<T>>, Walk), Error> {
        let Self { client, operation, mut options, mut query, start } = self;
        query.prepare(operation, &mut options.headers).map_err(|error| error.with_operation(operation))?;
        let mut walk = Walk::new(client.clone(), operation, options.clone());
        let response = match start {
            Start::First(write) => client.call(operation, options, |raw| write(raw, &query)).await?,
            Start::At(link) => walk.next(&link).await?,
        };
        Ok((response.map(Page::from), walk))
    }
}

/// The reading of one page: the first, or the one to resume from.
impl<T: DeserializeOwned + Inspect + Send + 'static> From<List<T>> for Request<Page<T>> {
    fn from(list: List<T>) -> Self {
        let List { client, operation, options, query, start } = list;
        Self::of(operation, options, query, move |options, query| {
            let list = List { client, operation, options, query, start };
            Box::pin(list.send_full())
        })
    }
}

/// How far a stream of pages has come.
enum Reading<T> {
    Begin(Box<List<T>>),
    Walk(Box<Walk>, PageLink),
    End,
}

impl<T: DeserializeOwned + Inspect + Send + 'static> IntoFuture for List<T> {
    type Output = Result<Page<T>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("operation", &self.operation.id)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

/// The stream of a list's pages.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T>(BoxStream<'static, Result<Page<T>, Error>>);

/// The stream of a list's items.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T>(BoxStream<'static, Result<T, Error>>);

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
