//! Calls that are built but not sent.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use graph_runtime::{BoxFuture, Etag, MissingEtag, OperationInfo};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, HeaderName, IF_MATCH};

use crate::client::{Client, RawCall, Writer};
use crate::error::{BoxError, Error, ErrorKind};
use crate::pipeline::{CallHook, CallOptions, PREFER};
use crate::query::{Expand, Query};
use crate::response::Response;

/// The wish for the object as it is after a change.
const REPRESENTATION: HeaderValue = HeaderValue::from_static("return=representation");

/// A call that is built but not sent. Send it with `send`, or by awaiting it.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<T> {
    operation: &'static OperationInfo,
    options: CallOptions,
    query: Query,
    run: Run<T>,
}

type Run<T> = Box<dyn FnOnce(CallOptions, Query) -> BoxFuture<'static, Result<Response<T>, Error>> + Send>;

impl<T: 'static> Request<T> {
    /// The call of `operation` that `write` makes of a method of the generated client.
    pub fn new(
        client: &Client,
        operation: &'static OperationInfo,
        write: impl FnOnce(&Writer, &Query) -> RawCall<T> + Send + 'static,
    ) -> Self {
        let client = client.clone();
        Self::of(operation, CallOptions::default(), Query::default(), move |mut options, mut query| {
            let prepared = query.prepare(operation, &mut options.headers);
            client.call(operation, options, |raw| prepared.and_then(|()| write(raw, &query)))
        })
    }

    /// A call of `operation` that `run` makes by itself.
    pub fn of(
        operation: &'static OperationInfo,
        options: CallOptions,
        query: Query,
        run: impl FnOnce(CallOptions, Query) -> BoxFuture<'static, Result<Response<T>, Error>> + Send + 'static,
    ) -> Self {
        Self { operation, options, query, run: Box::new(run) }
    }

    /// The same call with `finish` applied to its outcome.
    pub fn then<U>(
        self,
        finish: impl FnOnce(Result<Response<T>, Error>) -> Result<Response<U>, Error> + Send + 'static,
    ) -> Request<U> {
        let Self { operation, options, query, run } = self;
        // Only the inner future is kept, not what it is made of once more.
        let run: Run<U> = Box::new(|options, query| {
            let outcome = run(options, query);
            Box::pin(async { finish(outcome.await) })
        });
        Request { operation, options, query, run }
    }

    /// The same call with `change` applied to its value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Request<U> {
        self.then(|outcome| outcome.map(|response| response.map(change)))
    }

    /// The same call, with `hook` taking part in it.
    pub(crate) fn hooked(mut self, hook: Arc<dyn CallHook>) -> Self {
        self.options.hooks.push(hook);
        self
    }

    /// The same call for the state of an object that `etag` marks, and for no other.
    pub fn for_state(mut self, etag: Result<Etag, MissingEtag>) -> Self {
        let value = etag.map_err(BoxError::from).and_then(|etag| {
            HeaderValue::from_str(etag.as_str())
                .map_err(|_| format!("`{etag}` is no etag of the service").into())
        });
        match value {
            Ok(value) => self.header(IF_MATCH, value),
            Err(wrong) => {
                let refusal =
                    Error::from_source(ErrorKind::InvalidRequest, wrong).with_operation(self.operation);
                self.run = Box::new(|_, _| Box::pin(async { Err(refusal) }));
                self
            }
        }
    }

    /// The same call with a body of this media type, where it is another than the operation's own.
    pub fn of_type(self, media_type: Option<HeaderValue>) -> Self {
        match media_type {
            Some(media_type) => self.header(CONTENT_TYPE, media_type),
            None => self,
        }
    }

    /// Changes what the call asks for.
    pub fn with_query(mut self, change: impl FnOnce(&mut Query)) -> Self {
        change(&mut self.query);
        self
    }

    /// Adds a header to every request of the call. The pipeline's own, such as `Authorization`, can't be replaced.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.append(name, value);
        self
    }

    /// How long the call may take, from sending it to the end of the answer: the rate limiter's queue, retries and the waits
    /// between them included. Otherwise that is for the retry policy to say.
    ///
    /// Where a wait would go past the limit, the call does not wait but ends at once: with an error of kind
    /// [`Throttled`](ErrorKind::Throttled) that says when to come back, or with the failure that would have been tried
    /// again. Where the answer takes too long, the kind is [`Timeout`](ErrorKind::Timeout).
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.options.time_limit = Some(limit);
        self
    }

    /// How many bytes the body of the answer may have, where it is another size than the client's
    /// ([`ClientBuilder::max_response_bytes`](crate::ClientBuilder::max_response_bytes)): for content that is expected to be large.
    pub fn max_response_bytes(mut self, bytes: u64) -> Self {
        self.options.max_response_bytes = Some(bytes);
        self
    }

    /// Sends the call and returns the value.
    pub async fn send(self) -> Result<T, Error> {
        self.send_full().await.map(|response| response.value)
    }

    /// Sends the call and returns the value with the status, headers and ids of the answer.
    pub async fn send_full(self) -> Result<Response<T>, Error> {
        self.start().await
    }

    /// Begins the call, which goes on when it is polled.
    pub(crate) fn start(self) -> BoxFuture<'static, Result<Response<T>, Error>> {
        (self.run)(self.options, self.query)
    }
}

