//! The spans of a call and of its attempts, in the words of OpenTelemetry's conventions for HTTP clients; what those have no
//! word for is called `graph.…`. Integers are `i64`, the one kind that OpenTelemetry has: others would reach it as text.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use graph_runtime::OperationInfo;
use http::{Response, StatusCode};
use tokio::time::Instant;
use tracing::{Span, field};

use super::{CallContext, request_id};
use crate::error::{Error, ErrorCode, ErrorKind};
use crate::policy::FailureClass;
use crate::root::Root;
use crate::target::TARGET;

/// A limiter with a free slot takes some microseconds, which is no waiting.
const WORTH_TELLING: Duration = Duration::from_millis(1);

/// The service's own have up to 50 characters.
const LONGEST_CODE: usize = 100;

/// The span of a call.
pub(super) struct CallSpan(Span);

impl CallSpan {
    /// A call begins. `follows` is the id of the call that this one asks about.
    pub(super) fn begin(
        operation: &'static OperationInfo,
        client_request_id: &str,
        follows: Option<&str>,
    ) -> Self {
        let span = tracing::info_span!(
            target: TARGET,
            "graph.call",
            "otel.name" = operation.id,
            "otel.kind" = "internal",
            "otel.status_code" = field::Empty,
            "error.type" = field::Empty,
            "graph.operation" = operation.id,
            "graph.client_request_id" = client_request_id,
            "graph.started_by" = follows,
            "graph.bucket" = operation.bucket.map(|bucket| bucket.id),
            "graph.attempts" = field::Empty,
            "graph.error.code" = field::Empty,
        );
        Self(span)
    }

    pub(super) fn span(&self) -> &Span {
        &self.0
    }

    /// It gave a success after so many attempts.
    pub(super) fn succeeded(&self, attempts: u32) {
        self.0.record("graph.attempts", i64::from(attempts));
    }

    /// It ended without success; gives the type of the error.
    pub(super) fn failed(&self, error: &Error) -> String {
        let kind = error_type(error.status(), error.kind());
        record_error(&self.0, &kind);
        self.0.record("graph.attempts", i64::from(error.attempts()));
        if let Some(code) = error.code() {
            self.0.record("graph.error.code", told(code));
        }
        kind
    }
}

/// The span of an attempt: from the middleware that sees it to the end of the answer.
pub(super) struct AttemptSpan {
    span: Span,
    started: Instant,
}

impl AttemptSpan {
    /// An attempt begins, now that the credential has been waited for, and the rate limiter for so long.
    pub(super) fn begin(root: &Root, context: &CallContext<'_>, waited: Duration) -> Self {
        let CallContext { operation, method, attempt, .. } = *context;
        let (address, port) = root.server();
        let (version, template) = (root.version().as_str(), operation.template_for(root.version()));
        let span = tracing::info_span!(
            target: TARGET,
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
        Self { span, started: Instant::now() }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// An answer came, whatever its status; gives the type of the error, if it is one.
    pub(super) fn answered(&self, response: &Response<Bytes>) -> Option<String> {
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
        kind
    }

    /// It was not sent, or no answer came; gives the type of the error.
    pub(super) fn failed(&self, error: &Error) -> String {
        let kind = error_type(None, error.kind());
        record_error(&self.span, &kind);
        kind
    }
}

fn record_error(span: &Span, kind: &str) {
    span.record("otel.status_code", "ERROR").record("error.type", kind);
}

/// `future` within `span`, of which it needs no copy.
pub(super) async fn within<F: Future>(span: &Span, mut future: Pin<&mut F>) -> F::Output {
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
pub(super) fn retrying(context: &CallContext<'_>, class: FailureClass, wait: Duration) {
    tracing::debug!(
        target: TARGET,
        {
            "graph.attempt" = i64::from(context.attempt),
            "graph.retry.reason" = class.as_str(),
            "graph.retry.wait" = wait.as_secs_f64(),
        },
        "trying again"
    );
}

/// The token of an attempt was refused, and another could be got.
pub(super) fn token_renewed(context: &CallContext<'_>) {
    tracing::debug!(target: TARGET, { "graph.attempt" = i64::from(context.attempt) }, "the refused token was renewed");
}

/// An attempt has waited so long for the rate limiter.
pub(super) fn limiter_waited(wait: Duration) {
    if wait >= WORTH_TELLING {
        tracing::debug!(target: TARGET, { "graph.throttle.wait" = wait.as_secs_f64() }, "waited for the rate limiter");
    }
}
