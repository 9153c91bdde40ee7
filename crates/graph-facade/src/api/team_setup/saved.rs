//! The making of a team outside of a process.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use graph_models::models::Team;
use graph_models::{Id, Identify as _};
use serde::{Deserialize, Serialize};

use super::{Progress, TeamSetup, TeamSetupPolicy};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::saved_names::{CloudName, VersionName};

/// The version of the form that this release writes.
const VERSION: u32 = 1;

/// The making of a team as it survives a restart: a few lines of JSON, without any secret.
///
/// It is written by [`TeamSetup::save`], with serde or with `Display`, and read with serde or `FromStr`;
/// [`Groups::resume_team`](crate::Groups::resume_team) goes on with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTeamSetup {
    version: u32,
    group: String,
    team: Team,
    policy: TeamSetupPolicy,
    since: SystemTime,
    misses: u32,
    next_attempt_at: SystemTime,
    root: String,
    cloud: CloudName,
    api_version: VersionName,
}

impl SavedTeamSetup {
    /// The id of the group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// When the service may be asked next, by the clock of the client that saved it.
    pub fn next_attempt_at(&self) -> SystemTime {
        self.next_attempt_at
    }
}

impl FromStr for SavedTeamSetup {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

impl fmt::Display for SavedTeamSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl TeamSetup {
    /// The rest of the work as it survives a restart.
    pub fn save(&self) -> SavedTeamSetup {
        SavedTeamSetup {
            version: VERSION,
            group: self.group.to_string(),
            team: self.team.clone(),
            policy: self.policy,
            since: self.progress.since,
            misses: self.progress.misses,
            next_attempt_at: self.progress.next_at,
            root: self.client.pipeline.root.origin().to_owned(),
            cloud: self.client.cloud().into(),
            api_version: self.client.version().into(),
        }
    }

    pub(in crate::api) fn resumed(client: &Client, saved: SavedTeamSetup) -> Result<Self, Error> {
        if saved.version != VERSION {
            let found = saved.version;
            let what = format!(
                "the saved team has version {found}, and this release reads {VERSION}: update graph-facade"
            );
            return Err(Error::refused(what));
        }
        let root = client.pipeline.root.origin();
        let (cloud, version) = (client.cloud().into(), client.version().into());
        if saved.root != root || saved.cloud != cloud || saved.api_version != version {
            let theirs = &saved.root;
            let what = format!(
                "the team was asked for at {theirs}, and not in the cloud and version of this client at {root}"
            );
            return Err(Error::refused(what));
        }
        let group: Id =
            saved.group.identify().map_err(|it| Error::from_source(ErrorKind::InvalidRequest, it))?;
        // A time in the future comes from another clock: then it is as long from now as it can be.
        let now = client.clock().now();
        let since = saved.since.min(now);
        let latest = saved.policy.next_attempt_at(saved.misses, since, now).unwrap_or(now);
        let progress = Progress { since, misses: saved.misses, next_at: saved.next_attempt_at.min(latest) };
        Ok(Self { client: client.clone(), group, team: saved.team, policy: saved.policy, progress })
    }
}
