//! The tenant's settings for Microsoft 365 groups, and the templates they are made from.

use graph_models::models::{
    GroupSetting, GroupSettingPatch, GroupSettingTemplate, NewGroupSetting, SettingValue,
};
use graph_models::{Identify, lift, operations};

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
    pub fn list(&self) -> List<GroupSetting> {
        List::new(&self.client, &operations::GROUP_SETTINGS_LIST, |raw, q| {
            Box::pin(async move {
                let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
                let (search, select, top) = (q.search(), q.select(), q.top());
                Ok(lift(
                    raw.group_settings_list(count, expand, filter, order_by, search, select, None, top).await,
                )?)
            })
        })
    }

    /// Makes settings from a template. The service wants a value for everything that the template names, and refuses a
    /// second one from the same template. Refused before anything is sent: settings without a value.
    pub fn create(&self, setting: NewGroupSetting) -> Request<GroupSetting> {
        Request::new(&self.client, &operations::GROUP_SETTINGS_CREATE, |raw, _| {
            Box::pin(async move {
                check_values(&setting.values)?;
                Ok(lift(raw.group_settings_create(&setting).await)?)
            })
        })
    }

    /// Reads the settings with this id.
    pub fn get(&self, setting: impl Identify) -> Get<GroupSetting> {
        let id = setting.identify();
        Get::new(&self.client, &operations::GROUP_SETTINGS_GET, |raw, q| {
            Box::pin(async move { Ok(lift(raw.group_settings_get(&id?, q.expand(), q.select()).await)?) })
        })
    }

    /// Changes settings. The service takes the values as a whole: send all that the template names. Refused before
    /// anything is sent: a change without a value.
    pub fn update(&self, setting: impl Identify, change: GroupSettingPatch) -> Request<()> {
        let id = setting.identify();
        Request::new(&self.client, &operations::GROUP_SETTINGS_UPDATE, |raw, _| {
            Box::pin(async move {
                check_values(change.values.as_deref().unwrap_or_default())?;
                Ok(lift(raw.group_settings_update(&id?, &change).await)?)
            })
        })
    }

    /// Deletes settings, so that what their template says holds again.
    pub fn delete(&self, setting: impl Identify) -> Request<()> {
        let id = setting.identify();
        Request::new(&self.client, &operations::GROUP_SETTINGS_DELETE, |raw, _| {
            Box::pin(async move { Ok(lift(raw.group_settings_delete(&id?).await)?) })
        })
    }

    /// Lists the templates, which say what settings there are and what they are by default.
    pub fn templates(&self) -> List<GroupSettingTemplate> {
        List::new(&self.client, &operations::GROUP_SETTING_TEMPLATES_LIST, |raw, q| {
            Box::pin(async move {
                let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
                let (search, select, top) = (q.search(), q.select(), q.top());
                let list = raw
                    .group_setting_templates_list(count, expand, filter, order_by, search, select, None, top);
                Ok(lift(list.await)?)
            })
        })
    }

    /// Reads one template.
    pub fn template(&self, template: impl Identify) -> Get<GroupSettingTemplate> {
        let id = template.identify();
        Get::new(&self.client, &operations::GROUP_SETTING_TEMPLATES_GET, |raw, q| {
            Box::pin(
                async move { Ok(lift(raw.group_setting_templates_get(&id?, q.expand(), q.select()).await)?) },
            )
        })
    }
}

fn check_values(values: &[SettingValue]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::refused("`values` is empty: give a value to everything that the template names"));
    }
    Ok(())
}
