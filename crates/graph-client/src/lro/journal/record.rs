//! What is known of one operation, as it survives its process.

use std::time::SystemTime;

use graph_runtime::{Cloud, OperationInfo, Phase, StatusReport};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::limit::QuotaKey;
use crate::lro::saved::{SavedOperation, from_millis, to_millis};
use crate::saved_names::{CloudName, VersionName};
use crate::scopes::Access;

/// The version of the form that this release writes.
const VERSION: u32 = 1;

/// One record: an operation, whose it is, and how far it has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    operation: String,
    name: String,
    root: String,
    cloud: CloudName,
    api_version: VersionName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access: Option<AccessName>,
    pub(super) stage: Stage,
}

/// How far an operation has come. Times are milliseconds since 1970, by the client's clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// Nothing has reached the service.
    Intended { at: u64 },
    /// A request may have reached the service.
    Sent { at: u64 },
    /// The service goes on with it; `asking` if a poll may be under way.
    Accepted { saved: SavedOperation, asking: bool },
    /// It is over.
    Ended { at: u64, location: Option<String>, outcome: JournalOutcome },
}

/// How a long-running operation ended, as its journal knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum JournalOutcome {
    /// It succeeded.
    #[non_exhaustive]
    Succeeded {
        /// The id of the result, if the service named one.
        resource_id: Option<String>,
        /// The address of the result, if the service named one.
        resource_location: Option<String>,
    },
    /// It ended without success.
    #[non_exhaustive]
    Failed {
        /// The last status.
        status: Option<String>,
        /// What the service says about it.
        detail: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AccessName {
    Delegated,
    Application,
}

/// A creation that was begun and whose answer is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Intent {
    /// The client's id of the call.
    pub client_request_id: String,
    /// The id of the operation: `communities.create`.
    pub operation: String,
    /// What was to be created is called this.
    pub name: String,
    /// Whom it was to be created for.
    pub quota_key: QuotaKey,
    /// When the request was sent or, if none was, when the call began; by the clock of the client that did it.
    pub at: SystemTime,
}

/// Whose a record of the journal is: the client's that began the call, as far as that client was told whom it acts for.
///
/// Two owners are the same if each part is. A part that is not known equals only one that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordOwner {
    /// The origin of the service: `https://graph.microsoft.com`.
    pub root: String,
    /// The cloud.
    pub cloud: Cloud,
    /// The tenant, the app and the user. Whether the app acted by itself is not told apart.
    pub quota_key: QuotaKey,
}

impl RecordOwner {
    /// The owner of what `client` begins.
    pub(super) fn of(client: &Client) -> Self {
        let quota_key = QuotaKey { is_app: false, ..client.key.clone() };
        Self { root: client.pipeline.root.origin().to_owned(), cloud: client.cloud(), quota_key }
    }
}

impl Record {
    /// The record of a call of `client` that is about to begin.
    pub(super) fn intended(client: &Client, operation: &'static OperationInfo, name: &str) -> Self {
        let text = |part: &Option<std::sync::Arc<str>>| part.as_deref().map(str::to_owned);
        Self {
            version: VERSION,
            operation: operation.id.to_owned(),
            name: name.to_owned(),
            root: client.pipeline.root.origin().to_owned(),
            cloud: client.cloud().into(),
            api_version: client.version().into(),
            tenant: text(&client.key.tenant),
            app: text(&client.key.app),
            user: text(&client.key.user),
            access: client.pipeline.access.map(Into::into),
            stage: Stage::Intended { at: to_millis(client.clock().now()) },
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote; otherwise says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let version = serde_json::from_str::<Versioned>(text).map_err(|error| error.to_string())?.version;
        if version > VERSION {
            return Err(format!(
                "it has version {version}, and this release reads version {VERSION}: update to a newer release"
            ));
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    pub(super) fn to_text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Whether `operation` started it.
    pub(super) fn is_of(&self, operation: &'static OperationInfo) -> bool {
        self.operation == operation.id
    }

    pub(super) fn owner(&self) -> RecordOwner {
        RecordOwner { root: self.root.clone(), cloud: self.cloud.into(), quota_key: self.quota_key() }
    }

    /// `client`, whose record it is, as it was when it began the call: by the same kind of access.
    pub(super) fn client(&self, client: &Client) -> Client {
        match self.access {
            Some(AccessName::Delegated) => client.on_behalf_of_user(),
            Some(AccessName::Application) => client.as_app(),
            None => client.clone(),
        }
    }

    fn quota_key(&self) -> QuotaKey {
        let mut key = QuotaKey::new();
        key.tenant = self.tenant.as_deref().map(Into::into);
        key.app = self.app.as_deref().map(Into::into);
        key.user = self.user.as_deref().map(Into::into);
        key
    }

    pub(super) fn intent(&self, id: &str) -> Intent {
        Intent {
            client_request_id: id.to_owned(),
            operation: self.operation.clone(),
            name: self.name.clone(),
            quota_key: self.quota_key(),
            at: from_millis(self.millis()),
        }
    }

    /// The operation that the service has accepted just now, at this address.
    pub(super) fn saved(&self, id: &str, location: &str, now: SystemTime) -> SavedOperation {
        SavedOperation {
            operation: self.operation.clone(),
            location: location.to_owned(),
            root: self.root.clone(),
            cloud: self.cloud.into(),
            api_version: self.api_version.into(),
            tenant: self.tenant.clone(),
            app: self.app.clone(),
            user: self.user.clone(),
            accepted_at: now,
            last_poll_at: None,
            client_request_id: id.to_owned(),
        }
    }

    /// When it came to the stage where it is.
    pub(super) fn millis(&self) -> u64 {
        match &self.stage {
            Stage::Intended { at } | Stage::Sent { at } | Stage::Ended { at, .. } => *at,
            Stage::Accepted { saved, .. } => to_millis(saved.accepted_at),
        }
    }
}

impl JournalOutcome {
    pub(super) fn of(report: &StatusReport, phase: Phase) -> Option<Self> {
        match phase {
            Phase::Running => None,
            Phase::Succeeded => Some(Self::Succeeded {
                resource_id: report.resource_id.clone(),
                resource_location: report.resource_location.clone(),
            }),
            Phase::Failed => Some(Self::Failed {
                status: report.status.as_ref().map(|status| status.as_str().to_owned()),
                detail: report.detail.clone(),
            }),
        }
    }
}

impl From<Access> for AccessName {
    fn from(access: Access) -> Self {
        match access {
            Access::Delegated => Self::Delegated,
            Access::Application => Self::Application,
        }
    }
}
