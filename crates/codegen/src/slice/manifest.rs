//! The manifest of a crate of one's own, and the version in it, which is its owner's.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use semver::Version;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::{DEPENDENCIES, Slice, marked};
use crate::escape;
use crate::output;
use crate::problem::{Problem, Result};
use crate::surface::pattern::matches_path;

pub(super) const FILE: &str = "Cargo.toml";
/// The version of a crate that is generated for the first time.
const VERSION: &str = "0.1.0";

/// What counts of a manifest that is there.
#[derive(Deserialize)]
struct Manifest {
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    version: Option<Spanned<Value>>,
}

/// The version of the manifest `text`, and where it stands there, quotes included.
fn version_in(text: &str) -> std::result::Result<Option<(Value, Range<usize>)>, toml::de::Error> {
    let manifest: Manifest = toml::from_str(text)?;
    let version = manifest.package.and_then(|package| package.version);
    Ok(version.map(|version| (version.get_ref().clone(), version.span())))
}

/// The manifest `text` without its version, by which manifests are the same that differ in nothing else.
pub(super) fn without_version(text: &str) -> String {
    let mut rest = text.to_owned();
    if let Ok(Some((_, span))) = version_in(text) {
        rest.replace_range(span, "");
    }
    rest
}

impl Slice {
    /// The version that the crate has, which is its owner's to choose.
    pub(super) fn version(&self) -> Result<String> {
        let file = self.out.join(FILE);
        // Of a manifest that nobody generated nothing is kept: it is refused when it would be written over.
        if !output::is_generated(&file) {
            return Ok(VERSION.to_owned());
        }
        let text = fs::read_to_string(&file).map_err(|error| Problem::at(file.display(), error))?;
        let refused = |at: usize, what: String| {
            let line = text[..at].matches('\n').count() + 1;
            Problem::at(format!("{}:{line}", file.display()), what).help(
                "the version there is yours and is kept: write three numbers, such as `version = \"1.2.0\"`",
            )
        };
        let found = version_in(&text).map_err(|error| {
            refused(
                error.span().map_or(0, |span| span.start),
                format!("this is no manifest: {}", error.message()),
            )
        })?;
        match found {
            None => Ok(VERSION.to_owned()),
            Some((Value::String(version), span)) => match Version::parse(&version) {
                Ok(_) => Ok(version),
                Err(error) => {
                    Err(refused(span.start, format!("`{version}` is no version of a crate: {error}")))
                }
            },
            Some((other, span)) => Err(refused(span.start, format!("`version` is no text: {other}"))),
        }
    }

    /// The manifest's text.
    pub(super) fn manifest(&self, name: &str) -> Result<String> {
        let version = self.version()?;
        let mut text = marked("");
        let _ = write!(
            text,
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\nrust-version = \"{}\"\n\
             publish = false\n\n\
             [features]\n# Implements `schemars::JsonSchema` for every model.\n\
             schemars = [\"dep:schemars\", \"graph-runtime/schemars\"]\n\n\
             [dependencies]\n{}\n",
            env!("CARGO_PKG_RUST_VERSION"),
            self.runtime(),
        );
        for line in DEPENDENCIES {
            let _ = writeln!(text, "{line}");
        }
        if self.is_inside_a_workspace_of_others() {
            text.push_str(
                "\n# It is a workspace of its own, as the one around it does not name it.\n[workspace]\n",
            );
        }
        Ok(text)
    }

    /// By path where the generator runs from a checkout, by version otherwise.
    fn runtime(&self) -> String {
        let runtime = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../graph-runtime"));
        match runtime.canonicalize() {
            Ok(runtime) if runtime.join("Cargo.toml").is_file() => {
                let path = relative(&self.out, &runtime);
                format!(
                    "graph-runtime = {{ path = {} }}",
                    escape::toml(&path.to_string_lossy().replace('\\', "/"))
                )
            }
            _ => format!("graph-runtime = \"{}\"", env!("CARGO_PKG_VERSION")),
        }
    }

    /// Cargo refuses a package below a workspace that is neither a member nor a workspace itself.
    fn is_inside_a_workspace_of_others(&self) -> bool {
        let out = std::path::absolute(&self.out).unwrap_or_else(|_| self.out.clone());
        for folder in out.ancestors().skip(1) {
            let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else { continue };
            let Ok(manifest) = toml::from_str::<toml::Table>(&manifest) else { continue };
            let Some(workspace) = manifest.get("workspace") else { continue };
            let path = out.strip_prefix(folder).unwrap_or(&out).to_string_lossy().replace('\\', "/");
            let named = |key: &str| {
                let entries = workspace.get(key).and_then(toml::Value::as_array).into_iter().flatten();
                entries.filter_map(toml::Value::as_str).any(|pattern| matches_path(pattern, &path))
            };
            return named("exclude") || !named("members");
        }
        false
    }
}

/// The way from the folder `from` to `to`, which is absolute; absolute where they have nothing in common.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let absolute = std::path::absolute(from).unwrap_or_else(|_| from.to_owned());
    let from = existing(&absolute);
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    if common <= 1 {
        return to.to_owned();
    }
    let up = from.components().skip(common).map(|_| "..");
    up.map(PathBuf::from)
        .chain(to.components().skip(common).map(|part| PathBuf::from(part.as_os_str())))
        .collect()
}

/// `path` with the links in its existing part resolved.
fn existing(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            return real.join(path.strip_prefix(ancestor).unwrap_or(path));
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_runtime_is_short_where_there_is_one() {
        assert_eq!(relative(Path::new("/a/b/slice"), Path::new("/a/runtime")), Path::new("../../runtime"));
        assert_eq!(relative(Path::new("/x/slice"), Path::new("/a/runtime")), Path::new("/a/runtime"));
    }

    #[test]
    fn a_slice_has_the_dependencies_of_this_workspace() {
        let workspace = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml")).unwrap();
        let workspace: toml::Table = toml::from_str(&workspace).unwrap();
        for line in DEPENDENCIES {
            let (name, own) = toml::from_str::<toml::Table>(line).unwrap().into_iter().next().unwrap();
            let version = |value: &toml::Value| value.get("version").unwrap_or(value).clone();
            assert_eq!(version(&own), version(&workspace["workspace"]["dependencies"][&name]), "{name}");
        }
    }
}
