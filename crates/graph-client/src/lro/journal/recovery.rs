//! What a new process makes of the records that it finds.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use graph_runtime::{BoxFuture, Identify};

use super::entry::Entry;
use super::record::{Intent, JournalOutcome, Record, RecordOwner, Stage};
use super::store::in_time;
use super::{JournalError, OperationJournal};
use crate::client::Client;
use crate::error::Error;
use crate::lro::saved::{from_millis, to_millis};
use crate::lro::{LongRunningResult, Operation};

/// What became of an operation that the journal knows, and that no call or handle of this process goes on with.
#[derive(Debug)]
#[non_exhaustive]
pub enum Resumption<T> {
    /// The service goes on with it, and so can its handle.
    Resumed(Operation<T>),
    /// The service may have begun with it or not: nobody saw the answer. It is never sent again by itself.
    Ambiguous(Ambiguous<T>),
    /// Nothing has reached the service.
    Unsent(UnsentIntent),
    /// It is over, and nobody has acknowledged it.
    Ended(EndedOperation),
    /// Records of the same operation that are left alone, since they belong to another owner.
    ///
    /// Where only the `quota_key` is another, a client that may act for it goes on with them:
    /// [`with_quota_key`](Client::with_quota_key), then `resume_all`.
    #[non_exhaustive]
    OtherOwner {
        /// Whose they are.
        owner: RecordOwner,
        /// How many.
        records: usize,
    },
    /// Its record is not to be used. It stays where it is.
    #[non_exhaustive]
    Unusable {
        /// The client's id of the call that started it.
        client_request_id: String,
        /// What is wrong with it.
        error: Error,
    },
}

/// A creation that the service may have begun with or not, and what it may have come to.
///
/// It stays in the journal until [`adopt`](Self::adopt) or [`abandon`](Self::abandon) settles it. Creating takes the service
/// some minutes: that there is no candidate yet does not mean that none will come.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ambiguous<T> {
    /// What was to be created.
    pub intent: Intent,
    /// What is called so and was created in that time: no more than an hour after the request was sent, and allowing for
    /// clocks that differ by five minutes. What other records of the journal have come to is left out.
    pub candidates: Vec<T>,
    entry: Entry,
    client: Client,
}

impl<T> Ambiguous<T> {
    /// It came to this: the record ends with it. Acknowledge that when it is in good hands.
    pub async fn adopt(&self, candidate: impl Identify) -> Result<EndedOperation, Error> {
        let id = candidate.identify().map_err(|error| Error::refused(error.to_string()))?;
        let outcome =
            JournalOutcome::Succeeded { resource_id: Some(id.as_str().to_owned()), resource_location: None };
        let ended_at = self.client.clock().now();
        self.entry.end(outcome.clone(), ended_at).await?;
        Ok(EndedOperation { intent: self.intent.clone(), outcome, ended_at, entry: self.entry.clone() })
    }

    /// It came to nothing, or nobody cares: the journal forgets it. Only then create it again.
    pub async fn abandon(&self) -> Result<(), Error> {
        Ok(self.entry.remove().await?)
    }
}

/// A creation of which nothing has reached the service.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnsentIntent {
    /// What was to be created.
    pub intent: Intent,
    entry: Entry,
}

impl UnsentIntent {
    /// The journal forgets it. Create it again if it is still wanted.
    pub async fn abandon(&self) -> Result<(), Error> {
        Ok(self.entry.remove().await?)
    }
}

/// An operation that is over, until it is acknowledged.
#[derive(Debug)]
#[non_exhaustive]
pub struct EndedOperation {
    /// What was to be created.
    pub intent: Intent,
    /// How it ended.
    pub outcome: JournalOutcome,
    /// When that was known, by the clock of the client that asked.
    pub ended_at: SystemTime,
    entry: Entry,
}

impl EndedOperation {
    /// The id of the result, if it succeeded and the service named one.
    pub fn resource_id(&self) -> Option<&str> {
        match &self.outcome {
            JournalOutcome::Succeeded { resource_id, .. } => resource_id.as_deref(),
            JournalOutcome::Failed { .. } => None,
        }
    }

    /// The outcome is in good hands: the journal forgets the operation.
    pub async fn acknowledge(&self) -> Result<(), Error> {
        self.entry.acknowledge().await
    }
}

/// Looks for what unanswered creations may have come to: for each intent, what is not among the `known` ids of results.
pub type Search<T> = fn(
    client: Client,
    intents: Vec<Intent>,
    known: Vec<String>,
) -> BoxFuture<'static, Result<Vec<Vec<T>>, Error>>;

/// Goes on with every record that is the client's, started a `T`, and is in nobody's hands: oldest first.
///
/// `search` looks for what the service may have made of requests whose answers were lost; without one, they have no candidates.
///
/// # Errors
///
/// The client has no journal, the journal can't be read, or the search failed.
pub async fn resume_all<T: LongRunningResult>(
    client: &Client,
    search: Option<Search<T>>,
) -> Result<Vec<Resumption<T>>, Error> {
    let journal = journal_of(client)?;
    let mut holding = Holding { journal, ids: HashSet::new() };
    let owner = RecordOwner::of(client);
    for (id, record) in records(journal).await? {
        if record.is_ok_and(|record| record.is_of(T::started_by()) && record.owner() == owner) {
            holding.take(id);
        }
    }
    let mut found = Found::new();
    // Read again, as a handle may have ended and let go of one before it was held.
    for (id, record) in records(journal).await? {
        match record {
            Ok(record) => found.add(client, &mut holding, &id, record),
            Err(reason) => {
                let error =
                    Error::from(JournalError::store(format!("the record {id} can't be read: {reason}")));
                found.resumptions.push((0, Resumption::Unusable { client_request_id: id, error }));
            }
        }
    }
    drop(holding);
    found.search(search).await
}

