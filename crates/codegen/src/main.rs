//! `cargo codegen`: from Microsoft Graph's OpenAPI document to typed models and a raw client.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use codegen::diff::{self, Class, Diff};
use codegen::escape;
use codegen::output::Outputs;
use codegen::problem::{Problem, Problems, read_named};
use codegen::scopes;
use codegen::slice::Slice;
use codegen::source::Source;
use codegen::update::Update;
use codegen::workspace::{Named, News, Workspace};

mod arguments;
use arguments::{
    Arguments, Command, DiffArguments, Format, ScopesArguments, SliceArguments, UpdateArguments,
};

/// The exit code where something has to be mended first; nothing was written.
const REFUSED: u8 = 2;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::from(REFUSED)
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Problems> {
    let folder = arguments.workspace;
    let workspace = || {
        let start = folder.map_or_else(std::env::current_dir, Ok);
        let workspace = Workspace::around(&start.map_err(|error| Problem::at("the current folder", error))?)?;
        tell(workspace.recover()?);
        Ok(workspace)
    };
    match arguments.command {
        Command::Trim { upstream, permissions } => {
            let workspace = workspace()?;
            let files = News { document: upstream.as_deref(), permissions: permissions.as_deref() };
            report(&workspace.write(&workspace.trim(&files)?)?);
            println!("next: cargo codegen generate");
        }
        Command::Generate { upstream, permissions, overwrite, slice } => match slice_of(slice, upstream)? {
            Some(slice) => {
                let slice = Slice { permissions, overwrite, ..slice };
                let outputs = slice.generate()?;
                let proposal = slice.proposal(&outputs)?;
                report(&slice.write(&outputs)?);
                print!("{}", proposal.unwrap_or_default());
            }
            None => {
                let workspace = workspace()?;
                let outputs = workspace.generate()?;
                let proposal = workspace.proposal(&outputs)?;
                report(&workspace.write(&outputs)?);
                print!("{}", proposal.unwrap_or_default());
            }
        },
        Command::Update(arguments) => return update(arguments, workspace),
        Command::Diff(arguments) => return print_diff(&arguments, workspace),
        Command::Scopes(arguments) => {
            print!("{}", escape::terminal(&scopes_of(&arguments, workspace)?));
        }
        Command::Check { upstream, permissions, slice } => {
            let diff = match (slice_of(slice, upstream.clone())?, upstream) {
                (Some(slice), _) => {
                    let slice = Slice { permissions, ..slice };
                    slice.diff(&slice.generate()?)?
                }
                (None, upstream) => {
                    let workspace = workspace()?;
                    let files = News { document: upstream.as_deref(), permissions: permissions.as_deref() };
                    workspace.diff(&workspace.generate_from(&files)?)?
                }
            };
            return Ok(verdict(&diff));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The crate of one's own that is meant, if one is, as it was before anything was interrupted.
fn slice_of(arguments: SliceArguments, upstream: Option<PathBuf>) -> Result<Option<Slice>, Problem> {
    let slice = arguments.of(upstream);
    if let Some(slice) = &slice {
        tell(slice.recover()?);
    }
    Ok(slice)
}

fn tell(undone: bool) {
    if undone {
        eprintln!("a command was interrupted here; what it had changed is undone");
    }
}

fn update(
    arguments: UpdateArguments,
    workspace: impl FnOnce() -> Result<Workspace, Problem>,
) -> Result<ExitCode, Problems> {
    let UpdateArguments { upstream, permissions, title, origin, dry_run, overwrite, slice } = arguments;
    if let Some(slice) = slice_of(slice, upstream.clone())? {
        let slice = Slice { permissions, overwrite, ..slice };
        return finish(slice.update()?, dry_run, |outputs| slice.write(outputs));
    }
    let workspace = workspace()?;
    let news = News { document: upstream.as_deref(), permissions: permissions.as_deref() };
    let update = workspace.update(&news, &Named { title, origin })?;
    finish(update, dry_run, |outputs| workspace.write(outputs))
}

fn finish(
    update: Update,
    dry_run: bool,
    write: impl FnOnce(&Outputs) -> Result<Vec<String>, Problem>,
) -> Result<ExitCode, Problems> {
    println!("{}", escape::terminal(&update.report));
    let Some(outputs) = update.outputs else { return Ok(ExitCode::from(REFUSED)) };
    if dry_run {
        println!("nothing was written: --dry-run");
    } else {
        report(&write(&outputs)?);
        println!("next: read the diff of what was written, and run the tests");
    }
    Ok(ExitCode::SUCCESS)
}

fn scopes_of(
    arguments: &ScopesArguments,
    workspace: impl FnOnce() -> Result<Workspace, Problem>,
) -> Result<String, Problems> {
    let ScopesArguments { operations, all, json } = arguments;
    let surface = workspace()?.permitted_surface()?;
    let chosen =
        if *all { surface.operations.iter().collect() } else { scopes::named(&surface, operations)? };
    Ok(match (json, all) {
        (true, _) => scopes::json(&chosen),
        (false, true) => scopes::table(&chosen),
        (false, false) => scopes::report(&chosen),
    })
}

fn print_diff(
    arguments: &DiffArguments,
    workspace: impl FnOnce() -> Result<Workspace, Problem>,
) -> Result<ExitCode, Problems> {
    let diff = diff_of(arguments, workspace)?;
    let report = match arguments.format {
        Format::Text => {
            let colour = arguments.out.is_none() && std::io::stdout().is_terminal();
            diff::report::text(&diff, colour && std::env::var_os("NO_COLOR").is_none(), arguments.all)
        }
        Format::Markdown => diff::report::markdown(&diff),
        Format::Json => diff::report::json(&diff),
        Format::Html => diff::report::html(&diff),
    };
    match &arguments.out {
        Some(file) => std::fs::write(file, report).map_err(|error| {
            Problem::at(file.display(), error)
                .help("give with --out a file that can be written, in a folder that is there")
        })?,
        None => print!("{report}"),
    }
    let differs = diff.class().is_some_and(|class| class < Class::Patch);
    Ok(if arguments.exit_code && differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn diff_of(
    arguments: &DiffArguments,
    workspace: impl FnOnce() -> Result<Workspace, Problem>,
) -> Result<Diff, Problems> {
    let DiffArguments { first, second, drift, paths, surface, permissions, .. } = arguments;
    let Some(first) = first.as_deref() else { return workspace()?.upstream_diff(None, permissions) };
    match (second, drift, surface) {
        (_, Some(drift), Some(surface)) => diff::drift::of_files(
            drift,
            first,
            &surface.display().to_string(),
            &read_named(surface, codegen::surface::FILE)?,
        ),
        (_, Some(drift), None) => workspace()?.drift_diff(drift, first),
        (Some(second), _, Some(surface)) => diff::of_surface(first, second, surface),
        (Some(second), _, None) => Ok(diff::compare(&Source::open(first)?, &Source::open(second)?, paths)?),
        (None, ..) => workspace()?.upstream_diff(Some(first), permissions),
    }
}

fn verdict(diff: &str) -> ExitCode {
    if diff.is_empty() {
        println!("what is committed is what would be generated");
        return ExitCode::SUCCESS;
    }
    print!("{}", escape::terminal(diff));
    eprintln!("error: what is committed is not what would be generated\n  help: cargo codegen generate");
    ExitCode::FAILURE
}

fn report(changed: &[String]) {
    match changed {
        [] => println!("nothing changed"),
        changed => changed.iter().for_each(|path| println!("wrote {}", escape::line(path))),
    }
}
