//! Planner: plans, buckets and tasks.

use graph_facade::models::{
    NewPlannerBucket, NewPlannerPlan, NewPlannerTask, PlannerBucketPatch, PlannerCategoryDescriptions,
    PlannerPlanContainer, PlannerPlanDetailsPatch, PlannerPlanPatch, PlannerPreviewType, PlannerTask,
    PlannerTaskDetailsPatch, PlannerTaskPatch,
};
use graph_facade::{
    Error, Etag, GraphDateTime, Id, OrderHint, PlannerPlanDetailsEntries as _,
    PlannerTaskDetailsEntries as _, PlannerTaskEntries as _, Tagged, reference_key,
};
use graph_sim::{Fault, Sim};

use super::Stage;
use crate::support::{assert_clean, client};

const FUEL: &str = "95e27074-6c4a-447a-aa24-9d718a0b86fa";
const MAP: &str = "https://contoso.example/maps/north.pdf?scale=1:50#legend";

/// Which objects these are, and in which states.
fn states<T: Tagged>(objects: &[T]) -> Vec<(Id, Etag)> {
    objects.iter().map(|object| (object.identify().unwrap(), object.etag().unwrap())).collect()
}

pub(super) async fn plans(stage: Stage) {
    let (plans, pilots) = (stage.client.planner_plans(), stage.pilots());
    assert_eq!(plans.list_of_group(&pilots).await.unwrap().items, []);
    let plan = plans.create_in_group(&pilots, "Flights ✈").await.unwrap();
    let container = plan.container.clone().unwrap();
    assert_eq!(container.container_id.as_ref(), Some(&pilots));
    let other = plans.create(NewPlannerPlan::new(container, "Simulator")).await.unwrap();

    let renamed = plans.update(&plan, PlannerPlanPatch::new().title("Flights 🛫")).await.unwrap();
    assert_eq!(renamed.title.as_deref(), Some("Flights 🛫"));
    assert_ne!(renamed.etag(), plan.etag(), "another state has another etag");
    assert_eq!(plans.get(&plan).await.unwrap(), renamed);
    let edited = plans.edit(&plan, |_| PlannerPlanPatch::new().title("Flights")).await.unwrap();
    assert_eq!(
        plans.edit(&plan, |_| PlannerPlanPatch::new()).await.unwrap(),
        edited,
        "nothing was left to change"
    );

    let details = plans.details(&plan).await.unwrap();
    let mut labels = PlannerCategoryDescriptions::default();
    labels.category1 = Some("Night".to_owned());
    let change =
        PlannerPlanDetailsPatch::new().category_descriptions(labels).share_with(stage.sim.user_id("grace"));
    let changed = plans.update_details(&details, change).await.unwrap();
    assert_eq!(changed.shared_with.unwrap().get(&stage.sim.user_id("grace")), Some(&true));
    let unshared = plans
        .edit_details(&plan, |_| PlannerPlanDetailsPatch::new().unshare_with(stage.sim.user_id("grace")))
        .await
        .unwrap();
    assert!(unshared.shared_with.unwrap().entries.is_empty());
    assert_eq!(unshared.category_descriptions.unwrap().category1.as_deref(), Some("Night"));

    plans.delete(&other).await.unwrap();
    assert_eq!(states(&plans.list_of_group(&pilots).await.unwrap().items), states(&[edited]));
}

pub(super) async fn buckets(stage: Stage) {
    let (plans, buckets) = (stage.client.planner_plans(), stage.client.planner_buckets());
    let plan = plans.create_in_group(stage.pilots(), "Flights").await.unwrap();
    let plan_id = plan.id.clone().unwrap();
    let first = buckets.create(NewPlannerBucket::new("Planned", &plan_id)).await.unwrap();
    let hint = OrderHint::after(first.order_hint.as_deref().unwrap());
    let second = buckets.create(NewPlannerBucket::new("Flown", &plan_id).order_hint(hint)).await.unwrap();
    assert!(second.order_hint > first.order_hint);

    let top = OrderHint::before(first.order_hint.as_deref().unwrap());
    let moved = buckets.update(&second, PlannerBucketPatch::new().order_hint(top)).await.unwrap();
    assert!(moved.order_hint < first.order_hint);
    let renamed = buckets.edit(&second, |_| PlannerBucketPatch::new().name("Done")).await.unwrap();
    assert_eq!(buckets.get(&second).await.unwrap(), renamed);
    assert_eq!(states(&plans.buckets(&plan).await.unwrap().items), states(&[first.clone(), renamed]));

    let task = NewPlannerTask::new(&plan_id, "To Oslo").bucket_id(first.id.clone().unwrap());
    let task = stage.client.planner_tasks().create(task).await.unwrap();
    assert_eq!(states(&buckets.tasks(&first).await.unwrap().items), states(&[task]));
    buckets.delete(&first).await.unwrap();
    assert_eq!(plans.tasks(&plan).await.unwrap().items, [], "a bucket takes its tasks along");
}

