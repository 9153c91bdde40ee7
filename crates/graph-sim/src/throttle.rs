//! Quotas as `spec/limits.toml` publishes them, kept as sliding logs.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::Deserialize;

use crate::pattern;
use crate::token::Caller;

/// The published quotas.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Limits {
    #[serde(default, rename = "bucket")]
    buckets: Vec<Bucket>,
}

#[derive(Debug, Clone, Deserialize)]
struct Bucket {
    id: String,
    operations: Vec<String>,
    quota: usize,
    window_seconds: u64,
    scope: Vec<Scope>,
}

/// What one budget is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    User,
    App,
    Tenant,
}

/// A request over the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverQuota {
    /// Whole seconds until a place is free, at least one.
    pub(crate) retry_after: u64,
}

impl Limits {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| format!("limits.toml: {error}"))
    }

    fn bucket_of(&self, operation: &str) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.operations.iter().any(|it| pattern::matches(it, operation)))
    }
}

impl Bucket {
    fn key(&self, caller: &Caller) -> Vec<String> {
        let part = |scope: &Scope| match scope {
            Scope::User => caller.principal().to_owned(),
            Scope::App => caller.app.clone(),
            Scope::Tenant => String::new(),
        };
        std::iter::once(self.id.clone()).chain(self.scope.iter().map(part)).collect()
    }
}

/// Counts requests against the quotas.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    logs: HashMap<Vec<String>, VecDeque<Duration>>,
    count_refused: bool,
}

impl Throttle {
    pub(crate) fn new(count_refused: bool) -> Self {
        Self { logs: HashMap::new(), count_refused }
    }

    /// Takes a place for one request, or says when one is free.
    pub(crate) fn admit(
        &mut self,
        limits: &Limits,
        operation: &str,
        caller: &Caller,
        at: Duration,
    ) -> Result<(), OverQuota> {
        let Some(bucket) = limits.bucket_of(operation) else { return Ok(()) };
        let window = Duration::from_secs(bucket.window_seconds);
        let log = self.logs.entry(bucket.key(caller)).or_default();
        while log.front().is_some_and(|first| at.saturating_sub(*first) >= window) {
            log.pop_front();
        }
        let over = log.len() >= bucket.quota;
        if !over || self.count_refused {
            log.push_back(at);
        }
        if !over {
            return Ok(());
        }
        // A place is free once fewer than `quota` entries are left in the window.
        let blocking = log.len().checked_sub(bucket.quota).and_then(|index| log.get(index));
        let wait = blocking.map_or(window, |entry| (*entry + window).saturating_sub(at));
        Err(OverQuota { retry_after: ceil_seconds(wait).max(1) })
    }
}

fn ceil_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = r#"
        [[bucket]]
        id = "two"
        operations = ["a.*"]
        quota = 2
        window_seconds = 30
        scope = ["user", "app"]
        source = "made up"
    "#;

    fn caller(user: &str, app: &str) -> Caller {
        Caller { user: Some(user.to_owned()), app: app.to_owned() }
    }

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn over(retry_after: u64) -> Result<(), OverQuota> {
        Err(OverQuota { retry_after })
    }

    #[test]
    fn a_place_frees_when_its_request_leaves_the_window() {
        let (limits, mut throttle, ada) =
            (Limits::parse(LIMITS).unwrap(), Throttle::new(false), caller("ada", "x"));
        let mut admit = |millis| throttle.admit(&limits, "a.get", &ada, at(millis));
        assert_eq!(admit(0), Ok(()));
        assert_eq!(admit(10_000), Ok(()));
        assert_eq!(admit(12_300), over(18));
        assert_eq!(admit(29_999), over(1));
        assert_eq!(admit(30_000), Ok(()));
        assert_eq!(admit(30_000), over(10));
    }

    #[test]
    fn refused_requests_may_count_too() {
        let (limits, mut throttle, ada) =
            (Limits::parse(LIMITS).unwrap(), Throttle::new(true), caller("ada", "x"));
        let mut admit = |millis| throttle.admit(&limits, "a.get", &ada, at(millis));
        assert_eq!(admit(0), Ok(()));
        assert_eq!(admit(1_000), Ok(()));
        assert_eq!(admit(10_000), over(21), "until the request of 1 s leaves, as the refusal takes a place");
        assert_eq!(admit(30_000), over(10));
    }

    #[test]
    fn users_apps_and_other_operations_have_their_own_budget() {
        let (limits, mut throttle) = (Limits::parse(LIMITS).unwrap(), Throttle::new(false));
        for _ in 0..2 {
            throttle.admit(&limits, "a.get", &caller("ada", "x"), at(0)).unwrap();
        }
        for (operation, who, expected) in [
            ("a.list", caller("ada", "x"), over(30)),
            ("a.get", caller("grace", "x"), Ok(())),
            ("a.get", caller("ada", "y"), Ok(())),
            ("b.get", caller("ada", "x"), Ok(())),
        ] {
            assert_eq!(throttle.admit(&limits, operation, &who, at(0)), expected, "{operation} by {who:?}");
        }
    }

    #[test]
    fn the_published_limits_parse() {
        let limits = Limits::parse(include_str!("../../../spec/limits.toml")).unwrap();
        let bucket = limits.bucket_of("communities.create").unwrap();
        assert_eq!((bucket.quota, bucket.window_seconds), (10, 30));
        assert!(limits.bucket_of("users.get").is_none());
    }
}
