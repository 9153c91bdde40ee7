//! Makes the members of a group those of a list.
//!
//! ```text
//! cargo run -p graph-facade --example sync_membership
//! ```
//!
//! Without arguments it runs against the embedded Graph, with a list of its own. With `GRAPH_TOKEN` set to a token, or with
//! `--features azure-identity` and `-- --tenant … --client-id …`, it runs in a real tenant, and needs `--group` and `--list`. There
//! it only shows what it would do, until `--apply` is given. With `--checkpoint FILE`, a run that was stopped is gone on with.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use clap::Parser;
use graph_facade::{Client, Reconcile, ReconcileCheckpoint, ReconcileUpdate};
use graph_sim::Sim;

#[path = "../common/stage.rs"]
mod stage;

use stage::{Stage, Tenant};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What the embedded Graph is asked for.
const SAMPLE: &str = include_str!("people.txt");

/// Makes the members of a group those of a list.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// The group, by its id.
    #[arg(long)]
    group: Option<String>,
    /// A file with one user a line, by id or principal name; lines that begin with # are for people.
    #[arg(long)]
    list: Option<PathBuf>,
    /// Does it, instead of only saying what would be done.
    #[arg(long)]
    apply: bool,
    /// Removes nobody.
    #[arg(long)]
    additions_only: bool,
    /// Does nothing if more users than this would be removed.
    #[arg(long, default_value_t = 100)]
    removal_limit: usize,
    /// Where to keep what a later run needs, should this one be stopped.
    #[arg(long)]
    checkpoint: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome {
    let stage = Stage::choose(&arguments.tenant)?;
    stage.runtime()?.block_on(sync(&stage, arguments))
}

async fn sync(stage: &Stage, arguments: &Arguments) -> Outcome {
    let sim = stage.is_embedded().then(embedded);
    let client = stage.connect(sim.as_ref()).build()?;
    let task = match unfinished(arguments)? {
        Some(checkpoint) => {
            println!("Goes on with what was left unfinished for {}.", checkpoint.group());
            client.groups().resume_reconcile(&checkpoint)
        }
        None => begin(&client, sim.as_ref(), arguments).await?,
    };
    println!("{:#}", task.clone().plan().await?);
    if arguments.apply || stage.is_embedded() {
        apply(task, arguments).await
    } else {
        println!("Nothing was changed: add --apply.");
        Ok(())
    }
}

/// A tenant of five, of whom two are in the group.
fn embedded() -> Sim {
    println!("The embedded Graph. Nothing leaves this machine.");
    Sim::builder().group("Pilots", ["ada", "howard"]).user("grace").user("joan").user("edith").build()
}

/// What an earlier run left, if it was stopped.
fn unfinished(arguments: &Arguments) -> Outcome<Option<ReconcileCheckpoint>> {
    let Some(path) = &arguments.checkpoint else { return Ok(None) };
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.parse()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn begin(client: &Client, sim: Option<&Sim>, arguments: &Arguments) -> Outcome<Reconcile> {
    let group = match (&arguments.group, sim) {
        (Some(group), _) => group.clone(),
        (None, Some(sim)) => sim.group_id("Pilots").ok_or("the group is gone")?,
        (None, None) => return Err("name the group: --group ID".into()),
    };
    let list = match (&arguments.list, sim) {
        (Some(path), _) => fs::read_to_string(path)?,
        (None, Some(_)) => SAMPLE.to_owned(),
        (None, None) => return Err("name the list: --list FILE".into()),
    };
    let members = client.groups().members(&group);
    let task = members.reconcile(ids(client, &list).await?).removal_limit(arguments.removal_limit);
    Ok(if arguments.additions_only { task.additions_only() } else { task })
}

/// The ids of everybody on the list; principal names are looked up, many to a request.
async fn ids(client: &Client, list: &str) -> Outcome<Vec<String>> {
    let lines: Vec<&str> =
        list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut batch = client.batch();
    let names = lines.iter().filter(|line| line.contains('@'));
    let calls: Vec<_> =
        names.map(|name| (*name, batch.add(client.users().get(*name).select(["id"])))).collect();
    let answers = batch.send().await?;
    let mut found = BTreeMap::new();
    for (name, call) in calls {
        let user = answers.take(call).map_err(|error| format!("{name}: {error}"))?;
        found.insert(name, user.id.ok_or_else(|| format!("{name} has no id"))?);
    }
    Ok(lines.iter().map(|line| found.get(line).cloned().unwrap_or_else(|| (*line).to_owned())).collect())
}

async fn apply(task: Reconcile, arguments: &Arguments) -> Outcome {
    let mut running = task.start();
    let mut failed = 0;
    keep(arguments, &running.checkpoint()?)?;
    while let Some(update) = running.advance().await? {
        println!("{update}");
        if let ReconcileUpdate::Done(outcomes) = update {
            keep(arguments, &running.checkpoint()?)?;
            for outcome in outcomes.iter().filter(|outcome| !outcome.is_success()) {
                println!("  {outcome}");
                failed += 1;
            }
        }
    }
    if let Some(path) = &arguments.checkpoint {
        fs::remove_file(path)?;
    }
    println!("Done: {} added, {} removed, {failed} failed.", running.added(), running.removed());
    Ok(())
}

fn keep(arguments: &Arguments, checkpoint: &ReconcileCheckpoint) -> io::Result<()> {
    arguments.checkpoint.as_ref().map_or(Ok(()), |path| fs::write(path, checkpoint.to_string()))
}