/// A call under way: what awaiting a [`Request`] or a [`Get`] does. Dropped, it is given up.
#[must_use = "a future does nothing unless it is awaited"]
pub struct Sending<T>(BoxFuture<'static, Result<Response<T>, Error>>);

impl<T> Future for Sending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context).map_ok(|response| response.value)
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

impl<T: 'static> IntoFuture for Request<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Sending<T>;

    fn into_future(self) -> Self::IntoFuture {
        Sending(self.start())
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Request<Option<T>> {
    /// The same call asking for the object that comes of it, which `read` fetches if the service keeps it back.
    pub fn or_read(self, read: Get<T>) -> Request<T> {
        let Self { operation, options, query, run } = self.header(PREFER, REPRESENTATION);
        let run: Run<T> = Box::new(|options, query| {
            Box::pin(async {
                let mut answer = run(options, query).await?;
                match answer.value.take() {
                    Some(value) => Ok(answer.map(|_| value)),
                    None => read.send_full().await,
                }
            })
        });
        Request { operation, options, query, run }
    }
}

/// The reading of one object: a [`Request`] that can say which properties it wants.
#[must_use = "a request does nothing until it is sent"]
pub struct Get<T>(Request<T>);

impl<T: 'static> Get<T> {
    /// The reading by `operation` that `write` makes of a method of the generated client.
    pub fn new(
        client: &Client,
        operation: &'static OperationInfo,
        write: impl FnOnce(&Writer, &Query) -> RawCall<T> + Send + 'static,
    ) -> Self {
        Self(Request::new(client, operation, write))
    }

    /// Only these properties, by their names in Graph: `["id", "displayName"]`.
    pub fn select<I: IntoIterator<Item: AsRef<str>>>(mut self, properties: I) -> Self {
        self.0.query.set_select(properties);
        self
    }

    /// These related objects along with it: names of relations, or [`Expand`] for parts of them.
    pub fn expand<I: IntoIterator<Item: Into<Expand>>>(mut self, relations: I) -> Self {
        self.0.query.set_expand(relations);
        self
    }

    /// Adds a header, as [`Request::header`] does.
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        Self(self.0.header(name, value))
    }

    /// How long the call may take, as for [`Request::time_limit`].
    pub fn time_limit(self, limit: Duration) -> Self {
        Self(self.0.time_limit(limit))
    }

    /// How many bytes the body of the answer may have, as for [`Request::max_response_bytes`].
    pub fn max_response_bytes(self, bytes: u64) -> Self {
        Self(self.0.max_response_bytes(bytes))
    }

    /// Reads the object.
    pub async fn send(self) -> Result<T, Error> {
        self.0.send().await
    }

    /// Reads the object and returns it with the status, headers and ids of the answer.
    pub async fn send_full(self) -> Result<Response<T>, Error> {
        self.0.send_full().await
    }
}

impl<T> From<Get<T>> for Request<T> {
    fn from(get: Get<T>) -> Self {
        get.0
    }
}

impl<T: 'static> IntoFuture for Get<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Sending<T>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}

impl<T> fmt::Debug for Get<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
