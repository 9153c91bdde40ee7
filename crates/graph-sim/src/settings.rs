//! The tenant's settings for groups, and the templates they are made from.

use serde_json::{Value, json};

use crate::ids::{self, Kind};

/// What settings of one kind there are, and what they are by default.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    description: &'static str,
    values: &'static [(&'static str, &'static str, &'static str)],
}

/// The service's own, with some of their settings.
pub(crate) static TEMPLATES: [Template; 2] = [
    Template {
        id: "62375ab9-6b52-47ed-826b-58e47e0e304b",
        name: "Group.Unified",
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
        description: "What holds for the guests of one Microsoft 365 group.",
        values: &[("AllowToAddGuests", "System.Boolean", "true")],
    },
];

/// Settings made from a template.
#[derive(Debug, Clone)]
pub(crate) struct GroupSetting {
    pub(crate) id: String,
    template: &'static Template,
    /// Names and values; all that the template names.
    values: Vec<Value>,
}

/// All settings of the tenant.
#[derive(Debug, Default)]
pub(crate) struct GroupSettings {
    items: Vec<GroupSetting>,
    made: u64,
}

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

impl GroupSetting {
    pub(crate) fn template(&self) -> &'static Template {
        self.template
    }

    pub(crate) fn replace(&mut self, values: Vec<Value>) {
        self.values = values;
    }

    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id,
            "displayName": self.template.name,
            "templateId": self.template.id,
            "values": self.values,
        })
    }
}

impl GroupSettings {
    pub(crate) fn all(&self) -> &[GroupSetting] {
        &self.items
    }

    pub(crate) fn find(&self, id: &str) -> Option<&GroupSetting> {
        self.items.iter().find(|setting| setting.id.eq_ignore_ascii_case(id))
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut GroupSetting> {
        self.items.iter_mut().find(|setting| setting.id.eq_ignore_ascii_case(id))
    }

    /// Makes settings; none if there are some of that template already.
    pub(crate) fn add(&mut self, template: &'static Template, values: Vec<Value>) -> Option<&GroupSetting> {
        if self.items.iter().any(|setting| setting.template.id == template.id) {
            return None;
        }
        self.made += 1;
        self.items.push(GroupSetting { id: ids::guid(Kind::Setting, self.made), template, values });
        self.items.last()
    }

    /// Whether there was one to remove.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.items.len();
        self.items.retain(|setting| !setting.id.eq_ignore_ascii_case(id));
        self.items.len() < before
    }
}
