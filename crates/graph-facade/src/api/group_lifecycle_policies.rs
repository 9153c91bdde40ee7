//! The tenant's policy for the expiry of Microsoft 365 groups.

use graph_client::{Error, Get, List, Request};
use graph_models::models::{
    GroupLifecyclePoliciesAddGroupBody, GroupLifecyclePoliciesRemoveGroupBody, GroupLifecyclePolicy,
    GroupLifecyclePolicyPatch, NewGroupLifecyclePolicy,
};
use graph_models::{Identify, facts};

use super::calls::{get, list, send};
use crate::client::Client;

/// The shortest life of a group that the service accepts, in days.
const SHORTEST_LIFE: i32 = 30;
/// What `managedGroupTypes` may be.
const MANAGED: [&str; 3] = ["All", "Selected", "None"];

/// The policies that say after how long groups expire unless they are renewed. A tenant has one at most.
#[derive(Clone, Debug)]
pub struct GroupLifecyclePolicies {
    client: Client,
}

impl Client {
    /// The policies for the expiry of groups.
    pub fn group_lifecycle_policies(&self) -> GroupLifecyclePolicies {
        GroupLifecyclePolicies { client: self.clone() }
    }
}

impl GroupLifecyclePolicies {
    /// Lists the policies of the tenant.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_LIST)]
    pub fn list(&self) -> List<GroupLifecyclePolicy> {
        list!(&self.client, GROUP_LIFECYCLE_POLICIES_LIST, group_lifecycle_policies_list())
    }

    /// Lists the policies that a group is under: one, or none.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_LIST_OF_GROUP)]
    pub fn list_of_group(&self, group: impl Identify) -> List<GroupLifecyclePolicy> {
        list!(
            &self.client,
            GROUP_LIFECYCLE_POLICIES_LIST_OF_GROUP,
            group_lifecycle_policies_list_of_group(group)
        )
    }

    /// Makes a policy. Refused before anything is sent: a life under 30 days, and groups other than `All`, `Selected` or
    /// `None`. The service refuses a second policy.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_CREATE)]
    pub fn create(&self, policy: NewGroupLifecyclePolicy) -> Request<GroupLifecyclePolicy> {
        send!(
            &self.client,
            GROUP_LIFECYCLE_POLICIES_CREATE,
            { check(Some(policy.group_lifetime_in_days), Some(&policy.managed_group_types))? },
            group_lifecycle_policies_create(; &policy)
        )
    }

    /// Reads a policy.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_GET)]
    pub fn get(&self, policy: impl Identify) -> Get<GroupLifecyclePolicy> {
        get!(&self.client, GROUP_LIFECYCLE_POLICIES_GET, group_lifecycle_policies_get(policy))
    }

    /// Changes a policy and returns it as it is then. Refused before anything is sent: a change of nothing, and what
    /// [`create`](Self::create) refuses.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_UPDATE)]
    pub fn update(
        &self,
        policy: impl Identify,
        change: GroupLifecyclePolicyPatch,
    ) -> Request<GroupLifecyclePolicy> {
        send!(
            &self.client,
            GROUP_LIFECYCLE_POLICIES_UPDATE,
            {
                if change.is_empty() {
                    return Err(Error::nothing_to_change());
                }
                let groups = change.managed_group_types.as_ref().into_set().map(String::as_str);
                check(change.group_lifetime_in_days.into_set(), groups)?;
            },
            group_lifecycle_policies_update(policy; &change)
        )
    }

    /// Deletes a policy: its groups no longer expire.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_DELETE)]
    pub fn delete(&self, policy: impl Identify) -> Request<()> {
        send!(&self.client, GROUP_LIFECYCLE_POLICIES_DELETE, group_lifecycle_policies_delete(policy))
    }

    /// Puts a group under a policy that manages selected groups; says whether the service did.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_ADD_GROUP)]
    pub fn add_group(&self, policy: impl Identify, group: impl Identify) -> Request<bool> {
        let group = group.identify();
        let mut body = GroupLifecyclePoliciesAddGroupBody::default();
        body.group_id = group.as_ref().ok().map(ToString::to_string);
        send!(
            &self.client,
            GROUP_LIFECYCLE_POLICIES_ADD_GROUP,
            { group?; },
            group_lifecycle_policies_add_group(policy; &body)
        )
        .map(|answer| answer.value.unwrap_or_default())
    }

    /// Takes a group out of a policy; says whether the service did.
    ///
    #[doc = facts!(GROUP_LIFECYCLE_POLICIES_REMOVE_GROUP)]
    pub fn remove_group(&self, policy: impl Identify, group: impl Identify) -> Request<bool> {
        let group = group.identify();
        let mut body = GroupLifecyclePoliciesRemoveGroupBody::default();
        body.group_id = group.as_ref().ok().map(ToString::to_string);
        send!(
            &self.client,
            GROUP_LIFECYCLE_POLICIES_REMOVE_GROUP,
            { group?; },
            group_lifecycle_policies_remove_group(policy; &body)
        )
        .map(|answer| answer.value.unwrap_or_default())
    }
}

fn check(days: Option<i32>, groups: Option<&str>) -> Result<(), Error> {
    if let Some(days) = days.filter(|days| *days < SHORTEST_LIFE) {
        return Err(Error::refused(format!(
            "`groupLifetimeInDays` is {days}, and a group lives {SHORTEST_LIFE} days at least"
        )));
    }
    match groups {
        Some(groups) if !MANAGED.contains(&groups) => Err(Error::refused(format!(
            "`managedGroupTypes` is `{groups}`, and may be one of `{}`",
            MANAGED.join("`, `")
        ))),
        _ => Ok(()),
    }
}
