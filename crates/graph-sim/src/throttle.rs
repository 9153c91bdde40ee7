//! Quotas: those of `spec/limits.toml`, and those that only a simulator has.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;

use crate::ids;
use crate::pattern;
use crate::query::Query;
use crate::token::Caller;

mod counter;
use counter::Counter;
pub use counter::Counting;

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
    #[serde(default)]
    quotas: Vec<Quota>,
    scope: Vec<Scope>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Quota {
    requests: u32,
    window_seconds: u64,
}

/// What one budget is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    User,
    App,
    Tenant,
    Access,
}

/// A request that the quotas allow.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Admitted {
    /// What it cost, where the service says so.
    pub(crate) units: Option<u32>,
    /// How much of the quota is used up, where the service says so.
    pub(crate) usage: Option<f64>,
}

/// A request over the quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OverQuota {
    /// Whole seconds until a place is free, at least one.
    pub(crate) retry_after: u64,
    /// Whom it concerns, as `x-ms-throttle-scope` says it.
    pub(crate) scope: String,
    /// Which kind of quota it is, as `x-ms-throttle-information` says it; none where the service doesn't.
    pub(crate) information: Option<&'static str>,
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
    /// Published quotas; requests that are under way at the same time are not counted, as none is.
    fn counted(&self) -> impl Iterator<Item = &Quota> {
        self.quotas.iter().filter(|quota| quota.window_seconds > 0)
    }

    fn key(&self, caller: &Caller) -> Vec<String> {
        let part = |scope: &Scope| match scope {
            Scope::User => caller.principal().to_owned(),
            Scope::App => caller.app.clone(),
            Scope::Tenant | Scope::Access => String::new(),
        };
        std::iter::once(self.id.clone()).chain(self.scope.iter().map(part)).collect()
    }

    fn describe(&self, caller: &Caller) -> String {
        if self.scope.contains(&Scope::Tenant) {
            return tenant_wide(caller);
        }
        format!("Application/ReadWrite/{}/{}", caller.app, caller.principal())
    }
}

fn tenant_wide(caller: &Caller) -> String {
    format!("Tenant_Application/ReadWrite/{}/{}", caller.app, ids::TENANT)
}

/// A quota that is not published: so many units in a window, for one app.
#[derive(Debug, Clone)]
pub(crate) struct HiddenQuota {
    pub(crate) operations: String,
    pub(crate) units: u32,
    pub(crate) window: Duration,
}

/// A page of fewer items costs less.
const SHORT_PAGE: u32 = 20;

/// Usage from which on the service warns.
const WARNING: f64 = 0.8;

/// What a request costs where resource units count: less if it selects or asks for a short page, more if it expands.
fn units(operation: &str, query: &Query) -> u32 {
    let (has, top) =
        (|option| query.get(option).is_some(), query.get("$top").and_then(|top| top.parse().ok()));
    let more = u32::from(has("$expand"));
    let less = u32::from(has("$select")) + u32::from(top.is_some_and(|top: u32| top < SHORT_PAGE));
    (base_units(operation) + more).saturating_sub(less).max(1)
}

fn base_units(operation: &str) -> u32 {
    match operation {
        it if it.starts_with("groups.transitive_members.") => 5,
        "groups.check_member_groups" => 4,
        "groups.members.list" => 3,
        "groups.get_member_groups" => 2,
        it if it.starts_with("users.") => 2,
        _ => 1,
    }
}

/// Counts requests against the quotas.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    /// Whether the published quotas are left out.
    pub(crate) unlimited: bool,
    pub(crate) counting: Counting,
    /// Whether refused requests count too.
    pub(crate) count_refused: bool,
    pub(crate) hidden: Vec<HiddenQuota>,
    /// Whether who comes back before the time that a refusal named has to wait a window longer.
    pub(crate) punish_early: bool,
    counters: HashMap<Vec<String>, Counter>,
    /// Until when the refused are to wait.
    waits: HashMap<Vec<String>, Duration>,
}

impl Throttle {
    /// Forgets every request so far.
    pub(crate) fn forget(&mut self) {
        self.counters.clear();
    }

    /// Takes a place for one request, or says when one is free.
    pub(crate) fn admit(
        &mut self,
        limits: &Limits,
        operation: &str,
        query: &Query,
        caller: &Caller,
        at: Duration,
    ) -> Result<Admitted, OverQuota> {
        if let Some(bucket) = limits.bucket_of(operation).filter(|_| !self.unlimited) {
            for (index, quota) in bucket.counted().enumerate() {
                let mut key = bucket.key(caller);
                key.push(index.to_string());
                let window = Duration::from_secs(quota.window_seconds);
                self.count(key, quota.requests, window, 1, at)
                    .map_err(|wait| over(wait, bucket.describe(caller), None))?;
            }
        }
        self.admit_hidden(operation, query, caller, at)
    }

    fn admit_hidden(
        &mut self,
        operation: &str,
        query: &Query,
        caller: &Caller,
        at: Duration,
    ) -> Result<Admitted, OverQuota> {
        let matching = |quota: &&HiddenQuota| pattern::matches(&quota.operations, operation);
        let Some(quota) = self.hidden.iter().find(matching).cloned() else { return Ok(Admitted::default()) };
        let (key, units) = (vec![quota.operations, caller.app.clone()], units(operation, query));
        let usage = self
            .count(key, quota.units, quota.window, units, at)
            .map_err(|wait| over(wait, tenant_wide(caller), Some("ResourceUnitLimitExceeded")))?;
        Ok(Admitted { units: Some(units), usage: Some(usage).filter(|usage| *usage >= WARNING) })
    }

