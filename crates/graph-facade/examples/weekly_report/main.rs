//! Who joined which group and who left, and which groups are new or gone, since the last run.
//!
//! ```text
//! cargo run -p graph-facade --example weekly_report
//! ```
//!
//! Without arguments it runs against the embedded Graph, where a week goes by in no time. With `GRAPH_TOKEN` set to a token, or with
//! `--features azure-identity` and `-- --tenant … --client-id …`, it reports on a real tenant: the first run takes stock, and
//! each later one tells what has changed. What it has to remember is in the file that `--state` names.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{fs, io};

use clap::Parser;
use graph_facade::{Client, unified_group};
use graph_sim::Sim;

mod report;
#[path = "../common/stage.rs"]
mod stage;

use report::{Report, State};
use stage::{Stage, Tenant};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Reports what has changed among the groups since the last run.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// Where to keep what the next run needs.
    #[arg(long, default_value = "weekly_report.json")]
    state: PathBuf,
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
    let runtime = stage.runtime()?;
    if stage.is_embedded() {
        runtime.block_on(embedded(&stage))
    } else {
        runtime.block_on(tenant(&stage, &arguments.state))
    }
}

/// One run in a real tenant.
async fn tenant(stage: &Stage, path: &Path) -> Outcome {
    let client = stage.connect(None).build()?;
    let mut memory = match fs::read_to_string(path) {
        Ok(text) => State::read(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
        Err(error) => return Err(error.into()),
    };
    let report = Report::since(&client, &mut memory).await?;
    println!("{report}");
    // Only now: if the report was not made, the next run makes it.
    fs::write(path, memory.text()?)?;
    Ok(())
}

/// Two runs in the embedded Graph, and what happens in between.
async fn embedded(stage: &Stage) -> Outcome {
    println!("The embedded Graph. Nothing leaves this machine, and the clock is virtual.\n");
    let sim = Sim::builder()
        .group("Pilots", ["ada", "howard"])
        .group("Crew", ["ada"])
        .user("grace")
        .user("joan")
        .token_lifetime(2 * WEEK)
        .build();
    let client = stage.connect(Some(&sim)).build()?;
    let mut memory = State::default();
    println!("{}\n", Report::since(&client, &mut memory).await?);
    let saved = memory.text()?;

    week(&client, &sim).await?;
    let mut memory = State::read(&saved)?;
    println!("{}", Report::since(&client, &mut memory).await?);
    Ok(())
}

/// What happens in a week.
async fn week(client: &Client, sim: &Sim) -> Outcome {
    let id = |name: &str| sim.group_id(name).ok_or_else(|| format!("there is no group {name}"));
    let (groups, pilots) = (client.groups(), id("Pilots")?);
    groups.members(&pilots).add(sim.user_id("grace")).await?;
    groups.members(&pilots).remove(sim.user_id("howard")).await?;
    let new = unified_group("Navigators", "navigators").owner(sim.user_id("ada"));
    groups.create(new.member(sim.user_id("joan"))).await?;
    groups.delete(id("Crew")?).await?;
    // The delta token is good for no longer than that.
    tokio::time::sleep(WEEK.saturating_sub(Duration::from_secs(60))).await;
    Ok(())
}
