//! `cargo codegen`: from Microsoft Graph's OpenAPI document to typed models and a raw client.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use codegen::problem::Problems;
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
    /// Write everything that follows from what is committed under spec/, offline.
    Generate,
    /// Print the least privileged permissions that these operations need.
    Scopes {
        /// Ids of operations, such as `communities.create`.
        #[arg(required = true, value_name = "OPERATION")]
        operations: Vec<String>,
    },
    /// Fail with a diff if `generate` would change anything.
    Check,
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
    let start = arguments.workspace.map_or_else(std::env::current_dir, Ok);
    let start = start.map_err(|error| codegen::problem::Problem::at("the current folder", error))?;
    let workspace = Workspace::around(&start)?;
    match arguments.command {
        Command::Trim { upstream } => {
            report(&workspace.write(&workspace.trim(&upstream)?)?);
            println!("next: cargo codegen generate");
        }
        Command::Generate => report(&workspace.write(&workspace.generate()?)?),
        Command::Scopes { operations } => print!("{}", workspace.scopes(&operations)?),
        Command::Check => {
            let diff = workspace.diff(&workspace.generate()?)?;
            if !diff.is_empty() {
                print!("{diff}");
                eprintln!(
                    "error: what is committed is not what would be generated\n  help: cargo codegen generate"
                );
                return Ok(ExitCode::FAILURE);
            }
            println!("what is committed is what would be generated");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn report(changed: &[String]) {
    match changed {
        [] => println!("nothing changed"),
        changed => changed.iter().for_each(|path| println!("wrote {path}")),
    }
}
