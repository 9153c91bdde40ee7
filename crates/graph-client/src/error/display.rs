//! The one line that an error prints.

use std::fmt;

use super::remedy::remedy;
use super::{Error, ErrorKind};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        write!(f, "{}", self.kind().describe())?;
        if let Some(status) = self.status() {
            write!(f, " ({}", status.as_u16())?;
            if let Some(code) = self.code() {
                write!(f, " {code}")?;
            }
            f.write_str(")")?;
        }
        if !self.message().is_empty() {
            write!(f, ": {}", OneLine(self.message()))?;
        }
        write_facts(self, f)?;
        match remedy(self) {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

fn write_facts(error: &Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let facts = [
        error.retry_after().map(|wait| format!("retry after {:.3} s", wait.as_secs_f64())),
        (error.attempts() > 1).then(|| format!("{} attempts", error.attempts())),
        error.request_id().map(|id| format!("request-id {id}")),
        error.client_request_id().map(|id| format!("client-request-id {id}")),
        error.location().map(|location| format!("operation {location}")),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    if facts.is_empty() { Ok(()) } else { write!(f, " [{}]", facts.join(", ")) }
}

impl ErrorKind {
    fn describe(self) -> &'static str {
        match self {
            Self::InvalidRequest => "nothing was sent",
            Self::Auth => "not authenticated",
            Self::Throttled => "throttled",
            Self::Service => "the service refused",
            Self::Connect => "no connection",
            Self::Timeout => "no answer in time",
            Self::Decode => "the answer is of no use",
            Self::ResponseTooLarge => "the answer is not taken",
            Self::OperationFailed => "the operation failed",
            Self::WaitExceeded => "the operation is still under way",
            Self::Journal => "the journal failed",
            Self::QuotaStore => "the rate limiter's store failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Text of the service without line breaks and other control characters.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.split(|character: char| character.is_whitespace() || character.is_control());
        for (index, word) in words.filter(|word| !word.is_empty()).enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}
