//! Calls of the generated client, sent through the pipeline.

use std::future::ready;
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use graph_runtime::{
    BoxFuture, Dispatch, DispatchError, Inspect, OperationInfo, RawRequest, ReadAnswer, Seam, Sending,
};

use super::Client;
use crate::error::Error;
use crate::pipeline::{Answer, CallOptions, Outgoing, Pipeline};
use crate::response::Response;

/// A call of a generated client, or why it is refused.
pub type RawCall<T> = Result<Sending<T>, Error>;

/// Of what a generated client is made that writes requests below the client's root, and sends none.
#[derive(Clone, Debug)]
pub struct Writer {
    base: Arc<str>,
    seam: Seam,
}

impl Writer {
    pub(super) fn new(base: Arc<str>) -> Self {
        Self { base, seam: Seam::unconnected() }
    }

    /// The generated client that `new` makes.
    pub fn raw<R>(&self, new: impl FnOnce(Arc<str>, Seam) -> R) -> R {
        new(Arc::clone(&self.base), self.seam.clone())
    }
}

/// For raw clients, whose calls nobody looks at on their way.
impl Dispatch for Client {
    fn dispatch(
        self: Arc<Self>,
        operation: &'static OperationInfo,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, DispatchError>> {
        let mut outgoing = match self.pipeline.placed(operation, request) {
            Ok(outgoing) => outgoing,
            Err(error) => return Box::pin(ready(Err(error.into()))),
        };
        Box::pin(async move {
            let answer = self.pipeline.send(operation, &mut outgoing, &self.terms()).await?;
            Ok(answer.response)
        })
    }

    fn inspect(&self, operation: &'static OperationInfo, answer: &dyn Inspect) {
        self.pipeline.inspect(operation, answer);
    }
}

impl Client {
    /// Sends the call of `operation` that `write` makes of a method of the generated client. All that comes before sending is done
    /// at once, so that the future holds nothing twice; and what does not depend on the type of the answer stands apart, so that
    /// it is compiled once.
    pub fn call<T: 'static>(
        self,
        operation: &'static OperationInfo,
        options: CallOptions,
        write: impl FnOnce(&Writer) -> RawCall<T>,
    ) -> BoxFuture<'static, Result<Response<T>, Error>> {
        let written = write(&self.shared.writer).and_then(|sending| Ok(sending.into_request()?));
        let (request, read) = match written {
            Ok(RawRequest { request, read, .. }) => (request, read),
            Err(error) => return refusal(error.with_operation(operation)),
        };
        match self.outgoing(operation, request, &options) {
            Ok(outgoing) => Box::pin(async move {
                let (client, answer) = self.answered(operation, outgoing, options).await?;
                response_of(&client.pipeline, operation, answer, read)
            }),
            Err(error) => refusal(error),
        }
    }

    fn outgoing(
        &self,
        operation: &'static OperationInfo,
        request: http::Request<Bytes>,
        options: &CallOptions,
    ) -> Result<Outgoing, Error> {
        let mut outgoing = self.pipeline.placed(operation, request)?;
        outgoing.lay_over(&options.headers);
        Ok(outgoing)
    }

    /// Sends `outgoing`, and gives the client back with the answer.
    fn answered(
        self,
        operation: &'static OperationInfo,
        mut outgoing: Outgoing,
        options: CallOptions,
    ) -> BoxFuture<'static, Result<(Self, Answer), Error>> {
        Box::pin(async move {
            let terms = options.terms(self.terms());
            // Apart, as two pieces of less than a kilobyte are allocated in much less time than one of more.
            let answer = Box::pin(self.pipeline.send(operation, &mut outgoing, &terms)).await?;
            Ok((self, answer))
        })
    }
}

/// What `read` makes of `answer`.
fn response_of<T>(
    pipeline: &Pipeline,
    operation: &'static OperationInfo,
    answer: Answer,
    read: ReadAnswer<T>,
) -> Result<Response<T>, Error> {
    let Answer { mut response, receipt } = answer;
    match read(&response, &mut |value| pipeline.inspect(operation, value)) {
        Ok(value) => Ok(Response::new(mem::take(response.headers_mut()), value, receipt)),
        Err(source) => Err(receipt.unreadable(operation, response.into_body(), source)),
    }
}

fn refusal<T: 'static>(error: Error) -> BoxFuture<'static, Result<Response<T>, Error>> {
    Box::pin(async { Err(error) })
}
