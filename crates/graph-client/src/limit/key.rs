//! Whose budget a request counts against.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ptr;
use std::sync::Arc;

use graph_runtime::{Bucket, OperationInfo};

use super::signals::ThrottleScope;

/// Who a client's requests are made for: each tenant, app or user has rate limits of its own, and records of its own in an
/// [`OperationJournal`](crate::OperationJournal).
///
/// A client that acts for one user through one app needs none. A service that acts for many gives each user's client a key:
/// see [`Client::with_quota_key`](crate::Client::with_quota_key).
///
/// ```
/// let key = graph_client::QuotaKey::new().tenant("contoso").user("ada");
/// assert_eq!(key.user.as_deref(), Some("ada"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct QuotaKey {
    /// The organisation.
    pub tenant: Option<Arc<str>>,
    /// The application.
    pub app: Option<Arc<str>>,
    /// The user on whose behalf the application acts.
    pub user: Option<Arc<str>>,
    /// The application acts by itself. Its requests count against no user's budget, whoever `user` is.
    pub is_app: bool,
}

impl QuotaKey {
    /// The key of a client that acts for one user through one app.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same key for this organisation.
    pub fn tenant(self, id: impl Into<Arc<str>>) -> Self {
        Self { tenant: Some(id.into()), ..self }
    }

    /// The same key for this application.
    pub fn app(self, id: impl Into<Arc<str>>) -> Self {
        Self { app: Some(id.into()), ..self }
    }

    /// The same key for this user.
    pub fn user(self, id: impl Into<Arc<str>>) -> Self {
        Self { user: Some(id.into()), ..self }
    }

    /// The same key for requests that the application makes by itself. A client knows by its credential where that is so; this
    /// is for [`Limiter::acquire`](crate::Limiter::acquire).
    pub fn as_app(self) -> Self {
        Self { is_app: true, ..self }
    }
}

/// One budget: a bucket, for one combination of what the bucket's scope lists.
///
/// Keys are equal if they share a budget. `Display` is a name for the budget, such as `viva_engage?app=a&user=u`: the same in every
/// process, in this release and later ones, and another one for every other budget. What is not a letter or a digit of ASCII, or one of
/// `-._~`, is written in the name as in an address, `%26` for `&`.
#[derive(Clone, Debug)]
pub struct BucketKey {
    bucket: &'static Bucket,
    key: QuotaKey,
    writes: bool,
    /// Of what tells budgets apart: computed once, as each request looks its budget up several times.
    hash: u64,
}

/// What tells one budget from another.
#[derive(PartialEq, Eq)]
struct Identity<'a> {
    bucket: &'a str,
    /// The organisation, the app and the user, as far as the bucket tells them apart.
    who: [Option<&'a str>; 3],
    /// Where each user counts, the app by itself is one more.
    is_app: bool,
    /// Where changes and reads count apart.
    writes: Option<bool>,
}

impl Hash for Identity<'_> {
    /// In few writes, each of which costs as much as several bytes.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bucket.hash(state);
        state.write_u8(u8::from(self.is_app) | self.writes.map_or(0, |writes| 2 << u8::from(writes)));
        for (part, id) in (0..).zip(self.who) {
            if let Some(id) = id {
                state.write_u8(part);
                id.hash(state);
            }
        }
    }
}

impl BucketKey {
    /// The budget that a request for `operation` on behalf of `key`, or of its app alone, counts against, if it is in a bucket.
    pub(super) fn of(operation: &OperationInfo, key: &QuotaKey, as_app: bool) -> Option<Self> {
        let writes = !matches!(operation.method, "GET" | "HEAD");
        let mut key = key.clone();
        key.is_app |= as_app;
        Some(Self::in_bucket(operation.bucket?, key, writes))
    }

    /// The budget of `bucket` that a change or a reading on behalf of `key` counts against.
    pub(super) fn in_bucket(bucket: &'static Bucket, key: QuotaKey, writes: bool) -> Self {
        let mut key = Self { bucket, key, writes, hash: 0 };
        let mut hasher = DefaultHasher::new();
        key.identity().hash(&mut hasher);
        key.hash = hasher.finish();
        key
    }

    /// The budget that a request for `operation` on behalf of `key` counts against, if it is in a bucket; for a
    /// [`QuotaStore`](crate::QuotaStore)'s own tests.
    pub fn new(operation: &OperationInfo, key: &QuotaKey) -> Option<Self> {
        Self::of(operation, key, false)
    }

