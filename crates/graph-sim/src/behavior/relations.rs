//! Where relations lead: what `$expand` finds behind each.

use serde_json::Value;

use super::{
    communities, conversations, engagement_roles, learning, membership, onenote, planner, posts, sites,
    threads,
};
use crate::call::Call;
use crate::error::Refusal;

/// From an object, as it is shown to those who select nothing, to what it is related to: one object, or a list.
type Follow = fn(&Call<'_>, &Value) -> Result<Value, Refusal>;

/// How many related objects the directory shows at most.
const MOST_IN_DIRECTORY: usize = 20;

/// The type, the relation, and the way.
const RELATIONS: &[(&str, &str, Follow)] = &[
    ("community", "group", communities::group_of),
    ("community", "owners", communities::owners_of),
    ("conversation", "threads", conversations::threads_of),
    ("conversationThread", "posts", threads::posts_of),
    ("engagementRole", "members", |call, it| Ok(engagement_roles::members_of_role(call, it))),
    ("engagementRoleMember", "user", |call, it| Ok(engagement_roles::user_of(call, it))),
    ("group", "members", |call, group| few(membership::members_of(call, group))),
    ("group", "owners", |call, group| few(membership::owners_of(call, group))),
    ("learningProvider", "learningContents", |call, it| Ok(learning::contents::of_provider(call, it))),
    ("learningProvider", "learningCourseActivities", |call, it| {
        Ok(learning::activities::of_provider(call, it))
    }),
    ("notebook", "sectionGroups", onenote::notebooks::section_groups_of),
    ("notebook", "sections", onenote::notebooks::sections_of),
    ("onenotePage", "parentNotebook", onenote::notebook_above),
    ("onenotePage", "parentSection", onenote::section_above),
    ("onenoteSection", "pages", onenote::sections::pages_of),
    ("onenoteSection", "parentNotebook", onenote::notebook_above),
    ("plannerBucket", "tasks", |call, it| Ok(planner::buckets::tasks_of(call, it))),
    ("plannerPlan", "buckets", |call, it| Ok(planner::plans::buckets_of(call, it))),
    ("plannerPlan", "details", |call, it| Ok(planner::plans::details_of(call, it))),
    ("plannerPlan", "tasks", |call, it| Ok(planner::plans::tasks_of(call, it))),
    ("plannerTask", "details", |call, it| Ok(planner::tasks::details_of(call, it))),
    ("post", "inReplyTo", posts::answered_by),
    ("site", "drive", sites::drive_of),
    ("site", "lists", sites::lists_of),
    ("site", "sites", |_, _| Ok(Value::Array(Vec::new()))),
];

/// What the relation of an object of this type leads to, if the simulator knows.
pub(crate) fn follow(
    call: &Call<'_>,
    of: &str,
    relation: &str,
    object: &Value,
) -> Option<Result<Value, Refusal>> {
    let of = of.strip_prefix("microsoft.graph.")?;
    let way = RELATIONS.iter().find(|(owner, name, _)| *owner == of && *name == relation)?;
    Some(way.2(call, object))
}

/// The directory shows no more than so many, and no link to the rest.
fn few(found: Result<Vec<Value>, Refusal>) -> Result<Value, Refusal> {
    let mut found = found?;
    found.truncate(MOST_IN_DIRECTORY);
    Ok(found.into())
}

#[cfg(test)]
mod tests {
    use super::RELATIONS;
    use crate::spec::Spec;

    #[test]
    fn every_relation_of_the_specification_leads_somewhere() {
        let leads = |of: &str, name: &str| {
            RELATIONS.iter().any(|row| format!("microsoft.graph.{}", row.0) == of && row.1 == name)
        };
        let types = &Spec::shared().types;
        let dead: Vec<_> = types.relations().filter(|(of, name)| !leads(of, name)).collect();
        assert!(dead.is_empty(), "nothing follows {dead:?}");
        let unknown =
            |row: &&(&str, &str, _)| types.property(&format!("microsoft.graph.{}", row.0), row.1).is_none();
        let unknown: Vec<_> = RELATIONS.iter().filter(unknown).map(|row| (row.0, row.1)).collect();
        assert!(unknown.is_empty(), "the specification has no {unknown:?}");
    }
}
