//! Whose budget a request counts against.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use graph_models::{Bucket, OperationInfo};

/// Who a client's requests are made for: each tenant, app or user has rate limits of its own.
///
/// A client that acts for one user through one app needs none. A service that acts for many gives each user's client a key:
/// see [`Client::with_quota_key`](crate::Client::with_quota_key).
///
/// ```
/// let key = graph_facade::QuotaKey::new().tenant("contoso").user("ada");
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
/// Keys are equal if they share a budget. `Display` is a name for the budget, such as `viva_engage?app=a&user=u`, that is the
/// same in every process.
#[derive(Clone, Debug)]
pub struct BucketKey {
    bucket: &'static Bucket,
    key: QuotaKey,
    writes: bool,
    /// Of what tells budgets apart: computed once, as each request looks its budget up several times.
    hash: u64,
}

/// What tells one budget from another.
type Identity<'a> = (&'a str, [Option<&'a str>; 5]);

impl BucketKey {
    /// The budget that a request for `operation` on behalf of `key`, or of its app alone, counts against, if it is in a bucket.
    pub(super) fn of(operation: &OperationInfo, key: &QuotaKey, as_app: bool) -> Option<Self> {
        let writes = !matches!(operation.method, "GET" | "HEAD");
        let bucket = operation.bucket?;
        let mut key = key.clone();
        key.is_app |= as_app;
        let mut key = Self { bucket, key, writes, hash: 0 };
        let mut hasher = DefaultHasher::new();
        bucket.id.hash(&mut hasher);
        key.parts().iter().filter(|(_, id)| id.is_some()).for_each(|part| part.hash(&mut hasher));
        key.hash = hasher.finish();
        Some(key)
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
        let id = |part, id: Option<_>| id.filter(|_| self.counts_by(part));
        [
            ("tenant", id("tenant", self.key.tenant.as_deref())),
            ("app", id("app", self.key.app.as_deref())),
            ("user", id("user", self.user())),
            // Where each user counts, the app by itself is one more.
            ("by", id("user", self.key.is_app.then_some("app"))),
            ("access", id("access", Some(if self.writes { "write" } else { "read" }))),
        ]
    }

    fn identity(&self) -> Identity<'_> {
        (self.bucket.id, self.parts().map(|(_, id)| id))
    }
}

impl PartialEq for BucketKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.identity() == other.identity()
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
        f.write_str(self.bucket.id)?;
        let known = self.parts().into_iter().filter_map(|(part, id)| Some((part, id?)));
        for (index, (part, id)) in known.enumerate() {
            write!(f, "{}{part}={id}", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}
