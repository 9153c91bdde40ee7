//! Where the changes go on, in a form that outlives the process.

use std::fmt;
use std::str::FromStr;

use graph_runtime::{ApiVersion, Cloud, OperationInfo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::saved_names::{CloudName, VersionName, check_owner, read_form};

/// The version of the form that this release writes.
const VERSION: u32 = 1;
/// How much of the service's own token is shown.
const SHOWN: usize = 6;

/// Where the changes go on: a few lines of JSON for another day or another process.
///
/// It is written with serde or [`to_json`](Self::to_json), and read with serde or `FromStr`. There is no secret in it, but
/// what it points to can be long; printed otherwise, it is cut short.
#[derive(Clone, PartialEq, Eq)]
pub struct DeltaToken {
    operation: String,
    link: String,
    is_complete: bool,
    root: String,
    cloud: Cloud,
    api_version: ApiVersion,
    tenant: Option<String>,
    scope: Scope,
}

/// What the first round asked for; a restart asks for it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) select: Option<String>,
    pub(super) filter: Option<String>,
}

/// A text that no [`DeltaToken`] can be read from.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDeltaToken {
    /// It is not the JSON that a token is written as.
    #[error("this is no delta token: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A newer release of this crate wrote it.
    #[error(
        "the delta token has version {0}, and this release reads version {VERSION}: update to a newer release"
    )]
    UnknownVersion(u32),
}

crate::debug_by_display!(InvalidDeltaToken);

impl DeltaToken {
    pub(super) fn new(
        operation: &OperationInfo,
        client: &Client,
        link: String,
        is_complete: bool,
        scope: Scope,
    ) -> Self {
        Self {
            operation: operation.id.to_owned(),
            link,
            is_complete,
            root: client.pipeline.root.origin().to_owned(),
            cloud: client.cloud(),
            api_version: client.version(),
            tenant: client.quota_key().tenant.as_deref().map(str::to_owned),
            scope,
        }
    }

    /// The id of the operation that it belongs to: `groups.delta`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The organisation whose changes it is about, if the client knew ([`QuotaKey::tenant`](crate::QuotaKey::tenant)). A client of
    /// another is refused, before anything is sent.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Whether its round was read to the end. If not, resuming goes on within that round.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The token as JSON, for [`str::parse`].
    pub fn to_json(&self) -> String {
        // A struct of texts, a number and a truth value always has a JSON form.
        serde_json::to_string(&Form::from(self)).unwrap_or_default()
    }

    /// Refuses to take the client's credential anywhere but to where the token is from.
    pub(super) fn check(&self, operation: &OperationInfo, client: &Client) -> Result<(), Error> {
        if self.operation != operation.id {
            let (from, to) = (&self.operation, operation.id);
            return Err(Error::refused(format!("the delta token belongs to {from}, not to {to}")));
        }
        if self.cloud != client.cloud() {
            return Err(Error::refused(format!(
                "the delta token belongs to the cloud {:?}, and the client talks to {:?}: resume it there",
                self.cloud,
                client.cloud(),
            )));
        }
        if self.api_version != client.version() {
            return Err(Error::refused(format!(
                "the delta token belongs to version {} of the API, and the client uses {}: resume it there, or start again",
                self.api_version.as_str(),
                client.version().as_str(),
            )));
        }
        check_owner("the delta token", "tenant", self.tenant(), client.quota_key().tenant.as_deref())?;
        let root = &client.pipeline.root;
        let outcome = root.resolve(&self.link).and_then(|_| root.resolve(&self.root_version()));
        outcome.map(drop).map_err(|foreign| Error::from_source(ErrorKind::InvalidRequest, foreign))
    }

    /// Where the addresses of the token's root begin.
    fn root_version(&self) -> String {
        format!("{}/{}", self.root, self.api_version.as_str())
    }

    pub(super) fn into_parts(self) -> (String, Scope) {
        (self.link, self.scope)
    }

    /// The end of the link, which tells one token from another.
    fn end(&self) -> &str {
        let start = self.link.char_indices().rev().nth(SHOWN - 1).map_or(0, |(at, _)| at);
        // A link that is no longer than what is shown is not the service's.
        if start == 0 { "" } else { &self.link[start..] }
    }
}

impl fmt::Display for DeltaToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.is_complete { "the next round" } else { "within a round" };
        write!(f, "{} at {}: {place} (…{})", self.operation, self.root_version(), self.end())
    }
}

impl fmt::Debug for DeltaToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeltaToken({self})")
    }
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
struct Form {
    version: u32,
    operation: String,
    link: String,
    complete: bool,
    root: String,
    cloud: CloudName,
    api_version: VersionName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    select: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
}

impl From<&DeltaToken> for Form {
    fn from(token: &DeltaToken) -> Self {
        Self {
            version: VERSION,
            operation: token.operation.clone(),
            link: token.link.clone(),
            complete: token.is_complete,
            root: token.root.clone(),
            cloud: token.cloud.into(),
            api_version: token.api_version.into(),
            tenant: token.tenant.clone(),
            select: token.scope.select.clone(),
            filter: token.scope.filter.clone(),
        }
    }
}

impl From<Form> for DeltaToken {
    fn from(form: Form) -> Self {
        Self {
            operation: form.operation,
            link: form.link,
            is_complete: form.complete,
            root: form.root,
            cloud: form.cloud.into(),
            api_version: form.api_version.into(),
            tenant: form.tenant,
            scope: Scope { select: form.select, filter: form.filter },
        }
    }
}

impl FromStr for DeltaToken {
    type Err = InvalidDeltaToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read_form(text, VERSION, InvalidDeltaToken::UnknownVersion).map(Form::into)
    }
}

impl Serialize for DeltaToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DeltaToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        json.to_string().parse().map_err(serde::de::Error::custom)
    }
}