    /// A name for all that a refusal of this budget with `scope` concerns: such a refusal holds back every budget among whose
    /// [`park_names`](Self::park_names) it is. Like the budget's own name it is the same in every process.
    pub fn park_name(&self, scope: Option<ThrottleScope>) -> String {
        let Some(scope) = scope else { return self.to_string() };
        let mut name = format!("{}!", Escaped(self.bucket.id));
        let QuotaKey { tenant, app, is_app, .. } = &self.key;
        // Within an app's limit that is kept per user, a refusal is one user's.
        let one_user = !scope.tenant && self.counts_by("user");
        let writes = scope.writes.filter(|_| self.counts_by("access"));
        for (part, named, id) in [
            ("tenant", scope.tenant, tenant.as_deref()),
            ("app", scope.app, app.as_deref()),
            ("user", one_user, self.user()),
            ("by", one_user && *is_app, Some("app")),
            ("access", writes.is_some(), writes.map(access)),
        ] {
            match id {
                _ if !named => {}
                None => name.extend(["&", part]),
                Some(id) => name.extend(["&", part, "=", &Escaped(id).to_string()]),
            }
        }
        name
    }

    /// The names of all that can hold this budget back: its own, and those of wider scopes.
    pub fn park_names(&self) -> Vec<String> {
        let mut names = vec![self.to_string()];
        for (tenant, app) in [(true, true), (true, false), (false, true)] {
            names.extend(
                [None, Some(self.writes)]
                    .map(|writes| self.park_name(Some(ThrottleScope { tenant, app, writes }))),
            );
        }
        names.dedup();
        names
    }

    /// The bucket, with its quotas.
    pub fn bucket(&self) -> &'static Bucket {
        self.bucket
    }

    /// Who the request is made for, parts that the bucket does not tell apart included.
    pub fn quota_key(&self) -> &QuotaKey {
        &self.key
    }

    /// Whether the request changes something.
    pub fn writes(&self) -> bool {
        self.writes
    }

    pub(super) fn counts_by(&self, part: &str) -> bool {
        self.bucket.scope.contains(&part)
    }

    /// The user against whose budget it counts, as far as one is known.
    pub(super) fn user(&self) -> Option<&str> {
        self.key.user.as_deref().filter(|_| !self.key.is_app)
    }

    fn parts(&self) -> [(&'static str, Option<&str>); 5] {
        let Identity { who: [tenant, app, user], is_app, writes, .. } = self.identity();
        [
            ("tenant", tenant),
            ("app", app),
            ("user", user),
            ("by", is_app.then_some("app")),
            ("access", writes.map(access)),
        ]
    }

    fn identity(&self) -> Identity<'_> {
        let id = |id: Option<_>, part| id.filter(|_| self.counts_by(part));
        let QuotaKey { tenant, app, is_app, .. } = &self.key;
        Identity {
            bucket: self.bucket.id,
            who: [id(tenant.as_deref(), "tenant"), id(app.as_deref(), "app"), id(self.user(), "user")],
            is_app: *is_app && self.counts_by("user"),
            writes: self.counts_by("access").then_some(self.writes),
        }
    }
}

impl PartialEq for BucketKey {
    fn eq(&self, other: &Self) -> bool {
        let is_same_request =
            || ptr::eq(self.bucket, other.bucket) && self.writes == other.writes && self.key == other.key;
        self.hash == other.hash && (is_same_request() || self.identity() == other.identity())
    }
}

impl Eq for BucketKey {}

impl Hash for BucketKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl fmt::Display for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(self.bucket.id).fmt(f)?;
        let known = self.parts().into_iter().filter_map(|(part, id)| Some((part, id?)));
        for (index, (part, id)) in known.enumerate() {
            write!(f, "{}{part}={}", if index == 0 { '?' } else { '&' }, Escaped(id))?;
        }
        Ok(())
    }
}

fn access(writes: bool) -> &'static str {
    if writes { "write" } else { "read" }
}

/// A part of a name, in which nothing can be mistaken for what stands between parts.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| match byte {
            b'-' | b'.' | b'_' | b'~' => write!(f, "{}", char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => write!(f, "{}", char::from(byte)),
            _ => write!(f, "%{byte:02X}"),
        })
    }
}
