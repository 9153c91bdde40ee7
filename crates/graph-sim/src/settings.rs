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

/// The service's own, with some of their settings.
pub(crate) static TEMPLATES: [Template; 2] = [
    Template {
        id: "62375ab9-6b52-47ed-826b-58e47e0e304b",
        name: "Group.Unified",
        of_group: false,
        description: "What holds for the Microsoft 365 groups of the tenant.",
        values: &[
            ("EnableGroupCreation", "System.Boolean", "true"),
            ("GroupCreationAllowedGroupId", "System.Guid", ""),
            ("AllowToAddGuests", "System.Boolean", "true"),
            ("PrefixSuffixNamingRequirement", "System.String", ""),
        ],
    },
    Template {
        id: "08d542b9-071f-4e16-94b0-74abb372e3d9",
        name: "Group.Unified.Guest",
        of_group: true,
        description: "What holds for the guests of one Microsoft 365 group.",
        values: &[("AllowToAddGuests", "System.Boolean", "true")],
    },
];

impl Template {
    /// Finds a template by its id.
    pub(crate) fn of(id: &str) -> Option<&'static Self> {
        TEMPLATES.iter().find(|template| template.id.eq_ignore_ascii_case(id))
    }

    /// A setting that the template names and `values` lack.
    pub(crate) fn missing(&self, values: &[Value]) -> Option<&'static str> {
        let names = self.values.iter().map(|(name, ..)| *name);
        names.into_iter().find(|name| !values.iter().any(|value| value["name"] == *name))
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
