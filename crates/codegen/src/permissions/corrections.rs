//! `[[permissions]]` of the overlay: what the file of permissions gets wrong or lacks.

use serde::{Deserialize, Serialize};

use super::{Choice, Offer, Table, path};
use crate::near;
use crate::overlay::Finding;
use crate::problem::Problem;
use crate::surface::{Operation, Surface};

/// All corrections of permissions, each with its line.
#[derive(Debug, Default)]
pub struct Corrections {
    pub(crate) file: String,
    pub(crate) list: Vec<(usize, Correction)>,
}

/// One correction, for several operations. It takes the lists from another operation (`like`), puts one permission first, or
/// says the lists itself. The first applies where the file lacks the operation; the others where it has `was` as the least,
/// or lacks the operation if there is no `was`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    operations: Vec<String>,
    was: Option<Least>,
    /// Method and path of an operation that the file has.
    like: Option<String>,
    /// What suffices already, and is the least.
    first: Option<String>,
    delegated: Option<Vec<String>>,
    application: Option<Vec<String>>,
    /// What is needed beside the others under a condition.
    beside: Option<Beside>,
    #[allow(dead_code, reason = "required, so that nobody corrects without one; read by people")]
    reason: String,
    #[allow(dead_code, reason = "required, so that nobody corrects without one; read by people")]
    source: String,
}

/// The least privileged permission of each kind of access, as the file has it; nothing where it offers none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Least {
    delegated: Option<String>,
    application: Option<String>,
}

/// A permission that some calls need beside one of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The permission.
    pub permission: String,
    /// Which calls need it: half a sentence that goes on after "where".
    #[serde(rename = "where")]
    pub condition: String,
}

impl Corrections {
    /// What is kept of the file because corrections refer to it, by method and plain path.
    pub(super) fn models(&self) -> impl Iterator<Item = (String, String)> {
        let models = self.list.iter().filter_map(|(_, correction)| correction.like.as_deref());
        models.filter_map(model)
    }

    /// The place of the first, if there is any.
    pub(crate) fn first(&self) -> Option<String> {
        self.list.first().map(|(line, _)| self.place(*line))
    }

    /// What is needed beside the permissions of an operation.
    pub(super) fn beside(&self, id: &str) -> Vec<Beside> {
        self.of(id).filter_map(|(_, correction)| correction.beside.clone()).collect()
    }

    /// Corrections of what the surface doesn't keep.
    pub(super) fn idle(&self, surface: &Surface) -> Vec<Problem> {
        let is_kept = |id: &String| surface.operations.iter().any(|operation| operation.id == *id);
        let all = self.list.iter().flat_map(|(line, it)| it.operations.iter().map(move |id| (line, id)));
        let problem =
            |line, id: &String| {
                Problem::at(self.place(line), format!("the surface keeps no operation `{id}`"))
                    .help(near::help(id, surface.ids(), "remove it here, or keep it in surface.toml"))
            };
        all.filter(|(_, id)| !is_kept(id)).map(|(line, id)| problem(*line, id)).collect()
    }

    /// The permissions of an operation: the file's, corrected.
    pub(super) fn resolve(&self, table: &Table, operation: &Operation) -> Result<Offer, Finding> {
        let path = path::plain(&operation.path);
        let found = table.find(&operation.method, &path).map(|(_, offer)| offer);
        let mut corrections = self.of(&operation.id).filter(|(_, it)| it.beside.is_none());
        let offer = match corrections.next() {
            Some((line, correction)) => {
                let exact = table.exactly(&operation.method, &path);
                correction.apply(&self.place(line), &operation.id, table, found, exact)?
            }
            None => found.cloned().ok_or_else(|| Finding::broken(unknown(operation)))?,
        };
        if let Some((line, _)) = corrections.next() {
            let what = format!("the permissions of `{}` are corrected already", operation.id);
            return Err(Finding::broken(Problem::at(self.place(line), what).help("remove one of the two")));
        }
        let dependent = offer.choices().into_iter().find_map(|choice| choice.with.first_key_value());
        if let Some((name, with)) = dependent {
            return Err(Finding::broken(not_alone(operation, name, with)));
        }
        Ok(offer)
    }

    fn of(&self, id: &str) -> impl Iterator<Item = (usize, &Correction)> {
        let of = self.list.iter().map(|(line, correction)| (*line, correction));
        of.filter(move |(_, correction)| correction.operations.iter().any(|it| it == id))
    }

    fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.file)
    }
}

