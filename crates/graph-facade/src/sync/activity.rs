//! What learners do with courses, as what is kept in step.

use graph_models::GraphDateTime;
use graph_models::models::{AssignmentType, CourseStatus, DateTimeTimeZone, LearningCourseActivity};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::api::{NewAssignment, NewSelfInitiatedCourse, course};

use super::synced::{Problem, Synced, in_utc};

/// An activity of a learner, with the id that the provider gave it: an assignment or a self-initiated course.
///
/// Its key is the learner's id and the provider's own, with a slash between them: `a1b2…/enrolment-17`.
///
/// ```
/// use graph_facade::models::AssignmentType;
/// use graph_facade::sync::{CourseActivity, Synced as _};
/// use graph_facade::{CourseProgress, NewAssignment};
///
/// let assigned = NewAssignment::new("learner", "content", AssignmentType::Required).external_id("enrolment-17");
/// let activity = CourseActivity::from(assigned.progress(CourseProgress::in_progress(30)));
/// assert_eq!(activity.key(), "learner/enrolment-17");
/// assert!(activity.problems().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CourseActivity {
    key: Box<str>,
    activity: LearningCourseActivity,
}

/// What is read of an activity of either kind.
macro_rules! of_either {
    ($activity:expr, $property:ident) => {
        match $activity {
            LearningCourseActivity::LearningAssignment(it) => it.$property.as_ref(),
            LearningCourseActivity::LearningSelfInitiatedCourse(it) => it.$property.as_ref(),
            _ => None,
        }
    };
}

impl CourseActivity {
    /// The activity, as it is sent.
    pub fn activity(&self) -> &LearningCourseActivity {
        &self.activity
    }

    /// The id that the provider gave it.
    pub fn external_id(&self) -> &str {
        external_id(&self.activity)
    }

    /// The id of the user who learns.
    pub fn learner(&self) -> &str {
        learner(&self.activity)
    }

    /// The provider that the activity says it is of.
    pub(super) fn provider(&self) -> Option<&str> {
        of_either!(&self.activity, learning_provider_id).map(String::as_str)
    }
}

/// The id of the user who learns; empty if there is none.
pub(super) fn learner(activity: &LearningCourseActivity) -> &str {
    of_either!(activity, learner_user_id).map_or("", String::as_str)
}

fn external_id(activity: &LearningCourseActivity) -> &str {
    of_either!(activity, externalcourse_activity_id).map_or("", String::as_str)
}

/// Empty unless both parts are known.
fn key_of(learner: &str, external_id: &str) -> String {
    if learner.is_empty() || external_id.is_empty() {
        String::new()
    } else {
        format!("{learner}/{external_id}")
    }
}

impl From<LearningCourseActivity> for CourseActivity {
    fn from(activity: LearningCourseActivity) -> Self {
        Self { key: key_of(learner(&activity), external_id(&activity)).into(), activity }
    }
}

impl From<NewAssignment> for CourseActivity {
    fn from(new: NewAssignment) -> Self {
        LearningCourseActivity::from(new).into()
    }
}

impl From<NewSelfInitiatedCourse> for CourseActivity {
    fn from(new: NewSelfInitiatedCourse) -> Self {
        LearningCourseActivity::from(new).into()
    }
}

impl Serialize for CourseActivity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.activity.serialize(serializer)
    }
}

impl Synced for CourseActivity {
    type Read = LearningCourseActivity;

    const KEY: &'static str = "externalcourseActivityId";

    fn from_read(read: LearningCourseActivity) -> Self {
        read.into()
    }

