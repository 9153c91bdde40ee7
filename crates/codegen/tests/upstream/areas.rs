//! Whole areas of Microsoft's own documents, all operations at once, through every step.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use codegen::limits::Limits;
use codegen::source::Source;
use codegen::surface::Surface;
use codegen::{emit, lower, trim};

use crate::{folder, source};

/// Areas of the one large document, and all of it; of the small ones, everything is taken. What a part lacks makes other names and
/// other cuts than the whole has.
const AREAS: [&str; 10] = [
    "/groups",
    "/communities",
    "/employeeExperience",
    "/planner",
    "/me",
    "/teams",
    "/sites",
    "/deviceManagement",
    "/education",
    "/",
];

/// Documents larger than this are taken area by area.
const LARGE: u64 = 8_000_000;

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A surface of every operation at or below `area`; none if the document has none there.
fn surface_of(source: &Source, area: &str) -> Option<String> {
    let below = format!("{}/", area.trim_end_matches('/'));
    let area = area.trim_end_matches('/');
    source
        .paths()
        .any(|path| path == area || path.starts_with(&below))
        .then(|| format!("[[keep]]\npath = '{area}/**'\n"))
}

/// What is wrong with the files that are generated for an area; nothing, if all is well.
fn faults(source: &Source, surface: &str) -> Result<String, String> {
    let surface = Surface::read("surface.toml", surface, source).map_err(|problems| problems.to_string())?;
    let limits = Limits::read("limits.toml", "", &surface).map_err(|problems| problems.to_string())?;
    let slice = trim::trim(source, &surface).map_err(|problems| problems.to_string())?.document;
    let lowered = lower::lower(&slice, &surface).map_err(|problems| problems.to_string())?;
    let files = emit::emit(&lowered, &surface, &limits).map_err(|problem| problem.to_string())?;
    if let Some(at) = files["client.rs"].find("types::") {
        return Err(format!("the client names a type of its own: {}", &files["client.rs"][at..][..60]));
    }
    let (signatures, _) = files["client.rs"].rsplit_once("-> Sending<").unwrap_or_default();
    let name = |signature: &'_ str| {
        let (_, rest) = signature.rsplit_once("pub fn ")?;
        rest.split(['<', '(']).next().map(str::to_owned)
    };
    let methods: BTreeSet<_> = signatures.split("-> Sending<").filter_map(name).collect();
    if methods.len() != surface.operations.len() {
        return Err(format!("{} operations have {} methods", surface.operations.len(), methods.len()));
    }
    Ok(format!("{} operations, {} files", surface.operations.len(), files.len()))
}

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn every_area_of_every_document_is_generated() {
    let folder = folder();
    let only = std::env::var("GRAPH_UPSTREAM_AREA").ok();
    let sources: Vec<_> = documents(&folder).iter().map(|file| read(&folder, file)).collect();
    let wanted = |area: &&str| only.as_ref().is_none_or(|only| only == area);
    let areas = sources.iter().flat_map(|(name, source, areas)| {
        areas.iter().copied().filter(wanted).map(move |area| (name.as_str(), *source, area))
    });
    // The last of each document is all of it, which takes longest.
    let areas: Vec<_> = areas.rev().collect();
    let (generated, refused) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((name, source, area)) = areas.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(surface) = surface_of(source, area) else { continue };
            match faults(source, &surface) {
                Ok(summary) => {
                    println!("{name} {area}: {summary}");
                    generated.fetch_add(1, Ordering::Relaxed);
                }
                Err(why) => {
                    let why = why.lines().take(30).collect::<Vec<_>>().join("\n");
                    println!("{name} {area}: REFUSED\n{why}");
                    refused.lock().unwrap().push(format!("{name} {area}"));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let refused = refused.into_inner().unwrap();
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(generated.into_inner() > 0, "{} has no document with any of the areas", folder.display());
}

/// A document by its name below `folder`, and its areas.
fn read(folder: &Path, file: &Path) -> (String, &'static Source, &'static [&'static str]) {
    let name = file.strip_prefix(folder).unwrap().display().to_string();
    let is_large = std::fs::metadata(file).unwrap().len() > LARGE;
    (name.clone(), source(&name), if is_large { &AREAS[..] } else { &["/"] })
}
