//! The catalogue of a learning provider as what holds the items.

use std::fmt;
use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, future, stream};
use graph_client::{Clock, Error, ErrorKind, Request};
use graph_models::models::NewLearningContent;
use graph_models::{BoxFuture, Id, Identify, InvalidId};

use crate::api::LearningContents;
use crate::client::Client;

use super::sending::{Outcome, all_refused, done, done_if, of_a_reading, together, yielding};
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
        let client = yielding(client);
        let contents = client.learning_providers().contents(&provider);
        Self { client, contents, provider, name: name.into(), longest_title: LONGEST_TITLE }
    }

    /// Refuses titles of more characters than that; otherwise than 255. The service publishes no limit.
    #[must_use]
    pub fn longest_title(self, characters: usize) -> Self {
        Self { longest_title: characters, ..self }
    }

    fn put(&self, content: Arc<NewLearningContent>) -> Request<Applied> {
        done(self.contents.put(content))
    }

    fn delete(&self, key: &str) -> Request<Applied> {
        let request = self.contents.delete_by_external_id(key);
        request.then(|outcome| done_if(outcome, Error::is_not_found, Applied::Gone))
    }

    /// Contents that are to be deactivated are read first, since an update replaces a content whole.
    async fn carry_out(&self, steps: &[Step<NewLearningContent>]) -> Result<Vec<Outcome>, Error> {
        let readings = steps.iter().map(|step| match step {
            Step::Deactivate(key) => Ok(self.contents.get_by_external_id(key).into()),
            _ => Err(()),
        });
        let read = together(&self.client, readings).await?;
        let changes = steps.iter().zip(read).map(|(step, read)| match (step, read) {
            (Step::Write(content) | Step::Confirm(content), _) => Ok(self.put(Arc::clone(content))),
            (Step::Delete(key), _) => Ok(self.delete(key)),
            (_, Ok(Ok(content))) => {
                Ok(self.put(Arc::new(NewLearningContent::from_read(content).is_active(false))))
            }
            (_, Ok(Err(error))) if error.is_not_found() => Err(Ok(Applied::Gone)),
            (_, Ok(Err(error))) => Err(Err(of_a_reading(error))),
            (_, Err(())) => Err(Err(Error::refused("this release does not know such a step"))),
        });
        let outcomes = together(&self.client, changes).await?;
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|known| known)).collect())
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
                Err(error) => all_refused(error, steps.len()),
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
