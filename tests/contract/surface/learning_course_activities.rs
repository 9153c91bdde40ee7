//! The courses of learners in Viva Learning.

use futures_util::TryStreamExt;
use graph_facade::models::{
    AssignmentType, CourseStatus, LearningAssignment, LearningCourseActivity, NewLearningContent,
};
use graph_facade::{
    Client, CourseProgress, GraphDateTime, NewAssignment, NewSelfInitiatedCourse, StaticToken,
};
use graph_sim::{Fault, Sim};

use super::Stage;
use super::learning_providers::contoso;
use crate::support::{assert_clean, builder, client};

fn at(text: &str) -> GraphDateTime {
    GraphDateTime::from_text(text)
}

fn assignment(activity: LearningCourseActivity) -> LearningAssignment {
    match activity {
        LearningCourseActivity::LearningAssignment(it) => *it,
        other => panic!("{other:?}"),
    }
}

/// A provider with one course; its id and the course's.
async fn provider(client: &Client, enabled: bool) -> (String, String) {
    let providers = client.learning_providers();
    let new = contoso().is_course_activity_sync_enabled(enabled);
    let provider = providers.create(new).await.unwrap().id.unwrap();
    let course = NewLearningContent::new("take-off", "Take-off", "https://contoso.example/take-off", "en-us");
    let course = providers.contents(&provider).upsert_by_external_id(course).await.unwrap().unwrap();
    (provider, course.id.unwrap())
}

