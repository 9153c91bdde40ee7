//! The tenant's settings for Microsoft 365 groups, and the templates they are made from.

use graph_models::models::{
    GroupSetting, GroupSettingPatch, GroupSettingTemplate, NewGroupSetting, SettingValue,
};
use graph_models::{Identify, facts};

use super::calls::{get, list, send};
use crate::client::Client;
use crate::error::Error;
use crate::paging::List;
use crate::request::{Get, Request};

/// The settings that hold for all Microsoft 365 groups of the tenant: who may create one, how they are named.
///
/// In beta the same settings have other paths and their type another name; which version the client speaks makes no
/// difference here.
#[derive(Clone, Debug)]
pub struct GroupSettings {
    client: Client,
}

impl Client {
    /// The settings that hold for all groups of the tenant.
    pub fn group_settings(&self) -> GroupSettings {
        GroupSettings { client: self.clone() }
    }
}

impl GroupSettings {
    /// Lists the settings. There are none as long as all are as their templates say.
    ///
    #[doc = facts!(GROUP_SETTINGS_LIST)]
    pub fn list(&self) -> List<GroupSetting> {
        list!(&self.client, GROUP_SETTINGS_LIST, group_settings_list())
    }

    /// Makes settings from a template. The service wants a value for everything that the template names, and refuses a
    /// second one from the same template. Refused before anything is sent: settings without a value.
    ///
    #[doc = facts!(GROUP_SETTINGS_CREATE)]
    pub fn create(&self, setting: NewGroupSetting) -> Request<GroupSetting> {
        send!(
            &self.client,
            GROUP_SETTINGS_CREATE,
            { check_values(&setting.values)? },
            group_settings_create(; &setting)
        )
    }

    /// Reads the settings with this id.
    ///
    #[doc = facts!(GROUP_SETTINGS_GET)]
    pub fn get(&self, setting: impl Identify) -> Get<GroupSetting> {
        get!(&self.client, GROUP_SETTINGS_GET, group_settings_get(setting))
    }

    /// Changes settings. The service takes the values as a whole: send all that the template names. Refused before
    /// anything is sent: a change without a value.
    ///
    #[doc = facts!(GROUP_SETTINGS_UPDATE)]
    pub fn update(&self, setting: impl Identify, change: GroupSettingPatch) -> Request<()> {
        send!(
            &self.client,
            GROUP_SETTINGS_UPDATE,
            { check_values(change.values.as_deref().unwrap_or_default())? },
            group_settings_update(setting; &change)
        )
    }

    /// Deletes settings, so that what their template says holds again.
    ///
    #[doc = facts!(GROUP_SETTINGS_DELETE)]
    pub fn delete(&self, setting: impl Identify) -> Request<()> {
        send!(&self.client, GROUP_SETTINGS_DELETE, group_settings_delete(setting))
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
        return Err(Error::refused("`values` is empty: give a value to everything that the template names"));
    }
    Ok(())
}
