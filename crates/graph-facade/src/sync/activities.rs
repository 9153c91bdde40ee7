//! What learners do with the courses of a provider as what holds the items.

use std::fmt;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, future, stream};
use graph_client::{Clock, Error, Request};
use graph_models::models::LearningCourseActivity;
use graph_models::{BoxFuture, Id, Identify, InvalidId};
use serde_json::Value;

use crate::api::ProviderCourseActivities;
use crate::client::Client;

use super::activity::{CourseActivity, learner};
use super::sending::{Outcome, all_refused, done, done_if, of_a_reading, together, yielding};
use super::synced::{Problem, Synced as _};
use super::target::{Applied, Step, Stock, SyncTarget};

/// The course activities of one learning provider.
///
/// The service writes activities by its own ids only, and a creation that is repeated may be a second activity. So each that
/// is due is looked up by the provider's own id first, and written only if it is not there as it should be. After a creation that
/// may have been processed, it is looked up only, until [it is settled](super::SyncEngine::settled_after). An activity can't be
/// taken off the offer: when one is missing, its grace begins, and nothing is sent until that is over.
#[derive(Clone)]
pub struct CourseActivities {
    client: Client,
    activities: ProviderCourseActivities,
    provider: Result<Id, InvalidId>,
    name: Box<str>,
}

impl CourseActivities {
    /// The activities of `provider`, which must be enabled to report them.
    pub fn new(client: &Client, provider: impl Identify) -> Self {
        let provider = provider.identify();
        let name = provider.as_ref().map(|id| format!("{id}/learningCourseActivities")).unwrap_or_default();
        let client = yielding(client).as_app();
        let activities = client.learning_providers().course_activities(&provider);
        Self { client, activities, provider, name: name.into() }
    }

    async fn carry_out(&self, steps: &[Step<CourseActivity>]) -> Result<Vec<Outcome>, Error> {
        let lookups = steps.iter().map(|step| match step {
            Step::Write(item) | Step::Confirm(item) => {
                Ok(self.activities.get_by_external_id(item.external_id()).into())
            }
            Step::Delete(key) => Ok(self.activities.get_by_external_id(split(key).1).into()),
            Step::Deactivate(_) => Err(Ok(Applied::Done)),
        });
        let found = together(&self.client, lookups).await?;
        let changes = steps.iter().zip(found).map(|(step, found)| self.change(step, found?));
        let outcomes = together(&self.client, changes).await?;
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|known| known)).collect())
    }

    /// The call that a step comes to, or what is known of it without one.
    fn change(
        &self,
        step: &Step<CourseActivity>,
        found: Result<LearningCourseActivity, Error>,
    ) -> Result<Request<Applied>, Outcome> {
        let found = match found {
            Ok(found) => Some(found),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(Err(of_a_reading(error))),
        };
        match (step, found) {
            (Step::Confirm(_), None) => Err(Ok(Applied::Unknown)),
            (Step::Write(item), None) => Ok(done(self.activities.create(item.activity().clone()))),
            (Step::Write(item) | Step::Confirm(item), Some(held)) if learner(&held) != item.learner() => {
                Err(Err(Error::refused(format!(
                    "`externalcourseActivityId` is that of an activity of the learner `{}`: give each an id of its own, or delete \
                     that one first",
                    learner(&held)
                ))))
            }
            (Step::Write(item) | Step::Confirm(item), Some(held)) if holds(&held, item) => {
                Err(Ok(Applied::Done))
            }
            (Step::Write(item) | Step::Confirm(item), Some(held)) => {
                Ok(self.activities.update(&held, item.activity().clone()).map(|()| Applied::Done))
            }
            (Step::Delete(key), Some(held)) if learner(&held) == split(key).0 => {
                let request = self.activities.delete(&held);
                Ok(request.then(|outcome| done_if(outcome, Error::is_not_found, Applied::Gone)))
            }
            (Step::Delete(_), _) => Err(Ok(Applied::Gone)),
            (Step::Deactivate(_), _) => Err(Ok(Applied::Done)),
        }
    }
}

/// The learner and the provider's own id of a key.
fn split(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or_default()
}

/// Whether the service has all that `item` says.
fn holds(held: &LearningCourseActivity, item: &CourseActivity) -> bool {
    let mut held = CourseActivity::from(held.clone());
    held.complete();
    match (serde_json::to_value(held), serde_json::to_value(item)) {
        (Ok(Value::Object(held)), Ok(Value::Object(item))) => {
            item.iter().all(|(name, value)| held.get(name) == Some(value))
        }
        _ => false,
    }
}

impl SyncTarget for CourseActivities {
    type Item = CourseActivity;

    fn name(&self) -> &str {
        &self.name
    }

    fn clock(&self) -> Clock {
        self.client.clock().clone()
    }

    /// A creation that is repeated may be a second activity.
    fn is_idempotent(&self) -> bool {
        false
    }

    fn problems(&self, item: &CourseActivity) -> Vec<Problem> {
        let mut problems = item.problems();
        let own = self.provider.as_ref().map(Id::as_str).unwrap_or_default();
        if let Some(other) = item.provider().filter(|provider| *provider != own) {
            let why = format!("is `{other}`, and the activities are those of `{own}`: leave it out");
            problems.push(Problem::new("learningProviderId", why));
        }
        problems
    }

    fn apply<'a>(&'a self, steps: &'a [Step<CourseActivity>]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            match self.carry_out(steps).await {
                Ok(outcomes) => outcomes,
                // A batch as a whole is only refused before it is sent.
                Err(error) => all_refused(error, steps.len()),
            }
        })
    }

    /// The service does not list the activities of a provider.
    fn stock(&self) -> BoxStream<'_, Result<Stock, Error>> {
        let refusal = Error::refused(
            "there is no list of a provider's course activities: run without taking stock, since each that is due is looked up \
             before it is written",
        );
        stream::once(future::ready(Err(refusal))).boxed()
    }
}

impl fmt::Debug for CourseActivities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CourseActivities").field("provider", &self.provider).finish_non_exhaustive()
    }
}
