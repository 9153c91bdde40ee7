//! What groups can be told to do beside being read and changed.

use graph_client::{Error, ErrorDetail, Request, Response};
use graph_models::models::{
    AssignedLicense, DirectoryObjectsValidatePropertiesBody, Group, GroupsAssignLicenseBody,
    GroupsCheckMemberGroupsBody, GroupsGetMemberGroupsBody, GroupsValidatePropertiesBody,
    GroupsValidatePropertiesOfGroupBody,
};
use graph_models::{Id, Identify, InvalidId, facts};
use http::StatusCode;

use super::calls::send;
use super::groups::Groups;

/// How many groups can be asked about at once.
const MOST_GROUPS: usize = 20;
const ENTITY_TYPE: &str = "Group";

/// Names of a group to be checked before they are given: the display name, the mail nickname or both.
#[derive(Clone, Debug, Default)]
#[must_use = "names are not checked by themselves"]
pub struct GroupNames {
    display_name: Option<String>,
    mail_nickname: Option<String>,
    on_behalf_of: Option<Result<Id, InvalidId>>,
}

/// What the service says of [`GroupNames`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameCheck {
    /// The names are free, and follow the tenant's rules.
    Valid,
    /// What is wrong with them, each fault with the property that it is about.
    Faulty(Vec<ErrorDetail>),
}

impl GroupNames {
    /// No names yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The display name to check.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// The mail nickname to check.
    pub fn mail_nickname(mut self, nickname: impl Into<String>) -> Self {
        self.mail_nickname = Some(nickname.into());
        self
    }

    /// The user for whom the names are checked, if not the caller.
    pub fn on_behalf_of(mut self, user: impl Identify) -> Self {
        self.on_behalf_of = Some(user.identify());
        self
    }

    fn check(&self) -> Result<(), Error> {
        if self.display_name.is_none() && self.mail_nickname.is_none() {
            return Err(Error::refused("there is no name to check: set `display_name` or `mail_nickname`"));
        }
        Ok(())
    }

    fn user(&self) -> Result<Option<String>, InvalidId> {
        Ok(self.on_behalf_of.clone().transpose()?.map(|id| id.to_string()))
    }
}

/// `names_body!(Type, names)`: the body of that type, which says the same whatever it is called.
macro_rules! names_body {
    ($body:ident, $names:expr) => {{
        let mut body = $body::default();
        body.entity_type = Some(ENTITY_TYPE.to_owned());
        body.display_name.clone_from(&$names.display_name);
        body.mail_nickname.clone_from(&$names.mail_nickname);
        body
    }};
}

impl Groups {
    /// Checks the names of a new group. Refused before anything is sent: no name at all.
    ///
    #[doc = facts!(GROUPS_VALIDATE_PROPERTIES)]
    pub fn validate(&self, names: GroupNames) -> Request<NameCheck> {
        let (mut body, user) = (names_body!(GroupsValidatePropertiesBody, names), names.user());
        let request = send!(
            &self.client,
            GROUPS_VALIDATE_PROPERTIES,
            {
                names.check()?;
                body.on_behalf_of_user_id = user?;
            },
            groups_validate_properties(; &body)
        );
        request.then(outcome)
    }

    /// Checks the names of a new group by way of the directory, which is where the service documents it.
    ///
    #[doc = facts!(DIRECTORY_OBJECTS_VALIDATE_PROPERTIES)]
    pub fn validate_in_directory(&self, names: GroupNames) -> Request<NameCheck> {
        let (mut body, user) = (names_body!(DirectoryObjectsValidatePropertiesBody, names), names.user());
        let request = send!(
            &self.client,
            DIRECTORY_OBJECTS_VALIDATE_PROPERTIES,
            {
                names.check()?;
                body.on_behalf_of_user_id = user?;
            },
            directory_objects_validate_properties(; &body)
        );
        request.then(outcome)
    }

    /// Checks new names of a group that exists; its own present names are no conflict.
    ///
    #[doc = facts!(GROUPS_VALIDATE_PROPERTIES_OF_GROUP)]
    pub fn validate_of_group(&self, group: impl Identify, names: GroupNames) -> Request<NameCheck> {
        let mut body = GroupsValidatePropertiesOfGroupBody::default();
        let user = names.user();
        body.display_name.clone_from(&names.display_name);
        body.mail_nickname.clone_from(&names.mail_nickname);
        let request = send!(
            &self.client,
            GROUPS_VALIDATE_PROPERTIES_OF_GROUP,
            {
                names.check()?;
                body.on_behalf_of_user_id = user?;
            },
            groups_validate_properties_of_group(group; &body)
        );
        request.then(outcome)
    }

