//! Microsoft's file as it is: by permission, then by sets of paths and methods. Its sentences are never read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Choice, Levels, Offer, Table, path};
use crate::problem::{Problem, Result};

/// The kinds of access that are read. What personal accounts may do is another matter: none of them has groups.
const DELEGATED: &str = "DelegatedWork";
const APPLICATION: &str = "Application";
/// How a permission is consented to, where that is for one resource alone.
const RESOURCE_SPECIFIC: &str = "RSC";
/// Where a permission stands that has no level.
const LAST: u8 = u8::MAX;

#[derive(Deserialize)]
struct File {
    permissions: BTreeMap<String, Permission>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    #[serde(default)]
    authorization_type: String,
    #[serde(default)]
    schemes: BTreeMap<String, Scheme>,
    #[serde(default)]
    path_sets: Vec<PathSet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scheme {
    privilege_level: Option<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathSet {
    scheme_keys: Vec<String>,
    methods: Vec<String>,
    paths: BTreeMap<String, Option<String>>,
}

/// What a set says of one of its paths: `least=DelegatedWork,Application;AlsoRequires=A,B`.
#[derive(Default)]
struct Attributes<'a> {
    least: BTreeSet<&'a str>,
    with: BTreeSet<&'a str>,
}

impl<'a> Attributes<'a> {
    fn read(text: &'a str) -> Self {
        let mut attributes = Self::default();
        for (key, value) in text.split(';').filter_map(|part| part.split_once('=')) {
            let values = value.split(',').map(str::trim).filter(|value| !value.is_empty());
            match key.trim() {
                "least" => attributes.least.extend(values),
                "AlsoRequires" => attributes.with.extend(values),
                _ => {}
            }
        }
        attributes
    }
}

pub(super) fn read(file: &str, text: &str) -> Result<Table> {
    let parsed: File = serde_json::from_str(text).map_err(|error| {
        let what = format!("this is no file of permissions: {error}");
        Problem::at(format!("{file}:{}", error.line()), what)
            .help(format!("give the path of {}", super::SOURCE))
    })?;
    let mut table = Table::default();
    for (name, permission) in &parsed.permissions {
        let level = |scheme: &str| permission.schemes.get(scheme).and_then(|scheme| scheme.privilege_level);
        let levels = Levels { application: level(APPLICATION), delegated: level(DELEGATED) };
        table.permissions.insert(name.clone(), levels);
        for set in &permission.path_sets {
            set.add_to(&mut table, name, permission.authorization_type == RESOURCE_SPECIFIC);
        }
    }
    table.put_in_order();
    Ok(table)
}

impl PathSet {
    fn add_to(&self, table: &mut Table, name: &str, resource_specific: bool) {
        for (path, attributes) in &self.paths {
            let attributes = Attributes::read(attributes.as_deref().unwrap_or_default());
            for method in &self.methods {
                let methods = table.paths.entry(path::plain(path)).or_default();
                let offer = methods.entry(method.to_lowercase()).or_default();
                for scheme in &self.scheme_keys {
                    let choice = match (scheme.as_str(), resource_specific) {
                        (APPLICATION, true) => &mut offer.resource_specific,
                        (APPLICATION, false) => &mut offer.application,
                        (DELEGATED, false) => &mut offer.delegated,
                        _ => continue,
                    };
                    choice.add(name, attributes.least.contains(scheme.as_str()), &attributes.with);
                }
            }
        }
    }
}

impl Choice {
    /// Adds a permission. Of several sets that have it for the same path, the most generous counts.
    fn add(&mut self, name: &str, is_least: bool, with: &BTreeSet<&str>) {
        let is_known = self.names().any(|known| known == name);
        if is_least && !self.least.iter().any(|known| known == name) {
            self.others.retain(|known| known != name);
            self.least.push(name.to_owned());
        } else if !is_known {
            self.others.push(name.to_owned());
        }
        if with.is_empty() {
            self.with.remove(name);
        } else if !is_known {
            self.with.insert(name.to_owned(), with.iter().map(|&it| it.to_owned()).collect());
        }
    }

    /// The least privileged first; of two that give away as much, the one that only reads.
    fn put_in_order(&mut self, level: impl Fn(&str) -> Option<u8>) {
        for list in [&mut self.least, &mut self.others] {
            list.sort_by_cached_key(|name| (level(name).unwrap_or(LAST), !only_reads(name), name.clone()));
        }
    }
}

impl Table {
    fn put_in_order(&mut self) {
        let levels = &self.permissions;
        let of = |name: &str| levels.get(name).copied().unwrap_or_default();
        for offer in self.paths.values_mut().flat_map(BTreeMap::values_mut) {
            let Offer { application, delegated, resource_specific } = offer;
            application.put_in_order(|name| of(name).application);
            resource_specific.put_in_order(|name| of(name).application);
            delegated.put_in_order(|name| of(name).delegated);
        }
    }
}

/// Whether a permission says of itself that it changes nothing: `Group.ReadBasic.All`.
fn only_reads(name: &str) -> bool {
    let right = name.split('.').nth(1).unwrap_or_default();
    right.starts_with("Read") && !right.starts_with("ReadWrite")
}
