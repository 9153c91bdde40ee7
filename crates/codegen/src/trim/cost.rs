//! What a cut saved: the schemas that the property would have pulled in.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::cut::{Cutter, own_parts};
use super::references;
use crate::problem::Result;
use crate::source::Source;
use crate::surface::Surface;

const SCHEMAS: &str = "#/components/schemas/";

/// Counts what keeping a cut property would pull in. Each schema is parsed once, when it is first met.
pub struct Costs<'a> {
    source: &'a Source,
    kept: BTreeSet<&'a str>,
    cutter: Cutter<'a>,
    leads_to: BTreeMap<String, Rc<[String]>>,
}

impl<'a> Costs<'a> {
    /// Counts schemas of `source` besides those of the names `kept`, cut as `surface` says.
    pub fn new(source: &'a Source, surface: &'a Surface, kept: impl IntoIterator<Item = &'a str>) -> Self {
        let cutter = Cutter::new(source, surface);
        Self { source, kept: kept.into_iter().collect(), cutter, leads_to: BTreeMap::new() }
    }

    /// For each of the properties `cut` from the schema `name`, how many further schemas it would pull in.
    pub fn of(&mut self, name: &str, cut: &BTreeSet<String>) -> Result<BTreeMap<String, usize>> {
        let mut schema = self.source.component("schemas", name)?.unwrap_or_default();
        let mut costs = BTreeMap::new();
        for part in own_parts(&mut schema) {
            let properties = part.get("properties").and_then(|properties| properties.as_object());
            for (property, schema) in properties.into_iter().flatten().filter(|(name, _)| cut.contains(*name))
            {
                costs.insert(property.clone(), self.reached(schemas_in(&references(schema)))?);
            }
        }
        Ok(costs)
    }

    fn reached(&mut self, mut queue: Vec<String>) -> Result<usize> {
        let mut seen = BTreeSet::new();
        while let Some(name) = queue.pop() {
            if !self.kept.contains(name.as_str()) && !seen.contains(&name) {
                queue.extend(self.leads_to(&name)?.iter().cloned());
                seen.insert(name);
            }
        }
        Ok(seen.len())
    }

    fn leads_to(&mut self, name: &str) -> Result<Rc<[String]>> {
        if let Some(known) = self.leads_to.get(name) {
            return Ok(Rc::clone(known));
        }
        let mut schema = self.source.component("schemas", name)?.unwrap_or_default();
        self.cutter.cut(name, &mut schema)?;
        let found: Rc<[String]> = schemas_in(&references(&schema)).into();
        self.leads_to.insert(name.to_owned(), Rc::clone(&found));
        Ok(found)
    }
}

/// How many schemas the `kept` ones would lead to if no property were cut; with `derived`, discriminators lead as well.
pub fn uncut<'a>(source: &'a Source, kept: impl IntoIterator<Item = &'a str>, derived: bool) -> usize {
    let mut queue: Vec<&str> = kept.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = queue.pop() {
        if seen.insert(name) {
            queue.extend(source.schemas_in(name, derived));
        }
    }
    seen.len()
}

fn schemas_in(references: &[String]) -> Vec<String> {
    references.iter().filter_map(|reference| reference.strip_prefix(SCHEMAS)).map(str::to_owned).collect()
}
