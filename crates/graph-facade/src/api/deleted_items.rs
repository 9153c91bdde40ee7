//! What was deleted and can be restored.

use graph_client::{Get, List, Request};
use graph_models::models::{DirectoryObject, Group};
use graph_models::{Identify, facts};

use super::calls::{get, list, send};
use crate::client::Client;

/// Deleted directory objects, which the service keeps for 30 days.
///
/// Of the groups, only Microsoft 365 groups are kept.
#[derive(Clone, Debug)]
pub struct DeletedItems {
    client: Client,
}

impl Client {
    /// What was deleted and can be restored.
    pub fn deleted_items(&self) -> DeletedItems {
        DeletedItems { client: self.clone() }
    }
}

impl DeletedItems {
    /// Lists the deleted groups.
    ///
    #[doc = facts!(DELETED_ITEMS_GROUPS_LIST)]
    pub fn groups(&self) -> List<Group> {
        list!(&self.client, DELETED_ITEMS_GROUPS_LIST, deleted_items_groups_list())
    }

    /// Reads one deleted object.
    ///
    #[doc = facts!(DELETED_ITEMS_GET)]
    pub fn get(&self, object: impl Identify) -> Get<DirectoryObject> {
        get!(&self.client, DELETED_ITEMS_GET, deleted_items_get(object))
    }

    /// Restores a deleted object, and returns it. A group comes back with its members and owners; the service refuses one whose
    /// mail nickname has been given away since.
    ///
    #[doc = facts!(DELETED_ITEMS_RESTORE)]
    pub fn restore(&self, object: impl Identify) -> Request<DirectoryObject> {
        send!(&self.client, DELETED_ITEMS_RESTORE, deleted_items_restore(object))
    }

    /// Deletes a deleted object for good, before its 30 days are over. Nothing brings it back.
    ///
    #[doc = facts!(DELETED_ITEMS_PURGE)]
    pub fn purge(&self, object: impl Identify) -> Request<()> {
        send!(&self.client, DELETED_ITEMS_PURGE, deleted_items_purge(object))
    }
}