pub(super) async fn tasks(stage: Stage) {
    let tasks = stage.client.planner_tasks();
    let (ada, grace) = (stage.sim.user_id("ada"), stage.sim.user_id("grace"));
    let plan = stage.client.planner_plans().create_in_group(stage.pilots(), "Flights").await.unwrap();
    let new = NewPlannerTask::new(plan.id.clone().unwrap(), "To Oslo")
        .assign(&ada)
        .label(3)
        .priority(1)
        .due_date_time(GraphDateTime::from_text("2026-02-01T10:00:00Z"));
    let task = tasks.create(new).await.unwrap();
    assert!(task.assignments.as_ref().unwrap().get(&ada).unwrap().assigned_by.is_some());

    let change =
        PlannerTaskPatch::new().assign(&grace).unassign(&ada).label(5).unlabel(3).percent_complete(100);
    let changed = tasks.update(&task, change).await.unwrap();
    assert_eq!(changed.assignments.as_ref().unwrap().entries.keys().collect::<Vec<_>>(), [&grace]);
    assert_eq!(
        changed.applied_categories.as_ref().unwrap().entries.keys().collect::<Vec<_>>(),
        ["category5"]
    );
    assert!(changed.completed_date_time.is_some());

    let mut wanted = changed.clone();
    wanted.assignments.as_mut().unwrap().entries.clear();
    wanted.title = Some("To Bergen".to_owned());
    let between = tasks.edit(&task, |now| PlannerTaskPatch::between(now, &wanted)).await.unwrap();
    assert!(between.assignments.unwrap().entries.is_empty(), "what is gone in between is removed");

    let details = tasks.details(&task).await.unwrap();
    let change = PlannerTaskDetailsPatch::new()
        .description("Alternate: Voss")
        .preview_type(PlannerPreviewType::Checklist)
        .checklist_item(FUEL, "Fuel ⛽")
        .link(MAP, "Map");
    let changed = tasks.update_details(&details, change).await.unwrap();
    assert!(changed.references.unwrap().get(&reference_key(MAP)).is_some());
    let ticked =
        tasks.edit_details(&task, |_| PlannerTaskDetailsPatch::new().tick(FUEL).unlink(MAP)).await.unwrap();
    let item = ticked.checklist.as_ref().unwrap().get(FUEL).unwrap();
    assert_eq!((item.title.as_deref(), item.is_checked), (Some("Fuel ⛽"), Some(true)));
    assert!(ticked.references.unwrap().entries.is_empty());

    let read = tasks.get(&task).select(["title", "checklistItemCount"]).await.unwrap();
    assert_eq!((read.title.as_deref(), read.checklist_item_count), (Some("To Bergen"), Some(1)));
    tasks.delete(&read).await.unwrap();
    assert!(tasks.get(&task).await.unwrap_err().is_not_found());
}

/// A tenant with a plan and a task in it, for `ada`.
async fn with_task(sim: &Sim) -> PlannerTask {
    let ada = client(sim, "ada");
    let plan = ada.planner_plans().create_in_group(sim.group_id("Pilots").unwrap(), "Flights").await.unwrap();
    ada.planner_tasks().create(NewPlannerTask::new(plan.id.unwrap(), "To Oslo")).await.unwrap()
}

fn pilots() -> graph_sim::SimBuilder {
    Sim::builder().user("ada").user("grace").group("Pilots", ["ada"])
}

fn to(title: &str) -> PlannerTaskPatch {
    PlannerTaskPatch::new().title(title)
}

#[tokio::test(start_paused = true)]
async fn a_change_of_an_old_state_is_refused() {
    let sim = pilots().build();
    let task = with_task(&sim).await;
    let tasks = client(&sim, "ada").planner_tasks();
    tasks.update(&task, to("To Bergen")).await.unwrap();
    let stale = tasks.update(&task, to("To Tromsø")).await.unwrap_err();
    assert!(stale.is_changed_meanwhile(), "{stale}");
    assert!(stale.to_string().contains("read the object again"), "{stale}");
    assert!(tasks.delete(&task).await.unwrap_err().is_changed_meanwhile());
}

