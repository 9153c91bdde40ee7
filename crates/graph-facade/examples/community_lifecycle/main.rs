//! The life of a community: created, waited for across a restart, filled with people, and deleted.
//!
//! ```text
//! cargo run -p graph-facade --example community_lifecycle
//! ```
//!
//! Without arguments it runs against the embedded Graph: nothing leaves this machine, and since the clock is virtual, nothing
//! takes time. With `GRAPH_TOKEN` set to a token, or with `--features azure-identity` and `-- --tenant … --client-id …`, the same
//! journey runs in a real tenant, at real speed; it needs `--owner` and `--member`.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

#[path = "../common/mod.rs"]
mod common;
mod journey;

use common::{Stage, Tenant};

/// The life of a community, in the embedded Graph or in a real tenant.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// In a real tenant: the user who owns the community, by id or user principal name.
    #[arg(long, default_value = "ada@contoso.example")]
    owner: String,
    /// In a real tenant: the user who joins it, by id. (Groups want ids.)
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
    if !stage.is_embedded() && arguments.member.is_none() {
        return Err("in a real tenant, name two users: --owner ID --member ID".into());
    }
    let runtime = stage.runtime()?;
    runtime.block_on(journey::run(stage, arguments))
}
