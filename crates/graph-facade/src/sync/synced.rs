//! What can be kept in step: a key, a content, and rules for both.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::str::FromStr;

use graph_models::GraphDateTime;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Something of which the caller has the desired state and the service a copy.
///
/// Serialised, it is what is sent; so it is also what tells whether it has changed.
pub trait Synced: Serialize + Send + Sync + 'static {
    /// The form in which it is read from JSON. What is missing shows up in [`problems`](Self::problems).
    type Read: DeserializeOwned + Send;

    /// The property in JSON that holds the key.
    const KEY: &'static str;

    /// What was read as an item.
    fn from_read(read: Self::Read) -> Self;

    /// The key in what can't be read as an item, as far as it is there.
    fn key_in(read: &Value) -> Option<String> {
        read.get(Self::KEY)?.as_str().map(str::to_owned)
    }

    /// The caller's own id of it, by which the service knows it too.
    fn key(&self) -> &str;

    /// Says explicitly what the service takes for granted, so that two forms of the same are alike.
    fn complete(&mut self) {}

    /// Why the service would not accept it; empty if it would.
    fn problems(&self) -> Vec<Problem>;

    /// What tells this content from any other.
    fn fingerprint(&self) -> serde_json::Result<Fingerprint> {
        // Room for most, so that it need not be moved as it grows.
        let mut json = Vec::with_capacity(1_024);
        serde_json::to_writer(&mut json, self)?;
        Ok(Fingerprint::of(&json))
    }
}

/// Writes a date as everybody else does.
pub(super) fn in_utc(date: &mut Option<GraphDateTime>) {
    if let Some(utc) = date.as_ref().and_then(|date| GraphDateTime::try_from(date.to_utc().ok()?).ok()) {
        *date = Some(utc);
    }
}

/// One reason for which an item is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The property it is about, by its name in Graph; empty where it is about the line as a whole.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub property: &'static str,
    /// What is wrong with it, and what would be right.
    pub message: Box<str>,
}

impl Problem {
    /// A problem of a property.
    pub fn new(property: &'static str, message: impl Into<Box<str>>) -> Self {
        Self { property, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.property.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "`{}` {}", self.property, self.message)
        }
    }
}

/// 128 bits of a content's SHA-256: enough that no two contents of a catalogue share one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 16]);

impl Hash for Fingerprint {
    /// A part of it is a hash already.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[..8].iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)));
    }
}

/// Takes the first number that it is given for the hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// A map from fingerprints, which are hashes as they are.
pub(super) type FingerprintMap<V> = HashMap<Fingerprint, V, BuildHasherDefault<Taken>>;

impl Fingerprint {
    /// The fingerprint of these bytes, the same in every release.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_digest(Sha256::digest(bytes).into())
    }

    /// The fingerprint of what has this SHA-256.
    pub(super) fn from_digest(digest: [u8; 32]) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Self(half)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digit = |half: u8| b"0123456789abcdef"[usize::from(half & 15)];
        let text: [u8; 32] =
            std::array::from_fn(|at| digit(self.0[at / 2] >> (if at % 2 == 0 { 4 } else { 0 })));
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// A text that is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 32 hexadecimal digits")]
pub struct InvalidFingerprint;

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
        number.map(|number| Self(number.to_be_bytes())).ok_or(InvalidFingerprint)
    }
}
