//! Which courses learners are assigned or take, and how far they have come.

use graph_client::{Get, List, Request};
use graph_models::models::LearningCourseActivity;
use graph_models::{Id, Identify, InvalidId, facts};

use super::course::{CourseProgress, check_change, check_new, complete, progressed};
use super::external_key;
use crate::api::calls::{get, list, send};
use crate::client::Client;

/// The course activities of learners, whichever provider they are from: read only.
#[derive(Clone, Debug)]
pub struct LearningCourseActivities {
    client: Client,
}

/// The course activities of one provider, which its app reports.
///
/// The service refuses all of them until
/// [`enable_course_activity_sync`](super::LearningProviders::enable_course_activity_sync), and those of learners without a
/// premium licence for Viva Learning with 403.
///
/// ```no_run
/// use graph_facade::models::AssignmentType;
/// use graph_facade::{Client, CourseProgress, GraphDateTime, NewAssignment};
///
/// # async fn example(client: Client, provider: &str, learner: &str) -> Result<(), graph_facade::Error> {
/// let providers = client.learning_providers();
/// let course = providers.contents(provider).get_by_external_id("take-off/1").select(["id"]).await?;
/// let activities = providers.course_activities(provider);
/// let new = NewAssignment::new(learner, course.id.unwrap_or_default(), AssignmentType::Required);
/// let assigned = activities.create(new.due_utc("2026-09-22T16:05:00")).await?;
///
/// activities.set_progress(&assigned, CourseProgress::in_progress(30)).await?;
/// let done = GraphDateTime::from_text("2026-08-01T08:00:00Z");
/// activities.set_progress(&assigned, CourseProgress::completed(done)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ProviderCourseActivities {
    client: Client,
    provider: Result<Id, InvalidId>,
}

impl Client {
    /// The course activities of learners in Viva Learning.
    pub fn learning_course_activities(&self) -> LearningCourseActivities {
        LearningCourseActivities { client: self.clone() }
    }
}

impl LearningCourseActivities {
    /// Reads an activity.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_GET)]
    pub fn get(&self, activity: impl Identify) -> Get<LearningCourseActivity> {
        get!(&self.client, LEARNING_COURSE_ACTIVITIES_GET, learning_course_activities_get(activity))
    }

    /// Lists the activities of the user who calls.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_LIST_MINE)]
    pub fn list_mine(&self) -> List<LearningCourseActivity> {
        list!(&self.client, LEARNING_COURSE_ACTIVITIES_LIST_MINE, learning_course_activities_list_mine())
    }

    /// Reads an activity of the user who calls.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_GET_MINE)]
    pub fn get_mine(&self, activity: impl Identify) -> Get<LearningCourseActivity> {
        get!(&self.client, LEARNING_COURSE_ACTIVITIES_GET_MINE, learning_course_activities_get_mine(activity))
    }

    /// Lists the activities of a user, by id or user principal name.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_LIST_OF_USER)]
    pub fn list_of_user(&self, user: impl Identify) -> List<LearningCourseActivity> {
        list!(
            &self.client,
            LEARNING_COURSE_ACTIVITIES_LIST_OF_USER,
            learning_course_activities_list_of_user(user)
        )
    }

    /// Reads an activity of a user, by id or user principal name.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_GET_OF_USER)]
    pub fn get_of_user(&self, user: impl Identify, activity: impl Identify) -> Get<LearningCourseActivity> {
        get!(
            &self.client,
            LEARNING_COURSE_ACTIVITIES_GET_OF_USER,
            learning_course_activities_get_of_user(user, activity)
        )
    }
}

impl ProviderCourseActivities {
    pub(super) fn of(client: &Client, provider: impl Identify) -> Self {
        Self { client: client.clone(), provider: provider.identify() }
    }

    /// Reports an activity: a [`NewAssignment`](super::NewAssignment), or a
    /// [`NewSelfInitiatedCourse`](super::NewSelfInitiatedCourse). Its type and its provider are sent along.
    ///
    /// Refused before anything is sent: an activity without learner, content or status, an assignment that does not say how
    /// binding it is, another provider's activity, less than 0 or more than 100 percent, a self-initiated course that has
    /// not begun, progress before the beginning, a completed one without 100 percent and a date of completion, and such a date
    /// without completion.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_CREATE)]
    pub fn create(&self, activity: impl Into<LearningCourseActivity>) -> Request<LearningCourseActivity> {
        let (provider, mut activity) = (self.provider.clone(), activity.into());
        complete(&mut activity, provider.as_ref().ok());
        send!(
            &self.client,
            LEARNING_COURSE_ACTIVITIES_CREATE,
            { check_new(&activity, provider.as_ref().map_err(Clone::clone)?)? },
            learning_course_activities_create(provider; &activity)
        )
    }

    /// Reads an activity by its id in Graph.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_GET_OF_PROVIDER)]
    pub fn get(&self, activity: impl Identify) -> Get<LearningCourseActivity> {
        let provider = &self.provider;
        get!(
            &self.client,
            LEARNING_COURSE_ACTIVITIES_GET_OF_PROVIDER,
            learning_course_activities_get_of_provider(provider, activity)
        )
    }

    /// Reads an activity by the provider's own id.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_GET_OF_PROVIDER_BY_EXTERNAL_ID)]
    pub fn get_by_external_id(&self, external_id: &str) -> Get<LearningCourseActivity> {
        let (provider, key) = (&self.provider, external_key("externalcourseActivityId", external_id));
        get!(
            &self.client,
            LEARNING_COURSE_ACTIVITIES_GET_OF_PROVIDER_BY_EXTERNAL_ID,
            learning_course_activities_get_of_provider_by_external_id(provider; &key?)
        )
    }

    /// Changes an activity: what `change` leaves out stays as it is. Its type, which has to be that of the activity, is sent
    /// along. Refused before anything is sent: a change of nothing, and progress that [`create`](Self::create) refuses.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_UPDATE)]
    pub fn update(&self, activity: impl Identify, change: impl Into<LearningCourseActivity>) -> Request<()> {
        let (provider, mut change) = (&self.provider, change.into());
        complete(&mut change, None);
        send!(
            &self.client,
            LEARNING_COURSE_ACTIVITIES_UPDATE,
            { check_change(&change)? },
            learning_course_activities_update(provider, activity; &change)
        )
    }

    /// Says how far the learner of an activity, as it was read, has come. A date of completion that it has already stays until
    /// another is set. Refused before anything is sent: progress that [`create`](Self::create) refuses.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_UPDATE)]
    pub fn set_progress(&self, activity: &LearningCourseActivity, progress: CourseProgress) -> Request<()> {
        self.update(activity, progressed(activity, progress))
    }

    /// Deletes an activity.
    ///
    #[doc = facts!(LEARNING_COURSE_ACTIVITIES_DELETE)]
    pub fn delete(&self, activity: impl Identify) -> Request<()> {
        let provider = &self.provider;
        send!(
            &self.client,
            LEARNING_COURSE_ACTIVITIES_DELETE,
            learning_course_activities_delete(provider, activity)
        )
    }
}
