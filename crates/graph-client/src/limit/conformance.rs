//! Checks that any [`QuotaStore`] can be put through, for the tests of whoever writes one.
//!
//! [`check`] asks a store what the [`Limiter`](crate::Limiter) counts on, rule by rule, with budgets that nobody else has. It needs to know how
//! to open the store as a second process would, and how to let time pass:
//!
//! ```
//! # use graph_client::{QuotaStore, conformance};
//! # async fn example<S: QuotaStore>(open: impl Fn() -> S) -> Result<(), conformance::Violation> {
//! conformance::check(open, tokio::time::sleep).await
//! # }
//! ```
//!
//! Under a clock that can be advanced it ends at once; in real time it takes several minutes. One question to the store should take less
//! than a second. Stores may be slow and may ask their server again, but errors of theirs are violations here.

use std::time::Duration;

use futures_util::future::poll_immediate;
use graph_runtime::{Bucket, Quota};

use super::key::{BucketKey, QuotaKey};
use super::lease::Lease;
use super::signals::ThrottleScope;
use super::store::{QuotaStore, QuotaStoreError, SlotEnd, Take};

const WINDOW: Duration = Duration::from_secs(30);
/// How long a lease is held that is to end by itself.
const SHORT: Duration = Duration::from_secs(20);
/// How long one is held that is not.
const LONG: Duration = Duration::from_secs(60 * 60);
/// What the checks themselves may take.
const MARGIN: Duration = Duration::from_secs(5);
/// What surely is less than a window.
const BEFORE: Duration = WINDOW.saturating_sub(MARGIN);
const SLOTS: usize = 3;

/// Three requests in 30 s.
static WINDOWED: Bucket = Bucket {
    id: "conformance",
    quotas: &[Quota { requests: 3, window: WINDOW }],
    scope: &["tenant", "app", "user", "access"],
};
/// The same, and no more than two at once.
static BOTH: Bucket = Bucket {
    id: "conformance_both",
    quotas: &[Quota { requests: 3, window: WINDOW }, Quota { requests: 2, window: Duration::ZERO }],
    scope: &["user"],
};
/// A bucket of which each refusal concerns whom its scope names.
static SHARED: Bucket = Bucket { id: "conformance_shared", quotas: &[], scope: &["tenant", "app", "access"] };

/// A rule that a store breaks.
#[derive(Debug, thiserror::Error)]
#[error("{rule}: {found}")]
pub struct Violation {
    rule: &'static str,
    found: String,
}

impl Violation {
    /// The rule, in words.
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

/// Whether the store that `open` gives handles to, each as another process would have it, keeps the rules of [`QuotaStore`]. `pass` lets so
/// much time pass, by the clock of the store.
pub async fn check<S: QuotaStore, P: Future<Output = ()>>(
    open: impl Fn() -> S,
    pass: impl Fn(Duration) -> P,
) -> Result<(), Violation> {
    let bench = |rule| Bench { store: open(), other: open(), pass: &pass, rule };
    bench("no more slots are taken than the quota allows, by all processes together").quota().await?;
    bench("budgets are apart, whatever their ids look like").budgets().await?;
    bench("a slot that was not used is free at once").unused().await?;
    bench("a slot that was used is free one window after its request was counted").counted().await?;
    bench("slots of all quotas are taken, or none").all_or_none().await?;
    bench("a lease takes one slot, however often it asks").repeated().await?;
    bench("a lease is settled once, and what is not known not at all").settled_once().await?;
    bench("a lease that nobody settles ends by itself, and counts").ends_by_itself().await?;
    bench("what was asked for and dropped can be given back").dropped().await?;
    bench("a refusal holds back whom its scope names, for as long as it says").parks().await
}

struct Bench<'a, S, F> {
    store: S,
    other: S,
    pass: &'a F,
    rule: &'static str,
}

