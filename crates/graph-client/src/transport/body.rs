//! The body of an answer, up to its limit.

use bytes::{Bytes, BytesMut};
use http::Response;
use http::response::Parts;
use http_body_util::BodyExt;

use super::{ExchangeLimits, TransportError};

/// The size of an answer that is not taken.
#[derive(Debug, thiserror::Error)]
enum TooLarge {
    #[error("{size} bytes are announced by its length, at most {most} are allowed")]
    Announced { size: u64, most: u64 },
    #[error("{size} bytes had come when it was given up, at most {most} are allowed")]
    Received { size: u64, most: u64 },
}

impl TooLarge {
    fn of(self, answer: Parts) -> TransportError {
        TransportError::too_large(self).with_answer(answer)
    }
}

/// Reads `body` as far as `limits` allow. What is not read is never waited for: the connection or the stream ends.
pub(super) async fn receive<B>(
    answer: Parts,
    mut body: B,
    limits: ExchangeLimits,
    broken: impl FnOnce(B::Error) -> TransportError,
) -> Result<Response<Bytes>, TransportError>
where
    B: BodyExt<Data = Bytes> + Unpin,
{
    let most = limits.max_response_bytes(answer.status);
    let announced = body.size_hint().lower();
    if announced > most && answer.status.is_success() {
        return Err(TooLarge::Announced { size: announced, most }.of(answer));
    }
    let mut received = Received::default();
    while let Some(frame) = body.frame().await {
        let data = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(error) => return Err(broken(error)),
        };
        let size = received.size().saturating_add(length(&data));
        if size <= most {
            received.push(data, announced.min(most));
        } else if answer.status.is_success() {
            return Err(TooLarge::Received { size, most }.of(answer));
        } else {
            let room = usize::try_from(most - received.size()).unwrap_or(data.len());
            received.push(data.slice(..room), most);
            break;
        }
    }
    Ok(Response::from_parts(answer, received.into_bytes()))
}

/// What a transport that knows nothing of limits answered, as far as `limits` allow.
pub(crate) fn within(
    answer: Response<Bytes>,
    limits: ExchangeLimits,
) -> Result<Response<Bytes>, TransportError> {
    let most = limits.max_response_bytes(answer.status());
    let size = length(answer.body());
    if size <= most {
        return Ok(answer);
    }
    if answer.status().is_success() {
        return Err(TooLarge::Received { size, most }.of(answer.into_parts().0));
    }
    // A copy, which lets the rest go.
    let room = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(answer.map(|body| body.get(..room).map_or_else(Bytes::new, Bytes::copy_from_slice)))
}

fn length(data: &Bytes) -> u64 {
    u64::try_from(data.len()).unwrap_or(u64::MAX)
}

/// The data so far. Most answers come in one piece, which is not copied.
#[derive(Default)]
struct Received {
    first: Bytes,
    all: BytesMut,
}

impl Received {
    fn size(&self) -> u64 {
        length(&self.first).saturating_add(u64::try_from(self.all.len()).unwrap_or(u64::MAX))
    }

    /// Adds `data` to what will probably have `expected` bytes.
    fn push(&mut self, data: Bytes, expected: u64) {
        if self.size() == 0 {
            self.first = data;
            return;
        }
        if self.all.is_empty() {
            self.all
                .reserve(usize::try_from(expected).unwrap_or_default().max(self.first.len() + data.len()));
            self.all.extend_from_slice(&self.first);
            self.first = Bytes::new();
        }
        self.all.extend_from_slice(&data);
    }

    fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}
