//! Serves a scenario for a fuzzer, until its input ends: `fuzz_target SCENARIO REPORT`.
//!
//! Says first where it listens and what the token of each user is. At the end it writes which operations never succeeded, and fails
//! if the simulator itself broke the contract, or answered with an error of its own making.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use graph_sim::{Scenario, Sim};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scenario, report] = arguments.as_slice() else {
        return Err("usage: fuzz_target SCENARIO REPORT".into());
    };
    count_panics();
    let sim = Scenario::from_yaml(&std::fs::read_to_string(scenario)?)?.build();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let serving = sim.serve(listener);
    let mut out = std::io::stdout();
    writeln!(out, "{} {} {}", sim.root(), sim.token("ada"), sim.app_token())?;
    out.flush()?;

    let mut input = Vec::new();
    let mut stdin = tokio::io::stdin();
    tokio::select! {
        served = serving => served?,
        read = stdin.read_to_end(&mut input) => { read?; }
    }
    let (text, is_clean) = examine(&sim);
    std::fs::write(report, text)?;
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// A panic ends no more than a connection, which a fuzzer may well take for the network's fault.
fn count_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        report(panic);
    }));
}

/// What came of all requests, and whether none was answered wrongly.
fn examine(sim: &Sim) -> (String, bool) {
    let journal = sim.journal();
    let mut operations: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for entry in journal.entries() {
        let status = entry.status.unwrap_or_default();
        let (all, successes) = operations.entry(entry.operation.as_deref().unwrap_or("(none)")).or_default();
        *all += 1;
        *successes += usize::from((200..300).contains(&status));
        let broken = entry.notes.iter().filter(|note| note.contains(" response: "));
        wrong.extend(broken.map(|note| format!("{} {}: {note}", entry.method, entry.path)));
        // 501 says that the simulator doesn't know, and why.
        if status >= 500 && status != 501 {
            wrong.push(format!("{} {}: {status}", entry.method, entry.path));
        }
    }
    wrong.extend((0..PANICS.load(Ordering::Relaxed)).map(|_| "a panic, see above".to_owned()));
    let never: Vec<&str> =
        operations.iter().filter(|(_, (_, successes))| *successes == 0).map(|(id, _)| *id).collect();
    let succeeded: usize = operations.values().map(|(_, successes)| successes).sum();
    let text = format!(
        "{} requests, {succeeded} of them successful; {} of {} operations succeeded at least once\nnever: {}\nwrong answers: {}\n{}\n",
        journal.entries().len(),
        operations.len() - never.len(),
        operations.len(),
        never.join(" "),
        wrong.len(),
        wrong.join("\n")
    );
    (text, wrong.is_empty())
}
