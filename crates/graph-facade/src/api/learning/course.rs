//! What is written about a learner's course, and the rules for it.

use graph_client::Error;
use graph_models::models::{
    AssignmentType, BodyType, CourseStatus, DateTimeTimeZone, ItemBody, LearningAssignment,
    LearningCourseActivity, LearningSelfInitiatedCourse,
};
use graph_models::{GraphDateTime, Id};

const ASSIGNMENT: &str = "#microsoft.graph.learningAssignment";
const SELF_INITIATED: &str = "#microsoft.graph.learningSelfInitiatedCourse";

/// How far a learner has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseProgress {
    status: CourseStatus,
    percentage: i32,
    completed_at: Option<GraphDateTime>,
}

impl CourseProgress {
    /// The learner has not begun. Only for assignments.
    pub fn not_started() -> Self {
        Self { status: CourseStatus::NotStarted, percentage: 0, completed_at: None }
    }

    /// The learner has begun, and is done with so many percent: 0 to 100.
    pub fn in_progress(percentage: i32) -> Self {
        Self { status: CourseStatus::InProgress, percentage, completed_at: None }
    }

    /// The learner was done at that time, with all of it.
    pub fn completed(at: GraphDateTime) -> Self {
        Self { status: CourseStatus::Completed, percentage: 100, completed_at: Some(at) }
    }
}

/// A course that a learner is to take because somebody says so.
#[derive(Clone, Debug)]
pub struct NewAssignment(LearningAssignment);

/// A course that a learner takes of their own accord.
#[derive(Clone, Debug)]
pub struct NewSelfInitiatedCourse(LearningSelfInitiatedCourse);

/// What both kinds have.
macro_rules! common {
    ($type:ident, $initial:expr, ($($argument:ident: $of:ty => $property:ident),*)) => {
        impl $type {
            /// One of this learner (the id of a user with a licence for Viva Learning) with this item of the provider's
            /// catalogue (its id in Graph).
            pub fn new(learner: impl Into<String>, content: impl Into<String> $(, $argument: $of)*) -> Self {
                let mut course = Self(Default::default());
                course.0.learner_user_id = Some(learner.into());
                course.0.learning_content_id = Some(content.into());
                $(course.0.$property = Some($argument);)*
                course.progress($initial)
            }

            /// The id that it has with the provider.
            pub fn external_id(mut self, id: impl Into<String>) -> Self {
                self.0.externalcourse_activity_id = Some(id.into());
                self
            }

            /// How far the learner has come already.
            pub fn progress(mut self, progress: CourseProgress) -> Self {
                self.0.status = Some(progress.status);
                self.0.completion_percentage = Some(progress.percentage);
                self.0.completed_date_time = progress.completed_at;
                self
            }
        }
    };
}

common!(NewAssignment, CourseProgress::not_started(), (binding: AssignmentType => assignment_type));
common!(NewSelfInitiatedCourse, CourseProgress::in_progress(0), ());

impl NewAssignment {
    /// Who assigned it (the id of a user).
    pub fn assigner(mut self, user: impl Into<String>) -> Self {
        self.0.assigner_user_id = Some(user.into());
        self
    }

    /// When it was assigned.
    pub fn assigned_at(mut self, at: GraphDateTime) -> Self {
        self.0.assigned_date_time = Some(at);
        self
    }

    /// When it is due: date and time without an offset, such as `2026-09-22T16:05:00`, in UTC.
    pub fn due_utc(mut self, date_time: impl Into<String>) -> Self {
        let mut due = DateTimeTimeZone::default();
        due.date_time = Some(date_time.into());
        due.time_zone = Some("UTC".to_owned());
        self.0.due_date_time = Some(due);
        self
    }

    /// A plain text for the learner.
    pub fn notes(mut self, text: impl Into<String>) -> Self {
        let mut notes = ItemBody::default();
        notes.content_type = Some(BodyType::Text);
        notes.content = Some(text.into());
        self.0.notes = Some(notes);
        self
    }
}

impl NewSelfInitiatedCourse {
    /// When the learner began.
    pub fn started_at(mut self, at: GraphDateTime) -> Self {
        self.0.started_date_time = Some(at);
        self
    }
}

impl From<NewAssignment> for LearningCourseActivity {
    fn from(course: NewAssignment) -> Self {
        Self::LearningAssignment(Box::new(course.0))
    }
}

impl From<NewSelfInitiatedCourse> for LearningCourseActivity {
    fn from(course: NewSelfInitiatedCourse) -> Self {
        Self::LearningSelfInitiatedCourse(Box::new(course.0))
    }
}

/// The change to this activity that sets its progress.
pub(super) fn progressed(
    activity: &LearningCourseActivity,
    progress: CourseProgress,
) -> LearningCourseActivity {
    match activity {
        LearningCourseActivity::LearningAssignment(_) => {
            NewAssignment(LearningAssignment::default()).progress(progress).into()
        }
        LearningCourseActivity::LearningSelfInitiatedCourse(_) => {
            NewSelfInitiatedCourse(LearningSelfInitiatedCourse::default()).progress(progress).into()
        }
        other => other.clone(),
    }
}

