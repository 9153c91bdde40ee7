use proptest::prelude::*;

use super::*;

#[test]
fn what_names_nobody_or_nothing_is_refused() {
    let nobody = PlannerTaskPatch::new().assign("");
    let refused = complete_task(nobody.assignments.into_set().as_mut(), None).unwrap_err();
    insta::assert_snapshot!(refused);
    let (assignments, labels) = (None, PlannerTaskPatch::new().label(26).applied_categories.into_set());
    insta::assert_snapshot!(complete_task(assignments, labels.as_ref()).unwrap_err());
    let mut raw = PlannerExternalReferences::new();
    raw.set("https://contoso.com", PlannerExternalReference::default());
    insta::assert_snapshot!(complete_details(None, Some(&mut raw)).unwrap_err());
    let item = PlannerTaskDetailsPatch::new().checklist_item("", "Fuel");
    insta::assert_snapshot!(complete_details(item.checklist.into_set().as_mut(), None).unwrap_err());
}

#[test]
fn an_entry_as_it_was_read_is_sent_without_what_the_service_alone_changes() {
    let read = r##"{"ada":{"@odata.type":"#x","assignedBy":null,"assignedDateTime":"2026-01-01T00:00:00Z","orderHint":"85"},
        "grace":null}"##;
    let mut assignments: PlannerAssignments = serde_json::from_str(read).unwrap();
    complete_task(Some(&mut assignments), None).unwrap();
    insta::assert_snapshot!(serde_json::to_string(&assignments).unwrap());
}

#[test]
fn entries_of_one_change_add_up() {
    let change = PlannerTaskDetailsPatch::new()
        .checklist_item("1", "Fuel")
        .tick("1")
        .untick("2")
        .remove_checklist_item("3");
    insta::assert_snapshot!(serde_json::to_string(&change).unwrap());
}

proptest! {
    #[test]
    fn an_address_survives_as_a_key(address in "\\PC{0,40}") {
        let key = reference_key(&address);
        prop_assert!(!key.contains(['.', ':', '@', '#']));
        prop_assert_eq!(reference_address(&key), address);
    }

    #[test]
    fn any_text_can_be_read_as_a_key(key in "[%0-9A-Fa-f\\PC]{0,20}") {
        reference_address(&key);
    }
}
