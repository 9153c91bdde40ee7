//! Traffic as an HTTP archive: written from the journal, read from a recording, redacted, and played again.

mod archive;
mod redact;
mod replay;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::clock;
use crate::journal::Entry;
use archive::{Archive, Content, Exchange, Log, PostData, Request, Response, Timings};

pub use replay::{Departure, Replay, ReplayError};

/// An HTTP archive (HAR 1.2): requests and their answers, in the order in which they were sent.
///
/// [`Journal::to_har`](crate::Journal::to_har) writes one, [`Har::parse`] reads what a browser or proxy recorded, and
/// [`Har::replay`] answers from it. As text it is JSON.
#[derive(Clone)]
pub struct Har {
    exchanges: Vec<Exchange>,
}

/// Why a text is no HTTP archive.
#[derive(Debug, thiserror::Error)]
#[error("this is no HTTP archive (HAR 1.2): {0}")]
#[non_exhaustive]
pub struct HarError(#[from] serde_json::Error);

impl Har {
    /// Reads an archive. Nothing is redacted by that; see [`Har::redacted`].
    ///
    /// # Errors
    ///
    /// If the text is no JSON, or lacks what an archive has to have.
    pub fn parse(text: &str) -> Result<Self, HarError> {
        let archive: Archive = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        Ok(Self { exchanges: archive.log.entries })
    }

    /// The archive without secrets and personal data: only what is known to be harmless stays.
    ///
    /// - Of addresses: the hosts of Microsoft's clouds, the words of Graph's paths, names of query options, numbers and property
    ///   names in them.
    /// - Of headers: known names, and values such as media types, dates and waits.
    /// - Of bodies: the properties that the specification declares, and of their values those of enums, booleans, numbers and
    ///   dates; of errors, known codes and what clients look for in messages.
    /// - Methods, statuses, moments and how long it took.
    ///
    /// Everything else becomes a placeholder such as `redacted-7`: ids, names, texts, tokens, what isn't JSON, names of properties
    /// and headers that nobody knows. The numbers say nothing of what was there. The same text has the same placeholder in all of
    /// the archive, ids have placeholders that look like ids, and links still lead where they led, so that the archive
    /// [plays](Self::replay) as before.
    #[must_use]
    pub fn redacted(&self) -> Self {
        Self { exchanges: redact::redact(&self.exchanges) }
    }

    /// Answers requests from this archive, strictly: they must come as they were recorded, and in that order.
    pub fn replay(&self) -> Replay {
        Replay::new(self.exchanges.clone())
    }

    /// How many exchanges it holds.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// From a journal, without what came in envelopes, since that was not on the wire by itself.
    pub(crate) fn of(entries: &[Entry]) -> Self {
        Self { exchanges: entries.iter().filter_map(exchange).collect() }
    }
}

impl fmt::Display for Har {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let archive = Archive { log: Log::new(self.exchanges.clone()) };
        f.write_str(&serde_json::to_string_pretty(&archive).map_err(|_| fmt::Error)?)
    }
}

/// Tokens and people's data stay out of logs.
impl fmt::Debug for Har {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Har").field("exchanges", &self.exchanges.len()).finish_non_exhaustive()
    }
}

fn exchange(entry: &Entry) -> Option<Exchange> {
    let traffic = entry.traffic.as_ref().filter(|traffic| !traffic.in_batch)?;
    let wait = traffic.delay.as_secs_f64() * 1000.0;
    let post_data = (!traffic.body.is_empty()).then(|| PostData::new(&traffic.headers, &traffic.body));
    let request = Request {
        method: entry.method.as_str().to_owned(),
        url: traffic.url.clone(),
        http_version: archive::VERSION.to_owned(),
        headers: archive::headers(&traffic.headers),
        query_string: archive::query(&traffic.url),
        body_size: archive::size(&traffic.body),
        post_data,
        ..Request::default()
    };
    let response = match (&traffic.answer, entry.status) {
        (Some((headers, body)), Some(status)) => Response {
            status,
            status_text: archive::reason(status).to_owned(),
            http_version: archive::VERSION.to_owned(),
            headers: archive::headers(headers),
            content: Content::new(headers, body),
            body_size: archive::size(body),
            ..Response::default()
        },
        // As browsers write it.
        _ => Response { http_version: archive::VERSION.to_owned(), ..Response::default() },
    };
    Some(Exchange {
        started_date_time: clock::with_milliseconds(traffic.date),
        time: wait,
        request,
        response,
        cache: serde_json::Map::new(),
        timings: Timings { send: 0.0, wait, receive: 0.0 },
    })
}
