//! Runs the steps on documents small enough to read.

#![allow(dead_code, reason = "no test file uses all of it")]

use codegen::emit;
use codegen::limits::Limits;
use codegen::lower;
use codegen::overlay::Overlay;
use codegen::problem::Problems;
use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;

/// A document around `paths` and `schemas`, both in YAML, indented by two and four spaces.
pub(crate) fn document(paths: &str, schemas: &str) -> String {
    format!("openapi: 3.0.4\ninfo: {{version: v1.0}}\npaths:\n{paths}\ncomponents:\n  schemas:\n{schemas}\n")
}

/// A path `/things/{thing-id}` whose GET answers with `microsoft.graph.thing`.
pub(crate) const GET_THING: &str = "
  /things/{thing-id}:
    parameters:
    - {name: thing-id, in: path, required: true, schema: {type: string}}
    get:
      responses:
        2XX: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
";

/// The surface that keeps [`GET_THING`].
pub(crate) const KEEP_THING: &str =
    "[[keep]]\nid = 'things.get'\nmethod = 'GET'\npath = '/things/{thing-id}'\n";

/// All files that are generated from `document`.
pub(crate) fn generated(document: &str, surface: &str, overlay: &str) -> Result<emit::Files, Problems> {
    let source = Source::read("upstream.yaml", document.to_owned())?;
    let surface = Surface::read("surface.toml", surface, &source)?;
    let mut contract = trim::trim(&source, &surface)?.document;
    Overlay::read("overlay.toml", overlay)?.apply(&mut contract)?;
    let lowered = lower::lower(&contract, &surface)?;
    let limits = Limits::read("limits.toml", "", &surface)?;
    Ok(emit::emit(&lowered, &surface, &limits)?)
}
