//! What learners do with courses, reported every night by the same engine.

use std::io::BufReader;

use futures_util::{StreamExt as _, stream};
use graph_facade::models::{AssignmentType, CourseStatus, LearningCourseActivity, NewLearningContent};
use graph_facade::sync::{
    CourseActivities, CourseActivity, ItemReport, Ledger, Missing, Row, SyncEngine, SyncError, SyncEvent,
    SyncSummary, json_lines,
};
use graph_facade::{
    Client, CourseProgress, GraphDateTime, NewAssignment, NewSelfInitiatedCourse, StaticToken,
};
use graph_sim::{Fault, Sim};

use crate::support::{arrivals, assert_clean, builder, pass, seconds};
use crate::surface::contoso;

const CREATE: &str = "learning_course_activities.create";
const UPDATE: &str = "learning_course_activities.update";
const DELETE: &str = "learning_course_activities.delete";

/// A provider with one course.
struct Night {
    sim: Sim,
    client: Client,
    provider: String,
    course: String,
    engine: SyncEngine<CourseActivities>,
    ledger: Ledger,
}

impl Night {
    async fn new(enabled: bool, fault: Option<Fault>) -> Self {
        let sim = Sim::builder()
            .user("ada")
            .user("grace")
            .unlicensed_learner("eve")
            .token_lifetime(seconds(100 * 24 * 60 * 60));
        let sim = fault.into_iter().fold(sim, graph_sim::SimBuilder::fault).build();
        let client = builder(&sim, "ada").application(StaticToken::new(sim.app_token())).build().unwrap();
        let providers = client.learning_providers();
        let provider =
            providers.create(contoso().is_course_activity_sync_enabled(enabled)).await.unwrap().id.unwrap();
        let course =
            NewLearningContent::new("take-off", "Take-off", "https://contoso.example/take-off", "en-us");
        let course = providers.contents(&provider).upsert_by_external_id(course).await.unwrap().unwrap();
        let engine = client.sync_learning_course_activities(provider.as_str());
        Self { sim, client, provider, course: course.id.unwrap(), engine, ledger: Ledger::in_memory() }
    }

    fn assigned(&self, external_id: &str, learner: &str, progress: CourseProgress) -> CourseActivity {
        let new =
            NewAssignment::new(self.sim.user_id(learner), self.course.as_str(), AssignmentType::Required);
        new.external_id(external_id).due_utc("2026-09-22T16:05:00").progress(progress).into()
    }

    fn taken(&self, external_id: &str, learner: &str, progress: CourseProgress) -> CourseActivity {
        let new = NewSelfInitiatedCourse::new(self.sim.user_id(learner), self.course.as_str());
        new.external_id(external_id).progress(progress).into()
    }

    async fn run(&mut self, activities: Vec<CourseActivity>) -> SyncSummary {
        self.engine.run(stream::iter(activities), &mut self.ledger).await.unwrap()
    }

    async fn reported<R: Into<Row<CourseActivity>>>(
        &mut self,
        rows: impl Iterator<Item = R> + Send,
    ) -> Vec<ItemReport> {
        let mut run = self.engine.run(stream::iter(rows), &mut self.ledger);
        let mut reports = Vec::new();
        while let Some(event) = run.next().await {
            if let SyncEvent::Item(report) = event.unwrap() {
                reports.push(report);
            }
        }
        reports
    }

    /// How many activities were created, changed and deleted so far.
    fn writes(&self) -> [usize; 3] {
        [CREATE, UPDATE, DELETE].map(|operation| arrivals(&self.sim, operation).len())
    }

    async fn held(&self, external_id: &str) -> LearningCourseActivity {
        let activities = self.client.as_app().learning_providers().course_activities(&self.provider);
        activities.get_by_external_id(external_id).await.unwrap()
    }
}

fn done() -> CourseProgress {
    CourseProgress::completed(GraphDateTime::from_text("2026-06-01T08:00:00Z"))
}

