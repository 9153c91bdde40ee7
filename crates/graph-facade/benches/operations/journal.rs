//! How many transitions a second the journal makes durable, beside what the disk can do: whole creations of a client, over a
//! transport that answers at once.

use std::fs::File;
use std::future::ready;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use graph_facade::models::{CommunityPrivacy, NewCommunity};
use graph_facade::{BoxFuture, Client, OperationJournal, QuotaKey, StaticToken, TransportError};
use http::{Request, Response};
use tokio::runtime::Builder;
use tokio::time::Instant;
use tower_service::Service;

const AT_ONCE: usize = 100;
const CREATIONS: usize = 2_000;
/// Intended, sent, accepted.
const TRANSITIONS: usize = 3;
const ALONE: usize = 60;

pub(crate) fn run() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let directory = std::env::temp_dir().join(format!("graph-journal-bench-{}", fastrand::u64(..)));
    std::fs::create_dir(&directory).unwrap();
    let client = client(&directory.join("operations.journal"));

    // The disk before and after, as others use it too.
    let before = syncs_per_second(&directory.join("plain"));
    let alone = runtime.block_on(transitions_per_second(&client, ALONE, 1));
    let together = runtime.block_on(transitions_per_second(&client, CREATIONS, AT_ONCE));
    let after = syncs_per_second(&directory.join("plain"));
    let disk = f64::midpoint(before, after);
    drop(client);
    std::fs::remove_dir_all(&directory).unwrap();

    println!(
        "the disk: {disk:.0} writes with fdatasync a second, one after the other ({before:.0}, {after:.0})"
    );
    println!(
        "the journal: {alone:.0} transitions a second one after the other, {together:.0} of {AT_ONCE} calls at once"
    );
    let verdict = |holds| if holds { "ok" } else { "missed" };
    println!("target journal-transitions: {together:.0} /s (bound 2000) {}", verdict(together >= 2000.0));
    let syncs = disk / alone;
    println!("target journal-alone: {syncs:.2} plain writes (bound 3) {}", verdict(syncs <= 3.0));
}

fn client(journal: &Path) -> Client {
    let journal = OperationJournal::open(journal).unwrap();
    Client::builder().credential(StaticToken::new("t")).transport(Accepting).journal(journal).build().unwrap()
}

async fn transitions_per_second(client: &Client, creations: usize, at_once: usize) -> f64 {
    let calls = (0..creations).map(|index| {
        // A user each, so that no quota makes them wait.
        let client = client.with_quota_key(QuotaKey::new().user(format!("{at_once}-{index}")));
        let new = NewCommunity::new(format!("Pilots {index}"), "Flight deck", CommunityPrivacy::Private);
        async move { client.communities().create(new).await.unwrap() }
    });
    let start = Instant::now();
    let accepted = stream::iter(calls).buffer_unordered(at_once).count().await;
    rate(accepted * TRANSITIONS, start.elapsed())
}

/// What a file of a journal's size takes at best: 4 KiB in place, and on the disk.
fn syncs_per_second(path: &Path) -> f64 {
    let mut file = File::create(path).unwrap();
    file.set_len(1 << 20).unwrap();
    file.sync_all().unwrap();
    let start = Instant::now();
    for round in 0..ALONE * TRANSITIONS {
        file.seek(std::io::SeekFrom::Start((round as u64 % 256) * 4096)).unwrap();
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
    }
    rate(ALONE * TRANSITIONS, start.elapsed())
}

#[allow(clippy::cast_precision_loss, reason = "some thousands at most")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A service that accepts everything at once.
#[derive(Clone, Copy, Debug)]
struct Accepting;

impl Service<Request<Bytes>> for Accepting {
    type Response = Response<Bytes>;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<Response<Bytes>, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        let location = "https://graph.microsoft.com/v1.0/employeeExperience/engagementAsyncOperations('op')";
        let response = Response::builder().status(202).header("Operation-Location", location);
        Box::pin(ready(Ok(response.body(Bytes::new()).unwrap())))
    }
}
