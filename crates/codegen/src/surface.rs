//! `spec/surface.toml`: what is kept of the upstream document, and what is known of it beyond that document.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use crate::problem::{Problem, Problems};

/// The methods of a path item, as OpenAPI spells them.
pub const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// The selection: operations, and for some types what is kept of them.
#[derive(Debug)]
pub struct Surface {
    /// Where it came from, for messages.
    pub file: String,
    /// The kept operations, in the order of the file.
    pub operations: Vec<Operation>,
    /// How large the result may be.
    pub budget: Budget,
    /// What is kept of types, by short name (`community`). A type that isn't here keeps its structural properties.
    pub types: BTreeMap<String, TypeSurface>,
}

/// How large the result may be; a surface that pulls in more than it was meant to is noticed here.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Schemas in the contract.
    pub schemas: Option<usize>,
    /// Lines of generated code.
    pub lines: Option<usize>,
}

/// One kept operation.
#[derive(Debug)]
pub struct Operation {
    /// Our id for it: `communities.create`.
    pub id: String,
    /// The path in the upstream document.
    pub path: String,
    /// The method, in lower case.
    pub method: String,
    /// Which view of its request's type is sent, where that is not the whole type.
    pub body: Option<View>,
    /// Sending it twice leaves the service as sending it once would.
    pub idempotent: bool,
    /// Success means accepted: a header says where the work can be followed.
    pub starts_operation: bool,
    /// Permissions on behalf of a user, least first.
    pub delegated: Vec<String>,
    /// Permissions for an app alone, least first.
    pub application: Vec<String>,
    /// The clouds that offer it.
    pub clouds: Vec<CloudName>,
    /// The API versions that offer it.
    pub versions: Vec<Version>,
    /// Its path in beta, where it is another.
    pub beta_path: Option<String>,
    /// `file:line` of its entry.
    pub place: String,
}

/// A form of a type that is only written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// What may be sent to create one.
    New,
    /// What may be changed.
    Patch,
}

/// A deployment of Graph, by its name in `surface.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudName {
    /// The worldwide service.
    Global,
    /// US Government L4.
    UsGov,
    /// US Government L5.
    UsGovDod,
    /// China, operated by 21Vianet.
    China,
}

/// An API version, by its name in `surface.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Version {
    /// `v1.0`
    #[serde(rename = "v1.0")]
    V1,
    /// `beta`
    #[serde(rename = "beta")]
    Beta,
}

impl Version {
    /// Its name in `surface.toml`, and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// What is kept of one type.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeSurface {
    /// The structural properties kept; all of them if absent.
    pub properties: Option<BTreeSet<String>>,
    /// The navigation properties kept.
    #[serde(default)]
    pub navigation: BTreeSet<String>,
    /// The types that an object declared as this one may turn out to be; others are kept as they came.
    #[serde(default)]
    pub family: Vec<String>,
    /// The type of the entries, where the properties of an object are entries: `boolean`, `string` or one of Graph's types.
    pub map: Option<String>,
    /// What may be sent on creation.
    pub new: Option<NewView>,
    /// What may be changed.
    pub patch: Option<BTreeSet<String>>,
}

/// What may be sent to create an object.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// Properties without which the service refuses, in the order of the constructor.
    #[serde(default)]
    pub required: Vec<String>,
    /// Properties that may be left out.
    #[serde(default)]
    pub optional: BTreeSet<String>,
    /// Lists of references: navigation property to the collection its objects are in.
    #[serde(default)]
    pub bind: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    budget: Budget,
    #[serde(default)]
    keep: Vec<Spanned<Keep>>,
    #[serde(default)]
    types: BTreeMap<String, TypeSurface>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keep {
    id: String,
    path: String,
    method: String,
    body: Option<View>,
    idempotent: Option<bool>,
    #[serde(default)]
    starts_operation: bool,
    #[serde(default)]
    delegated: Vec<String>,
    #[serde(default)]
    application: Vec<String>,
    #[serde(default = "everywhere")]
    clouds: Vec<CloudName>,
    #[serde(default = "always")]
    versions: Vec<Version>,
    beta_path: Option<String>,
}

