//! Teams: what Microsoft Teams makes of a group.

use graph_client::{Error, ErrorKind, Get, Request};
use graph_models::models::{Team, TeamPatch};
use graph_models::{Id, Identify, InvalidId, facts};

use super::calls::{get, send};
use super::groups::Groups;
use super::team_setup::{SavedTeamSetup, TeamSetup};
use crate::client::Client;

/// The teams of the tenant. A team has the id of its group.
#[derive(Clone, Debug)]
pub struct Teams {
    client: Client,
}

/// The team of one group.
#[derive(Clone, Debug)]
pub struct GroupTeam {
    client: Client,
    group: Result<Id, InvalidId>,
}

impl Client {
    /// The teams of the tenant.
    pub fn teams(&self) -> Teams {
        Teams { client: self.clone() }
    }
}

impl Teams {
    /// Reads a team, whose id is that of its group.
    ///
    #[doc = facts!(TEAMS_GET)]
    pub fn get(&self, team: impl Identify) -> Get<Team> {
        get!(&self.client, TEAMS_GET, teams_get(team))
    }

    /// Changes a team and its settings. Of the settings, those that the change doesn't have stay as they are. Refused before
    /// anything is sent: a change of nothing.
    ///
    #[doc = facts!(TEAMS_UPDATE)]
    pub fn update(&self, team: impl Identify, change: TeamPatch) -> Request<()> {
        send!(
            &self.client,
            TEAMS_UPDATE,
            {
                if change.is_empty() {
                    return Err(Error::nothing_to_change());
                }
            },
            teams_update(team; &change)
        )
    }
}

impl Groups {
    /// The team of a group.
    pub fn team(&self, group: impl Identify) -> GroupTeam {
        GroupTeam { client: self.client.clone(), group: group.identify() }
    }

    /// Goes on with what [`TeamSetup::save`] saved. Refused: what another cloud, version or root was asked for.
    pub fn resume_team(&self, saved: SavedTeamSetup) -> Result<TeamSetup, Error> {
        TeamSetup::resumed(&self.client, saved)
    }
}

impl GroupTeam {
    /// Reads the team of the group. Not found as long as the group has none.
    ///
    #[doc = facts!(GROUPS_TEAM_GET)]
    pub fn get(&self) -> Get<Team> {
        let group = &self.group;
        get!(&self.client, GROUPS_TEAM_GET, groups_team_get(group))
    }

    /// Makes a team of the group, if the service can do so now: for up to a quarter of an hour after a group was created, it
    /// answers that there is no such group. [`set_up`](Self::set_up) asks again as often as it takes.
    ///
    /// The group must have an owner, see [`Error::is_ownerless`]. What the team does not say of its settings is as Teams
    /// has it by default.
    ///
    #[doc = facts!(GROUPS_TEAM_CREATE)]
    pub fn create(&self, team: Team) -> Request<Team> {
        let group = &self.group;
        send!(&self.client, GROUPS_TEAM_CREATE, groups_team_create(group; &team))
    }

    /// Makes a team of the group, asking again as Microsoft recommends until the group has come through to Teams.
    ///
    /// Nothing is sent yet: see [`TeamSetup::wait`]. Refused: a group without an id.
    pub fn set_up(&self, team: Team) -> Result<TeamSetup, Error> {
        let group = self.group.clone().map_err(|it| Error::from_source(ErrorKind::InvalidRequest, it))?;
        Ok(TeamSetup::begin(&self.client, group, team))
    }
}