fn status(activity: LearningCourseActivity) -> Option<CourseStatus> {
    match activity {
        LearningCourseActivity::LearningAssignment(it) => it.status,
        LearningCourseActivity::LearningSelfInitiatedCourse(it) => it.status,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn last_nights_completions_are_reported_and_nothing_else_is_touched() {
    let mut night = Night::new(true, None).await;
    let all = |night: &Night| {
        let assigned = (0..30)
            .map(|number| night.assigned(&format!("a/{number}"), "ada", CourseProgress::not_started()));
        let taken = (0..30)
            .map(|number| night.taken(&format!("t'{number}"), "grace", CourseProgress::in_progress(10)));
        assigned.chain(taken).collect::<Vec<_>>()
    };
    let first = night.run(all(&night)).await;
    assert_eq!((first.counts.created, first.is_complete(), night.writes()), (60, true, [60, 0, 0]));
    assert_eq!(night.run(all(&night)).await.counts.unchanged, 60);

    let completed = vec![night.assigned("a/7", "ada", done()), night.taken("t'7", "grace", done())];
    let second = night.run(completed).await;
    assert_eq!((second.counts.changed, second.counts.deactivated, second.withheld), (2, 0, None));
    assert_eq!(night.writes(), [60, 2, 0]);
    for (external_id, expected) in [
        ("a/7", CourseStatus::Completed),
        ("t'7", CourseStatus::Completed),
        ("a/8", CourseStatus::NotStarted),
        ("t'8", CourseStatus::InProgress),
    ] {
        assert_eq!(status(night.held(external_id).await), Some(expected), "{external_id}");
    }
    assert_clean(&night.sim);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_deleted_after_its_grace_if_that_is_meant() {
    let mut night = Night::new(true, None).await;
    night.engine = night.engine.missing(Missing::Removed);
    let all = vec![night.assigned("a", "ada", done()), night.taken("b", "grace", done())];
    assert!(night.run(all.clone()).await.is_complete());
    let requests = night.sim.journal().entries().len();
    assert_eq!(night.run(all[..1].to_vec()).await.counts.deactivated, 1);
    assert_eq!(night.sim.journal().entries().len(), requests, "an activity can't be off the offer");
    pass(seconds(31 * 24 * 60 * 60)).await;
    assert_eq!(night.run(all[..1].to_vec()).await.counts.deleted, 1);
    assert_eq!((night.writes(), night.ledger.len()), ([2, 0, 1], 1));
    assert_clean(&night.sim);
}

/// Without a ledger, each is looked up: what is there as it should be is not written again, and never doubled.
#[tokio::test(start_paused = true)]
async fn a_lost_ledger_doubles_nothing() {
    let mut night = Night::new(true, None).await;
    let all =
        vec![night.assigned("a", "ada", CourseProgress::in_progress(30)), night.taken("b", "grace", done())];
    assert!(night.run(all.clone()).await.is_complete());
    night.ledger = Ledger::in_memory();
    let refused = night.engine.take_stock(&mut night.ledger).await.unwrap_err();
    assert!(refused.to_string().contains("there is no list"), "{refused}");
    let changed = vec![night.assigned("a", "ada", done()), all[1].clone()];
    assert!(night.run(changed).await.is_complete());
    assert_eq!(night.writes(), [2, 1, 0]);
    assert_clean(&night.sim);
}

/// A creation whose answer was lost may have been processed: runs look, and create no second one until a look can tell.
#[tokio::test(start_paused = true)]
async fn a_creation_whose_answer_was_lost_is_looked_up() {
    let mut night = Night::new(true, Some(Fault::respond(CREATE, 504).times(1))).await;
    let all = vec![night.assigned("a", "ada", done()), night.taken("b", "grace", done())];
    let first = night.run(all.clone()).await;
    assert_eq!((first.counts.created, first.counts.ambiguous), (1, 1));
    assert_eq!(night.run(all.clone()).await.counts.ambiguous, 1);
    assert_eq!(night.writes(), [2, 0, 0]);
    pass(seconds(60 * 60)).await;
    assert!(night.run(all).await.is_complete());
    assert_eq!(night.writes(), [3, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_processed_unseen_is_found() {
    let mut night = Night::new(true, Some(Fault::lose_connection(CREATE).times(1))).await;
    let one = vec![night.assigned("a", "ada", done())];
    let error = night.engine.run(stream::iter(one.clone()), &mut night.ledger).await.unwrap_err();
    assert!(matches!(error, SyncError::Stopped(_)), "{error}");
    assert!(night.run(one.clone()).await.is_complete());
    assert_eq!(night.run(one).await.counts.unchanged, 1);
    assert_eq!(night.writes(), [1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn the_rules_are_checked_row_by_row() {
    let mut night = Night::new(true, None).await;
    let (ada, grace, eve) = (night.sim.user_id("ada"), night.sim.user_id("grace"), night.sim.user_id("eve"));
    let course = night.course.clone();
    let text = [
        format!(r##"{{"@odata.type":"#microsoft.graph.learningSelfInitiatedCourse","externalCourseActivityId":"1","learningContentId":"{course}","learnerUserId":"{ada}","status":"inProgress","completionPercentage":30}}"##),
        format!(r##"{{"@odata.type":"#microsoft.graph.learningSelfInitiatedCourse","externalcourseActivityId":"2","learningContentId":"{course}","learnerUserId":"{grace}","status":"notStarted"}}"##),
        format!(r##"{{"@odata.type":"#microsoft.graph.learningAssignment","externalcourseActivityId":"3","learningContentId":"{course}","learnerUserId":"{grace}","status":"completed","completionPercentage":90}}"##),
        format!(r##"{{"@odata.type":"#microsoft.graph.learningSelfInitiatedCourse","externalcourseActivityId":"1","learningContentId":"{course}","learnerUserId":"{ada}","status":"inProgress"}}"##),
        format!(r##"{{"@odata.type":"#microsoft.graph.learningSelfInitiatedCourse","externalcourseActivityId":"4","learningContentId":"{course}","learnerUserId":"{eve}","status":"inProgress"}}"##),
        format!(r#"{{"externalcourseActivityId":"5","learningContentId":"{course}","learnerUserId":"{ada}","status":"inProgress"}}"#),
    ]
    .join("\n");
    let reports = night.reported(json_lines(BufReader::new(text.as_bytes()))).await;
    let hide = |text: String| text.replace(&ada, "ada").replace(&grace, "grace").replace(&eve, "eve");
    let without_ids = |text: String| text.split(" [").next().unwrap_or_default().to_owned();
    let words: Vec<_> = reports.iter().map(|report| without_ids(hide(report.to_string()))).collect();
    insta::assert_snapshot!(words.join("\n"), @r"
    line 2: refused grace/2; `status` is `notStarted`, and a self-initiated course is `inProgress` or `completed`
    line 3: refused grace/3; `assignmentType` is not set: the service needs it for assignments; `status` is `completed`: set `completionPercentage` to 100 and `completedDateTime` as well
    line 4: refused ada/1; `externalcourseActivityId` is the same as in line 1: each must be there once
    line 6: refused; `@odata.type` is neither `#microsoft.graph.learningAssignment` nor `#microsoft.graph.learningSelfInitiatedCourse`: give it one of these
    line 1: create ada/1
    line 5: create eve/4, which failed: learning_course_activities.create: the service refused (403 Forbidden): The learner 'eve' has no service plan for Viva Learning.
    ");
    assert_eq!(night.writes()[0], 2, "one was refused by the service");
    let moved = night.taken("1", "grace", done());
    let reports = night.reported([moved].into_iter()).await;
    assert!(reports[0].to_string().contains("that of an activity of the learner"), "{}", reports[0]);
}

#[tokio::test(start_paused = true)]
async fn a_provider_whose_switch_is_off_stops_the_run() {
    let mut night = Night::new(false, None).await;
    night.engine = night.engine.failures_in_a_row(40);
    let all: Vec<_> = (0..400).map(|number| night.taken(&number.to_string(), "ada", done())).collect();
    let error = night.engine.run(stream::iter(all), &mut night.ledger).await.unwrap_err();
    assert!(matches!(error, SyncError::Failing { .. }), "{error}");
    assert!(error.to_string().contains("isCourseActivitySyncEnabled"), "{error}");
    assert!(night.writes()[0] <= 120 && night.ledger.is_empty(), "{:?}", night.writes());

    let few = vec![night.taken("1", "ada", done())];
    let reports = night.reported(few.clone().into_iter()).await;
    assert!(reports[0].to_string().contains("not enabled for course activities"), "{}", reports[0]);
    let providers = night.client.learning_providers();
    let provider = providers.get(&night.provider).await.unwrap();
    providers.enable_course_activity_sync(&provider).await.unwrap();
    assert_eq!(night.run(few).await.counts.created, 1);
    assert_clean(&night.sim);
}

#[tokio::test(start_paused = true)]
async fn minutes_in_words_are_waited_for() {
    let mut night = Night::new(true, Some(Fault::throttle_in_words(CREATE, 2).skip(10).times(3))).await;
    let all: Vec<_> = (0..40).map(|number| night.taken(&number.to_string(), "ada", done())).collect();
    let summary = night.run(all).await;
    assert_eq!((summary.counts.created, night.writes()), (40, [43, 0, 0]));
    assert!(summary.throttled.as_secs() >= 120, "{:?}", summary.throttled);
}