fn everywhere() -> Vec<CloudName> {
    vec![CloudName::Global, CloudName::UsGov, CloudName::UsGovDod, CloudName::China]
}

fn always() -> Vec<Version> {
    vec![Version::V1, Version::Beta]
}

impl Surface {
    /// Reads `text`, which came from `file`.
    pub fn read(file: &str, text: &str) -> Result<Self, Problems> {
        let parsed: File = crate::parse_toml(file, text)?;
        if parsed.keep.is_empty() {
            let problem = Problem::at(file, "the surface is empty");
            return Err(problem.help("add a `[[keep]]` table with `id`, `method` and `path`").into());
        }
        let operations: Vec<_> = parsed.keep.into_iter().map(|keep| operation(file, text, keep)).collect();
        let mut problems = duplicates(&operations);
        problems.extend(operations.iter().filter_map(unknown_method));
        problems.extend(crate::versions::problems(&operations));
        Problems::unless(
            problems,
            Self { file: file.to_owned(), operations, budget: parsed.budget, types: parsed.types },
        )
    }

    /// Compares what came out with the budget.
    pub fn check_budget(&self, schemas: usize, lines: usize) -> Result<(), Problems> {
        let figures = [("schemas", schemas, self.budget.schemas), ("lines", lines, self.budget.lines)];
        let over = figures.iter().filter_map(|(what, used, allowed)| {
            let allowed = allowed.filter(|allowed| used > allowed)?;
            let place = format!("{}: [budget]", self.file);
            let problem = Problem::at(place, format!("there are {used} {what}, and {allowed} are allowed"));
            Some(
                problem
                    .help("see in the receipt what pulled them in: cut that, or raise the budget on purpose"),
            )
        });
        Problems::unless(over.collect(), ())
    }

    /// The name of an operation's method in the raw client: `communities_create`.
    pub fn method_name(id: &str) -> String {
        crate::names::snake(id)
    }
}

fn operation(file: &str, text: &str, keep: Spanned<Keep>) -> Operation {
    let line = text[..keep.span().start].matches('\n').count() + 1;
    let keep = keep.into_inner();
    let method = keep.method.to_lowercase();
    Operation {
        // RFC 9110 names the idempotent methods; Graph's PATCH merges, so that sending it twice changes nothing more.
        idempotent: keep.idempotent.unwrap_or(method != "post"),
        id: keep.id,
        path: keep.path,
        method,
        body: keep.body,
        starts_operation: keep.starts_operation,
        delegated: keep.delegated,
        application: keep.application,
        clouds: keep.clouds,
        versions: keep.versions,
        beta_path: keep.beta_path,
        place: format!("{file}:{line}"),
    }
}

/// Two operations must differ in what they address and in what the client calls them.
fn duplicates(operations: &[Operation]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = BTreeMap::new();
    let mut targets = BTreeMap::new();
    for operation in operations {
        let name = Surface::method_name(&operation.id);
        if let Some(first) = names.insert(name.clone(), operation) {
            let what = format!(
                "`{}` and `{}` ({}) are both the method `{name}`",
                operation.id, first.id, first.place
            );
            problems.push(Problem::at(&operation.place, what).help("give one of them another id"));
        }
        if let Some(first) = targets.insert((&operation.path, &operation.method), operation) {
            let what = format!("`{}` is kept already, as `{}` ({})", operation.path, first.id, first.place);
            problems.push(Problem::at(&operation.place, what).help("remove one of the two"));
        }
    }
    problems
}

fn unknown_method(operation: &Operation) -> Option<Problem> {
    let known = METHODS.contains(&operation.method.as_str());
    (!known).then(|| {
        Problem::at(&operation.place, format!("`{}` is no HTTP method", operation.method))
            .help("one of GET, PUT, POST, DELETE, PATCH, HEAD, OPTIONS")
    })
}
