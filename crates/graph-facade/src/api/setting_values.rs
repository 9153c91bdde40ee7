//! Settings with the types that their template gives them.

use graph_client::{Error, ErrorKind};
use graph_models::models::{
    GroupSetting, GroupSettingPatch, GroupSettingTemplate, NewGroupSetting, SettingValue,
};
use graph_models::{Id, Identify};

/// The settings that one template names, each of the type that it says.
///
/// On the wire every value is a text, and most settings leave nearly all to their template. Here they are read by type, changed
/// one by one, and sent all together: [`GroupSettings::values`](crate::GroupSettings::values) reads them,
/// [`set_values`](crate::GroupSettings::set_values) sends them.
///
/// ```no_run
/// # async fn example(client: graph_facade::Client) -> Result<(), graph_facade::Error> {
/// let settings = client.groups().settings("b320ee12-b1cd-4cca-b648-a437be61c5cd");
/// let mut values = settings.values("Group.Unified.Guest").await?;
/// if values.bool("AllowToAddGuests")? {
///     values.set("AllowToAddGuests", false)?;
///     settings.set_values(&mut values).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SettingValues {
    template: Id,
    name: Box<str>,
    /// The settings that they were read from; none as long as all is as the template says.
    setting: Option<Id>,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: Box<str>,
    kind: Box<str>,
    value: String,
}

const BOOLEAN: &str = "System.Boolean";
const INT: &str = "System.Int32";
const GUID: &str = "System.Guid";
const STRING: &str = "System.String";

/// A value for a setting: a truth value, a number, or a text, which may be a GUID.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingInput {
    /// The types that take it.
    kinds: &'static [&'static str],
    text: String,
}

impl From<bool> for SettingInput {
    fn from(value: bool) -> Self {
        Self { kinds: &[BOOLEAN], text: value.to_string() }
    }
}

impl From<i32> for SettingInput {
    fn from(value: i32) -> Self {
        Self { kinds: &[INT], text: value.to_string() }
    }
}

impl From<&str> for SettingInput {
    fn from(value: &str) -> Self {
        Self { kinds: &[STRING, GUID], text: value.to_owned() }
    }
}

impl From<String> for SettingInput {
    fn from(value: String) -> Self {
        Self { kinds: &[STRING, GUID], text: value }
    }
}

impl From<&Id> for SettingInput {
    fn from(value: &Id) -> Self {
        Self { kinds: &[GUID, STRING], text: value.to_string() }
    }
}

impl SettingValues {
    /// What the template says of each. Refused: a template that was read without its id or its values.
    pub fn defaults(template: &GroupSettingTemplate) -> Result<Self, Error> {
        let id = template.identify().map_err(|it| Error::from_source(ErrorKind::InvalidRequest, it))?;
        let values = template.values.as_ref().ok_or_else(|| {
            Error::refused("the template has no `values`: it was read with a `select` that leaves them out")
        })?;
        let entries = values.iter().map(|value| Entry {
            name: value.name.as_deref().unwrap_or_default().into(),
            kind: value.type_.as_deref().unwrap_or(STRING).into(),
            value: value.default_value.clone().unwrap_or_default(),
        });
        let name = template.display_name.as_deref().unwrap_or(id.as_str()).into();
        Ok(Self { name, template: id, setting: None, entries: entries.collect() })
    }

    /// What settings say, and the template of what they don't. Refused: settings of another template.
    pub fn of(template: &GroupSettingTemplate, setting: &GroupSetting) -> Result<Self, Error> {
        let mut values = Self::defaults(template)?;
        let theirs = setting.template_id.as_deref().unwrap_or_default();
        if !theirs.eq_ignore_ascii_case(values.template.as_str()) {
            let what = format!("the settings are of the template `{theirs}`, not of `{}`", values.template);
            return Err(Error::refused(what));
        }
        let id = setting.identify().map_err(|it| Error::from_source(ErrorKind::InvalidRequest, it))?;
        values.setting = Some(id);
        for value in setting.values.iter().flatten() {
            let name = value.name.as_deref().unwrap_or_default();
            let text = value.value.clone().unwrap_or_default();
            match values.entries.iter_mut().find(|entry| *entry.name == *name) {
                Some(entry) => entry.value = text,
                // Sent back as it came.
                None => values.entries.push(Entry { name: name.into(), kind: STRING.into(), value: text }),
            }
        }
        Ok(values)
    }

    /// The id of the template.
    pub fn template(&self) -> &Id {
        &self.template
    }

