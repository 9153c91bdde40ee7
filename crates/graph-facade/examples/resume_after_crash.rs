//! A process dies at the worst moment, and the next one goes on: nothing is lost, nothing created twice.
//!
//! ```text
//! cargo run -p graph-facade --features journal --example resume_after_crash
//! ```
//!
//! It runs against the embedded Graph: nothing leaves this machine, and since the clock is virtual, nothing takes time. The journal
//! is a real file, in the directory for temporary files.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime};

use graph_facade::models::{Community, CommunityPrivacy, NewCommunity};
use graph_facade::{Client, Clock, OperationJournal, Resumption, StaticToken};
use graph_sim::{Fault, Sim};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    // The answer to the second creation gets lost on its way.
    let lost = Fault::lose_connection("communities.create").skip(1);
    let sim = Sim::builder().user("ada").fault(lost).build();
    let path = std::env::temp_dir().join(format!("operations-{}.journal", std::process::id()));
    first_process(&sim, &path).await?;
    // Meanwhile, the service goes on by itself.
    tokio::time::sleep(Duration::from_secs(120)).await;
    second_process(&sim, &path).await?;
    println!("\nWhat the service saw:\n{}", sim.journal());
    Ok(std::fs::remove_file(&path)?)
}

/// Every process begins like this.
fn client(sim: &Sim, journal: &Path) -> Result<Client, Box<dyn Error>> {
    let journal = OperationJournal::open(journal)?;
    let client = Client::builder().credential(StaticToken::new(sim.token("ada"))).transport(sim.transport());
    // The embedded Graph begins on a day of its own, and candidates are sought by their time.
    let clock =
        Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_600_000) + sim.elapsed());
    Ok(client.journal(journal).clock(clock).build()?)
}

async fn first_process(sim: &Sim, journal: &Path) -> Result<(), Box<dyn Error>> {
    let client = client(sim, journal)?;
    println!("The first process");
    for name in ["Pilots", "Cooks"] {
        let new = NewCommunity::new(name, "For all of them", CommunityPrivacy::Private);
        match client.communities().create(new).await {
            Ok(_) => println!("  {name}: accepted"),
            Err(error) => println!("  {name}: {error}"),
        }
    }
    println!("  … and it dies, without having saved anything.\n");
    Ok(())
}

async fn second_process(sim: &Sim, journal: &Path) -> Result<(), Box<dyn Error>> {
    let client = client(sim, journal)?;
    println!("The second process");
    for resumption in client.operations().resume_all::<Community>().await? {
        match resumption {
            Resumption::Resumed(mut operation) => {
                let community = operation.wait().await?;
                println!("  {}: resumed, and done", community.display_name.unwrap_or_default());
                // It is in good hands now: the journal may forget it.
                operation.acknowledge().await?;
            }
            Resumption::Ambiguous(unanswered) => {
                println!(
                    "  {}: nobody saw the answer; created in that time: {}",
                    unanswered.intent.name,
                    unanswered.candidates.len()
                );
                match unanswered.candidates.as_slice() {
                    [community] => unanswered.adopt(community).await?.acknowledge().await?,
                    [] => unanswered.abandon().await?,
                    _ => println!("    somebody has to say which it is"),
                }
            }
            Resumption::Unsent(unsent) => {
                println!("  {}: never sent, so it can be created again", unsent.intent.name);
                unsent.abandon().await?;
            }
            Resumption::Ended(ended) => {
                println!("  {}: over, {:?}", ended.intent.name, ended.outcome);
                ended.acknowledge().await?;
            }
            other => println!("  {other:?}"),
        }
    }
    Ok(())
}
