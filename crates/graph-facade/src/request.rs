//! Calls that are built but not sent.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use graph_models::{
    BoxFuture, Etag, Failure, InvalidId, MissingEtag, OperationInfo, RawAnswer, RawClient, RawSending, Seam,
};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, HeaderName, IF_MATCH};
use pin_project_lite::pin_project;

use crate::batch::Seat;
use crate::client::Client;
use crate::error::{BoxError, Error, ErrorKind};
use crate::lro::journal::Entry;
use crate::pipeline::{Call, CallOptions, PREFER};
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

/// What a call of the generated client comes to, refusals before sending included.
pub(crate) type RawResult<T> = Result<T, Unsuccessful>;

/// A call of the generated client under way.
pub(crate) type RawOutcome<T> = BoxFuture<'static, RawResult<T>>;

/// The value of what a method of the generated client gives; how it came is known to the [`Call`].
pub(crate) fn value<T>(answer: RawAnswer<T>) -> RawResult<T> {
    match answer {
        Ok(response) => Ok(response.into_inner()),
        Err(error) => Err(Unsuccessful::Failed(error.into())),
    }
}

/// A call of the generated client that needs no more than one of its methods.
pub(crate) enum Started<T> {
    Sending(RawSending<T>),
    /// Before anything was sent; nothing once that was said.
    Refused(Option<Unsuccessful>),
}

/// The call that `start` makes of the generated client.
pub(crate) fn started<T>(start: impl FnOnce() -> Result<RawSending<T>, Unsuccessful>) -> Started<T> {
    start().map_or_else(|refused| Started::Refused(Some(refused)), Started::Sending)
}

impl<T> Future for Started<T> {
    type Output = RawResult<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Sending(sending) => Poll::Ready(value(ready!(Pin::new(sending).poll(context)))),
            Self::Refused(refused) => {
                refused.take().map_or(Poll::Pending, |refused| Poll::Ready(Err(refused)))
            }
        }
    }
}

/// Why a call of the generated client gave no value.
#[derive(Debug)]
pub(crate) enum Unsuccessful {
    Refused(Error),
    Failed(Failure),
}

impl From<Failure> for Unsuccessful {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Error> for Unsuccessful {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<InvalidId> for Unsuccessful {
    fn from(invalid: InvalidId) -> Self {
        Self::Refused(Error::from_source(ErrorKind::InvalidRequest, invalid))
    }
}

impl Client {
    /// Runs one call of the generated client through the pipeline. All that comes before sending is done at once, so that the
    /// future holds nothing twice.
    pub(crate) fn call<T, F: Future<Output = RawResult<T>>, S: FnOnce(RawClient) -> F>(
        &self,
        operation: &'static OperationInfo,
        options: CallOptions,
        send: S,
    ) -> impl Future<Output = Result<Response<T>, Error>> + use<T, F, S> {
        let call = Arc::new(Call::new(self.clone(), options));
        let seam = Seam::new(Arc::clone(&call) as _);
        let sending = send(RawClient::new(Arc::clone(self.pipeline.root.base()), seam));
        Finishing { sending, call, operation }
    }
}

pin_project! {
    /// A call of the generated client whose outcome is made a response. An adapter that does the same moves the value, which may be
    /// a kilobyte, several times more.
    struct Finishing<F> {
        #[pin]
        sending: F,
        call: Arc<Call>,
        operation: &'static OperationInfo,
    }
}

impl<T, F: Future<Output = RawResult<T>>> Future for Finishing<F> {
    type Output = Result<Response<T>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        Poll::Ready(match ready!(this.sending.poll(context)) {
            Ok(value) => this.call.answered_with(value),
            Err(unsuccessful) => Err(this.call.failed(unsuccessful).with_operation(this.operation)),
        })
    }
}

impl<T: 'static> Request<T> {
    /// The call of `operation` that `send` makes of the generated client.
    pub(crate) fn new<F: Future<Output = RawResult<T>> + Send + 'static>(
        client: &Client,
        operation: &'static OperationInfo,
        send: impl FnOnce(RawClient, Query) -> F + Send + 'static,
    ) -> Self {
        let client = client.clone();
        let run: Run<T> =
            Box::new(move |mut options, mut query| match query.prepare(operation, &mut options.headers) {
                Ok(()) => Box::pin(client.call(operation, options, |raw| send(raw, query))),
                Err(error) => Box::pin(async move { Err(error.with_operation(operation)) }),
            });
        Self { operation, options: CallOptions::default(), query: Query::default(), run }
    }

    /// A call of `operation` that `run` makes by itself.
    pub(crate) fn of(
        operation: &'static OperationInfo,
        options: CallOptions,
        query: Query,
        run: impl FnOnce(CallOptions, Query) -> BoxFuture<'static, Result<Response<T>, Error>> + Send + 'static,
    ) -> Self {
        Self { operation, options, query, run: Box::new(run) }
    }

    /// The same call with `finish` applied to its outcome.
    pub(crate) fn then<U>(
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
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Request<U> {
        self.then(|outcome| outcome.map(|response| response.map(change)))
    }

    /// The same call, with its course written to a journal.
    pub(crate) fn journaled(mut self, entry: Option<Entry>) -> Self {
        self.options.journal = entry;
        self
    }

    /// The same call for the state of an object that `etag` marks, and for no other.
    pub(crate) fn for_state(mut self, etag: Result<Etag, MissingEtag>) -> Self {
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
    pub(crate) fn of_type(self, media_type: Option<HeaderValue>) -> Self {
        match media_type {
            Some(media_type) => self.header(CONTENT_TYPE, media_type),
            None => self,
        }
    }

    /// Changes what the call asks for.
    pub(crate) fn with_query(mut self, change: impl FnOnce(&mut Query)) -> Self {
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

    /// Sends the call and returns the value.
    pub async fn send(self) -> Result<T, Error> {
        self.send_full().await.map(|response| response.value)
    }

    /// Sends the call and returns the value with the status, headers and ids of the answer.
    pub async fn send_full(self) -> Result<Response<T>, Error> {
        (self.run)(self.options, self.query).await
    }

    /// Sends the call as part of a batch.
    pub(crate) fn send_seated(mut self, seat: Seat) -> BoxFuture<'static, Result<Response<T>, Error>> {
        self.options.seat = Some(seat);
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
        Sending((self.run)(self.options, self.query))
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Request<Option<T>> {
    /// The same call asking for the object that comes of it, which `read` fetches if the service keeps it back.
    pub(crate) fn or_read(self, read: Get<T>) -> Request<T> {
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
    pub(crate) fn new<F: Future<Output = RawResult<T>> + Send + 'static>(
        client: &Client,
        operation: &'static OperationInfo,
        send: impl FnOnce(RawClient, Query) -> F + Send + 'static,
    ) -> Self {
        Self(Request::new(client, operation, send))
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
