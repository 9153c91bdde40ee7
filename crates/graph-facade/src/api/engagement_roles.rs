//! The administrative roles of Viva Engage, and who has them.

use graph_client::{Get, List, Request};
use graph_models::models::{EngagementRole, EngagementRoleMember, NewEngagementRoleMember, User};
use graph_models::{Id, Identify, InvalidId, facts};

use super::calls::{get, list, send};

use crate::client::Client;

/// The roles of Viva Engage, such as that of a corporate communicator. Which there are is the service's to say: none can be
/// made, changed or deleted.
#[derive(Clone, Debug)]
pub struct EngagementRoles {
    client: Client,
}

impl Client {
    /// The roles of Viva Engage. Only the global cloud has them.
    pub fn engagement_roles(&self) -> EngagementRoles {
        EngagementRoles { client: self.clone() }
    }
}

impl EngagementRoles {
    /// Lists all roles that there are.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_LIST)]
    pub fn list(&self) -> List<EngagementRole> {
        list!(&self.client, ENGAGEMENT_ROLES_LIST, engagement_roles_list())
    }

    /// Reads one role.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_GET)]
    pub fn get(&self, role: impl Identify) -> Get<EngagementRole> {
        get!(&self.client, ENGAGEMENT_ROLES_GET, engagement_roles_get(role))
    }

    /// Lists the roles that the signed-in user has.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_LIST_MINE)]
    pub fn list_mine(&self) -> List<EngagementRole> {
        list!(&self.client, ENGAGEMENT_ROLES_LIST_MINE, engagement_roles_list_mine())
    }

    /// Lists the roles that a user has, named by id or by user principal name.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_LIST_OF_USER)]
    pub fn list_of_user(&self, user: impl Identify) -> List<EngagementRole> {
        list!(&self.client, ENGAGEMENT_ROLES_LIST_OF_USER, engagement_roles_list_of_user(user))
    }

    /// Those who have a role.
    pub fn members(&self, role: impl Identify) -> EngagementRoleMembers {
        EngagementRoleMembers { client: self.client.clone(), role: role.identify() }
    }
}

/// Those who have one role of Viva Engage.
///
/// A member is the giving of the role to a user: it has an id of its own, which is the one to read and remove it by.
#[derive(Clone, Debug)]
pub struct EngagementRoleMembers {
    client: Client,
    role: Result<Id, InvalidId>,
}

impl EngagementRoleMembers {
    /// Lists those who have the role. `expand(["user"])` reads the users along with them.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_MEMBERS_LIST)]
    pub fn list(&self) -> List<EngagementRoleMember> {
        let role = &self.role;
        list!(&self.client, ENGAGEMENT_ROLES_MEMBERS_LIST, engagement_roles_members_list(role))
    }

    /// Gives the role to a user, named by id. What the service answers for a user who has it already is not documented, so
    /// that such an answer is an error like any other: see [`list_of_user`](EngagementRoles::list_of_user) first where that
    /// matters.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_MEMBERS_ADD)]
    pub fn add(&self, user: impl Identify) -> Request<EngagementRoleMember> {
        let role = &self.role;
        let member = self.client.address_of("users", user).map(NewEngagementRoleMember::new);
        send!(
            &self.client,
            ENGAGEMENT_ROLES_MEMBERS_ADD,
            engagement_roles_members_add(role; &member?)
        )
    }

    /// Reads one who has the role, by the id of the member.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_MEMBERS_GET)]
    pub fn get(&self, member: impl Identify) -> Get<EngagementRoleMember> {
        let role = &self.role;
        get!(&self.client, ENGAGEMENT_ROLES_MEMBERS_GET, engagement_roles_members_get(role, member))
    }

    /// Takes the role away, by the id of the member. A member that is not there is an error: the service does not say
    /// whether it is the member or the role that it lacks.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_MEMBERS_REMOVE)]
    pub fn remove(&self, member: impl Identify) -> Request<()> {
        let role = &self.role;
        send!(&self.client, ENGAGEMENT_ROLES_MEMBERS_REMOVE, engagement_roles_members_remove(role, member))
    }

    /// Reads the user behind a member.
    ///
    #[doc = facts!(ENGAGEMENT_ROLES_MEMBERS_USER_GET)]
    pub fn user(&self, member: impl Identify) -> Get<User> {
        let role = &self.role;
        get!(&self.client, ENGAGEMENT_ROLES_MEMBERS_USER_GET, engagement_roles_members_user_get(role, member))
    }
}
