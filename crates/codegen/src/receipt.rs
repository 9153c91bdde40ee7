//! The receipt of a trim: what was kept, by way of what, what was cut, and what that saved.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, json};

use crate::escape;
use crate::names;
use crate::output::MARK;
use crate::problem::Result;
use crate::source::Source;
use crate::surface::{Surface, Used};
use crate::trim::{self, Costs, Trimmed};

mod budget;

pub use budget::{in_json, in_text};

/// How many of the cuts that saved most are listed first.
const COSTLIEST: usize = 20;

/// What a trim kept and cut; the same for the same document and surface.
#[derive(Debug)]
pub struct Receipt<'a> {
    surface: &'a Surface,
    trimmed: &'a Trimmed,
    sha256: String,
    /// Kept and offered.
    paths: (usize, usize),
    operations: (usize, usize),
    schemas: (usize, usize),
    /// How many schemas there would be if no property were cut; and if the types derived from those were followed too.
    uncut: (usize, usize),
    used: Option<Used>,
    cuts: Vec<CutProperty<'a>>,
}

/// A property that was cut.
#[derive(Debug)]
struct CutProperty<'a> {
    schema: &'a str,
    property: &'a str,
    kind: &'static str,
    /// How many further schemas it would have pulled in.
    cost: usize,
}

impl<'a> Receipt<'a> {
    /// Looks up in `source` what the cuts saved.
    pub fn new(source: &'a Source, surface: &'a Surface, trimmed: &'a Trimmed) -> Result<Self> {
        let kept = || trimmed.pulled_in_by.keys().map(String::as_str);
        let paths: BTreeSet<_> = surface.upstream().map(|operation| &operation.path).collect();
        let mut costs = Costs::new(source, surface, kept());
        let mut cuts = Vec::new();
        for (schema, cut) in &trimmed.cuts {
            for (kind, properties) in [("navigation", &cut.navigation), ("structural", &cut.structural)] {
                let saved = costs.of(schema, properties)?;
                cuts.extend(properties.iter().map(|property| {
                    let cost = saved.get(property).copied().unwrap_or_default();
                    CutProperty { schema, property, kind, cost }
                }));
            }
        }
        Ok(Self {
            surface,
            trimmed,
            sha256: source.sha256(),
            paths: (paths.len(), source.paths().count()),
            operations: (surface.upstream().count(), source.operations()),
            schemas: (trimmed.pulled_in_by.len(), source.count("schemas")),
            uncut: (trim::uncut(source, kept(), false), trim::uncut(source, kept(), true)),
            used: None,
            cuts,
        })
    }

    /// Adds what came out, to be held against the budget.
    #[must_use]
    pub fn used(mut self, used: Used) -> Self {
        self.used = Some(used);
        self
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = format!("Receipt of the trim, {MARK} trim`. DO NOT EDIT.\n\n");
        let _ = writeln!(out, "upstream    sha256 {}", self.sha256);
        for (what, (kept, offered)) in
            [("paths", self.paths), ("operations", self.operations), ("schemas", self.schemas)]
        {
            let _ = writeln!(out, "{what:<12}{kept} of {offered}");
        }
        let (uncut, derived) = self.uncut;
        let _ =
            writeln!(out, "{:<12}{uncut} schemas, and {derived} with the types derived from them", "uncut");
        out.push_str(&budget::lines(&self.surface.budget, self.used));
        self.write_costliest(&mut out);
        let _ = writeln!(out, "\n{:<40}pulled in by", "kept schema");
        for name in self.trimmed.pulled_in_by.keys() {
            let way: Vec<_> =
                self.way(name).into_iter().map(|name| escape::line(names::short(name))).collect();
            let _ = writeln!(out, "{:<40}{}", escape::line(names::short(name)), way.join(" < "));
        }
        self.write_cuts(&mut out);
        out
    }

    fn write_costliest(&self, out: &mut String) {
        let costliest = self.costliest();
        if !costliest.is_empty() {
            let _ = writeln!(out, "\n{:<40}further schemas", "the cuts that saved most");
        }
        for cut in costliest {
            let place = escape::line(&format!("{}.{}", names::short(cut.schema), cut.property));
            let _ = writeln!(out, "{place:<40}{}", cut.cost);
        }
    }

    fn write_cuts(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "\nwhat was cut, by schema (N: navigation, S: structural; +: further schemas that it would pull in)"
        );
        let mut lines: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
        for cut in &self.cuts {
            let cost = if cut.cost > 0 { format!("+{}", cut.cost) } else { String::new() };
            let line = lines.entry((cut.schema, cut.kind)).or_default();
            line.push(format!("{}{cost}", escape::line(cut.property)));
        }
        for ((schema, kind), cut) in lines {
            let initial = if kind == "navigation" { "N" } else { "S" };
            let _ = writeln!(
                out,
                "{} {initial} {}: {}",
                escape::line(names::short(schema)),
                cut.len(),
                cut.join(" ")
            );
        }
    }

    /// For machines.
    pub fn json(&self) -> String {
        let of = |(kept, offered): (usize, usize)| json!({ "kept": kept, "of": offered });
        let pulled = self.trimmed.pulled_in_by.keys().map(|name| (name.clone(), json!(self.way(name))));
        let mut cuts = json!({});
        for cut in &self.cuts {
            cuts[cut.schema][cut.kind][cut.property] = cut.cost.into();
        }
        let receipt = json!({
            "@": format!("{MARK} trim`. DO NOT EDIT."),
            "upstream": { "sha256": self.sha256 },
            "paths": of(self.paths),
            "operations": of(self.operations),
            "schemas": of(self.schemas),
            "uncut": { "schemas": self.uncut.0, "with_derived_types": self.uncut.1 },
            "budget": budget::value(&self.surface.budget, self.used),
            "pulled_in_by": pulled.collect::<Map<_, _>>(),
            "cut": cuts,
        });
        format!("{receipt:#}\n")
    }

    /// What pulled in the schema `name`, what pulled in that, and so on up to an operation.
    fn way<'b>(&'b self, name: &'b str) -> Vec<&'b str> {
        let mut way: Vec<&str> = Vec::new();
        let mut at = name;
        while let Some(referrer) =
            self.trimmed.pulled_in_by.get(at).filter(|next| !way.contains(&next.as_str()))
        {
            way.push(referrer);
            at = referrer;
        }
        way
    }

    fn costliest(&self) -> Vec<&CutProperty<'_>> {
        let mut cuts: Vec<_> = self.cuts.iter().filter(|cut| cut.cost > 0).collect();
        cuts.sort_by_key(|cut| (std::cmp::Reverse(cut.cost), cut.schema, cut.property));
        cuts.truncate(COSTLIEST);
        cuts
    }
}
