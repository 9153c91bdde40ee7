//! Trims Microsoft Graph's OpenAPI document and generates models and a raw client from what is left.
//!
//! Five steps, each a pure function with its artefact: [`source`] reads, [`trim`] keeps what `spec/surface.toml` names,
//! [`overlay`] corrects, [`lower`] simplifies to what progenitor gets right, [`emit`] writes Rust.

mod budget;
pub mod diff;
pub mod docs;
pub mod emit;
pub mod escape;
pub mod limits;
pub mod lock;
pub mod lower;
pub mod names;
mod near;
pub mod output;
pub mod overlay;
pub mod permissions;
pub mod problem;
pub mod receipt;
pub mod scopes;
pub mod slice;
pub mod source;
pub mod surface;
pub mod trim;
pub mod update;
pub mod versions;
pub mod workspace;
pub mod yaml;

use problem::Problem;
use serde::de::DeserializeOwned;

/// Reads TOML in the form of `form` that came from `file`; a fault names its line.
fn parse_toml<T: DeserializeOwned>(file: &str, text: &str, form: &str) -> problem::Result<T> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        // serde names what is unknown first, and then what it knows.
        let mut words = error.message().split('`').skip(1).step_by(2);
        let unknown = words.next().filter(|_| error.message().starts_with("unknown "));
        let otherwise = format!("write it in the form of {form}");
        let help = unknown.map_or(otherwise.clone(), |unknown| near::help(unknown, words, otherwise));
        Problem::at(format!("{file}:{line}"), error.message()).help(help)
    })
}
