//! What a running service sent and the models do not know, held against a document: does the document know it, and where does it
//! have to be added?

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{Changes, Class, Diff, enums, form};
use crate::names;
use crate::problem::{Problem, Problems, Result, read_named};
use crate::source::Source;
use crate::surface::Surface;
use crate::trim::own_parts;

/// A client's report of drift, as `serde_json` writes it.
#[derive(Debug, Deserialize)]
pub struct Report {
    entries: Vec<Entry>,
    /// There were more names than a client keeps.
    #[serde(default)]
    truncated: bool,
}

#[derive(Debug, Deserialize)]
struct Entry {
    what: What,
    /// The Rust type.
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    first_seen: String,
    count: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum What {
    Member,
    Property,
    Type,
}

const KNOWN: &str = "there is more, once it is kept";
const UNKNOWN: &str = "it is on the wire, and nobody has described it";

impl Report {
    /// Reads the JSON text of `file`.
    pub fn read(file: &str, text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            let help = "write one with serde_json::to_string(&client.drift())";
            Problem::at(file, format!("this is no report of drift: {error}")).help(help)
        })
    }
}

/// The same for files: a report, a document, and file and text of what is kept.
pub fn of_files(
    report: &Path,
    document: &Path,
    surface_file: &str,
    surface: &str,
) -> std::result::Result<Diff, Problems> {
    let file = report.display().to_string();
    let text = read_named(report, "a report of drift: what `client.drift()` gives, as JSON")?;
    of_report(&file, &Report::read(&file, &text)?, &Source::open(document)?, (surface_file, surface))
}

/// Says of every name in `report`, which came from `file`, whether `document` knows it and what to do about it. `surface` is file
/// and text of what is kept.
pub fn of_report(
    file: &str,
    report: &Report,
    document: &Source,
    surface: (&str, &str),
) -> std::result::Result<Diff, Problems> {
    let kept = Surface::read_what_exists(surface.0, surface.1, document)?;
    let schemas = document.components().filter(|(kind, _)| *kind == "schemas").map(|(_, name)| name);
    let mut by_type: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for schema in schemas {
        by_type.entry(names::type_name(names::short(schema))).or_default().push(schema);
    }
    let lookup = Lookup { document, surface: &kept, surface_file: surface.0, by_type };
    let mut changes = Changes::default();
    for entry in &report.entries {
        lookup.entry(entry, &mut changes)?;
    }
    if report.truncated {
        changes.push(
            Class::Patch,
            "drift-truncated",
            file,
            "holds less than there was",
            "a client keeps 1,000 names",
        );
    }
    changes.0.sort();
    Ok(Diff { old: file.to_owned(), new: document.file().to_owned(), changes: changes.0 })
}

struct Lookup<'a> {
    document: &'a Source,
    surface: &'a Surface,
    surface_file: &'a str,
    /// The schemas that a Rust type may be of; more than one where their names run together.
    by_type: BTreeMap<String, Vec<&'a str>>,
}

impl Lookup<'_> {
    fn entry(&self, entry: &Entry, changes: &mut Changes) -> Result<()> {
        let Entry { what, type_name, name, first_seen, count } = entry;
        let schemas = self.by_type.get(type_name).map_or(&[][..], Vec::as_slice);
        let of = schemas.first().map_or(type_name.as_str(), |schema| names::short(schema));
        let (known, place, ids) = match what {
            What::Member => {
                let ids = ["drift-member-known", "drift-member-unknown"];
                (self.member(schemas, name)?, of.to_owned(), ids)
            }
            What::Property => {
                let ids = ["drift-property-known", "drift-property-unknown"];
                (self.property(schemas, name)?, format!("{of}.{name}"), ids)
            }
            What::Type => (self.derived(of, name), of.to_owned(), ["drift-type-known", "drift-type-unknown"]),
        };
        let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
        let subject = if matches!(what, What::Property) { String::new() } else { format!("`{name}` ") };
        let seen = format!("{subject}came {times}, first from `{first_seen}`");
        let [known_id, unknown_id] = ids;
        match known {
            Some(remedy) => changes.push(Class::Minor, known_id, &place, format!("{seen}; {remedy}"), KNOWN),
            None => {
                let remedy = match schemas {
                    [] => format!("the document has no type `{type_name}` to look in"),
                    _ => "the document does not have it: describe it in the overlay, if it is to stay"
                        .to_owned(),
                };
                changes.push(Class::Behavioural, unknown_id, &place, format!("{seen}; {remedy}"), UNKNOWN);
            }
        }
        Ok(())
    }

    /// Where a member is declared.
    fn member(&self, schemas: &[&str], member: &str) -> Result<Option<String>> {
        for schema in schemas {
            let declared = self.schema(schema)?;
            if enums::members(&declared).contains(&member) {
                return Ok(Some("it comes with this document".to_owned()));
            }
        }
        Ok(None)
    }

    /// Where a property is declared, by the type itself or by one that it derives from.
    fn property(&self, schemas: &[&str], property: &str) -> Result<Option<String>> {
        for schema in schemas {
            let mut next = Some((*schema).to_owned());
            let mut seen = Vec::new();
            while let Some(name) = next.filter(|name| !seen.contains(name)) {
                let mut declared = self.schema(&name)?;
                let base = declared["allOf"].as_array().into_iter().flatten().find_map(|part| {
                    part["$ref"].as_str()?.strip_prefix("#/components/schemas/").map(str::to_owned)
                });
                let beside = declared["properties"].get(property).cloned();
                let found = own_parts(&mut declared)
                    .find_map(|part| part.get("properties")?.get(property).cloned())
                    .or(beside);
                if let Some(found) = found {
                    return Ok(Some(self.to_keep(names::short(&name), property, &found)));
                }
                seen.push(name);
                next = base;
            }
        }
        Ok(None)
    }

    /// What it takes to keep a property.
    fn to_keep(&self, owner: &str, property: &str, declared: &Value) -> String {
        let what = format!("the document declares it in `{owner}`: {}", form::of(declared).name);
        let kept = self.surface.types.get(owner);
        let navigation = declared["x-ms-navigationProperty"] == true;
        let list = match (navigation, kept) {
            (true, kept) if kept.is_none_or(|kept| !kept.navigation.contains(property)) => "navigation",
            (false, Some(kept)) if kept.properties.as_ref().is_some_and(|all| !all.contains(property)) => {
                "properties"
            }
            _ => return format!("{what}; it comes with this document"),
        };
        format!("{what}; to keep it, add it to `{list}` of `[types.{owner}]` in {}", self.surface_file)
    }

    /// What it takes to keep a type that an object declared as `of` turned out to be.
    fn derived(&self, of: &str, odata_type: &str) -> Option<String> {
        let name = odata_type.trim_start_matches('#');
        let known = self.document.declares(name);
        known.then(|| {
            let short = names::short(name);
            format!(
                "the document declares it; to keep it, add `{short}` to `family` of `[types.{of}]` in {}",
                self.surface_file
            )
        })
    }

    fn schema(&self, name: &str) -> Result<Value> {
        Ok(self.document.component("schemas", name)?.unwrap_or_default())
    }
}