    /// Takes so many units of the quota under a key; gives how much of it is used then, or how long to wait.
    fn count(
        &mut self,
        key: Vec<String>,
        quota: u32,
        window: Duration,
        units: u32,
        at: Duration,
    ) -> Result<f64, Duration> {
        if self.punish_early
            && let Some(until) = self.waits.get_mut(&key).filter(|until| at < **until)
        {
            *until = until.saturating_add(window);
            return Err(until.saturating_sub(at));
        }
        let counting = self.counting;
        let counter =
            self.counters.entry(key.clone()).or_insert_with(|| Counter::new(counting, quota, window));
        match counter.admit(units, at, self.count_refused) {
            Ok(()) => Ok(counter.usage(at)),
            Err(wait) => {
                self.waits.insert(key, at.saturating_add(Duration::from_secs(whole_seconds(wait))));
                Err(wait)
            }
        }
    }
}

fn over(wait: Duration, scope: String, information: Option<&'static str>) -> OverQuota {
    OverQuota { retry_after: whole_seconds(wait), scope, information }
}

/// At least as long, and at least a second.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = r#"
        [[bucket]]
        id = "two"
        operations = ["a.*"]
        quotas = [{ requests = 2, window_seconds = 30 }]
        scope = ["user", "app"]
        source = "made up"
    "#;

    fn caller(user: &str, app: &str) -> Caller {
        Caller { user: Some(user.to_owned()), app: app.to_owned() }
    }

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Whether a request is over the quota, and how long it has to wait.
    fn wait(outcome: Result<Admitted, OverQuota>) -> Option<u64> {
        outcome.err().map(|over| over.retry_after)
    }

    fn counting_refused() -> Throttle {
        Throttle { count_refused: true, ..Throttle::default() }
    }

    #[test]
    fn a_place_frees_when_its_request_leaves_the_window() {
        let (limits, mut throttle, ada) =
            (Limits::parse(LIMITS).unwrap(), Throttle::default(), caller("ada", "x"));
        let mut admit = |millis| wait(throttle.admit(&limits, "a.get", &Query::default(), &ada, at(millis)));
        assert_eq!(admit(0), None);
        assert_eq!(admit(10_000), None);
        assert_eq!(admit(12_300), Some(18));
        assert_eq!(admit(29_999), Some(1));
        assert_eq!(admit(30_000), None);
        assert_eq!(admit(30_000), Some(10));
    }

    #[test]
    fn refused_requests_may_count_too() {
        let (limits, mut throttle, ada) =
            (Limits::parse(LIMITS).unwrap(), counting_refused(), caller("ada", "x"));
        let mut admit = |millis| wait(throttle.admit(&limits, "a.get", &Query::default(), &ada, at(millis)));
        assert_eq!(admit(0), None);
        assert_eq!(admit(1_000), None);
        assert_eq!(admit(10_000), Some(21), "until the request of 1 s leaves, as the refusal takes a place");
        assert_eq!(admit(30_000), Some(10));
    }

    #[test]
    fn who_comes_back_too_early_waits_a_window_longer() {
        let limits = Limits::parse(LIMITS).unwrap();
        let mut throttle = Throttle { punish_early: true, ..Throttle::default() };
        let ada = caller("ada", "x");
        let mut admit = |millis| wait(throttle.admit(&limits, "a.get", &Query::default(), &ada, at(millis)));
        assert_eq!((admit(0), admit(0), admit(1_000)), (None, None, Some(29)));
        assert_eq!(admit(20_000), Some(40), "ten seconds early");
        assert_eq!(admit(59_000), Some(31), "and again");
        assert_eq!(admit(90_000), None, "in time at last");
    }

    #[test]
    fn what_is_selected_expanded_and_short_changes_the_cost() {
        for (operation, query, expected) in [
            ("groups.members.list", "", 3),
            ("groups.members.list", "$select=id", 2),
            ("groups.members.list", "$select=id&$top=5", 1),
            ("groups.members.list", "$top=20", 3),
            ("groups.transitive_members.list", "$expand=x", 6),
            ("groups.list", "$select=id&$top=5", 1),
            ("groups.list", "$expand=members", 2),
        ] {
            assert_eq!(units(operation, &Query::parse(Some(query))), expected, "{operation} {query}");
        }
    }

    #[test]
    fn users_apps_and_other_operations_have_their_own_budget() {
        let (limits, mut throttle) = (Limits::parse(LIMITS).unwrap(), Throttle::default());
        for _ in 0..2 {
            throttle.admit(&limits, "a.get", &Query::default(), &caller("ada", "x"), at(0)).unwrap();
        }
        for (operation, who, expected) in [
            ("a.list", caller("ada", "x"), Some(30)),
            ("a.get", caller("grace", "x"), None),
            ("a.get", caller("ada", "y"), None),
            ("b.get", caller("ada", "x"), None),
        ] {
            assert_eq!(
                wait(throttle.admit(&limits, operation, &Query::default(), &who, at(0))),
                expected,
                "{operation} by {who:?}"
            );
        }
    }

    #[test]
    fn the_published_limits_parse() {
        let limits = Limits::parse(include_str!("../../../spec/limits.toml")).unwrap();
        let bucket = limits.bucket_of("communities.create").unwrap();
        let quotas: Vec<_> = bucket.counted().map(|quota| (quota.requests, quota.window_seconds)).collect();
        assert_eq!(quotas, [(10, 30)]);
        assert_eq!(limits.bucket_of("users.get").unwrap().counted().count(), 0);
    }
}
