//! `cargo codegen`: from Microsoft Graph's OpenAPI document to typed models and a raw client.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use codegen::diff::{self, Class};
use codegen::problem::{Problem, Problems};
use codegen::slice::Slice;
use codegen::source::Source;
use codegen::workspace::Workspace;

/// Trims Microsoft Graph's OpenAPI document and generates graph-models from it.
#[derive(Parser)]
#[command(name = "cargo codegen", bin_name = "cargo codegen")]
struct Arguments {
    /// The checkout to work on; by default the one around the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    workspace: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Cut the upstream document down to spec/surface.toml; write the slice, the contract and a receipt.
    Trim {
        /// The upstream OpenAPI document that spec/upstream.toml names.
        #[arg(long, value_name = "FILE")]
        upstream: PathBuf,
    },
    /// Write everything that follows from what is committed under spec/, offline; with --surface, --upstream and
    /// --out, a crate of its own.
    Generate(SliceArguments),
    /// Print the least privileged permissions that these operations need.
    Scopes {
        /// Ids of operations, such as `communities.create`.
        #[arg(required = true, value_name = "OPERATION")]
        operations: Vec<String>,
    },
    /// Fail with a diff if `generate` would change anything.
    Check(SliceArguments),
    /// Say what changed between two OpenAPI documents, and what it means for the generated API.
    Diff(DiffArguments),
}

/// Two documents, and how their differences are told.
#[derive(Args)]
struct DiffArguments {
    /// The older document, or the only one: the newer one is then held against what is committed, as far as
    /// spec/surface.toml keeps it.
    #[arg(value_name = "OLD")]
    first: PathBuf,
    /// The newer document.
    #[arg(value_name = "NEW")]
    second: Option<PathBuf>,
    /// Only paths that match, and what they lead to: `/groups/**`. May be given several times.
    #[arg(long = "path", value_name = "PATTERN", requires = "second")]
    paths: Vec<String>,
    /// Only what this surface keeps.
    #[arg(long, value_name = "FILE", requires = "second", conflicts_with = "paths")]
    surface: Option<PathBuf>,
    /// What to write.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where to write it; by default to the standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Tell also what no program can see.
    #[arg(long)]
    all: bool,
    /// Exit with 1 if there are differences that a program can see.
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For a changelog.
    Markdown,
    /// For machines.
    Json,
    /// One page for a browser.
    Html,
}

impl DiffArguments {
    fn run(self, workspace: impl FnOnce() -> Result<Workspace, Problem>) -> Result<ExitCode, Problems> {
        let diff = match (&self.second, &self.surface) {
            (None, _) => workspace()?.upstream_diff(&self.first)?,
            (Some(new), Some(surface)) => diff::of_surface(&self.first, new, surface)?,
            (Some(new), None) => {
                diff::compare(&Source::open(&self.first)?, &Source::open(new)?, &self.paths)?
            }
        };
        let report = match self.format {
            Format::Text => {
                let colour = self.out.is_none() && std::io::stdout().is_terminal();
                diff::report::text(&diff, colour && std::env::var_os("NO_COLOR").is_none(), self.all)
            }
            Format::Markdown => diff::report::markdown(&diff),
            Format::Json => diff::report::json(&diff),
            Format::Html => diff::report::html(&diff),
        };
        match self.out {
            Some(file) => {
                std::fs::write(&file, report).map_err(|error| Problem::at(file.display(), error))?;
            }
            None => print!("{report}"),
        }
        let differs = diff.class().is_some_and(|class| class < Class::Patch);
        Ok(if self.exit_code && differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// A crate of one's own instead of the project's.
#[derive(Args)]
struct SliceArguments {
    /// What is kept: `[[keep]]` tables with a `path` (`*` and `**` are wildcards) and optional `methods` and `id`.
    #[arg(long, value_name = "FILE", requires_all = ["upstream", "out"])]
    surface: Option<PathBuf>,
    /// The OpenAPI document to cut from.
    #[arg(long, value_name = "FILE", requires_all = ["surface", "out"])]
    upstream: Option<PathBuf>,
    /// The folder of the crate; everything in it is the generator's.
    #[arg(long, value_name = "DIR", requires_all = ["surface", "upstream"])]
    out: Option<PathBuf>,
    /// The crate's name; by default that of its folder.
    #[arg(long, requires = "out")]
    name: Option<String>,
    /// Corrections, in the form of spec/overlay.toml.
    #[arg(long, value_name = "FILE", requires = "out")]
    overlay: Option<PathBuf>,
    /// Descriptions, in the form of spec/docs.yaml.
    #[arg(long, value_name = "FILE", requires = "out")]
    docs: Option<PathBuf>,
    /// Request quotas, in the form of spec/limits.toml.
    #[arg(long, value_name = "FILE", requires = "out")]
    limits: Option<PathBuf>,
}

impl SliceArguments {
    fn slice(self) -> Option<Slice> {
        let Self { surface, upstream, out, name, overlay, docs, limits } = self;
        Some(Slice { surface: surface?, upstream: upstream?, out: out?, name, overlay, docs, limits })
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Problems> {
    let folder = arguments.workspace;
    let workspace = || {
        let start = folder.map_or_else(std::env::current_dir, Ok);
        Workspace::around(&start.map_err(|error| Problem::at("the current folder", error))?)
    };
    match arguments.command {
        Command::Trim { upstream } => {
            let workspace = workspace()?;
            report(&workspace.write(&workspace.trim(&upstream)?)?);
            println!("next: cargo codegen generate");
        }
        Command::Generate(slice) => match slice.slice() {
            Some(slice) => report(&slice.write(&slice.generate()?)?),
            None => {
                let workspace = workspace()?;
                report(&workspace.write(&workspace.generate()?)?);
            }
        },
        Command::Diff(arguments) => return arguments.run(workspace),
        Command::Scopes { operations } => print!("{}", workspace()?.scopes(&operations)?),
        Command::Check(slice) => {
            let diff = match slice.slice() {
                Some(slice) => slice.diff(&slice.generate()?)?,
                None => {
                    let workspace = workspace()?;
                    workspace.diff(&workspace.generate()?)?
                }
            };
            return Ok(verdict(&diff));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn verdict(diff: &str) -> ExitCode {
    if diff.is_empty() {
        println!("what is committed is what would be generated");
        return ExitCode::SUCCESS;
    }
    print!("{diff}");
    eprintln!("error: what is committed is not what would be generated\n  help: cargo codegen generate");
    ExitCode::FAILURE
}

fn report(changed: &[String]) {
    match changed {
        [] => println!("nothing changed"),
        changed => changed.iter().for_each(|path| println!("wrote {path}")),
    }
}
