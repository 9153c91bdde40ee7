//! The SharePoint sites of groups, and what is in them.

use graph_client::{Error, Get, List};
use graph_models::models::{self, Drive, Site};
use graph_models::{Id, Identify, InvalidId, facts};

use super::calls::{get, list};
use super::groups::Groups;
use crate::client::Client;

/// The id of the site that came with a group.
const ROOT: &str = "root";

/// Sites of SharePoint: all that the caller may see, or those of one group.
///
/// A group gets its site some time after it was created; nobody can tell when it is there. Until then the service answers
/// 404, which [`Error::is_not_yet_visible`](crate::Error::is_not_yet_visible) says as well.
#[derive(Clone, Debug)]
pub struct Sites {
    client: Client,
    /// Of this one alone.
    group: Option<Result<Id, InvalidId>>,
}

impl Client {
    /// The sites of SharePoint. Ids are those of sites, `host,guid,guid`, or `root` for the tenant's own.
    pub fn sites(&self) -> Sites {
        Sites { client: self.clone(), group: None }
    }
}

impl Groups {
    /// The sites of a group: `root`, the one that came with it, and those below.
    pub fn sites(&self, group: impl Identify) -> Sites {
        Sites { client: self.client.clone(), group: Some(group.identify()) }
    }

    /// Reads the library in which a group keeps its files. A group that was made a short while ago may not have its site yet:
    /// [`is_not_yet_visible`](crate::Error::is_not_yet_visible).
    ///
    #[doc = facts!(GROUPS_DRIVE_GET)]
    pub fn drive(&self, group: impl Identify) -> Get<Drive> {
        get!(&self.client, GROUPS_DRIVE_GET, groups_drive_get(group))
    }
}

impl Sites {
    /// Reads the site that came with the group, or the tenant's own. `expand(["drive"])` reads the drive of its files along
    /// with it.
    ///
    #[doc = facts!(GROUPS_SITES_GET)]
    ///
    #[doc = facts!(SITES_GET)]
    pub fn root(&self) -> Get<Site> {
        self.get(ROOT)
    }

    /// Reads a site.
    ///
    #[doc = facts!(GROUPS_SITES_GET)]
    ///
    #[doc = facts!(SITES_GET)]
    pub fn get(&self, site: impl Identify) -> Get<Site> {
        match &self.group {
            Some(group) => get!(&self.client, GROUPS_SITES_GET, groups_sites_get(group, site)),
            None => get!(&self.client, SITES_GET, sites_get(site)),
        }
    }

    /// Lists the sites right below a site.
    ///
    #[doc = facts!(GROUPS_SITES_SUBSITES_LIST)]
    ///
    #[doc = facts!(SITES_SUBSITES_LIST)]
    pub fn subsites(&self, site: impl Identify) -> List<Site> {
        match &self.group {
            Some(group) => {
                list!(&self.client, GROUPS_SITES_SUBSITES_LIST, groups_sites_subsites_list(group, site))
            }
            None => list!(&self.client, SITES_SUBSITES_LIST, sites_subsites_list(site)),
        }
    }

    /// Lists the lists of a site, document libraries among them. Lists that the service keeps for itself come where
    /// `select` names `system`.
    ///
    #[doc = facts!(GROUPS_SITES_LISTS_LIST)]
    ///
    #[doc = facts!(SITES_LISTS_LIST)]
    pub fn lists(&self, site: impl Identify) -> List<models::List> {
        match &self.group {
            Some(group) => {
                list!(&self.client, GROUPS_SITES_LISTS_LIST, groups_sites_lists_list(group, site))
            }
            None => list!(&self.client, SITES_LISTS_LIST, sites_lists_list(site)),
        }
    }

    /// Reads one list of a site, by its id or its title. The service knows no way to it through a group, so that among the
    /// sites of a group, `root` is refused: it would be the tenant's own. Take the site as it was read.
    ///
    #[doc = facts!(SITES_LISTS_GET)]
    pub fn list(&self, site: impl Identify, list: impl Identify) -> Get<models::List> {
        let misleads = self.group.is_some() && matches!(&site.identify(), Ok(id) if id.as_str() == ROOT);
        get!(
            &self.client,
            SITES_LISTS_GET,
            {
                if misleads {
                    let what = "`root` is the tenant's own site here: name the group's by the id that it was read with";
                    return Err(Error::refused(what));
                }
            },
            sites_lists_get(site, list)
        )
    }
}
