//! `spec/surface.toml`: what is kept of the upstream document, and what is known of it beyond that document.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::permissions::corrections::Beside;
use crate::problem::{Problem, Problems};

/// What to give where a file of this kind is asked for.
pub const FILE: &str = "a surface, such as spec/surface.toml";

mod ids;
pub mod pattern;
mod read;
mod results;
pub(crate) use read::is_one;
pub use results::{LongRunning, ResultOf, StatusForm};

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
    /// What is known of long-running operations.
    pub long_running: LongRunning,
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

/// What came out, to be held against the budget.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// Schemas in the contract.
    pub schemas: usize,
    /// Lines of generated code.
    pub lines: usize,
}

/// One kept operation.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word of its `[[keep]]`")]
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
    /// Whether its permissions are known; if not, the lists are empty.
    pub knows_scopes: bool,
    /// Permissions on behalf of a user, least first.
    pub delegated: Vec<String>,
    /// Permissions for an app alone, least first.
    pub application: Vec<String>,
    /// Permissions for an app alone that are consented to for one group, team or chat, least first.
    pub resource_specific: Vec<String>,
    /// What some calls need beside one of the others.
    pub beside: Vec<Beside>,
    /// The clouds that offer it.
    pub clouds: Vec<CloudName>,
    /// The API versions that offer it.
    pub versions: Vec<Version>,
    /// Its path in beta, where it is another.
    pub beta_path: Option<String>,
    /// Upstream lacks it, and the overlay adds it.
    pub added: bool,
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

impl Surface {
    /// The operations that upstream has.
    pub fn upstream(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|operation| !operation.added)
    }

    /// The ids of all operations.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.id.as_str())
    }

    /// Compares what came out with the budget.
    pub fn check_budget(&self, used: Used) -> Result<(), Problems> {
        let figures =
            [("schemas", used.schemas, self.budget.schemas), ("lines", used.lines, self.budget.lines)];
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
        crate::names::method(id)
    }
}