#[tokio::test(start_paused = true)]
async fn of_two_who_edit_at_once_the_slower_begins_again() {
    // Both have read before either changes.
    let slow = Fault::delay("planner_tasks.get", std::time::Duration::from_secs(1));
    let sim = pilots().fault(slow).build();
    let task = with_task(&sim).await;
    let (tasks, before) = (client(&sim, "ada").planner_tasks(), sim.journal().entries().len());
    let (labelled, renamed) = tokio::join!(
        tasks.edit(&task, |_| PlannerTaskPatch::new().label(3)),
        tasks.edit(&task, |now| to(&format!("{} and back", now.title.as_deref().unwrap()))),
    );
    let (labelled, renamed) = (labelled.unwrap(), renamed.unwrap());
    assert_eq!(sim.journal().entries().len() - before, 6, "{}", sim.journal());
    let now = tasks.get(&task).await.unwrap();
    assert_eq!(now.title.as_deref(), Some("To Oslo and back"));
    assert_eq!(now.applied_categories.as_ref().unwrap().get("category3"), Some(&true), "nothing is lost");
    assert!([labelled, renamed].contains(&now), "the slower has seen both");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_edit_begins_again_once_and_no_more() {
    for status in [409, 412] {
        let sim = pilots().fault(Fault::respond("planner_tasks.update", status).times(2)).build();
        let task = with_task(&sim).await;
        let mut asked = 0;
        let tasks = client(&sim, "ada").planner_tasks();
        let edit = tasks.edit(&task, |_| {
            asked += 1;
            to("To Bergen")
        });
        let error: Error = edit.await.unwrap_err();
        assert!(error.is_changed_meanwhile(), "{error}");
        assert_eq!(error.operation(), Some("planner_tasks.update"));
        assert_eq!(asked, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_whose_answer_was_lost_is_not_made_twice() {
    let sim = pilots().fault(Fault::lose_connection("planner_tasks.update")).build();
    let task = with_task(&sim).await;
    let tasks = client(&sim, "ada").planner_tasks();
    let longer = |now: &PlannerTask| to(&format!("{} and back", now.title.as_deref().unwrap()));
    let error = tasks.edit(&task, longer).await.unwrap_err();
    assert!(error.is_changed_meanwhile() && error.maybe_processed(), "{error}");
    assert_eq!(tasks.get(&task).await.unwrap().title.as_deref(), Some("To Oslo and back"));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_the_service_keeps_back_is_read() {
    // As a service that knows no preference answers.
    let sim = pilots().fault(Fault::respond("planner_tasks.update", 204)).build();
    let task = with_task(&sim).await;
    let same = client(&sim, "ada").planner_tasks().update(&task, to("To Bergen")).await.unwrap();
    assert_eq!(same, task);
    assert_eq!(sim.journal().entries().last().unwrap().operation.as_deref(), Some("planner_tasks.get"));
}

#[tokio::test(start_paused = true)]
async fn what_planner_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let (tasks, plans) = (stage.client.planner_tasks(), stage.client.planner_plans());
    let buckets = stage.client.planner_buckets();
    let early = || GraphDateTime::from_text("2026-02-01T10:00:00Z");
    let late = || GraphDateTime::from_text("2026-02-01T12:00:00+01:00");
    let unread = PlannerTask::default();
    let mut untagged = PlannerTask::default();
    untagged.id = Some("t".to_owned());
    let known = || ("t", Etag::new("W/\"1\""));
    let item = PlannerTaskDetailsPatch::new().checklist_item("", "Fuel");
    let refusals = [
        tasks.update(&untagged, to("To Oslo")).await.unwrap_err(),
        tasks.delete(&untagged).await.unwrap_err(),
        tasks.update((&unread, Etag::new("W/\"1\"")), to("To Oslo")).await.unwrap_err(),
        tasks.update(("t", Etag::new("W/\"1\n\"")), to("To Oslo")).await.unwrap_err(),
        tasks.update(known(), PlannerTaskPatch::new()).await.unwrap_err(),
        tasks.update(known(), to(" ")).await.unwrap_err(),
        tasks.update(known(), PlannerTaskPatch::new().percent_complete(101)).await.unwrap_err(),
        tasks.update(known(), PlannerTaskPatch::new().priority(-1)).await.unwrap_err(),
        tasks.update(known(), PlannerTaskPatch::new().assign("")).await.unwrap_err(),
        tasks.update(known(), PlannerTaskPatch::new().label(26)).await.unwrap_err(),
        tasks.update(known(), PlannerTaskPatch::new().order_hint("8585269235")).await.unwrap_err(),
        tasks.update(known(), PlannerTaskPatch::new().assignee_priority("")).await.unwrap_err(),
        tasks
            .update(known(), PlannerTaskPatch::new().start_date_time(late()).due_date_time(early()))
            .await
            .unwrap_err(),
        tasks.create(NewPlannerTask::new("", "To Oslo")).await.unwrap_err(),
        tasks.create(NewPlannerTask::new("p", "To Oslo").order_hint("8585269235")).await.unwrap_err(),
        tasks
            .create(NewPlannerTask::new("p", "To Oslo").start_date_time(late()).due_date_time(early()))
            .await
            .unwrap_err(),
        buckets.create(NewPlannerBucket::new("Flown", "p").order_hint("8585269235")).await.unwrap_err(),
        buckets.update(known(), PlannerBucketPatch::new().order_hint("8585269235")).await.unwrap_err(),
        tasks.update_details(known(), item).await.unwrap_err(),
        plans.create_in_group("", "Flights").await.unwrap_err(),
        plans.create(NewPlannerPlan::new(PlannerPlanContainer::default(), "")).await.unwrap_err(),
    ];
    insta::assert_snapshot!(refusals.map(|refusal| refusal.to_string()).join("\n"));
    assert_eq!(stage.sim.journal().entries().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn planner_refuses_with_words_that_say_what_to_do() {
    let sim = pilots().build();
    let task = with_task(&sim).await;
    let (ada, grace) = (client(&sim, "ada"), client(&sim, "grace"));
    // Grace is no member.
    let outside =
        grace.planner_plans().create_in_group(sim.group_id("Pilots").unwrap(), "Hers").await.unwrap_err();
    assert!(outside.is_permission_denied(), "{outside}");

    let full = (0..20).fold(PlannerTaskDetailsPatch::new(), |change, _| change.add_checklist_item("Step"));
    let details = ada.planner_tasks().details(&task).await.unwrap();
    let details = ada.planner_tasks().update_details(&details, full).await.unwrap();
    let more = PlannerTaskDetailsPatch::new().add_checklist_item("One more");
    let refused = ada.planner_tasks().update_details(&details, more).await.unwrap_err();
    assert!(refused.is_limit_reached() && !refused.is_permission_denied(), "{refused}");
    assert!(
        refused.to_string().ends_with("remove something first: a limit of the service is reached"),
        "{refused}"
    );
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn new_tasks_are_placed_beside_each_other_before_any_is_read() {
    let sim = pilots().build();
    let plan = with_task(&sim).await.plan_id.unwrap();
    let tasks = client(&sim, "ada").planner_tasks();
    let first = OrderHint::anywhere();
    let above = OrderHint::before(&first.to_string());
    let below = OrderHint::after(&first.to_string());
    let mut places = Vec::new();
    for hint in [above, first, below] {
        let task = tasks.create(NewPlannerTask::new(&plan, "To Oslo").order_hint(hint)).await.unwrap();
        places.push(task.order_hint.unwrap());
    }
    assert!(places.is_sorted() && places[0] < places[2], "{places:?}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn entries_that_were_read_can_be_given_to_another_task() {
    let sim = pilots().build();
    let task = with_task(&sim).await;
    let tasks = client(&sim, "ada").planner_tasks();
    let read = tasks.update(&task, PlannerTaskPatch::new().assign(sim.user_id("grace"))).await.unwrap();
    let mut copy = NewPlannerTask::new(read.plan_id.clone().unwrap(), "To Bergen");
    copy.assignments.clone_from(&read.assignments);
    let copy = tasks.create(copy).await.unwrap();
    assert!(copy.assignments.unwrap().get(&sim.user_id("grace")).is_some());
    let again = PlannerTaskPatch::new().assignments(read.assignments.clone().unwrap());
    let same = tasks.update(&read, again).await.unwrap();
    let place = |task: &PlannerTask| {
        task.assignments.as_ref().unwrap().get(&sim.user_id("grace")).unwrap().order_hint.clone()
    };
    assert_eq!(place(&same), place(&read), "what was read stays in its place");
    assert_clean(&sim);
}
