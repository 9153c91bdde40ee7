//! The spans of a call and of its attempts, in the words of OpenTelemetry's conventions for HTTP clients; what those have no
//! word for is called `graph.…`. Integers are `i64`, the one kind that OpenTelemetry has: others would reach it as text.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use graph_models::OperationInfo;
use http::{Method, Response, StatusCode};
use tracing::{Span, field};

use super::metrics;
use crate::error::{Error, ErrorCode, ErrorKind};
use crate::pipeline::{CallContext, request_id};
use crate::policy::FailureClass;
use crate::root::Root;

/// A limiter with a free slot takes some microseconds, which is no waiting.
const WORTH_TELLING: Duration = Duration::from_millis(1);

/// The service's own have up to 50 characters.
const LONGEST_CODE: usize = 100;

/// The span of a call, and what is counted of it.
pub(crate) struct CallSpan {
    span: Span,
    operation: &'static OperationInfo,
}

impl CallSpan {
    /// A call begins. `started_by` is the id of the call that started the long-running operation that this one asks about.
    pub(crate) fn begin(
        operation: &'static OperationInfo,
        client_request_id: &str,
        started_by: Option<&str>,
    ) -> Self {
        let span = tracing::info_span!(
            "graph.call",
            "otel.name" = operation.id,
            "otel.kind" = "internal",
            "otel.status_code" = field::Empty,
            "error.type" = field::Empty,
            "graph.operation" = operation.id,
            "graph.client_request_id" = client_request_id,
            "graph.started_by" = started_by,
            "graph.bucket" = operation.bucket.map(|bucket| bucket.id),
            "graph.attempts" = field::Empty,
            "graph.error.code" = field::Empty,
        );
        if started_by.is_some() {
            metrics::polled(operation);
        }
        Self { span, operation }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// It gave a success after so many attempts.
    pub(crate) fn succeeded(&self, attempts: u32) {
        self.span.record("graph.attempts", i64::from(attempts));
        metrics::called(self.operation, None);
    }

    /// It ended without success.
    pub(crate) fn failed(&self, error: &Error) {
        let kind = error_type(error.status(), error.kind());
        record_error(&self.span, &kind);
        self.span.record("graph.attempts", i64::from(error.attempts()));
        if let Some(code) = error.code() {
            self.span.record("graph.error.code", told(code));
        }
        metrics::called(self.operation, Some(kind));
    }
}

/// The span of an attempt, and what is measured of it: from the middleware that sees it to the end of the answer.
pub(crate) struct AttemptSpan<'a> {
    span: Span,
    root: &'a Root,
    operation: &'static OperationInfo,
    method: &'a Method,
    stopwatch: metrics::Stopwatch,
}

impl<'a> AttemptSpan<'a> {
    /// An attempt begins, now that the credential has been waited for, and the rate limiter for so long.
    pub(crate) fn begin(root: &'a Root, context: &CallContext<'a>, waited: Duration) -> Self {
        let CallContext { operation, method, attempt, .. } = *context;
        let (address, port) = root.server();
        let (version, template) = (root.version().as_str(), operation.template_for(root.version()));
        let span = tracing::info_span!(
            "graph.attempt",
            "otel.name" = %format_args!("{method} /{version}{template}"),
            "otel.kind" = "client",
            "otel.status_code" = field::Empty,
            "error.type" = field::Empty,
            "http.request.method" = method.as_str(),
            "http.request.resend_count" = (attempt > 1).then(|| i64::from(attempt) - 1),
            "http.response.status_code" = field::Empty,
            "url.template" = %format_args!("/{version}{template}"),
            "server.address" = address,
            "server.port" = i64::from(port),
            "graph.request_id" = field::Empty,
            "graph.throttle.wait" = (waited >= WORTH_TELLING).then_some(waited.as_secs_f64()),
        );
        Self { span, root, operation, method, stopwatch: metrics::Stopwatch::start() }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// An answer came, whatever its status.
    pub(crate) fn answered(&self, response: &Response<Bytes>) {
        let status = response.status();
        self.span.record("http.response.status_code", i64::from(status.as_u16()));
        if !self.span.is_disabled()
            && let Some(id) = request_id(response.headers())
        {
            self.span.record("graph.request_id", id);
        }
        let kind = (!status.is_success()).then(|| error_type(Some(status), ErrorKind::Service));
        if let Some(kind) = &kind {
            record_error(&self.span, kind);
        }
        self.measure(Some(status), kind);
    }

    /// It was sent, and no answer came.
    pub(crate) fn unanswered(&self, error: &Error) {
        self.refused(error);
        self.measure(None, Some(error_type(None, error.kind())));
    }

    /// It was not sent.
    pub(crate) fn refused(&self, error: &Error) {
        record_error(&self.span, &error_type(None, error.kind()));
    }

    fn measure(&self, status: Option<StatusCode>, error: Option<String>) {
        metrics::attempted(self.operation, self.method, self.root.server(), status, error, self.stopwatch);
    }
}

fn record_error(span: &Span, kind: &str) {
    span.record("otel.status_code", "ERROR").record("error.type", kind);
}

/// `future` within `span`, of which it needs no copy.
pub(crate) async fn within<F: Future>(span: &Span, mut future: Pin<&mut F>) -> F::Output {
    poll_fn(|context| {
        let _entered = span.enter();
        future.as_mut().poll(context)
    })
    .await
}

/// A code as it is told: a word of the service's that is none might name people.
fn told(code: &ErrorCode) -> &str {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let text = code.as_str();
    if text.len() <= LONGEST_CODE && text.bytes().all(is_word) { text } else { "other" }
}

/// What the conventions want as `error.type`: the status of an answer, or else a name of few.
fn error_type(status: Option<StatusCode>, kind: ErrorKind) -> String {
    let Some(status) = status else { return kind.as_str().to_owned() };
    status.as_str().to_owned()
}

/// An attempt failed with `class`, and the next comes after `wait`.
pub(crate) fn retrying(context: &CallContext<'_>, class: FailureClass, wait: Duration) {
    let reason = class.as_str();
    tracing::debug!(
        "graph.attempt" = i64::from(context.attempt),
        "graph.retry.reason" = reason,
        "graph.retry.wait" = wait.as_secs_f64(),
        "trying again"
    );
    metrics::retrying(context.operation, reason, wait);
}

/// The token of an attempt was refused, and another could be got.
pub(crate) fn token_renewed(context: &CallContext<'_>) {
    tracing::debug!("graph.attempt" = i64::from(context.attempt), "the refused token was renewed");
    metrics::token_renewed(context.operation);
}

/// An attempt has waited so long for the rate limiter.
pub(crate) fn limiter_waited(operation: &'static OperationInfo, wait: Duration) {
    let Some(bucket) = operation.bucket else { return };
    if wait >= WORTH_TELLING {
        tracing::debug!("graph.throttle.wait" = wait.as_secs_f64(), "waited for the rate limiter");
    }
    metrics::limiter_waited(bucket, wait);
}
