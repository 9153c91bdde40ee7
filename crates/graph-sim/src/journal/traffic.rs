//! What went over the wire, kept as long as there is room.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response};

use super::Entry;
use crate::error::ConnectionLost;

/// Bodies and headers of the latest exchanges are kept up to this size, so that a long-lived server doesn't fill the memory.
const ROOM: usize = 32 * 1024 * 1024;
/// What an exchange takes besides its bodies and the values of its headers, roughly.
const OVERHEAD: usize = 3 * 1024;

/// One exchange as the wire had it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// The absolute address.
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// None if the connection was lost.
    pub(crate) answer: Option<(HeaderMap, Bytes)>,
    /// When the request came, since the simulator's first morning.
    pub(crate) date: Duration,
    /// How long the answer was held back.
    pub(crate) delay: Duration,
    /// Whether it came in an envelope, and so not over the wire by itself.
    pub(crate) in_batch: bool,
}

impl Traffic {
    pub(crate) fn new(
        root: &str,
        date: Duration,
        request: &Request<Bytes>,
        result: &Result<Response<Bytes>, ConnectionLost>,
        delay: Duration,
    ) -> Self {
        Self {
            url: format!("{root}{}", path_and_query(request)),
            date,
            headers: own(request.headers()),
            body: Bytes::copy_from_slice(request.body()),
            answer: result.as_ref().ok().map(|answer| (answer.headers().clone(), answer.body().clone())),
            delay,
            in_batch: false,
        }
    }

    fn size(&self) -> usize {
        let of = |headers: &HeaderMap| headers.values().map(HeaderValue::len).sum::<usize>();
        let answer = self.answer.as_ref().map_or(0, |(headers, body)| of(headers) + body.len());
        of(&self.headers) + self.body.len() + answer + OVERHEAD
    }
}

/// A copy that holds nothing but itself: what a server read are slices of a buffer that is much larger.
fn own(headers: &HeaderMap) -> HeaderMap {
    let mut copy = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        // Both were valid before.
        if let Ok(name) = HeaderName::from_bytes(name.as_str().as_bytes())
            && let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
        {
            copy.append(name, value);
        }
    }
    copy
}

/// Tokens and people's data stay out of logs.
impl fmt::Debug for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traffic").finish_non_exhaustive()
    }
}

pub(crate) fn path_and_query(request: &Request<Bytes>) -> &str {
    request.uri().path_and_query().map_or("/", |it| it.as_str())
}

/// Every request so far, and what the latest of them held.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    all: Vec<Entry>,
    /// The first entry whose traffic is kept.
    oldest: usize,
    size: usize,
}

impl Entries {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.size += entry.traffic.as_ref().map_or(0, |traffic| traffic.size());
        self.all.push(entry);
        while self.size > ROOM && self.oldest + 1 < self.all.len() {
            let dropped = self.all[self.oldest].traffic.take();
            self.size -= dropped.map_or(0, |traffic| traffic.size());
            self.oldest += 1;
        }
    }

    pub(crate) fn as_slice(&self) -> &[Entry] {
        &self.all
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::Method;

    use super::*;

    #[test]
    fn only_the_latest_bodies_are_kept() {
        let mut entries = Entries::default();
        let body = Bytes::from(vec![b' '; ROOM / 4]);
        for _ in 0..6 {
            let request = Request::new(body.clone());
            let traffic = Traffic::new("", Duration::ZERO, &request, &Err(ConnectionLost), Duration::ZERO);
            let entry =
                Entry { traffic: Some(Arc::new(traffic)), ..Entry::new(Duration::ZERO, Method::GET, "/") };
            entries.push(entry);
        }
        let kept: Vec<_> = entries.as_slice().iter().map(|entry| entry.traffic.is_some()).collect();
        assert_eq!(kept, [false, false, false, true, true, true]);
        assert_eq!(entries.len(), 6);
    }
}
