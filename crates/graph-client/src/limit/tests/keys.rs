//! Names of budgets, and of what holds them back.

use graph_runtime::Bucket;
use graph_things::operations;
use proptest::prelude::*;

use crate::limit::{BucketKey, QuotaKey, ThrottleScope};

#[test]
fn budgets_have_names() {
    let key = QuotaKey::new().tenant("t").user("u");
    for (operation, name) in [
        (&operations::THINGS_LIST, "things?user=u"),
        (&operations::PARTS_LIST, "parts?tenant=t&access=read"),
        (&operations::PARTS_DELETE, "parts?tenant=t&access=write"),
    ] {
        assert_eq!(BucketKey::of(operation, &key, false).unwrap().to_string(), name);
    }
    for (operation, name) in
        [(&operations::THINGS_LIST, "things?by=app"), (&operations::PARTS_LIST, "parts?tenant=t&access=read")]
    {
        assert_eq!(BucketKey::of(operation, &key, true).unwrap().to_string(), name);
        assert_eq!(BucketKey::of(operation, &key.clone().as_app(), false).unwrap().to_string(), name);
    }
}

#[test]
fn nothing_in_an_id_can_be_mistaken_for_a_part_of_the_name() {
    for (user, name) in [
        ("a&user=b", "things?user=a%26user%3Db"),
        ("%26", "things?user=%2526"),
        ("ada@contoso.com", "things?user=ada%40contoso.com"),
        ("Zoë", "things?user=Zo%C3%AB"),
        ("8a3f-_.~", "things?user=8a3f-_.~"),
        ("", "things?user="),
    ] {
        let key = BucketKey::new(&operations::THINGS_LIST, &QuotaKey::new().user(user)).unwrap();
        assert_eq!(key.to_string(), name);
    }
}

static BY_ALL: Bucket = Bucket { id: "all", quotas: &[], scope: &["tenant", "app", "user", "access"] };
static BY_APP: Bucket = Bucket { id: "app", quotas: &[], scope: &["tenant", "app", "access"] };
static BY_USER: Bucket = Bucket { id: "user", quotas: &[], scope: &["user", "app"] };

fn keys() -> impl Strategy<Value = BucketKey> {
    let id = || prop::option::of("[ab&=%!?]{0,3}");
    (0_usize..3, id(), id(), prop::option::of("a|b"), prop::bool::ANY, prop::bool::ANY).prop_map(
        |(bucket, tenant, app, user, is_app, writes)| {
            let key = QuotaKey {
                tenant: tenant.map(Into::into),
                app: app.map(Into::into),
                user: user.map(Into::into),
                is_app,
            };
            BucketKey::in_bucket([&BY_ALL, &BY_APP, &BY_USER][bucket], key, writes)
        },
    )
}

fn scopes() -> impl Strategy<Value = Option<ThrottleScope>> {
    let who = prop_oneof![Just((true, true)), Just((true, false)), Just((false, true))];
    prop::option::of(
        (who, prop::option::of(prop::bool::ANY)).prop_map(|((tenant, app), writes)| ThrottleScope {
            tenant,
            app,
            writes,
        }),
    )
}

proptest! {
    #[test]
    fn two_budgets_have_two_names(one in keys(), other in keys()) {
        prop_assert_eq!(one == other, one.to_string() == other.to_string());
    }

    /// What stores share by name is what the limiter's own store finds by comparing.
    #[test]
    fn a_refusal_concerns_whom_its_name_says(one in keys(), other in keys(), scope in scopes()) {
        let by_name = other.park_names().contains(&one.park_name(scope));
        prop_assert_eq!(by_name, crate::limit::memory::concerns(&one, scope, &other));
        let own = scope.is_none_or(|scope| scope.writes.is_none_or(|writes| writes == one.writes()));
        prop_assert!(!own || one.park_names().contains(&one.park_name(scope)));
    }
}
