//! A learning provider's catalogue, brought in step with a file or with a learning management system.
//!
//! ```text
//! cargo run -p graph-facade --example catalog_sync
//! cargo run -p graph-facade --example catalog_sync -- --dry-run courses.jsonl
//! ```
//!
//! It runs against the embedded Graph, whose clock is virtual; there it registers a provider, and is throttled once, as Viva Learning
//! does it: with minutes in a text. With `GRAPH_TOKEN` set, or with `--tenant` and `--client-id`, it runs in a real tenant, for the
//! provider that `--provider` names, and remembers in a file what that holds. The token has to be an app's own: contents are not
//! offered on behalf of a user.
//!
//! A file that ends in `.jsonl` is read as JSON Lines, any other as CSV; without one, the courses are those of a made-up system (`lms.rs`).

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use clap::Parser;
use futures_util::StreamExt as _;
use graph_facade::Client;
use graph_facade::models::NewLearningProvider;
use graph_facade::sync::{LearningCatalog, Ledger, SyncEngine, SyncEvent};
use graph_sim::{Fault, Sim};

mod input;
mod lms;
#[path = "../common/stage.rs"]
mod stage;
mod view;

use lms::{CourseSource as _, Hangar};
use stage::{Stage, Tenant};
use view::View;

/// Keeps the catalogue of a learning provider in step with the courses that there should be.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// The provider's id; in the embedded Graph, one is registered.
    #[arg(long)]
    provider: Option<String>,
    /// Where it is remembered what the service holds; in the embedded Graph, nowhere.
    #[arg(long, default_value = "courses.ledger")]
    ledger: PathBuf,
    /// Reads what the service holds first, for a provider that was not kept in step from here so far.
    #[arg(long)]
    take_stock: bool,
    /// Prints what would be done, and writes nothing to the service.
    #[arg(long)]
    dry_run: bool,
    /// Writes what came of each course to this file, as JSON Lines.
    #[arg(long)]
    report: Option<PathBuf>,
    /// How many courses the made-up system has.
    #[arg(long, default_value_t = 1_000)]
    courses: u32,
    /// The courses that there should be.
    catalogue: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let stage = Stage::choose(&arguments.tenant)?;
    stage.runtime()?.block_on(run(&stage, &arguments))
}

async fn run(stage: &Stage, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let throttling =
        Fault::throttle_in_words("learning_contents.upsert_by_external_id", 2).skip(400).times(9);
    let sim = stage.is_embedded().then(|| Sim::builder().user("ada").fault(throttling).build());
    let client = stage.connect(sim.as_ref()).build()?;
    let provider = match (&arguments.provider, &sim) {
        (Some(provider), None) => provider.clone(),
        (_, Some(_)) => register(&client).await?,
        (None, None) => return Err("name the provider with --provider".into()),
    };
    let mut ledger = if sim.is_some() { Ledger::in_memory() } else { Ledger::open(&arguments.ledger)? };
    let mut engine = client.sync_learning_contents(provider.as_str());
    if arguments.take_stock {
        println!("the service holds {} courses", engine.take_stock(&mut ledger).await?);
    }
    let hangar = Hangar { courses: arguments.courses };
    let rows = match &arguments.catalogue {
        Some(path) => input::rows(path)?,
        None => {
            engine = engine.expecting(hangar.count());
            lms::rows(&hangar)
        }
    };
    if arguments.dry_run {
        println!("{}", engine.plan(rows, &ledger).await?);
        return Ok(());
    }
    push(&engine, rows, &mut ledger, arguments).await
}

async fn push(
    engine: &SyncEngine<LearningCatalog>,
    rows: input::Rows,
    ledger: &mut Ledger,
    arguments: &Arguments,
) -> Result<(), Box<dyn Error>> {
    let mut report = arguments.report.as_ref().map(File::create).transpose()?.map(BufWriter::new);
    let view = View::new();
    let mut run = engine.run(rows, ledger);
    while let Some(event) = run.next().await {
        match event? {
            SyncEvent::Item(item) => {
                view.item(&item);
                report.as_mut().map(|report| item.write_json_line(report)).transpose()?;
            }
            SyncEvent::Progress(progress) => view.progress(&progress),
            _ => {}
        }
    }
    report.map(|mut report| report.flush()).transpose()?;
    run.summary().into_iter().for_each(|summary| view.end(summary));
    Ok(())
}

async fn register(client: &Client) -> Result<String, Box<dyn Error>> {
    let logo = |name: &str| format!("https://hangar.example/{name}.png");
    let new =
        NewLearningProvider::new("Hangar", logo("long-dark"), logo("long"), logo("dark"), logo("light"));
    Ok(client.learning_providers().create(new).await?.id.unwrap_or_default())
}
