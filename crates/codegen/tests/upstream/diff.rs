//! What changed between Microsoft's own documents: sampled by hand, and held against what the documents say.

use codegen::diff::Class::{self, Behavioural, Major, Minor, Patch};
use codegen::diff::{Diff, compare, report};

use crate::source;

/// Class, kind, place, and a part of what is said.
type Sample = (Class, &'static str, &'static str, &'static str);

const GROUPS: &[Sample] = &[
    (Major, "base-changed", "plannerBucket", "derives from `plannerDelta`"),
    (
        Major,
        "body-type-changed",
        "POST /groups/{group-id}/settings 2XX",
        "was groupSetting, is directorySetting",
    ),
    (Major, "member-renamed", "synchronizationMetadata", "`IsOAuthEnabled` is called `isOAuthEnabled`"),
    (
        Major,
        "member-renamed",
        "synchronizationMetadata",
        "`GalleryApplicationIdentifier` is called `galleryApplicationIdentifier`",
    ),
    (Major, "navigation-removed", "site.termStores", "list of termStore.store"),
    (Major, "nullability-changed", "preAuthorizedApplication.appId", "no longer be null"),
    (Major, "nullability-changed", "policyBase.displayName", "no longer be null"),
    (Major, "operation-removed", "GET /groupSettingTemplates", "gone"),
    (Major, "operation-removed", "PATCH /groupSettings/{groupSetting-id}", "gone"),
    (Major, "property-removed", "application.addIns", "list of addIn"),
    (Major, "property-removed", "site.error", "publicError"),
    (Major, "property-removed", "application.oauth2RequirePostResponse", "boolean"),
    (Major, "property-renamed", "person.title", "`jobTitle` is called `title`"),
    (Major, "property-renamed", "teamsAppDefinition.shortdescription", "`shortDescription`"),
    (
        Major,
        "property-type-changed",
        "contact.emailAddresses",
        "was list of emailAddress, is list of typedEmailAddress",
    ),
    (
        Major,
        "property-type-changed",
        "group.settings",
        "was list of groupSetting, is list of directorySetting",
    ),
    (Major, "property-type-changed", "user.insights", "was officeGraphInsights, is itemInsights"),
    (Major, "type-removed", "scoredEmailAddress", "gone"),
    (Major, "type-removed", "groupSettingTemplate", "gone"),
    (Minor, "member-added", "deviceEnrollmentType", "`azureAdJoinUsingAzureVmExtension`"),
    (Minor, "member-added", "teamsAsyncOperationType", "`createChat` is new, behind the sentinel"),
    (Minor, "navigation-added", "event.exceptionOccurrences", "list of event"),
    (Minor, "navigation-added", "orgContact.transitiveReports", "list of directoryObject"),
    (
        Minor,
        "operation-added",
        "POST /groups/{group-id}/team/schedule/timeCards/{timeCard-id}/microsoft.graph.endBreak",
        "new",
    ),
    (
        Minor,
        "operation-added",
        "PATCH /groups/{group-id}/conversations/{conversation-id}/threads/{conversationThread-id}/posts/{post-id}",
        "new",
    ),
    (Minor, "property-added", "contact.weddingAnniversary", "text (date)"),
    (Minor, "property-added", "plannerPlan.creationSource", "plannerPlanCreation"),
    (Minor, "type-added", "translationLanguageOverride", "new"),
    (Minor, "type-added", "mentionAction", "new"),
    (Behavioural, "sentinel-removed", "chatMessageImportance", "`unknownFutureValue`"),
    (Behavioural, "sentinel-removed", "termStore.relationType", "`unknownFutureValue`"),
    (
        Patch,
        "parameter-of-path-renamed",
        "GET /groups/{group-id}/settings/{directorySetting-id}",
        "something else",
    ),
    (Patch, "type-removed", "groupSettingCollectionResponse", "gone"),
    (Patch, "words-changed", "POST /groups/{group-id}/threads", "`/description`"),
];

const PLANNER: &[Sample] = &[
    (Minor, "member-added", "plannerContainerType", "`driveItem` is new, behind the sentinel"),
    (Minor, "navigation-added", "planner.rosters", "list of plannerRoster"),
    (Minor, "navigation-added", "plannerUser.favoritePlans", "list of plannerPlan"),
    (Minor, "operation-added", "DELETE /planner/rosters/{plannerRoster-id}", "new"),
    (Minor, "property-added", "plannerPlan.sharedWithContainers", "list of plannerSharedWithContainer"),
];

const PLANNER_OF_2026: &[Sample] = &[
    (Major, "nullability-changed", "plannerPlan.container", "may be null now"),
    (Major, "navigation-changed", "plannerTask.details", "a relation now"),
    (Patch, "base-changed", "plannerPlanCollectionResponse", "BaseCollectionPaginationCountResponse"),
    (Behavioural, "answer-added", "DELETE /planner/plans/{plannerPlan-id}", "204"),
    (Minor, "property-added", "ODataErrors.InnerError.client-request-id", "text"),
];

fn diff(old: &str, new: &str, paths: &[&str]) -> Diff {
    let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
    compare(source(old), source(new), &paths).unwrap()
}

#[track_caller]
fn assert_told(diff: &Diff, samples: &[Sample]) {
    for (class, kind, place, what) in samples {
        let told = |change: &&codegen::diff::Change| {
            (change.class, change.kind, change.place.as_str()) == (*class, *kind, *place)
                && change.what.contains(what)
        };
        let about: Vec<_> = diff.changes.iter().filter(|change| change.place == *place).collect();
        assert!(
            diff.changes.iter().any(|change| told(&change)),
            "{class} {kind} {place}: {what}\n{about:#?}"
        );
    }
}

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn from_v1_to_beta() {
    let groups = diff("microsoft-2023/v1.0/Groups.yml", "microsoft-2023/beta/Groups.yml", &[]);
    assert_told(&groups, GROUPS);
    let planner = diff("microsoft-2023/v1.0/Planner.yml", "microsoft-2023/beta/Planner.yml", &[]);
    assert_told(&planner, PLANNER);
}

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn from_the_dialect_of_2023_to_that_of_2026() {
    let planner = diff("microsoft-2023/v1.0/Planner.yml", "graph-v1.0.openapi.yaml", &["/planner/**"]);
    assert_told(&planner, PLANNER_OF_2026);
    // The same operations under addresses that the dialects write differently are not new ones.
    let tasks = planner.changes.iter().filter(|change| change.place == "GET /planner/tasks/{plannerTask-id}");
    assert!(tasks.into_iter().all(|change| !change.kind.starts_with("operation-")));
    assert!(report::json(&planner).len() > 1000);
}
