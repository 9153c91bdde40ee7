//! `cargo codegen`: from Microsoft Graph's OpenAPI document to typed models and a raw client.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use codegen::problem::{Problem, Problems};
use codegen::slice::Slice;
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