impl<S: QuotaStore, P: Future<Output = ()>, F: Fn(Duration) -> P> Bench<'_, S, F> {
    async fn quota(&self) -> Result<(), Violation> {
        let budget = new_budget(&WINDOWED);
        self.take(&self.other, &budget, LONG).await?;
        self.free(&self.store, &budget, SLOTS - 1).await.map(drop)
    }

    async fn budgets(&self) -> Result<(), Violation> {
        let unique = new_user();
        let key = |app: &str, user: &str| {
            let key = QuotaKey::new().app(format!("{unique}{app}")).user(user.to_owned());
            BucketKey::in_bucket(&WINDOWED, key, false)
        };
        for (one, other) in [
            (key("a&user=b", "c"), key("a", "b&user=c")),
            (key("a", "%26"), key("a", "&")),
            (key("a", ""), BucketKey::in_bucket(&WINDOWED, QuotaKey::new().app(format!("{unique}a")), false)),
            (
                key("a", "writer"),
                BucketKey::in_bucket(&WINDOWED, key("a", "writer").quota_key().clone(), true),
            ),
        ] {
            self.free(&self.store, &one, SLOTS).await?;
            self.free(&self.store, &other, SLOTS).await?;
        }
        Ok(())
    }

    async fn unused(&self) -> Result<(), Violation> {
        let budget = new_budget(&WINDOWED);
        for lease in self.free(&self.store, &budget, SLOTS).await? {
            self.settle(&lease, SlotEnd::Unused).await?;
        }
        self.free(&self.other, &budget, SLOTS).await.map(drop)
    }

    async fn counted(&self) -> Result<(), Violation> {
        for within in [Duration::ZERO, 2 * MARGIN] {
            let budget = new_budget(&WINDOWED);
            for lease in self.free(&self.store, &budget, SLOTS).await? {
                self.settle(&lease, SlotEnd::Counted(within)).await?;
            }
            (self.pass)(within + BEFORE).await;
            self.free(&self.other, &budget, 0).await?;
            (self.pass)(MARGIN).await;
            self.free(&self.other, &budget, SLOTS).await?;
        }
        Ok(())
    }

    async fn all_or_none(&self) -> Result<(), Violation> {
        let budget = new_budget(&BOTH);
        let held = self.free(&self.store, &budget, 2).await?;
        for _ in 0..SLOTS {
            self.free(&self.other, &budget, 0).await?;
        }
        for lease in held {
            self.settle(&lease, SlotEnd::Counted(Duration::ZERO)).await?;
        }
        // Two count in the window; those that were refused do not.
        self.free(&self.store, &budget, 1).await.map(drop)
    }

    async fn repeated(&self) -> Result<(), Violation> {
        let budget = new_budget(&WINDOWED);
        let lease = self.take(&self.store, &budget, LONG).await?;
        for store in [&self.store, &self.other] {
            self.expect(Take::Taken, self.ask(store, &lease).await?)?;
        }
        let others = self.free(&self.store, &budget, SLOTS - 1).await?;
        // With nothing free, it still has what it has.
        self.expect(Take::Taken, self.ask(&self.store, &lease).await?)?;
        for lease in others.iter().chain([&lease]) {
            self.settle(lease, SlotEnd::Unused).await?;
        }
        self.free(&self.store, &budget, SLOTS).await.map(drop)
    }

    async fn settled_once(&self) -> Result<(), Violation> {
        let budget = new_budget(&WINDOWED);
        self.settle(&Lease::new(budget.clone(), LONG), SlotEnd::Unused).await?;
        let leases = self.free(&self.store, &budget, SLOTS).await?;
        for lease in leases.iter().take(1).cycle().take(SLOTS) {
            self.settle(lease, SlotEnd::Unused).await?;
        }
        self.free(&self.store, &budget, 1).await.map(drop)
    }

    async fn ends_by_itself(&self) -> Result<(), Violation> {
        let budget = new_budget(&WINDOWED);
        let mut leases = Vec::new();
        for _ in 0..SLOTS {
            leases.push(self.take(&self.store, &budget, SHORT).await?);
        }
        (self.pass)(SHORT + MARGIN).await;
        // One is settled when it has ended already, and the others never are.
        self.settle(&leases[0], SlotEnd::Unused).await?;
        self.free(&self.other, &budget, 0).await?;
        (self.pass)(BEFORE.saturating_sub(MARGIN)).await;
        self.free(&self.other, &budget, 0).await?;
        (self.pass)(2 * MARGIN).await;
        self.free(&self.other, &budget, SLOTS).await.map(drop)
    }

    async fn dropped(&self) -> Result<(), Violation> {
        let budget = new_budget(&WINDOWED);
        for _ in 0..2 * SLOTS {
            let lease = Lease::new(budget.clone(), SHORT);
            let _ = poll_immediate(self.store.take(&lease)).await;
            self.settle(&lease, SlotEnd::Unused).await?;
        }
        // At the latest when the leases have ended, if a question was overtaken by what gave it back.
        (self.pass)(SHORT + WINDOW + MARGIN).await;
        self.free(&self.store, &budget, SLOTS).await.map(drop)
    }

    async fn parks(&self) -> Result<(), Violation> {
        let unique = new_user();
        let key = |tenant: &str, app: &str, writes| {
            let key = QuotaKey::new().tenant(format!("{unique}{tenant}")).app(app.to_owned());
            BucketKey::in_bucket(&SHARED, key, writes)
        };
        let budgets =
            [key("t", "a", false), key("t", "a", true), key("t", "b", false), key(" other", "a", false)];
        let scope = |tenant, app, writes| Some(ThrottleScope { tenant, app, writes });
        for (scope, concerned) in [
            (None, [true, false, false, false]),
            (scope(true, true, Some(false)), [true, false, false, false]),
            (scope(true, true, None), [true, true, false, false]),
            (scope(true, false, Some(false)), [true, false, true, false]),
            (scope(true, false, None), [true, true, true, false]),
        ] {
            self.store.park(&budgets[0], scope, WINDOW);
            self.told(self.store.flush().await)?;
            for (budget, is_concerned) in budgets.iter().zip(concerned) {
                let lease = Lease::new(budget.clone(), LONG);
                match self.ask(&self.other, &lease).await? {
                    Take::Parked(wait) if is_concerned && !wait.is_zero() && wait <= WINDOW => {}
                    Take::Taken if !is_concerned => self.settle(&lease, SlotEnd::Unused).await?,
                    take => return Err(self.violation(format!("{scope:?} {budget}: {take:?}"))),
                }
            }
            (self.pass)(WINDOW + MARGIN).await;
            let lease = Lease::new(budgets[0].clone(), LONG);
            self.expect(Take::Taken, self.ask(&self.other, &lease).await?)?;
        }
        Ok(())
    }

    /// Takes all slots of `budget`, of which so many are free, and says by which leases.
    async fn free(&self, store: &S, budget: &BucketKey, count: usize) -> Result<Vec<Lease>, Violation> {
        let mut leases = Vec::new();
        for _ in 0..count {
            leases.push(self.take(store, budget, LONG).await?);
        }
        match self.ask(store, &Lease::new(budget.clone(), LONG)).await? {
            Take::Busy { .. } => Ok(leases),
            take => Err(self.violation(format!("{count} slots of {budget} are taken, and then: {take:?}"))),
        }
    }

    async fn take(&self, store: &S, budget: &BucketKey, hold: Duration) -> Result<Lease, Violation> {
        let lease = Lease::new(budget.clone(), hold);
        self.expect(Take::Taken, self.ask(store, &lease).await?)?;
        Ok(lease)
    }

    async fn ask(&self, store: &S, lease: &Lease) -> Result<Take, Violation> {
        self.told(store.take(lease).await)
    }

    async fn settle(&self, lease: &Lease, end: SlotEnd) -> Result<(), Violation> {
        self.store.settle(lease, end);
        self.told(self.store.flush().await)
    }

    fn told<T>(&self, answer: Result<T, QuotaStoreError>) -> Result<T, Violation> {
        answer.map_err(|error| self.violation(format!("the store failed: {error}")))
    }

    fn expect(&self, expected: Take, found: Take) -> Result<(), Violation> {
        if expected == found {
            Ok(())
        } else {
            Err(self.violation(format!("{found:?} where {expected:?} is due")))
        }
    }

    fn violation(&self, found: String) -> Violation {
        Violation { rule: self.rule, found }
    }
}

/// Of nobody who has been here before, in any process.
fn new_user() -> String {
    format!("{:032x}", fastrand::u128(..))
}

fn new_budget(bucket: &'static Bucket) -> BucketKey {
    BucketKey::in_bucket(bucket, QuotaKey::new().user(new_user()), false)
}