pub(super) async fn all(stage: Stage) {
    let (client, ada) = (stage.app(), stage.sim.user_id("ada"));
    let (provider, course) = provider(&client, true).await;
    let reported = client.learning_providers().course_activities(&provider);
    let learners = client.learning_course_activities();

    let new = NewAssignment::new(&ada, &course, AssignmentType::PeerRecommended)
        .external_id("a'1/2")
        .assigned_at(at("2026-05-11T22:57:17+00:00"))
        .due_utc("2026-09-22T16:05:00.0000000")
        .notes("Before your first flight");
    let assigned = reported.create(new).await.unwrap();
    assert_eq!(reported.get_by_external_id("a'1/2").await.unwrap(), assigned);
    assert_eq!(assignment(assigned.clone()).assignment_type, Some(AssignmentType::PeerRecommended));

    reported.set_progress(&assigned, CourseProgress::in_progress(30)).await.unwrap();
    let begun = assignment(reported.get(&assigned).await.unwrap());
    assert_eq!((begun.status, begun.completion_percentage), (Some(CourseStatus::InProgress), Some(30)));
    let done = CourseProgress::completed(at("2026-06-01T08:00:00Z"));
    reported.set_progress(&assigned, done.clone()).await.unwrap();
    let mut change = LearningAssignment::default();
    change.assignment_type = Some(AssignmentType::Required);
    reported.update(&assigned, LearningCourseActivity::LearningAssignment(Box::new(change))).await.unwrap();
    let finished = assignment(learners.get(&assigned).await.unwrap());
    assert_eq!((finished.status, finished.completion_percentage), (Some(CourseStatus::Completed), Some(100)));
    assert_eq!(finished.completed_date_time, Some(at("2026-06-01T08:00:00Z")));
    assert_eq!((finished.assignment_type, finished.notes), (Some(AssignmentType::Required), begun.notes));

    let own = NewSelfInitiatedCourse::new(&ada, &course).started_at(at("2026-05-11T22:57:17+00:00"));
    let own = reported.create(own).await.unwrap();
    reported.set_progress(&own, done).await.unwrap();

    let mine: Vec<_> = learners.list_mine().top(1).count().items().try_collect().await.unwrap();
    assert_eq!(mine.iter().map(LearningCourseActivity::id).collect::<Vec<_>>(), [assigned.id(), own.id()]);
    let page = learners.list_of_user(&ada).count().await.unwrap();
    assert_eq!((page.count, page.items), (Some(2), mine));
    let read = learners.get_mine(&own).await.unwrap();
    assert_eq!(read.id(), own.id());
    assert_eq!(learners.get_of_user(&ada, &own).await.unwrap(), read);
    let others = learners.get_of_user(stage.sim.user_id("grace"), &own).await.unwrap_err();
    assert!(others.is_not_found(), "{others}");

    reported.delete(&own).await.unwrap();
    reported.delete(&assigned).await.unwrap();
    assert!(reported.get(&own).await.unwrap_err().is_not_found());
    assert!(reported.get_by_external_id("a'1/2").await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn the_service_wants_the_switch_and_the_licence() {
    let sim = Sim::builder().user("ada").unlicensed_learner("grace").build();
    let client = builder(&sim, "ada").application(StaticToken::new(sim.app_token())).build().unwrap();
    let (provider, course) = provider(&client, false).await;
    let reported = client.learning_providers().course_activities(&provider);
    let (ada, grace) = (sim.user_id("ada"), sim.user_id("grace"));
    let off = reported.create(NewSelfInitiatedCourse::new(&ada, &course)).await.unwrap_err();
    assert_eq!(off.status().unwrap().as_u16(), 400, "{off}");

    let known = client.learning_providers().get(&provider).await.unwrap();
    client.learning_providers().enable_course_activity_sync(&known).await.unwrap();
    reported.create(NewSelfInitiatedCourse::new(&ada, &course)).await.unwrap();
    for (learner, course, status) in [(&grace, course.as_str(), 403), (&ada, "no-such-course", 400)] {
        let refused = reported.create(NewSelfInitiatedCourse::new(learner, course)).await.unwrap_err();
        assert_eq!(refused.status().unwrap().as_u16(), status, "{refused}");
    }
    let unknown = reported.delete("no-such-activity").await.unwrap_err();
    assert!(unknown.is_not_found(), "{unknown}");
    let stranger = client.learning_providers().course_activities("no-such-provider");
    let stranger = stranger.create(NewSelfInitiatedCourse::new(&ada, &course)).await.unwrap_err();
    assert_eq!(stranger.status().unwrap().as_u16(), 400, "{stranger}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn minutes_that_are_said_in_words_are_waited_for() {
    let fault = Fault::throttle_in_words("learning_providers.list", 2);
    let sim = Sim::builder().user("ada").fault(fault).build();
    client(&sim, "ada").learning_providers().list().await.unwrap();
    assert!(sim.elapsed().as_secs() >= 120, "\n{}", sim.journal());
    assert_eq!(sim.journal().entries().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let reported = stage.app().learning_providers().course_activities("1");
    let assigned = || NewAssignment::new("ada", "course", AssignmentType::Required);
    let own = || NewSelfInitiatedCourse::new("ada", "course");
    let changed = |change: &dyn Fn(&mut LearningAssignment)| {
        let mut it = assignment(assigned().into());
        change(&mut it);
        LearningCourseActivity::LearningAssignment(Box::new(it))
    };
    for (activity, named) in [
        (NewAssignment::new("", "course", AssignmentType::Required).into(), "`learnerUserId` is empty"),
        (NewSelfInitiatedCourse::new("ada", " ").into(), "`learningContentId` is empty"),
        (changed(&|it| it.status = None), "`status` is not set"),
        (changed(&|it| it.assignment_type = None), "`assignmentType` is not set"),
        (changed(&|it| it.learning_provider_id = Some("2".to_owned())), "`learningProviderId` is `2`"),
        (assigned().progress(CourseProgress::in_progress(101)).into(), "`completionPercentage` is 101"),
        (own().progress(CourseProgress::in_progress(-1)).into(), "`completionPercentage` is -1"),
        (own().progress(CourseProgress::not_started()).into(), "a self-initiated course is `inProgress`"),
        (changed(&|it| it.completion_percentage = Some(1)), "`completionPercentage` is more than 0"),
        (changed(&|it| it.status = Some(CourseStatus::Completed)), "`completedDateTime` as well"),
        (changed(&|it| it.completed_date_time = Some(at("2026-06-01T08:00:00Z"))), "is not `completed`"),
    ] {
        let refused = reported.create(activity).await.unwrap_err();
        assert!(refused.to_string().contains(named), "{refused}");
    }
    let nothing = LearningCourseActivity::LearningAssignment(Box::default());
    let nothing = reported.update("1", nothing).await.unwrap_err();
    assert!(nothing.to_string().contains("changes nothing"), "{nothing}");
    let user = stage.client.on_behalf_of_user().learning_providers().course_activities("1");
    let user = user.create(own()).await.unwrap_err();
    assert!(user.to_string().contains("as an app"), "{user}");
    assert_eq!(stage.sim.journal().entries().len(), 0);
}
