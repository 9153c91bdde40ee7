//! A store of records for tests: it outlives clients, fails on demand, and knows what was sent when.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use graph_facade::{BoxFuture, JournalError, JournalStore};
use graph_sim::Sim;
use serde_json::Value;

/// Records that stay when processes go. Every write takes two polls, so that a call can be dropped in the midst of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<String, String>,
    log: Vec<String>,
    sim: Option<Sim>,
    /// How many more writes work, if not all do.
    left: Option<u32>,
}

impl Shelf {
    /// One that logs how many requests had reached the simulator at each write.
    pub(crate) fn watching(sim: &Sim) -> Self {
        Self(Arc::new(Mutex::new(State { sim: Some(sim.clone()), ..State::default() })))
    }

    pub(crate) fn records(&self) -> Vec<String> {
        self.0.lock().unwrap().records.values().cloned().collect()
    }

    pub(crate) fn place(&self, id: &str, record: &str) {
        self.0.lock().unwrap().records.insert(id.to_owned(), record.to_owned());
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.0.lock().unwrap().log.clone()
    }

    /// So many writes work, and then none.
    pub(crate) fn fail_after(&self, writes: u32) {
        self.0.lock().unwrap().left = Some(writes);
    }

    pub(crate) fn recover(&self) {
        self.0.lock().unwrap().left = None;
    }

    async fn write<T>(
        &self,
        what: &str,
        record: Option<&str>,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> T,
    ) -> Result<T, JournalError> {
        tokio::task::yield_now().await;
        let outcome = self.0.lock().unwrap().write(what, record, change);
        tokio::task::yield_now().await;
        outcome
    }
}

impl State {
    fn write<T>(
        &mut self,
        what: &str,
        record: Option<&str>,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> T,
    ) -> Result<T, JournalError> {
        match &mut self.left {
            Some(0) => return Err(JournalError::store("no room")),
            Some(left) => *left -= 1,
            None => {}
        }
        let requests = self.sim.as_ref().map_or(0, |sim| sim.journal().entries().len());
        self.log.push(format!("{what}{}, {requests} requests", record.map(stage).unwrap_or_default()));
        Ok(change(&mut self.records))
    }
}

fn stage(record: &str) -> String {
    let record: Value = serde_json::from_str(record).unwrap();
    let (stage, more) = record["stage"].as_object().unwrap().iter().next().unwrap();
    format!(" {stage}{}", if more["asking"] == true { ", asking" } else { "" })
}

impl JournalStore for Shelf {
    fn put<'a>(&'a self, id: &'a str, record: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(self.write("put", Some(record), |records| {
            records.insert(id.to_owned(), record.to_owned());
        }))
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(self.write("remove", None, |records| {
            records.remove(id);
        }))
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, String)>, JournalError>> {
        Box::pin(async { Ok(self.0.lock().unwrap().records.clone().into_iter().collect()) })
    }
}

/// Polls `future` so many times, and drops it.
pub(crate) async fn poll_times<T>(future: impl Future<Output = T>, times: u32) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
