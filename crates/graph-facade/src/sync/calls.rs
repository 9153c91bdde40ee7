//! The catalogue of a learning provider as what holds the items.

use std::fmt;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, future, stream};
use graph_models::models::{LearningContent, NewLearningContent};
use graph_models::{BoxFuture, Id, Identify, InvalidId};

use crate::api::LearningContents;
use crate::client::Client;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::policy::{FailedAttempt, FailureClass, RetryEvent, RetryPolicy, Verdict};
use crate::request::Request;
use crate::response::Response;

use super::synced::{Problem, Synced as _};
use super::target::{Applied, Step, Stock, SyncTarget};

/// The longest title that is accepted unless [`LearningCatalog::longest_title`] says otherwise. The service publishes no limit.
const LONGEST_TITLE: usize = 255;

/// The catalogue of one learning provider.
#[derive(Clone)]
pub struct LearningCatalog {
    client: Client,
    contents: LearningContents,
    provider: Result<Id, InvalidId>,
    name: Box<str>,
    longest_title: usize,
}

impl LearningCatalog {
    /// The catalogue of `provider`, which must exist.
    pub fn new(client: &Client, provider: impl Identify) -> Self {
        let provider = provider.identify();
        let name = provider.as_ref().map(ToString::to_string).unwrap_or_default();
        // What is throttled is for the run to wait for, which then holds back everything else too.
        let client = client.with_retry(|inner| Yielding { inner });
        let contents = client.learning_providers().contents(&provider);
        Self { client, contents, provider, name: name.into(), longest_title: LONGEST_TITLE }
    }

    /// Refuses titles of more characters than that; otherwise than 255. The service publishes no limit.
    #[must_use]
    pub fn longest_title(self, characters: usize) -> Self {
        Self { longest_title: characters, ..self }
    }

    fn upsert(&self, content: NewLearningContent) -> Request<Applied> {
        let request = self.contents.upsert_by_external_id(content);
        // The answer is of no use here, so one that can't be read is as good as any other.
        request.then(|outcome| done_if(outcome, |error| error.kind() == ErrorKind::Decode, Applied::Done))
    }

    fn delete(&self, key: &str) -> Request<Applied> {
        let request = self.contents.delete_by_external_id(key);
        request.then(|outcome| done_if(outcome, Error::is_not_found, Applied::Gone))
    }

    /// The contents that are to be deactivated, or why there are none: an update replaces a content whole, so it has to be read
    /// first.
    async fn read(&self, steps: &[Step<NewLearningContent>]) -> Result<Vec<Option<Reading>>, Error> {
        let mut batch = self.client.batch();
        let calls: Vec<_> = steps
            .iter()
            .map(|step| match step {
                Step::Deactivate(key) => Some(batch.add(self.contents.get_by_external_id(key))),
                _ => None,
            })
            .collect();
        if batch.is_empty() {
            return Ok(calls.iter().map(|_| None).collect());
        }
        let outcome = batch.send().await?;
        Ok(calls.into_iter().map(|call| call.map(|call| outcome.take(call))).collect())
    }

    async fn carry_out(&self, steps: &[Step<NewLearningContent>]) -> Result<Vec<Outcome>, Error> {
        let read = self.read(steps).await?;
        let mut batch = self.client.batch();
        let mut calls = Vec::with_capacity(steps.len());
        for (step, read) in steps.iter().zip(read) {
            calls.push(match (step, read) {
                (Step::Write(content), _) => Ok(batch.add(self.upsert(content.clone()))),
                (Step::Delete(key), _) => Ok(batch.add(self.delete(key))),
                (_, Some(Ok(content))) => {
                    let content = NewLearningContent::from_read(content).is_active(false);
                    Ok(batch.add(self.upsert(content)))
                }
                (_, Some(Err(error))) if error.is_not_found() => Err(Ok(Applied::Gone)),
                (_, Some(Err(error))) => Err(Err(error)),
                (_, None) => Err(Err(Error::refused("this release does not know such a step"))),
            });
        }
        let outcome = batch.send().await?;
        Ok(calls.into_iter().map(|call| call.map_or_else(|known| known, |call| outcome.take(call))).collect())
    }
}

type Reading = Result<LearningContent, Error>;
type Outcome = Result<Applied, Error>;

/// A success, or a failure that amounts to one.
fn done_if<T>(
    outcome: Result<Response<T>, Error>,
    amounts_to_one: impl FnOnce(&Error) -> bool,
    otherwise: Applied,
) -> Result<Response<Applied>, Error> {
    match outcome {
        Ok(response) => Ok(response.map(|_| Applied::Done)),
        Err(error) if amounts_to_one(&error) => Response::of_refusal(&error, otherwise).ok_or(error),
        Err(error) => Err(error),
    }
}

impl SyncTarget for LearningCatalog {
    type Item = NewLearningContent;

    fn name(&self) -> &str {
        &self.name
    }

    fn clock(&self) -> Clock {
        self.client.clock().clone()
    }

    fn problems(&self, content: &NewLearningContent) -> Vec<Problem> {
        let mut problems = content.problems();
        let (length, longest) = (content.title.chars().count(), self.longest_title);
        if length > longest {
            let message = format!("has {length} characters, and may have {longest}");
            problems.push(Problem::new("title", message));
        }
        problems
    }

    fn apply<'a>(&'a self, steps: &'a [Step<NewLearningContent>]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            match self.carry_out(steps).await {
                Ok(outcomes) => outcomes,
                // A batch as a whole is only refused before it is sent.
                Err(error) => vec![Err(error)],
            }
        })
    }

    fn stock(&self) -> BoxStream<'_, Result<Stock, Error>> {
        let stock = self.contents.list().items().map(|content| {
            let mut content = NewLearningContent::from_read(content?);
            content.complete();
            let fingerprint = content.fingerprint();
            let fingerprint = fingerprint.map_err(|error| Error::from_source(ErrorKind::Decode, error))?;
            let is_active = content.is_active.unwrap_or(true);
            Ok(Stock { key: content.external_id.into(), fingerprint, is_active })
        });
        match &self.provider {
            Ok(_) => stock.boxed(),
            Err(invalid) => {
                let error = Error::from_source(ErrorKind::InvalidRequest, invalid.clone());
                stream::once(future::ready(Err(error))).boxed()
            }
        }
    }
}

impl fmt::Debug for LearningCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LearningCatalog").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// Any policy, but throttled requests are not tried again.
#[derive(Debug)]
struct Yielding {
    inner: std::sync::Arc<dyn RetryPolicy>,
}

impl RetryPolicy for Yielding {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        match failed.class {
            FailureClass::Throttled | FailureClass::Unavailable => Verdict::GiveUp,
            _ => self.inner.decide(failed),
        }
    }

    fn observe(&self, event: RetryEvent) {
        self.inner.observe(event);
    }
}