/// Says in the activity what it is, as every write has to, and who its provider is if it is new.
pub(crate) fn complete(activity: &mut LearningCourseActivity, provider: Option<&Id>) {
    let provider = provider.map(ToString::to_string);
    match activity {
        LearningCourseActivity::LearningAssignment(it) => {
            it.odata_type = Some(ASSIGNMENT.to_owned());
            it.learning_provider_id = it.learning_provider_id.take().or(provider);
        }
        LearningCourseActivity::LearningSelfInitiatedCourse(it) => {
            it.odata_type = Some(SELF_INITIATED.to_owned());
            it.learning_provider_id = it.learning_provider_id.take().or(provider);
        }
        _ => {}
    }
}

/// What both kinds say, to hold against the rules.
struct Written<'a> {
    learner: Option<&'a String>,
    content: Option<&'a String>,
    provider: Option<&'a String>,
    status: Option<&'a CourseStatus>,
    percentage: Option<i32>,
    completed_at: Option<&'a GraphDateTime>,
    binding: Option<&'a AssignmentType>,
    is_assignment: bool,
    is_empty: bool,
}

macro_rules! written {
    ($it:expr, $type:ident, $tag:expr, $binding:expr) => {{
        let mut empty = $type::default();
        empty.odata_type = Some($tag.to_owned());
        Written {
            learner: $it.learner_user_id.as_ref(),
            content: $it.learning_content_id.as_ref(),
            provider: $it.learning_provider_id.as_ref(),
            status: $it.status.as_ref(),
            percentage: $it.completion_percentage,
            completed_at: $it.completed_date_time.as_ref(),
            binding: $binding,
            is_assignment: $tag == ASSIGNMENT,
            is_empty: **$it == empty,
        }
    }};
}

/// None for what is neither an assignment nor a self-initiated course.
fn written(activity: &LearningCourseActivity) -> Option<Written<'_>> {
    match activity {
        LearningCourseActivity::LearningAssignment(it) => {
            Some(written!(it, LearningAssignment, ASSIGNMENT, it.assignment_type.as_ref()))
        }
        LearningCourseActivity::LearningSelfInitiatedCourse(it) => {
            Some(written!(it, LearningSelfInitiatedCourse, SELF_INITIATED, None))
        }
        _ => None,
    }
}

/// What is wrong with one property of an activity: its name, and what follows it in a sentence.
pub(crate) type Fault = (&'static str, String);

/// Every reason for which the service would not take a new activity; empty if it would.
pub(crate) fn faults(activity: &LearningCourseActivity) -> Vec<Fault> {
    let Some(it) = written(activity) else {
        return vec![(
            "@odata.type",
            format!("is neither `{ASSIGNMENT}` nor `{SELF_INITIATED}`: give it one of these"),
        )];
    };
    let empty = |value: Option<&String>| value.is_none_or(|text| text.trim().is_empty());
    let needed = [("learnerUserId", it.learner), ("learningContentId", it.content)].into_iter();
    let mut faults: Vec<_> = needed
        .filter(|(_, value)| empty(*value))
        .map(|(property, _)| (property, "is empty: the service needs it".to_owned()))
        .collect();
    if it.status.is_none() {
        faults.push(("status", "is not set: the service needs it".to_owned()));
    }
    if it.is_assignment && it.binding.is_none() {
        faults.push(("assignmentType", "is not set: the service needs it for assignments".to_owned()));
    }
    faults.extend(it.progress_faults());
    faults
}

/// Refuses a new activity that lacks something, or contradicts itself.
pub(super) fn check_new(activity: &LearningCourseActivity, provider: &Id) -> Result<(), Error> {
    refuse(faults(activity).into_iter().next())?;
    let named = written(activity).and_then(|it| it.provider);
    refuse(named.filter(|named| named.as_str() != provider.as_str()).map(|other| {
        let why = format!("is `{other}`, and the activity is one of the provider `{provider}`: leave it out");
        ("learningProviderId", why)
    }))
}

/// Refuses a change of nothing, and one that contradicts itself.
pub(super) fn check_change(activity: &LearningCourseActivity) -> Result<(), Error> {
    let Some(it) = written(activity) else { return refuse(faults(activity).into_iter().next()) };
    if it.is_empty {
        return Err(Error::nothing_to_change());
    }
    refuse(it.progress_faults().into_iter().next())
}

fn refuse(fault: Option<Fault>) -> Result<(), Error> {
    match fault {
        Some((property, why)) => Err(Error::refused(format!("`{property}` {why}"))),
        None => Ok(()),
    }
}

impl Written<'_> {
    fn progress_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(percentage) = self.percentage.filter(|percentage| !(0..=100).contains(percentage)) {
            faults.push(("completionPercentage", format!("is {percentage}, and may be from 0 to 100")));
        }
        let why = match self.status {
            Some(CourseStatus::NotStarted) if !self.is_assignment => Some((
                "status",
                "is `notStarted`, and a self-initiated course is `inProgress` or `completed`",
            )),
            Some(CourseStatus::NotStarted) if self.percentage.is_some_and(|percentage| percentage > 0) => {
                Some(("status", "is `notStarted`, and `completionPercentage` is more than 0"))
            }
            Some(CourseStatus::Completed) if self.percentage != Some(100) || self.completed_at.is_none() => {
                Some((
                    "status",
                    "is `completed`: set `completionPercentage` to 100 and `completedDateTime` as well",
                ))
            }
            Some(CourseStatus::NotStarted | CourseStatus::InProgress) if self.completed_at.is_some() => {
                Some(("completedDateTime", "is set, and `status` is not `completed`"))
            }
            _ => None,
        };
        faults.extend(why.map(|(property, why)| (property, why.to_owned())));
        faults
    }
}