/// Records that were free, until they are given out.
struct Holding<'a> {
    journal: &'a OperationJournal,
    ids: HashSet<String>,
}

impl Holding<'_> {
    fn take(&mut self, id: String) {
        if self.journal.hold(&id) {
            self.ids.insert(id);
        }
    }
}

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        self.ids.iter().for_each(|id| self.journal.release(id));
    }
}

/// Removes the client's records of operations that ended before `time`, and says how many.
/// # Errors
///
/// The client has no journal, or the journal failed.
pub async fn forget_ended_before(client: &Client, time: SystemTime) -> Result<usize, Error> {
    let journal = journal_of(client)?;
    let (mut forgotten, owner) = (0, RecordOwner::of(client));
    for (id, record) in records(journal).await? {
        let Ok(record) = record else { continue };
        let is_over = matches!(record.stage, Stage::Ended { at, .. } if from_millis(at) < time);
        if is_over && record.owner() == owner && journal.hold(&id) {
            Entry::of_record(journal.clone(), &id, record).remove().await?;
            forgotten += 1;
        }
    }
    Ok(forgotten)
}

fn journal_of(client: &Client) -> Result<&OperationJournal, Error> {
    let journal = client.shared.extensions.get::<OperationJournal>();
    journal
        .ok_or_else(|| Error::refused("the client has no journal: give its builder one with `.journal(…)`"))
}

async fn records(journal: &OperationJournal) -> Result<Vec<(String, Result<Record, String>)>, Error> {
    let all = in_time(journal.store().all()).await?;
    Ok(all.into_iter().map(|(id, text)| (id, Record::parse(&text))).collect())
}

/// What the records say, in so far as it is known without asking anybody.
struct Found<T> {
    /// Each with its time.
    resumptions: Vec<(u64, Resumption<T>)>,
    unanswered: Vec<(Entry, Intent, Client)>,
    /// The ids of what is known to be the result of something.
    results: Vec<String>,
    others: Vec<(RecordOwner, usize)>,
}

impl<T: LongRunningResult> Found<T> {
    fn new() -> Self {
        Self { resumptions: Vec::new(), unanswered: Vec::new(), results: Vec::new(), others: Vec::new() }
    }

    fn add(&mut self, client: &Client, holding: &mut Holding<'_>, id: &str, record: Record) {
        let journal = holding.journal;
        if let Stage::Ended { outcome: JournalOutcome::Succeeded { resource_id: Some(id), .. }, .. } =
            &record.stage
        {
            self.results.push(id.clone());
        }
        if !record.is_of(T::started_by()) {
            return;
        }
        let owner = record.owner();
        if owner != RecordOwner::of(client) {
            if !journal.is_held(id) {
                self.count(owner);
            }
            return;
        }
        if !holding.ids.remove(id) {
            return;
        }
        let (client, intent, time) = (record.client(client), record.intent(id), record.millis());
        let stage = record.stage.clone();
        let entry = Entry::of_record(journal.clone(), id, record);
        let resumption = match stage {
            Stage::Intended { .. } => Resumption::Unsent(UnsentIntent { intent, entry }),
            Stage::Sent { .. } => return self.unanswered.push((entry, intent, client)),
            Stage::Accepted { mut saved, asking } => {
                if asking {
                    // A poll was under way, and may have reached the service as late as just now.
                    saved.last_poll_at = Some(client.clock().now());
                }
                match Operation::resumed(client, saved) {
                    Ok(operation) => Resumption::Resumed(operation.journaled(Some(entry))),
                    Err(error) => Resumption::Unusable { client_request_id: id.to_owned(), error },
                }
            }
            Stage::Ended { at, outcome, .. } => {
                Resumption::Ended(EndedOperation { intent, outcome, ended_at: from_millis(at), entry })
            }
        };
        self.resumptions.push((time, resumption));
    }

    fn count(&mut self, owner: RecordOwner) {
        match self.others.iter_mut().find(|(other, _)| *other == owner) {
            Some((_, records)) => *records += 1,
            None => self.others.push((owner, 1)),
        }
    }

    /// Looks for what the unanswered requests may have come to: once by each kind of access that sent any.
    async fn search(self, search: Option<Search<T>>) -> Result<Vec<Resumption<T>>, Error> {
        let Self { mut resumptions, unanswered, results, others } = self;
        let mut by_access: HashMap<_, Vec<_>> = HashMap::new();
        for (entry, intent, client) in unanswered {
            by_access.entry(client.pipeline.access).or_default().push((entry, intent, client));
        }
        for sent in by_access.into_values() {
            let Some((_, _, client)) = sent.first() else { continue };
            let intents = sent.iter().map(|(_, intent, _)| intent.clone()).collect();
            let candidates = match search {
                Some(search) => search(client.clone(), intents, results.clone()).await?,
                None => sent.iter().map(|_| Vec::new()).collect(),
            };
            for ((entry, intent, client), candidates) in sent.into_iter().zip(candidates) {
                let time = to_millis(intent.at);
                let ambiguous = Ambiguous { intent, candidates, entry, client };
                resumptions.push((time, Resumption::Ambiguous(ambiguous)));
            }
        }
        resumptions.sort_by_key(|(time, _)| *time);
        let others = others.into_iter().map(|(owner, records)| Resumption::OtherOwner { owner, records });
        Ok(resumptions.into_iter().map(|(_, resumption)| resumption).chain(others).collect())
    }
}
