//! Journals and saved operations that earlier releases wrote, in `tests/vectors/`: this release opens each of them and finds what
//! was in it. A file there is never written anew; a form that changes gets further files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use graph_facade::models::{Community, Notebook};
use graph_facade::{
    Client, Clock, JournalOutcome, Operation, OperationJournal, QuotaKey, Resumption, SavedOperation,
};
use graph_sim::Sim;

use crate::support::{builder, seconds};

/// The time of day when the files were begun.
const START: Duration = Duration::from_secs(1_767_600_000);

/// A copy of a journal, removed at the end of its test.
struct Copied(PathBuf);

impl Copied {
    fn of(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("graph-{:x}-{name}", fastrand::u64(..)));
        let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/journal");
        fs::copy(vectors.join(name), &path).unwrap();
        Self(path)
    }

    fn client(&self, sim: &Sim) -> Client {
        // An hour after the records were written.
        let clock = Clock::starting_at(SystemTime::UNIX_EPOCH + START + seconds(3600));
        let journal = OperationJournal::open(&self.0).unwrap();
        builder(sim, "ada").clock(clock).journal(journal).build().unwrap()
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// What was found of one record, in a line.
fn told(resumption: &Resumption<Community>) -> String {
    let age = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH + START).unwrap().as_secs();
    match resumption {
        Resumption::Unsent(it) => format!("{}: unsent at {}", it.intent.name, age(it.intent.at)),
        Resumption::Ambiguous(it) => format!(
            "{}: ambiguous at {}, {} candidates",
            it.intent.name,
            age(it.intent.at),
            it.candidates.len()
        ),
        Resumption::Ended(it) => match &it.outcome {
            JournalOutcome::Succeeded { resource_id, .. } => {
                format!("{}: {} at {}", it.intent.name, resource_id.as_deref().unwrap(), age(it.ended_at))
            }
            JournalOutcome::Failed { detail, .. } => {
                format!("{}: {} at {}", it.intent.name, detail.as_deref().unwrap(), age(it.ended_at))
            }
            other => panic!("{other:?}"),
        },
        Resumption::Resumed(it) => {
            let (accepted, polled) = (age(it.accepted_at()), it.last_poll_at().map(age));
            format!("accepted at {accepted}, polled at {polled:?}, of {:?}", it.save().tenant())
        }
        Resumption::OtherOwner { owner, records, .. } => {
            let QuotaKey { tenant, app, user, .. } = &owner.quota_key;
            let parts = [tenant, app, user].map(|part| part.as_deref().unwrap_or_default());
            format!("{}: {records}", parts.join(", "))
        }
        other => panic!("{other:?}"),
    }
}

async fn found(client: &Client) -> Vec<String> {
    let mut found: Vec<_> = client.operations().resume_all().await.unwrap().iter().map(told).collect();
    found.sort();
    found
}

#[tokio::test(start_paused = true)]
async fn journals_hold_what_was_written() {
    for name in ["closed.journal", "killed.journal"] {
        let journal = Copied::of(name);
        let client = journal.client(&Sim::builder().user("ada").build());
        let expected = [
            "Ended: eyJfdHlwZSI6Ikdyb3VwIiwiaWQiOiIxMDAwMDQifQ at 101",
            "Failed: the network is full at 31",
            "Intended: unsent at 0",
            "Sent: ambiguous at 0, 0 candidates",
            "accepted at 0, polled at None, of None",
            "accepted at 0, polled at Some(3600), of None",
            "accepted at 0, polled at Some(40), of None",
            "contoso, desk, ada: 1",
        ];
        assert_eq!(found(&client).await, expected, "{name}: a poll that was under way counts from now");

        let key = QuotaKey::new().tenant("contoso").app("desk").user("ada");
        let of_ada = ["accepted at 0, polled at None, of Some(\"contoso\")"];
        assert_eq!(found(&client.with_quota_key(key)).await[1..], of_ada, "beside the seven of nobody");
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_shrank_holds_what_was_not_forgotten() {
    let journal = Copied::of("shrunk.journal");
    let client = journal.client(&Sim::builder().user("ada").build());
    assert_eq!(found(&client).await, ["accepted at 217, polled at None, of None"]);
}

fn resume(sim: &Sim, text: &str) -> Operation<Community> {
    builder(sim, "ada").build().unwrap().operations().resume(text.parse().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn saved_operations_are_gone_on_with() {
    let sim = Sim::builder().user("ada").build();
    let at = |age| SystemTime::UNIX_EPOCH + START + seconds(age);
    for (text, accepted_at, last_poll_at, tenant) in [
        (include_str!("../vectors/saved_operations/accepted.json"), 0, None, None),
        (include_str!("../vectors/saved_operations/polled.json"), 0, Some(40), None),
        (include_str!("../vectors/saved_operations/of_a_tenant.json"), 40, None, Some("contoso")),
        (include_str!("../vectors/saved_operations/beta.json"), 40, None, None),
    ] {
        let saved: SavedOperation = text.parse().unwrap();
        assert_eq!((saved.operation(), saved.tenant()), ("communities.create", tenant), "{text}");
        assert_eq!(saved.accepted_at(), at(accepted_at), "{text}");
        assert_eq!(saved.last_poll_at(), last_poll_at.map(at), "{text}");
        assert!(text.contains(saved.client_request_id()) && text.contains(saved.location()));
        assert_eq!(resume(&sim, text).location(), saved.location());
    }

    let text = include_str!("../vectors/saved_operations/copy_at_another_root.json");
    let elsewhere = builder(&sim, "ada").root("https://graph.contoso.example").build().unwrap();
    let copying: Operation<Notebook> = elsewhere.operations().resume(text.parse().unwrap()).unwrap();
    assert_eq!(copying.save().operation(), "onenote_notebooks.copy");
}
