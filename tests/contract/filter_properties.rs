//! Whatever is built from `field` means to the service what it meant to the caller.

use futures_util::TryStreamExt as _;
use graph_facade::{Filter, Literal, Search, field};
use graph_sim::Sim;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{assert_clean, client};

/// A condition with a meaning of its own, to hold the service's against.
#[derive(Clone, Debug)]
enum Condition {
    NameIs(String),
    NameIsNot(String),
    NameIn(Vec<String>),
    NameStarts(String),
    MailEnds(String),
    /// One of the group's types, of which there is one.
    TypeIs(&'static str),
    MailEnabled(bool),
    Described,
    NameBefore(String),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

/// A group as the simulator sets it up.
struct Known<'a> {
    name: &'a str,
    mail: &'a str,
}

impl Condition {
    fn holds(&self, group: &Known<'_>) -> bool {
        let name = group.name.to_lowercase();
        match self {
            Self::NameIs(text) => name == text.to_lowercase(),
            Self::NameIsNot(text) => name != text.to_lowercase(),
            Self::NameIn(texts) => texts.iter().any(|text| name == text.to_lowercase()),
            Self::NameStarts(text) => name.starts_with(&text.to_lowercase()),
            Self::MailEnds(text) => group.mail.to_lowercase().ends_with(&text.to_lowercase()),
            Self::TypeIs(kind) => *kind == "Unified",
            Self::MailEnabled(enabled) => *enabled,
            Self::Described => false,
            Self::NameBefore(text) => name < text.to_lowercase(),
            Self::Not(inner) => !inner.holds(group),
            Self::And(left, right) => left.holds(group) && right.holds(group),
            Self::Or(left, right) => left.holds(group) || right.holds(group),
        }
    }

    fn filter(&self) -> Filter {
        let name = field("displayName");
        match self {
            Self::NameIs(text) => name.eq(text),
            Self::NameIsNot(text) => name.ne(text),
            Self::NameIn(texts) => name.is_in(texts),
            Self::NameStarts(text) => name.starts_with(text),
            Self::MailEnds(text) => field("mail").ends_with(text),
            Self::TypeIs(kind) => field("groupTypes").any(|it| it.eq(*kind)),
            Self::MailEnabled(enabled) => field("mailEnabled").eq(*enabled),
            Self::Described => !field("description").eq(Literal::null()),
            Self::NameBefore(text) => name.lt(text),
            Self::Not(inner) => !inner.filter(),
            Self::And(left, right) => left.filter() & right.filter(),
            // What was written by hand must hang together with what was not.
            Self::Or(left, right) => left.filter() | Filter::raw(right.filter().to_odata().unwrap()),
        }
    }
}

/// Texts that are hard to quote: quotes, operators, what a URL gives a meaning to, and anything else.
fn text() -> impl Strategy<Value = String> {
    let hard = proptest::sample::select(vec![
        "'", "''", "\"", " eq ", " or ", "(", ")", "&", "+", "%27", "#", "/", ";", ",", "a", "B", "é", "🦀",
    ]);
    prop_oneof![vec(hard, 1..5).prop_map(|parts| parts.concat()), "\\PC{1,8}"]
}

fn condition(names: Vec<String>) -> impl Strategy<Value = Condition> {
    let text = prop_oneof![2 => proptest::sample::select(names), 1 => text()];
    let leaf = prop_oneof![
        text.clone().prop_map(Condition::NameIs),
        text.clone().prop_map(Condition::NameIsNot),
        vec(text.clone(), 1..4).prop_map(Condition::NameIn),
        text.clone().prop_map(|text| Condition::NameStarts(text.chars().take(2).collect())),
        proptest::sample::select(vec!["1@contoso.example", "2@contoso.example", ".example", "x"])
            .prop_map(|end| Condition::MailEnds(end.to_owned())),
        proptest::sample::select(vec!["Unified", "DynamicMembership"]).prop_map(Condition::TypeIs),
        any::<bool>().prop_map(Condition::MailEnabled),
        Just(Condition::Described),
        text.prop_map(Condition::NameBefore),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| Condition::Not(Box::new(it))),
            (inner.clone(), inner.clone())
                .prop_map(|(left, right)| Condition::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner).prop_map(|(left, right)| Condition::Or(Box::new(left), Box::new(right))),
        ]
    })
}

/// Groups, and conditions that are likely to tell them apart.
fn scenario() -> impl Strategy<Value = (Vec<String>, Condition)> {
    vec(text(), 1..5).prop_flat_map(|names| (Just(names.clone()), condition(names)))
}

/// The ids of the groups that the service finds, through the whole way there.
async fn found(sim: &Sim, filter: Filter) -> Vec<String> {
    let groups = client(sim, "ada").groups().list().filter(filter).items();
    groups.map_ok(|group| group.id.unwrap()).try_collect().await.unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_filter_finds_what_its_condition_holds_for((names, condition) in scenario()) {
        run(async {
            let sim = names.iter().fold(Sim::builder(), |sim, name| sim.group(name, ["ada"])).build();
            let all = client(&sim, "ada").groups().list().items().try_collect::<Vec<_>>().await.unwrap();
            let expected: Vec<_> = all
                .iter()
                .filter(|group| {
                    let (name, mail) = (group.display_name.as_deref().unwrap(), group.mail.as_deref().unwrap());
                    condition.holds(&Known { name, mail })
                })
                .map(|group| group.id.clone().unwrap())
                .collect();
            let filter = condition.filter();
            prop_assert_eq!(found(&sim, filter.clone()).await, expected, "{:?}", filter);
            assert_clean(&sim);
            Ok(())
        })?;
    }

    #[test]
    fn any_text_comes_through_in_quotes(text in "\\PC{0,16}") {
        run(async {
            let sim = Sim::builder().group(&text, ["ada"]).group("another", ["ada"]).build();
            let expected = [sim.group_id(&text).unwrap()];
            let filter = field("displayName").eq(&text) & field("mail").starts_with("");
            prop_assert_eq!(&found(&sim, filter.clone()).await[..1], &expected[..], "{:?}", filter);
            Ok(())
        })?;
    }

    #[test]
    fn any_text_can_be_searched_for(text in "\\PC{0,16}".prop_filter("words", |text| !text.trim().is_empty())) {
        run(async {
            let sim = Sim::builder().group(&text, ["ada"]).build();
            let list = client(&sim, "ada").groups().list().search(Search::term("displayName", &text));
            prop_assert_eq!(list.await.unwrap().items.len(), 1);
            Ok(())
        })?;
    }
}
