//! The templates of the settings for groups.

use serde_json::{Value, json};

/// What settings of one kind there are, and what they are by default.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Whether it is for single groups, not for the tenant.
    pub(crate) of_group: bool,
    description: &'static str,
    values: &'static [(&'static str, &'static str, &'static str)],
}

const BOOLEAN: &str = "System.Boolean";
const GUID: &str = "System.Guid";
const STRING: &str = "System.String";
/// What each name that a policy gives must have in it.
const NAMING: &str = "PrefixSuffixNamingRequirement";

/// Those of the service that are for groups, and how names are kept from use.
pub(crate) static TEMPLATES: [Template; 3] = [
    Template {
        id: "62375ab9-6b52-47ed-826b-58e47e0e304b",
        name: "Group.Unified",
        of_group: false,
        description: "What holds for the Microsoft 365 groups of the tenant.",
        values: &[
            ("NewUnifiedGroupWritebackDefault", BOOLEAN, "true"),
            ("EnableMIPLabels", BOOLEAN, "false"),
            ("CustomBlockedWordsList", STRING, ""),
            ("EnableMSStandardBlockedWords", BOOLEAN, "false"),
            ("ClassificationDescriptions", STRING, ""),
            ("DefaultClassification", STRING, ""),
            (NAMING, STRING, ""),
            ("AllowGuestsToBeGroupOwner", BOOLEAN, "false"),
            ("AllowGuestsToAccessGroups", BOOLEAN, "true"),
            ("GuestUsageGuidelinesUrl", STRING, ""),
            ("GroupCreationAllowedGroupId", GUID, ""),
            ("AllowToAddGuests", BOOLEAN, "true"),
            ("UsageGuidelinesUrl", STRING, ""),
            ("ClassificationList", STRING, ""),
            ("EnableGroupCreation", BOOLEAN, "true"),
        ],
    },
    Template {
        id: "08d542b9-071f-4e16-94b0-74abb372e3d9",
        name: "Group.Unified.Guest",
        of_group: true,
        description: "What holds for the guests of one Microsoft 365 group.",
        values: &[("AllowToAddGuests", BOOLEAN, "true")],
    },
    Template {
        id: "80661d51-be2f-4d46-9713-98a2fcaec5bc",
        name: "Prohibited Names Settings",
        of_group: false,
        description: "What names of applications may not have in them.",
        values: &[("CustomBlockedSubStringsList", STRING, ""), ("CustomBlockedWholeWordsList", STRING, "")],
    },
];

impl Template {
    /// Finds a template by its id.
    pub(crate) fn of(id: &str) -> Option<&'static Self> {
        TEMPLATES.iter().find(|template| template.id.eq_ignore_ascii_case(id))
    }

    /// All values by what `there` says, or else by default, with those of `change` in place of theirs. The refused one is
    /// told of, with the reason.
    pub(crate) fn completed(&self, there: &Value, change: &Value) -> Result<Value, String> {
        let said = |values: &Value, name: &str| {
            let mut values = values.as_array().into_iter().flatten();
            values
                .rfind(|value| value["name"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(name)))
                .cloned()
        };
        for value in change.as_array().into_iter().flatten() {
            self.check(value)?;
        }
        let values = self.values.iter().map(|(name, _, default)| {
            let value = said(change, name).or_else(|| said(there, name)).map(|mut it| it["value"].take());
            json!({ "name": name, "value": value.unwrap_or_else(|| (*default).into()) })
        });
        Ok(values.collect())
    }

    /// Refuses a value for a name that the template lacks, or of another type than it says.
    fn check(&self, value: &Value) -> Result<(), String> {
        let name = value["name"].as_str().unwrap_or_default();
        let Some((name, kind, _)) = self.values.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))
        else {
            return Err(format!("The template '{}' has no setting with the name '{name}'.", self.name));
        };
        let text = value["value"].as_str().unwrap_or_default();
        let is_right = match *kind {
            BOOLEAN => ["true", "false"].iter().any(|it| text.eq_ignore_ascii_case(it)),
            GUID => text.is_empty() || is_guid(text),
            _ => *name != NAMING || text.is_empty() || text.contains("[GroupName]"),
        };
        if is_right {
            return Ok(());
        }
        Err(format!("The value for property '{name}' has an invalid format."))
    }

    pub(crate) fn view(&self) -> Value {
        let values = self.values.iter().map(|(name, kind, default)| {
            json!({ "name": name, "type": kind, "defaultValue": default, "description": null })
        });
        json!({
            "id": self.id,
            "deletedDateTime": null,
            "displayName": self.name,
            "description": self.description,
            "values": values.collect::<Vec<_>>(),
        })
    }
}

/// Five groups of hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| (group.len(), group.bytes().all(|it| it.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}
