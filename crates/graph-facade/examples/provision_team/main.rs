//! A group becomes a place to work: members, a team, its settings, and the first conversation.
//!
//! ```text
//! cargo run -p graph-facade --example provision_team
//! ```
//!
//! Without arguments it runs against the embedded Graph, whose group takes two minutes to come through to Teams: nothing leaves
//! this machine, and since the clock is virtual, nothing takes time. With `GRAPH_TOKEN` set to a user's token, or with
//! `--features azure-identity` and `-- --tenant … --client-id …`, the same journey runs in a real tenant, at real speed; it
//! needs `--group` and `--member`. Conversations are for users: as an app by itself it goes no further than the team.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

#[path = "../common/mod.rs"]
mod common;
mod journey;

use common::{Stage, Tenant};

/// A group becomes a place to work, in the embedded Graph or in a real tenant.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// In a real tenant: the group, by id. It needs an owner.
    #[arg(long)]
    group: Option<String>,
    /// In a real tenant: the user who joins it, by id.
    #[arg(long)]
    member: Option<String>,
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

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let stage = Stage::choose(&arguments.tenant)?;
    let runtime = stage.runtime()?;
    runtime.block_on(journey::run(stage, arguments))
}
