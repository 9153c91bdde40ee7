//! Runs the steps on documents small enough to read.

#![allow(dead_code, unused_macros, reason = "each of the two binaries uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use codegen::emit;
use codegen::limits::Limits;
use codegen::lower;
use codegen::overlay::Overlay;
use codegen::problem::Problems;
use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;

pub(crate) mod checkout;

/// The document is in the test; the snapshot need not repeat it.
#[allow(unused_macros, reason = "no test needs all of it")]
macro_rules! snapshot {
    ($generated:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($generated) })
    };
}
#[allow(unused_imports, reason = "no test needs all of it")]
pub(crate) use snapshot;

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
    Overlay::read("overlay.toml", overlay)?.apply(&mut contract, &surface)?;
    let lowered = lower::lower(&contract, &surface)?;
    let limits = Limits::read("limits.toml", "", &surface)?;
    Ok(emit::emit(&lowered, &surface, &limits)?)
}

/// The generated models of a document with these schemas.
pub(crate) fn models(schemas: &str, surface: &str) -> String {
    let files = generated(&document(GET_THING, schemas), &format!("{KEEP_THING}{surface}"), "");
    let files = files.unwrap_or_else(|problems| panic!("{problems}"));
    let models = files.into_iter().filter(|(path, _)| path.starts_with("models/"));
    models.map(|(path, text)| format!("// {path}\n{text}\n")).collect::<Vec<_>>().concat()
}

/// The raw client's methods for a document with these paths, beside `microsoft.graph.thing`.
pub(crate) fn client(paths: &str, surface: &str) -> String {
    let schemas = "    microsoft.graph.thing: {type: object, properties: {id: {type: string}}}";
    let files =
        generated(&document(paths, schemas), surface, "").unwrap_or_else(|problems| panic!("{problems}"));
    let client = &files["client.rs"];
    client[client.find("impl Client {\n    /**").or(client.find("    /**")).unwrap()..].to_owned()
}

/// The properties of generated models, one a line: what a test of names and types looks at.
pub(crate) fn fields(schemas: &str) -> String {
    let models = models(schemas, "");
    let lines = models.lines().map(str::trim_end).filter(|line| {
        let declares =
            ["// models/", "pub struct", "pub enum", "use "].iter().any(|start| line.starts_with(start));
        let row = line.trim_start().split_once([':', '=']).is_some() && line.ends_with("\",");
        declares || row || line.starts_with("    pub ") && !line.contains("extra: Extra")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What one operation at `/things` takes and gives, as the raw client and the operation table have it.
pub(crate) fn signature(method: &str, operation: &str) -> String {
    signature_at("/things", method, operation)
}

/// The same at another path.
pub(crate) fn signature_at(path: &str, method: &str, operation: &str) -> String {
    let indented = operation.lines().map(|line| format!("      {line}\n")).collect::<Vec<_>>().concat();
    let paths = format!("  \"{path}\":\n    {method}:\n{indented}");
    let surface = format!("[[keep]]\nid = 'things.call'\nmethod = '{method}'\npath = \"{path}\"\n");
    let schemas = "    microsoft.graph.thing: {type: object, properties: {id: {type: string}}}
    microsoft.graph.other: {type: object, properties: {name: {type: string}}}
    microsoft.graph.level: {type: string, enum: [low, high]}
    ODataError: {type: object, properties: {error: {type: string}}}";
    let files = match generated(&document(&paths, schemas), &surface, "") {
        Ok(files) => files,
        Err(problems) => return problems.to_string(),
    };
    let client = &files["client.rs"];
    let from = client.find("pub fn things_call").unwrap();
    let to = client[from..].find(" {\n").unwrap();
    let table = files["operations.rs"]
        .lines()
        .filter(|line| line.contains(".success(") || line.contains(".media_type("));
    let url = client.lines().filter(|line| line.contains("\"{}/"));
    let rest: Vec<_> = table.chain(url).map(str::trim).collect();
    format!("{}\n{}", &client[from..from + to], rest.join("\n"))
}

/// What a program printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs the command in `folder`, with arguments as they are typed.
pub(crate) fn codegen(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codegen"));
    command.args(arguments.split_whitespace()).current_dir(folder).output().unwrap()
}

/// What a command that succeeds prints.
pub(crate) fn told(folder: &Path, arguments: &str) -> String {
    let output = codegen(folder, arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// Compiles the crate in `folder` with the versions of this workspace, warnings denied; gives what the compiler says.
pub(crate) fn compile(folder: &Path) -> Result<(), String> {
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["check", "--quiet", "--all-features"])
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("slices"))
        .env("RUSTFLAGS", "-D warnings")
        .current_dir(folder);
    let output = cargo.output().unwrap();
    if output.status.success() { Ok(()) } else { Err(text(&output.stderr)) }
}

/// Every file below `folder` with its content; of what a build leaves, nothing.
pub(crate) fn content(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for path in fs::read_dir(inner).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}
