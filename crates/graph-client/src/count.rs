//! How many objects there are, without reading them.

use std::fmt;
use std::future::IntoFuture;

use bytes::Bytes;
use graph_runtime::{Collection, OnRead, OperationInfo};
use http::header::{HeaderName, HeaderValue};

use crate::client::Client;
use crate::client::{RawCall, Writer};
use crate::error::{Error, ErrorKind};
use crate::query::{Filter, Query, Search};
use crate::request::{Request, Sending};
use crate::response::Response;

/// The counting of a collection: one number, whatever its size.
///
/// The directory counts in its index, which is some seconds behind.
#[must_use = "a count does nothing until it is sent"]
pub struct Count(Request<u64>);

impl Count {
    /// Through an operation that answers with a bare number.
    pub fn new(
        client: &Client,
        operation: &'static OperationInfo,
        write: impl FnOnce(&Writer, &Query) -> RawCall<Bytes> + Send + 'static,
    ) -> Self {
        Self(Request::new(client, operation, |raw, query| Ok(write(raw, query)?.read_by(number))))
    }

    /// Through the first page of a list, for want of an operation that only counts.
    pub fn of_list<T: 'static>(
        client: &Client,
        operation: &'static OperationInfo,
        write: impl FnOnce(&Writer, &Query) -> RawCall<Collection<T>> + Send + 'static,
    ) -> Self {
        let request = Request::new(client, operation, write).then(move |page| {
            let page = page?;
            match page.value.count.and_then(|count| u64::try_from(count).ok()) {
                Some(count) => Ok(page.map(|_| count)),
                None => {
                    let error = Error::new(ErrorKind::Decode, "the page has no count");
                    Err(page.complete(error).with_operation(operation))
                }
            }
        });
        Self(request.with_query(|query| {
            query.set_count();
            query.set_top(1);
        }))
    }

    /// Only objects that meet this condition, as in [`List::filter`](crate::List::filter).
    pub fn filter(self, condition: impl Into<Filter>) -> Self {
        Self(self.0.with_query(|query| query.set_filter(condition)))
    }

    /// Only objects in which this is found, as in [`List::search`](crate::List::search).
    pub fn search(self, words: impl Into<Search>) -> Self {
        Self(self.0.with_query(|query| query.set_search(words)))
    }

    /// Adds a header, as [`Request::header`] does.
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        Self(self.0.header(name, value))
    }

    /// Asks for the number.
    pub async fn send(self) -> Result<u64, Error> {
        self.0.send().await
    }

    /// Asks for the number and returns it with the status, headers and ids of the answer.
    pub async fn send_full(self) -> Result<Response<u64>, Error> {
        self.0.send_full().await
    }
}

impl From<Count> for Request<u64> {
    fn from(count: Count) -> Self {
        count.0
    }
}

/// Reads a bare number; some services put a byte order mark before it.
fn number(answer: &http::Response<Bytes>, _: OnRead<'_>) -> serde_json::Result<u64> {
    let text = String::from_utf8_lossy(answer.body());
    serde_json::from_str(text.trim_start_matches('\u{feff}').trim())
}

impl IntoFuture for Count {
    type Output = Result<u64, Error>;
    type IntoFuture = Sending<u64>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}

impl fmt::Debug for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ROOT, Reply, Script};
    use crate::{ErrorKind, Search, field};

    #[tokio::test(start_paused = true)]
    async fn numbers_are_read_in_any_dress() {
        for (body, expected) in [("7", 7), ("\u{feff}7", 7), (" 12\r\n", 12), ("0", 0)] {
            let script = Script::new([Reply::new(200).body(body)]);
            assert_eq!(script.client().things().count().await.unwrap(), expected);
        }
        for body in ["", "many", "-1", "{\"value\":1}"] {
            let script = Script::new([Reply::new(200).body(body)]);
            let error = script.client().things().count().await.unwrap_err();
            assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("r-1")), "{body}");
            assert_eq!(error.body(), body);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_operation_for_it_is_counted_by_its_list() {
        let page = Reply::json(serde_json::json!({"@odata.count": 3, "value": []}));
        let script = Script::new([Reply::new(200).body("1"), Reply::new(200).body("2"), page]);
        let client = script.client();
        let things = client.things();
        things.count().filter(field("mail").ne("x")).await.unwrap();
        things.count().search(Search::term("displayName", "Ada")).await.unwrap();
        assert_eq!(things.count_by_list().await.unwrap(), 3);
        assert_eq!(
            script.lines(),
            [
                format!("GET {ROOT}/things/$count?%24filter=mail%20ne%20%27x%27"),
                format!("GET {ROOT}/things/$count?%24search=%22displayName%3AAda%22"),
                format!("GET {ROOT}/things?%24count=true&%24top=1"),
            ]
        );
    }
}
