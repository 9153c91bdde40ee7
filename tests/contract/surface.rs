//! The whole surface: every operation that the facade has a method for, sent to the simulator once at least.
//!
//! A scenario calls the methods of one resource. Its requests are golden vectors of the wire, as a snapshot; what it
//! covers counts towards `docs/operations.md`, which `UPDATE_DOCS=1 cargo test -p contract-tests surface` writes anew.

mod calendar;
mod conversations;
mod deleted_items;
mod engagement_roles;
mod group_lifecycle_policies;
mod group_people;
mod group_settings;
mod groups;
mod learning_contents;
mod learning_course_activities;
pub(crate) mod learning_providers;
mod methods;
mod onenote;
mod planner;
mod sites;
mod teams;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

use graph_facade::graph_models::{ApiVersion, OPERATIONS, OperationInfo};
use graph_facade::{Client, StaticToken};
use graph_sim::Sim;

use crate::capture::{Tape, taped_by, taped_on};
use crate::support::{assert_clean, builder, builder_of_both};
use crate::wire;

pub(crate) use learning_providers::contoso;

/// The tenant of a scenario: `ada` owns the group `Pilots`, and `grace` is there as well.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    /// Acts for `ada`.
    pub(crate) client: Client,
    tape: Tape,
}

type Run = Pin<Box<dyn Future<Output = ()>>>;

/// A name, and what is called.
type Scenario = (&'static str, fn(Stage) -> Run);

/// Each scenario is a test of its own, so that one that fails hides no other.
macro_rules! scenarios {
    ($($name:ident: $run:path,)+) => {
        const SCENARIOS: &[Scenario] = &[$((stringify!($name), |stage| Box::pin($run(stage)))),+];

        mod requests_look_as_they_should {
            $(
                #[tokio::test(start_paused = true)]
                async fn $name() {
                    super::looks_as_it_should(stringify!($name)).await;
                }
            )+
        }
    };
}

scenarios! {
    calendar: calendar::all,
    conversations: conversations::all,
    deleted_items: deleted_items::all,
    engagement_roles: engagement_roles::all,
    group_lifecycle_policies: group_lifecycle_policies::all,
    group_people: group_people::all,
    group_settings: group_settings::all,
    groups: groups::all,
    learning_contents: learning_contents::all,
    learning_course_activities: learning_course_activities::all,
    learning_providers: learning_providers::all,
    onenote: onenote::all,
    planner_buckets: planner::buckets,
    planner_plans: planner::plans,
    planner_tasks: planner::tasks,
    sites: sites::all,
    teams: teams::all,
}

impl Stage {
    fn new() -> Self {
        let sim =
            Sim::builder().ids_with_slashes().user("ada").user("grace").group("Pilots", ["ada"]).build();
        let (client, tape) = taped_by(&sim, builder(&sim, "ada"));
        Self { sim, client, tape }
    }

    /// Acts for the app by itself where that is offered, and for `ada` otherwise; on the same tape.
    pub(crate) fn app(&self) -> Client {
        let builder = builder(&self.sim, "ada").application(StaticToken::new(self.sim.app_token()));
        taped_on(&self.tape, &self.sim, builder)
    }

    /// Acts for `ada` where that is offered, and for the app by itself otherwise; on the same tape.
    pub(crate) fn both(&self) -> Client {
        taped_on(&self.tape, &self.sim, builder_of_both(&self.sim, "ada"))
    }

    /// The id of the group.
    pub(crate) fn pilots(&self) -> String {
        self.sim.group_id("Pilots").unwrap()
    }
}

/// Runs a scenario: what it sent, and what was answered with success.
async fn run((_, scenario): &Scenario) -> (String, BTreeSet<String>) {
    let stage = Stage::new();
    let (sim, tape) = (stage.sim.clone(), stage.tape.clone());
    scenario(stage).await;
    assert_clean(&sim);
    let journal = sim.journal();
    let successes = journal.entries().iter().filter(|entry| entry.status.is_some_and(|it| it < 300));
    (tape.print(), successes.filter_map(|entry| entry.operation.clone()).collect())
}

async fn looks_as_it_should(name: &str) {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.0 == name).unwrap();
    let (wire, _) = run(scenario).await;
    insta::assert_snapshot!(name, wire);
}

/// What no scenario calls: the transport writes envelopes by itself (`batch::envelope`), and copies are waited for in
/// `onenote_copy`.
const ELSEWHERE: &[&str] = &[
    "batch",
    "onenote_notebooks.copy",
    "onenote_operations.get",
    "onenote_pages.copy",
    "onenote_sections.copy",
];

#[tokio::test(start_paused = true)]
async fn every_operation_has_a_method_a_behaviour_and_a_test() {
    let mut covered = wire::called().await;
    covered.extend(ELSEWHERE.iter().map(|&id| id.to_owned()));
    for scenario in SCENARIOS {
        covered.extend(run(scenario).await.1);
    }
    let forgotten = OPERATIONS.iter().map(|row| row.id).filter(|id| !covered.contains(*id));
    assert_eq!(forgotten.collect::<Vec<_>>(), [""; 0], "no scenario has these answered with success");
    let methods = methods::by_row();
    let unnamed = covered.iter().filter(|id| !methods.contains_key(&row_name(id)));
    assert_eq!(
        unnamed.collect::<Vec<_>>(),
        [""; 0],
        "no method has the `facts!` of these in its documentation"
    );
    let page = page(&methods);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/operations.md is not what it should be: run the tests with UPDATE_DOCS=1"
    );
}

/// `groups.get` as `GROUPS_GET`.
fn row_name(id: &str) -> String {
    id.replace('.', "_").to_uppercase()
}

fn page(methods: &BTreeMap<String, Vec<String>>) -> String {
    let mut page = String::from(
        "<!-- Written by the contract tests: UPDATE_DOCS=1 cargo test -p contract-tests surface -->\n\
         # Operations\n\n\
         Every operation of the surface: the method of the facade that sends it, and what is known of it. For each of them the \
         simulator has a behaviour, and a contract test has the one talk to the other.\n\n\
         | operation | method | request | least privileged: user, app | versions | clouds | limit |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for row in OPERATIONS {
        page += &line(row, methods.get(&row_name(row.id)).map_or(&[][..], Vec::as_slice));
    }
    page
}

fn line(row: &OperationInfo, methods: &[String]) -> String {
    let least = |scopes: &[&str]| scopes.first().map_or("–".to_owned(), |scope| format!("`{scope}`"));
    let versions: Vec<_> = row
        .versions
        .iter()
        .map(|version| match version {
            ApiVersion::V1 => "v1.0",
            _ => "beta",
        })
        .collect();
    let clouds = if row.clouds.len() == 4 {
        "all".to_owned()
    } else {
        row.clouds.iter().map(|cloud| format!("{cloud:?}")).collect::<Vec<_>>().join(", ")
    };
    format!(
        "| `{}` | {} | `{} {}` | {}, {} | {} | {clouds} | {} |\n",
        row.id,
        methods.iter().map(|method| format!("`{method}`")).collect::<Vec<_>>().join(", "),
        row.method,
        row.template,
        least(row.delegated_scopes),
        least(row.application_scopes),
        versions.join(", "),
        row.bucket.map_or("–", |bucket| bucket.id),
    )
}