impl Correction {
    /// The corrected permissions of the operation `id`, for which the file has `found`, perhaps of the path it belongs to, and
    /// `exact` at its own path.
    fn apply(
        &self,
        place: &str,
        id: &str,
        table: &Table,
        found: Option<&Offer>,
        exact: Option<&Offer>,
    ) -> Result<Offer, Finding> {
        match (&self.like, &self.first, &self.delegated, &self.application) {
            (Some(like), None, None, None) => {
                if exact.is_some() {
                    return Err(has_it(place, id));
                }
                let there = model(like).and_then(|(method, path)| table.exactly(&method, &path).cloned());
                there.ok_or_else(|| broken(place, id, &format!("upstream has no permissions for `{like}`")))
            }
            (None, Some(first), None, None) => {
                let found = found.ok_or_else(|| broken(place, id, "upstream has no permissions for it"))?;
                self.expect(place, id, Some(found))?;
                put_first(place, id, found, first)
            }
            (None, None, Some(delegated), Some(application)) => {
                match (&self.was, exact) {
                    (None, Some(_)) => return Err(has_it(place, id)),
                    (None, None) => {}
                    (Some(_), _) => self.expect(place, id, found)?,
                }
                let choice = |list: &[String]| Choice { others: list.to_vec(), ..Choice::default() };
                Ok(Offer {
                    application: choice(application),
                    delegated: choice(delegated),
                    resource_specific: Choice::default(),
                })
            }
            _ => {
                let what = "a correction of permissions says `like`, `first`, `beside`, or both `delegated` and `application`";
                Err(Finding::broken(Problem::at(place, what)))
            }
        }
    }

    /// Refuses to correct what isn't as it was.
    fn expect(&self, place: &str, id: &str, found: Option<&Offer>) -> Result<(), Finding> {
        let least = |of: fn(&Offer) -> &Choice| found.and_then(|offer| of(offer).names().next().cloned());
        let now = Least {
            delegated: least(|offer| &offer.delegated),
            application: least(|offer| &offer.application),
        };
        if self.was.as_ref() == Some(&now) {
            return Ok(());
        }
        let show =
            |name: &Option<String>| name.as_deref().map_or("nothing".to_owned(), |it| format!("`{it}`"));
        let what =
            format!("the least is {} for users, {} for apps", show(&now.delegated), show(&now.application));
        Err(broken(place, id, &what))
    }
}

/// The same permissions with `first` before all others, wherever it suffices.
fn put_first(place: &str, id: &str, found: &Offer, first: &str) -> Result<Offer, Finding> {
    let mut offer = found.clone();
    let mut suffices = false;
    for choice in [&mut offer.delegated, &mut offer.application] {
        let names = choice.list();
        if !names.iter().any(|name| name == first) {
            continue;
        }
        suffices = true;
        choice.least = vec![first.to_owned()];
        choice.others = names.into_iter().filter(|name| name != first).collect();
    }
    if suffices { Ok(offer) } else { Err(broken(place, id, &format!("`{first}` does not suffice"))) }
}

/// `GET /groups/{group-id}` as method and plain path.
fn model(like: &str) -> Option<(String, String)> {
    let (method, path) = like.split_once(' ')?;
    Some((method.to_lowercase(), path::plain(path)))
}

fn has_it(place: &str, id: &str) -> Finding {
    let what = format!("this correction is needless: upstream has the permissions of `{id}` itself");
    Finding::needless(Problem::at(place, what).help("remove it; where upstream is wrong, say what it `was`"))
}

fn broken(place: &str, id: &str, why: &str) -> Finding {
    let what = format!("this correction of the permissions of `{id}` no longer applies: {why}");
    Finding::broken(
        Problem::at(place, what).help("see whether upstream was corrected; then remove it or adapt it"),
    )
}

fn unknown(operation: &Operation) -> Problem {
    let what = format!("the permissions of `{}` are not known", operation.id);
    Problem::at(&operation.place, what).help(
        "if the operation is new: cargo codegen trim --upstream FILE --permissions FILE; if upstream lacks it: a \
         `[[permissions]]` of the overlay says which other one it is `like`",
    )
}

fn not_alone(operation: &Operation, name: &str, with: &std::collections::BTreeSet<String>) -> Problem {
    let with: Vec<_> = with.iter().map(String::as_str).collect();
    let what = format!("for `{}`, `{name}` suffices only beside one of {}", operation.id, with.join(", "));
    Problem::at(&operation.place, what)
        .help("a row lists what suffices alone: say in a `[[permissions]]` of the overlay what does")
}