    fn key_in(read: &Value) -> Option<String> {
        let text = |name| read.get(name).and_then(Value::as_str);
        let external_id = text(Self::KEY).or_else(|| text("externalCourseActivityId"))?;
        Some(key_of(text("learnerUserId")?, external_id)).filter(|key| !key.is_empty())
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn complete(&mut self) {
        course::complete(&mut self.activity, None);
        match &mut self.activity {
            LearningCourseActivity::LearningAssignment(it) => {
                it.id = None;
                in_utc(&mut it.assigned_date_time);
                in_utc(&mut it.completed_date_time);
            }
            LearningCourseActivity::LearningSelfInitiatedCourse(it) => {
                it.id = None;
                in_utc(&mut it.started_date_time);
                in_utc(&mut it.completed_date_time);
            }
            _ => {}
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let faults = course::faults(&self.activity).into_iter();
        let mut problems: Vec<_> = faults.map(|(property, why)| Problem::new(property, why)).collect();
        if matches!(self.activity, LearningCourseActivity::Other(_)) {
            return problems;
        }
        if self.external_id().trim().is_empty() {
            problems.push(Problem::new(Self::KEY, "is missing"));
        }
        if self.learner().contains('/') {
            problems.push(Problem::new("learnerUserId", "has a slash, and must be the id of a user"));
        }
        if let Some(CourseStatus::Unknown(status)) = of_either!(&self.activity, status) {
            let why = format!("is `{}`, and may be notStarted, inProgress or completed", status.as_str());
            problems.push(Problem::new("status", why));
        }
        problems.extend(self.problems_of_its_kind());
        problems
    }
}

impl CourseActivity {
    fn problems_of_its_kind(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut dates = vec![("completedDateTime", of_either!(&self.activity, completed_date_time))];
        match &self.activity {
            LearningCourseActivity::LearningAssignment(it) => {
                dates.push(("assignedDateTime", it.assigned_date_time.as_ref()));
                if let Some(AssignmentType::Unknown(kind)) = &it.assignment_type {
                    let why = format!(
                        "is `{}`, and may be required, recommended or peerRecommended",
                        kind.as_str()
                    );
                    problems.push(Problem::new("assignmentType", why));
                }
                let why = it.due_date_time.as_ref().and_then(|due| wrong_due(due).err());
                problems.extend(why.map(|why| Problem::new("dueDateTime", why)));
            }
            LearningCourseActivity::LearningSelfInitiatedCourse(it) => {
                dates.push(("startedDateTime", it.started_date_time.as_ref()));
            }
            _ => {}
        }
        for (property, date) in dates {
            let error = date.and_then(|date| date.to_utc().err());
            problems.extend(error.map(|error| Problem::new(property, error.to_string())));
        }
        problems
    }
}

/// Date and time have no offset, and a time zone beside them.
fn wrong_due(due: &DateTimeTimeZone) -> Result<(), String> {
    let text = due.date_time.as_deref().unwrap_or_default();
    GraphDateTime::from_text(text).to_utc().map_err(|error| error.to_string())?;
    match due.time_zone.as_deref().unwrap_or_default() {
        "" => Err("has no `timeZone`: give it one, such as UTC".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{CourseActivity, Synced};

    fn read(object: serde_json::Value) -> CourseActivity {
        CourseActivity::from_read(serde_json::from_value(object).unwrap())
    }

    #[test]
    fn every_rule_is_checked_and_every_violation_named() {
        let activity = read(json!({
            "@odata.type": "#microsoft.graph.learningAssignment",
            "learnerUserId": "a/b",
            "status": "completed",
            "completionPercentage": 101,
            "assignmentType": "forced",
            "assignedDateTime": "yesterday",
            "dueDateTime": {"dateTime": "2026-09-22T16:05:00.0000000"},
        }));
        let problems = activity.problems();
        let named: Vec<_> = problems.iter().map(|problem| problem.property).collect();
        let expected = [
            "learningContentId",
            "completionPercentage",
            "status",
            "externalcourseActivityId",
            "learnerUserId",
            "assignmentType",
            "dueDateTime",
            "assignedDateTime",
        ];
        assert_eq!(named, expected, "{problems:?}");
    }

    #[test]
    fn the_kind_decides_what_a_status_may_be() {
        for (kind, status, is_good) in [
            ("learningAssignment", "notStarted", true),
            ("learningSelfInitiatedCourse", "notStarted", false),
            ("learningSelfInitiatedCourse", "inProgress", true),
            ("learningSelfInitiatedCourse", "done", false),
            ("learningTalk", "inProgress", false),
        ] {
            let activity = read(json!({
                "@odata.type": format!("#microsoft.graph.{kind}"),
                "externalCourseActivityId": "x",
                "learnerUserId": "ada",
                "learningContentId": "c",
                "status": status,
                "assignmentType": "required",
            }));
            assert_eq!(activity.problems().is_empty(), is_good, "{kind} {status}");
        }
    }

    #[test]
    fn two_forms_of_the_same_are_alike() {
        let mut one = read(json!({
            "@odata.type": "#microsoft.graph.learningSelfInitiatedCourse",
            "id": "17",
            "externalCourseActivityId": "x",
            "startedDateTime": "2026-05-11T22:57:17+00:00",
        }));
        let mut other = read(json!({
            "startedDateTime": "2026-05-12T00:57:17+02:00",
            "externalcourseActivityId": "x",
            "@odata.type": "#microsoft.graph.learningSelfInitiatedCourse",
        }));
        one.complete();
        other.complete();
        assert_eq!(one.fingerprint().unwrap(), other.fingerprint().unwrap());
    }

    #[test]
    fn the_key_of_a_row_that_cannot_be_read_is_found() {
        let row = json!({"externalCourseActivityId": "x", "learnerUserId": "ada", "status": 7});
        assert_eq!(CourseActivity::key_in(&row).as_deref(), Some("ada/x"));
        assert_eq!(CourseActivity::key_in(&json!({"learnerUserId": "ada"})), None);
    }
}
