//! What all that outlives a process has in common: the version of its form first, whose it is, and names of clouds and versions.

use graph_runtime::{ApiVersion, Cloud};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Reads a form of `version` from JSON. A text of another version is not looked at: it may lack what this one needs.
pub(crate) fn read_form<F: DeserializeOwned, E: From<serde_json::Error>>(
    text: &str,
    version: u32,
    unknown: impl FnOnce(u32) -> E,
) -> Result<F, E> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_str::<Versioned>(text)?.version {
        found if found == version => Ok(serde_json::from_str(text)?),
        newer => Err(unknown(newer)),
    }
}

/// Refuses what was saved for one tenant, app or user to a client of another, where both name theirs.
pub fn check_owner(what: &str, part: &str, theirs: Option<&str>, ours: Option<&str>) -> Result<(), Error> {
    match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs != ours => Err(Error::refused(format!(
            "{what} belongs to the {part} {theirs}, and this client acts for {ours}: \
             resume it with the client of {theirs}"
        ))),
        _ => Ok(()),
    }
}

/// A cloud, as saved forms write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudName {
    /// [`Cloud::Global`]
    Global,
    /// [`Cloud::UsGov`]
    UsGov,
    /// [`Cloud::UsGovDod`]
    UsGovDod,
    /// [`Cloud::China`]
    China,
}

/// A version of the API, as saved forms write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VersionName {
    /// [`ApiVersion::V1`]
    #[serde(rename = "v1.0")]
    V1,
    /// [`ApiVersion::Beta`]
    #[serde(rename = "beta")]
    Beta,
}

impl From<CloudName> for Cloud {
    fn from(name: CloudName) -> Self {
        match name {
            CloudName::Global => Self::Global,
            CloudName::UsGov => Self::UsGov,
            CloudName::UsGovDod => Self::UsGovDod,
            CloudName::China => Self::China,
        }
    }
}

impl From<Cloud> for CloudName {
    fn from(cloud: Cloud) -> Self {
        match cloud {
            Cloud::UsGov => Self::UsGov,
            Cloud::UsGovDod => Self::UsGovDod,
            Cloud::China => Self::China,
            _ => Self::Global,
        }
    }
}

impl From<VersionName> for ApiVersion {
    fn from(name: VersionName) -> Self {
        match name {
            VersionName::V1 => Self::V1,
            VersionName::Beta => Self::Beta,
        }
    }
}

impl From<ApiVersion> for VersionName {
    fn from(version: ApiVersion) -> Self {
        match version {
            ApiVersion::Beta => Self::Beta,
            _ => Self::V1,
        }
    }
}