    /// The id of the settings that they were read from; none as long as all is as the template says.
    pub fn setting(&self) -> Option<&Id> {
        self.setting.as_ref()
    }

    /// The name and the type of each, as the template has them: `AllowToAddGuests`, `System.Boolean`.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (&*entry.name, &*entry.kind))
    }

    /// A `System.Boolean`. Fails for another type, and for a name that the template doesn't know.
    pub fn bool(&self, name: &str) -> Result<bool, Error> {
        let value = &self.typed(name, BOOLEAN)?.value;
        match () {
            () if value.eq_ignore_ascii_case("true") => Ok(true),
            () if value.eq_ignore_ascii_case("false") => Ok(false),
            () => Err(unreadable(name, value, BOOLEAN)),
        }
    }

    /// A `System.Int32`. Fails for another type, and for a name that the template doesn't know.
    pub fn int(&self, name: &str) -> Result<i32, Error> {
        let value = &self.typed(name, INT)?.value;
        value.trim().parse().map_err(|_| unreadable(name, value, INT))
    }

    /// A `System.Guid`, or none where it is empty. Fails for another type, and for a name that the template doesn't know.
    pub fn guid(&self, name: &str) -> Result<Option<Id>, Error> {
        let value = self.typed(name, GUID)?.value.trim();
        if value.is_empty() {
            return Ok(None);
        }
        match Id::new(value) {
            Ok(id) if is_guid(value) => Ok(Some(id)),
            _ => Err(unreadable(name, value, GUID)),
        }
    }

    /// The value of any type as it is on the wire. Fails for a name that the template doesn't know.
    pub fn text(&self, name: &str) -> Result<&str, Error> {
        Ok(&self.entry(name)?.value)
    }

    /// Changes one. Refused: a name that the template doesn't know, a value of another type than it says, and for a
    /// `System.Guid` a text that is neither a GUID nor empty.
    pub fn set(&mut self, name: &str, value: impl Into<SettingInput>) -> Result<&mut Self, Error> {
        let SettingInput { kinds, text } = value.into();
        let kind = &self.entry(name)?.kind;
        let known = [BOOLEAN, INT, GUID, STRING].contains(&&**kind);
        // A type that nobody knows of takes its values as texts.
        if !(kinds.contains(&&**kind) || !known && kinds.contains(&STRING)) {
            return Err(Error::refused(format!("`{name}` is a `{kind}`, and `{text}` is none")));
        }
        if **kind == *GUID && !text.is_empty() && !is_guid(&text) {
            return Err(Error::refused(format!("`{name}` is a `{GUID}`, and `{text}` is none")));
        }
        if let Some(entry) = self.entries.iter_mut().find(|entry| *entry.name == *name) {
            entry.value = text;
        }
        Ok(self)
    }

    /// All of them, as a creation sends them.
    pub fn to_new(&self) -> NewGroupSetting {
        NewGroupSetting::new(self.template.as_str(), self.to_values())
    }

    /// All of them, as a change sends them.
    pub fn to_patch(&self) -> GroupSettingPatch {
        GroupSettingPatch::new().values(self.to_values())
    }

    pub(super) fn made_as(&mut self, setting: Id) {
        self.setting = Some(setting);
    }

    fn to_values(&self) -> Vec<SettingValue> {
        let value = |entry: &Entry| {
            let mut value = SettingValue::default();
            value.name = Some(entry.name.to_string());
            value.value = Some(entry.value.clone());
            value
        };
        self.entries.iter().map(value).collect()
    }

    fn typed(&self, name: &str, kind: &str) -> Result<&Entry, Error> {
        let entry = self.entry(name)?;
        if *entry.kind == *kind {
            return Ok(entry);
        }
        Err(Error::refused(format!("`{name}` is a `{}`, not a `{kind}`", entry.kind)))
    }

    fn entry(&self, name: &str) -> Result<&Entry, Error> {
        self.entries.iter().find(|entry| *entry.name == *name).ok_or_else(|| {
            let names: Vec<_> = self.names().map(|(name, _)| name).collect();
            let known = names.join("`, `");
            Error::refused(format!("the template `{}` names no `{name}`, only `{known}`", self.name))
        })
    }
}

fn unreadable(name: &str, value: &str, kind: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("`{name}` is a `{kind}`, but its value is `{value}`"))
}

/// Five groups of hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| (group.len(), group.bytes().all(|it| it.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}

#[cfg(test)]
mod tests;
