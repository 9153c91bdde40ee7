//! An access token.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderValue;
use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret as _, SecretString};

use super::Renewal;
use crate::BoxError;

/// An access token. `Debug` does not show it.
///
/// Its memory is wiped when its last copy is dropped. That doesn't reach the buffers of the transport, through which each request
/// takes it.
pub struct Token {
    secret: Arc<Secret>,
    expires_at: Option<SystemTime>,
    /// What will replace it, if that has to be polled by whoever uses it.
    renewal: Option<Box<Renewal>>,
}

/// The renewal stays with the original: a copy that somebody keeps would pass for one who polls it.
impl Clone for Token {
    fn clone(&self) -> Self {
        Self { secret: Arc::clone(&self.secret), expires_at: self.expires_at, renewal: None }
    }
}

struct Secret {
    text: SecretString,
    /// Made once, as each attempt needs it; none if no header can carry the token.
    header: Option<HeaderValue>,
}

impl Token {
    /// A token without a known end.
    pub fn new(secret: impl Into<Box<str>>) -> Self {
        let text = SecretString::from(secret.into());
        let header = header(text.expose_secret());
        Self { secret: Arc::new(Secret { text, header }), expires_at: None, renewal: None }
    }

    /// The same token, known to expire at `moment`.
    pub fn expiring_at(self, moment: SystemTime) -> Self {
        Self { expires_at: Some(moment), ..self }
    }

    /// The token itself. Keep it out of logs.
    pub fn secret(&self) -> &str {
        self.secret.text.expose_secret()
    }

    /// When it expires, if that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Whether it is known to have expired by `now`.
    pub(crate) fn has_expired_by(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    pub(super) fn with_renewal(self, renewal: Renewal) -> Self {
        Self { renewal: Some(Box::new(renewal)), ..self }
    }

    /// The renewal that is to be polled while the token is used.
    pub(crate) fn take_renewal(&mut self) -> Option<Box<Renewal>> {
        self.renewal.take()
    }

    /// The value of the `Authorization` header, marked as sensitive.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, BoxError> {
        let wrong = "the token has characters that no header can carry, such as a line break";
        self.secret.header.clone().ok_or_else(|| wrong.into())
    }
}

/// A header over memory that is wiped once the last copy of the header is gone.
fn header(secret: &str) -> Option<HeaderValue> {
    let value = wiped(["Bearer ", secret].concat().into_bytes());
    let mut header = HeaderValue::from_maybe_shared(value).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// `secret` in memory that is wiped once nobody holds a part of it any more.
pub(super) fn wiped(secret: impl Zeroize + AsRef<[u8]> + Send + 'static) -> Bytes {
    Bytes::from_owner(Zeroizing::new(secret))
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A request for a token for `scope`, so many seconds after the clocks of tests start.
#[cfg(test)]
pub(crate) fn token_request(scope: &str, seconds: u64) -> crate::TokenRequest {
    crate::TokenRequest {
        scope: scope.into(),
        operation: {
            static THINGS_GET: graph_runtime::OperationInfo = crate::testing::THINGS;
            &THINGS_GET
        },
        key: crate::QuotaKey::new(),
        clock: crate::Clock::starting_at(
            crate::testing::start_time() + std::time::Duration::from_secs(seconds),
        ),
        access: None,
        refused: None,
        claims: None,
        early: false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{HeaderValue, Token, Zeroize, wiped};

    /// Tells when it is wiped.
    struct Watched(Vec<u8>, Arc<AtomicBool>);

    impl Zeroize for Watched {
        fn zeroize(&mut self) {
            self.0.zeroize();
            self.1.store(true, Ordering::SeqCst);
        }
    }

    impl AsRef<[u8]> for Watched {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    #[test]
    fn the_last_copy_of_a_header_wipes_its_memory() {
        let is_wiped = Arc::new(AtomicBool::new(false));
        let secret = Watched(b"Bearer t".to_vec(), Arc::clone(&is_wiped));
        let header = HeaderValue::from_maybe_shared(wiped(secret)).unwrap();
        let copy = header.clone();
        drop(header);
        assert!(!is_wiped.load(Ordering::SeqCst), "it is shared, not copied");
        drop(copy);
        assert!(is_wiped.load(Ordering::SeqCst));
    }

    #[test]
    fn the_header_is_the_token_after_bearer() {
        let token = Token::new("t0ken");
        assert_eq!(
            (token.secret(), token.authorization().unwrap()),
            ("t0ken", HeaderValue::from_static("Bearer t0ken"))
        );
    }
}
