//! The making of a team outside of a process.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use graph_client::support::{CloudName, VersionName, check_owner};
use graph_client::{Error, ErrorKind};
use graph_models::models::Team;
use graph_models::{Id, Identify as _};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Progress, TeamSetup, TeamSetupPolicy};
use crate::client::Client;

/// The version of the form that this release writes.
const VERSION: u32 = 1;

/// The making of a team as it survives a restart: a few lines of JSON, without any secret.
///
/// It is written by [`TeamSetup::save`], with serde or with `Display`, and read with serde or `FromStr`;
/// [`Groups::resume_team`](crate::Groups::resume_team) goes on with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SavedTeamSetup(Form);

/// A text that no [`SavedTeamSetup`] can be read from.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSavedTeamSetup {
    /// It is not the JSON that `save` writes.
    #[error("this is no saved making of a team: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another release of this crate wrote it.
    #[error(
        "the saved making of a team has version {0}, and this release reads version {VERSION}: update graph-facade"
    )]
    UnknownVersion(u32),
}

graph_client::debug_by_display!(InvalidSavedTeamSetup);

/// The JSON form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Form {
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
}

impl SavedTeamSetup {
    /// The id of the group.
    pub fn group(&self) -> &str {
        &self.0.group
    }

    /// The organisation of the group, if the client knew ([`QuotaKey::tenant`](crate::QuotaKey::tenant)). A client of another is
    /// refused.
    pub fn tenant(&self) -> Option<&str> {
        self.0.tenant.as_deref()
    }

    /// When the service may be asked next, by the clock of the client that saved it.
    pub fn next_attempt_at(&self) -> SystemTime {
        self.0.next_attempt_at
    }
}

impl FromStr for SavedTeamSetup {
    type Err = InvalidSavedTeamSetup;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        // The version first: another form may lack what this one needs.
        match serde_json::from_str::<Versioned>(text)?.version {
            VERSION => Ok(Self(serde_json::from_str(text)?)),
            other => Err(InvalidSavedTeamSetup::UnknownVersion(other)),
        }
    }
}

impl<'de> Deserialize<'de> for SavedTeamSetup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        json.to_string().parse().map_err(serde::de::Error::custom)
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
        SavedTeamSetup(Form {
            version: VERSION,
            group: self.group.to_string(),
            team: self.team.clone(),
            policy: self.policy,
            since: self.progress.since,
            misses: self.progress.misses,
            next_attempt_at: self.progress.next_at,
            root: self.client.origin().to_owned(),
            cloud: self.client.cloud().into(),
            api_version: self.client.version().into(),
            tenant: self.client.quota_key().tenant.as_deref().map(str::to_owned),
        })
    }

    pub(in crate::api) fn resumed(client: &Client, saved: SavedTeamSetup) -> Result<Self, Error> {
        let SavedTeamSetup(saved) = saved;
        let root = client.origin();
        let (cloud, version) = (client.cloud().into(), client.version().into());
        if saved.root != root || saved.cloud != cloud || saved.api_version != version {
            let theirs = &saved.root;
            let what = format!(
                "the team was asked for at {theirs}, and not in the cloud and version of this client at {root}"
            );
            return Err(Error::refused(what));
        }
        let ours = client.quota_key().tenant.as_deref();
        check_owner("the saved making of a team", "tenant", saved.tenant.as_deref(), ours)?;
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
