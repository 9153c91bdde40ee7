//! Many communities at once, under the limit of 10 requests in 30 seconds, with a view of all of them.
//!
//! ```text
//! cargo run -p graph-facade --example create_many -- --communities 200
//! ```
//!
//! It runs against the embedded Graph, whose clock is virtual: the half hour that the quota makes of it passes in a moment. With
//! `GRAPH_TOKEN` set, it creates them in a real tenant, at real speed; what is pending is kept in a file all along, and
//! `--resume` goes on with it.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Parser;
use futures_util::StreamExt as _;
use graph_facade::models::{Community, CommunityPrivacy, NewCommunity};
use graph_facade::{Client, OperationSet, SavedOperation, StaticToken, Watched};
use graph_sim::Sim;

mod view;
use view::View;

type Set = OperationSet<String, Community>;

/// Creates many communities, in the embedded Graph or in a real tenant.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many.
    #[arg(long, default_value_t = 60)]
    communities: usize,
    /// Where to keep the operations that are pending.
    #[arg(long, default_value = "operations.json")]
    file: PathBuf,
    /// Goes on with the operations of the file instead.
    #[arg(long)]
    resume: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (arguments, token) = (Arguments::parse(), std::env::var("GRAPH_TOKEN").ok());
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(token.is_none()).build()?;
    runtime.block_on(async {
        match token {
            Some(token) => {
                let client = Client::builder().credential(StaticToken::new(token)).build()?;
                run(&client, &arguments, Some(&arguments.file)).await
            }
            None => {
                let sim = Sim::builder().user("ada").build();
                let credential = StaticToken::new(sim.token("ada"));
                let client = Client::builder().credential(credential).transport(sim.transport()).build()?;
                run(&client, &arguments, None).await
            }
        }
    })
}

async fn run(client: &Client, arguments: &Arguments, file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let mut set =
        if arguments.resume { resumed(client, &arguments.file)? } else { started(client, arguments) };
    let view = View::new(client.clock(), set.progress());
    while let Some((name, watched)) = set.next().await {
        let changed = !matches!(watched, Watched::Pending(_));
        view.show(&name, &watched, &set);
        if let Some(file) = file.filter(|_| changed) {
            std::fs::write(file, serde_json::to_string(&set.saved().collect::<Vec<_>>())?)?;
        }
    }
    view.end(&set);
    Ok(())
}

fn started(client: &Client, arguments: &Arguments) -> Set {
    let mut set = Set::new();
    for number in 1..=arguments.communities {
        let name = format!("Crew {number}");
        let new = NewCommunity::new(name.as_str(), "Everybody on this flight", CommunityPrivacy::Private);
        set.start(name, client.communities().create(new));
    }
    set
}

fn resumed(client: &Client, file: &Path) -> Result<Set, Box<dyn Error>> {
    let saved: Vec<(String, SavedOperation)> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let mut set = Set::new();
    for (name, saved) in saved {
        set.insert(name, client.operations().resume(saved)?);
    }
    Ok(set)
}
