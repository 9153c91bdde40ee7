//! Cuts properties from a schema before anybody follows where they lead.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::budget::{self, LONGEST_CHAIN};
use crate::names;
use crate::near;
use crate::problem::{Problem, Result};
use crate::source::Source;
use crate::surface::Surface;
use crate::trim::{LEFT_OUT, references};

/// The names of what was cut from one schema.
#[derive(Debug, Default)]
pub struct Cut {
    /// Properties that hold data.
    pub structural: BTreeSet<String>,
    /// Properties that lead to other objects.
    pub navigation: BTreeSet<String>,
}

/// Knows what the surface keeps, and remembers what it cut and what it never met.
pub(super) struct Cutter<'a> {
    source: &'a Source,
    surface: &'a Surface,
    cuts: BTreeMap<String, Cut>,
    met: BTreeMap<String, BTreeSet<String>>,
    entities: RefCell<BTreeMap<String, bool>>,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(source: &'a Source, surface: &'a Surface) -> Self {
        let entities = RefCell::new(BTreeMap::from([("microsoft.graph.entity".to_owned(), true)]));
        Self { source, surface, cuts: BTreeMap::new(), met: BTreeMap::new(), entities }
    }

    /// Cuts the component `name` down to what the surface keeps of it.
    pub(super) fn cut(&mut self, name: &str, schema: &mut Value) -> Result<()> {
        // A type without properties is reached like any other.
        self.met.entry(names::short(name).to_owned()).or_default();
        gather_parts(schema);
        if let Some(schema) = schema.as_object_mut() {
            // A discriminator names every derived type there is; families are ours to declare.
            schema.remove("discriminator");
        }
        for part in own_parts(schema) {
            part.remove("discriminator");
            if let Some(Value::Object(properties)) = part.get_mut("properties") {
                self.cut_properties(name, properties)?;
            }
        }
        if let (Some(cut), Some(schema)) = (self.cuts.get(name), schema.as_object_mut()) {
            // A document that was trimmed already says so itself.
            let before = schema.get(LEFT_OUT).and_then(Value::as_array).cloned().unwrap_or_default();
            let before = before.iter().filter_map(Value::as_str).map(str::to_owned);
            let now = cut.structural.union(&cut.navigation).cloned();
            let names: BTreeSet<String> = before.chain(now).collect();
            if !names.is_empty() {
                schema.insert(LEFT_OUT.to_owned(), json!(names));
            }
        }
        Ok(())
    }

    fn cut_properties(&mut self, name: &str, properties: &mut Map<String, Value>) -> Result<()> {
        let surface = self.surface.types.get(names::short(name));
        let met = self.met.entry(names::short(name).to_owned()).or_default();
        met.extend(properties.keys().cloned());
        let mut cut = Cut::default();
        let all: Vec<String> = properties.keys().cloned().collect();
        for property in all {
            let navigation = self.is_navigation(name, &properties[&property])?;
            let keep = match surface {
                _ if property.starts_with('@') => true,
                Some(surface) if navigation => surface.navigation.contains(&property),
                Some(surface) => surface.properties.as_ref().is_none_or(|kept| kept.contains(&property)),
                None => !navigation,
            };
            if !keep {
                properties.remove(&property);
                let of_kind = if navigation { &mut cut.navigation } else { &mut cut.structural };
                of_kind.insert(property);
            }
        }
        let cuts = self.cuts.entry(name.to_owned()).or_default();
        cuts.structural.extend(cut.structural);
        cuts.navigation.extend(cut.navigation);
        Ok(())
    }

    /// Newer documents flag navigation; in older ones only collections are flagged, but only navigation leads to entities.
    fn is_navigation(&self, owner: &str, property: &Value) -> Result<bool> {
        if property.get("x-ms-navigationProperty").is_some() {
            return Ok(true);
        }
        if !self.is_entity(owner, 0)? {
            return Ok(false);
        }
        for reference in references(property) {
            if let Some(target) = reference.strip_prefix("#/components/schemas/")
                && self.is_entity(target, 0)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `heirs` counts the types that derive from `name` on the way here.
    fn is_entity(&self, name: &str, heirs: usize) -> Result<bool> {
        if let Some(known) = self.entities.borrow().get(name) {
            return Ok(*known);
        }
        if heirs == LONGEST_CHAIN {
            return Err(budget::too_long(
                self.source.place_of("schemas", name),
                "types that derive from this one",
            ));
        }
        // Against cycles of inheritance: whoever asks again meanwhile hears no.
        self.entities.borrow_mut().insert(name.to_owned(), false);
        let schema = self.source.component("schemas", name)?.unwrap_or_default();
        let mut entity = false;
        for base in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            if let Some(base) = base.get("$ref").and_then(Value::as_str) {
                entity |= self.is_entity(base.trim_start_matches("#/components/schemas/"), heirs + 1)?;
            }
        }
        self.entities.borrow_mut().insert(name.to_owned(), entity);
        Ok(entity)
    }

    /// The lines of the surface that matched nothing.
    pub(super) fn unmatched(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (short, surface) in &self.surface.types {
            let Some(met) = self.met.get(short) else {
                let what = format!("`[types.{short}]` matches nothing: no kept operation reaches that type");
                let help = near::help(
                    short,
                    self.met.keys().map(String::as_str),
                    "remove it, or check its spelling",
                );
                problems.push(Problem::at(&self.surface.file, what).help(help));
                continue;
            };
            let named = surface.navigation.iter().chain(surface.properties.iter().flatten());
            for property in named.filter(|property| !met.contains(*property)) {
                let what = format!("`[types.{short}]` keeps `{property}`, which the type does not declare");
                let otherwise = "check its spelling; an inherited property is kept where it is declared";
                let help = near::help(property, met.iter().map(String::as_str), otherwise);
                problems.push(Problem::at(&self.surface.file, what).help(help));
            }
        }
        problems
    }

    /// What was cut, by schema.
    pub(super) fn into_cuts(self) -> BTreeMap<String, Cut> {
        self.cuts
    }
}

/// Makes properties that stand beside an `allOf` a part of it like any other.
pub fn gather_parts(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut().filter(|schema| schema.contains_key("allOf")) else { return };
    if let Some(properties) = schema.remove("properties")
        && let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut)
    {
        parts.push(json!({ "type": "object", "properties": properties }));
    }
}

/// The schema itself and the inline parts of its `allOf`: where its own properties stand.
pub fn own_parts(schema: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let Value::Object(schema) = schema else { return Vec::new().into_iter() };
    if schema.contains_key("allOf") {
        let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
        parts.into_iter().flatten().filter_map(Value::as_object_mut).collect::<Vec<_>>().into_iter()
    } else {
        vec![schema].into_iter()
    }
}
