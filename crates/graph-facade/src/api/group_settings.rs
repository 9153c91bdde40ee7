//! The settings for Microsoft 365 groups, of the tenant and of one group, and the templates they are made from.

use futures_util::{StreamExt as _, TryStreamExt as _, future};
use graph_client::{Error, ErrorKind, Get, List, Request};
use graph_models::models::{
    GroupSetting, GroupSettingPatch, GroupSettingTemplate, NewGroupSetting, SettingValue,
};
use graph_models::{Id, Identify, InvalidId, facts};

use super::calls::{get, list, send};
use super::groups::Groups;
use super::setting_values::SettingValues;
use crate::client::Client;

/// The settings that hold for all Microsoft 365 groups of the tenant, such as who may create one and how they are named; or
/// those of one group, such as whether it admits guests, which outweigh the tenant's.
///
/// In beta the same settings have other paths and their type another name; which version the client speaks makes no
/// difference here.
#[derive(Clone, Debug)]
pub struct GroupSettings {
    client: Client,
    /// Of this one alone.
    group: Option<Result<Id, InvalidId>>,
}

impl Client {
    /// The settings that hold for all groups of the tenant.
    pub fn group_settings(&self) -> GroupSettings {
        GroupSettings { client: self.clone(), group: None }
    }
}

impl Groups {
    /// The settings of one group, which outweigh those of the tenant.
    pub fn settings(&self, group: impl Identify) -> GroupSettings {
        GroupSettings { client: self.client.clone(), group: Some(group.identify()) }
    }
}

impl GroupSettings {
    /// Lists the settings. There are none as long as all are as their templates say.
    ///
    #[doc = facts!(GROUP_SETTINGS_LIST)]
    ///
    #[doc = facts!(GROUPS_SETTINGS_LIST)]
    pub fn list(&self) -> List<GroupSetting> {
        match &self.group {
            Some(group) => list!(&self.client, GROUPS_SETTINGS_LIST, groups_settings_list(group)),
            None => list!(&self.client, GROUP_SETTINGS_LIST, group_settings_list()),
        }
    }

    /// Makes settings from a template. What `values` leave out is as the template says. The service refuses second settings
    /// from the same template: update those that there are. Refused before anything is sent: settings without a value.
    ///
    #[doc = facts!(GROUP_SETTINGS_CREATE)]
    ///
    #[doc = facts!(GROUPS_SETTINGS_CREATE)]
    pub fn create(&self, setting: NewGroupSetting) -> Request<GroupSetting> {
        match &self.group {
            Some(group) => send!(
                &self.client,
                GROUPS_SETTINGS_CREATE,
                { check_values(&setting.values)? },
                groups_settings_create(group; &setting)
            ),
            None => send!(
                &self.client,
                GROUP_SETTINGS_CREATE,
                { check_values(&setting.values)? },
                group_settings_create(; &setting)
            ),
        }
    }

    /// Reads the settings with this id.
    ///
    #[doc = facts!(GROUP_SETTINGS_GET)]
    ///
    #[doc = facts!(GROUPS_SETTINGS_GET)]
    pub fn get(&self, setting: impl Identify) -> Get<GroupSetting> {
        match &self.group {
            Some(group) => get!(&self.client, GROUPS_SETTINGS_GET, groups_settings_get(group, setting)),
            None => get!(&self.client, GROUP_SETTINGS_GET, group_settings_get(setting)),
        }
    }

    /// Changes settings. What `values` leave out stays as it is. Refused before anything is sent: a change without a value.
    ///
    #[doc = facts!(GROUP_SETTINGS_UPDATE)]
    ///
    #[doc = facts!(GROUPS_SETTINGS_UPDATE)]
    pub fn update(&self, setting: impl Identify, change: GroupSettingPatch) -> Request<()> {
        match &self.group {
            Some(group) => send!(
                &self.client,
                GROUPS_SETTINGS_UPDATE,
                { check_values(change.values.as_deref().unwrap_or_default())? },
                groups_settings_update(group, setting; &change)
            ),
            None => send!(
                &self.client,
                GROUP_SETTINGS_UPDATE,
                { check_values(change.values.as_deref().unwrap_or_default())? },
                group_settings_update(setting; &change)
            ),
        }
    }

    /// Deletes settings, so that what their template says holds again.
    ///
    #[doc = facts!(GROUP_SETTINGS_DELETE)]
    ///
    #[doc = facts!(GROUPS_SETTINGS_DELETE)]
    pub fn delete(&self, setting: impl Identify) -> Request<()> {
        match &self.group {
            Some(group) => {
                send!(&self.client, GROUPS_SETTINGS_DELETE, groups_settings_delete(group, setting))
            }
            None => send!(&self.client, GROUP_SETTINGS_DELETE, group_settings_delete(setting)),
        }
    }

    /// Reads what the settings of a template say, each with its type: two lists, of the templates and of the settings. The
    /// template is given by its name, such as `Group.Unified` for the tenant and `Group.Unified.Guest` for a group, or by
    /// its id.
    ///
    /// Refused: a template that there is not, with the names of those that there are.
    pub async fn values(&self, template: &str) -> Result<SettingValues, Error> {
        let templates: Vec<GroupSettingTemplate> = self.templates().items().try_collect().await?;
        let is_meant = |it: &&GroupSettingTemplate| {
            [&it.display_name, &it.id].into_iter().flatten().any(|known| known.eq_ignore_ascii_case(template))
        };
        let Some(found) = templates.iter().find(is_meant) else {
            let names: Vec<_> = templates.iter().filter_map(|it| it.display_name.as_deref()).collect();
            let known = names.join("`, `");
            return Err(Error::refused(format!("there is no template `{template}`, only `{known}`")));
        };
        let id = found.id.clone().unwrap_or_default();
        let is_theirs = |setting: &GroupSetting| {
            future::ready(setting.template_id.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(&id)))
        };
        let mut theirs = self.list().items().try_filter(is_theirs).boxed();
        match theirs.try_next().await? {
            Some(setting) => SettingValues::of(found, &setting),
            None => SettingValues::defaults(found),
        }
    }

    /// Sends all values: it [updates](Self::update) the settings that they were read from, or [creates](Self::create) them if
    /// all was as the template says.
    pub async fn set_values(&self, values: &mut SettingValues) -> Result<(), Error> {
        if let Some(setting) = values.setting() {
            return self.update(setting, values.to_patch()).await;
        }
        let made = self.create(values.to_new()).await?;
        let id = made.identify().map_err(|it| Error::from_source(ErrorKind::Decode, it))?;
        values.made_as(id);
        Ok(())
    }

    /// Lists the templates, which say what settings there are and what they are by default.
    ///
    #[doc = facts!(GROUP_SETTING_TEMPLATES_LIST)]
    pub fn templates(&self) -> List<GroupSettingTemplate> {
        list!(&self.client, GROUP_SETTING_TEMPLATES_LIST, group_setting_templates_list())
    }

    /// Reads one template.
    ///
    #[doc = facts!(GROUP_SETTING_TEMPLATES_GET)]
    pub fn template(&self, template: impl Identify) -> Get<GroupSettingTemplate> {
        get!(&self.client, GROUP_SETTING_TEMPLATES_GET, group_setting_templates_get(template))
    }
}

fn check_values(values: &[SettingValue]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::refused("`values` is empty: name what is to be set"));
    }
    Ok(())
}