    /// Marks a Microsoft 365 group as a favourite of the signed-in user.
    ///
    #[doc = facts!(GROUPS_ADD_FAVORITE)]
    pub fn add_favorite(&self, group: impl Identify) -> Request<()> {
        send!(&self.client, GROUPS_ADD_FAVORITE, groups_add_favorite(group))
    }

    /// Takes a group from the favourites of the signed-in user; it need not be among them.
    ///
    #[doc = facts!(GROUPS_REMOVE_FAVORITE)]
    pub fn remove_favorite(&self, group: impl Identify) -> Request<()> {
        send!(&self.client, GROUPS_REMOVE_FAVORITE, groups_remove_favorite(group))
    }

    /// Renews a group that expires: its life begins anew. The tenant's [policy](crate::GroupLifecyclePolicies) says for how long.
    ///
    #[doc = facts!(GROUPS_RENEW)]
    pub fn renew(&self, group: impl Identify) -> Request<()> {
        send!(&self.client, GROUPS_RENEW, groups_renew(group))
    }

    /// Gives licences to the members of a group and takes others away, by the ids of their products. The answer is the group;
    /// the members get their licences later, see `licenseProcessingState`. Refused before anything is sent: no licence at all.
    ///
    #[doc = facts!(GROUPS_ASSIGN_LICENSE)]
    pub fn assign_license<S: Into<String>>(
        &self,
        group: impl Identify,
        add: Vec<AssignedLicense>,
        remove: impl IntoIterator<Item = S>,
    ) -> Request<Group> {
        let mut body = GroupsAssignLicenseBody::default();
        let remove: Vec<String> = remove.into_iter().map(Into::into).collect();
        let is_empty = add.is_empty() && remove.is_empty();
        body.add_licenses = Some(add);
        body.remove_licenses = Some(remove);
        send!(
            &self.client,
            GROUPS_ASSIGN_LICENSE,
            {
                if is_empty {
                    return Err(Error::refused("there is no licence to give or to take away"));
                }
            },
            groups_assign_license(group; &body)
        )
    }

    /// Which of these groups a group is in, also by way of others: their ids. Refused before anything is sent: none, and more
    /// than 20.
    ///
    #[doc = facts!(GROUPS_CHECK_MEMBER_GROUPS)]
    pub fn check_member_groups(
        &self,
        group: impl Identify,
        groups: impl IntoIterator<Item: Identify>,
    ) -> Request<Vec<String>> {
        let groups: Result<Vec<Id>, InvalidId> = groups.into_iter().map(|group| group.identify()).collect();
        let mut body = GroupsCheckMemberGroupsBody::default();
        send!(
            &self.client,
            GROUPS_CHECK_MEMBER_GROUPS,
            {
                let groups = groups?;
                if groups.is_empty() || groups.len() > MOST_GROUPS {
                    return Err(Error::refused(format!(
                        "there are {} groups to look for: ask for 1 to {MOST_GROUPS} at once",
                        groups.len()
                    )));
                }
                body.group_ids = Some(groups.iter().map(ToString::to_string).collect());
            },
            groups_check_member_groups(group; &body)
        )
        .map(|page| page.value)
    }

    /// The ids of all groups that a group is in, also by way of others; of the security groups alone, if so wished.
    ///
    #[doc = facts!(GROUPS_GET_MEMBER_GROUPS)]
    pub fn member_groups(&self, group: impl Identify, security_enabled_only: bool) -> Request<Vec<String>> {
        let mut body = GroupsGetMemberGroupsBody::default();
        body.security_enabled_only = Some(security_enabled_only);
        send!(&self.client, GROUPS_GET_MEMBER_GROUPS, groups_get_member_groups(group; &body))
            .map(|page| page.value)
    }
}

/// A refusal that lists faults of the names is the answer that was asked for.
fn outcome(outcome: Result<Response<()>, Error>) -> Result<Response<NameCheck>, Error> {
    match outcome {
        Ok(response) => Ok(response.map(|()| NameCheck::Valid)),
        Err(error) if is_about_names(&error) => {
            Response::of_refusal(&error, NameCheck::Faulty(error.details().to_vec())).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

fn is_about_names(error: &Error) -> bool {
    let statuses = [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::BAD_REQUEST];
    !error.details().is_empty() && error.status().is_some_and(|status| statuses.contains(&status))
}
