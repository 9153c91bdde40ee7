//! Long-running operations outside of a process.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use graph_runtime::{ApiVersion, Cloud, OperationInfo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::root::ForeignAddress;
use crate::saved_names::{CloudName, VersionName, check_owner, read_form};

/// The version of the form that this release writes.
const VERSION: u32 = 1;

/// A long-running operation as it survives a restart: a few lines of JSON, without any secret.
///
/// It is written by [`Operation::save`](crate::Operation::save), with serde or with `Display`, and read with serde or
/// `FromStr`; [`resume`](crate::Operation::resume) makes a handle of it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedOperation {
    pub(super) operation: String,
    pub(super) location: String,
    pub(super) root: String,
    pub(super) cloud: Cloud,
    pub(super) api_version: ApiVersion,
    pub(super) tenant: Option<String>,
    pub(super) app: Option<String>,
    pub(super) user: Option<String>,
    pub(super) accepted_at: SystemTime,
    pub(super) last_poll_at: Option<SystemTime>,
    pub(super) client_request_id: String,
}

/// A text that no [`SavedOperation`] can be read from.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSavedOperation {
    /// It is not the JSON that `save` writes.
    #[error("this is no saved operation: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A newer release of this crate wrote it.
    #[error(
        "the saved operation has version {0}, and this release reads version {VERSION}: update to a newer release"
    )]
    UnknownVersion(u32),
}

crate::debug_by_display!(InvalidSavedOperation);

impl SavedOperation {
    /// The address of the operation.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The id of the operation that started it: `communities.create`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The organisation that it belongs to, if the client that started it knew
    /// ([`QuotaKey::tenant`](crate::QuotaKey::tenant)).
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The app that started it, if the client knew ([`QuotaKey::app`](crate::QuotaKey::app)).
    pub fn app(&self) -> Option<&str> {
        self.app.as_deref()
    }

    /// The user that it was started for, if the client knew ([`QuotaKey::user`](crate::QuotaKey::user)).
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// When the service accepted it, by the client's clock.
    pub fn accepted_at(&self) -> SystemTime {
        self.accepted_at
    }

    /// When it was last asked about, by the client's clock.
    pub fn last_poll_at(&self) -> Option<SystemTime> {
        self.last_poll_at
    }

    /// The address of the operation, if `started_by` started it and it belongs to the service and to whom `client` acts for.
    pub(super) fn address_for(&self, client: &Client, started_by: &OperationInfo) -> Result<Url, Error> {
        self.check(client, started_by).map_err(|error| error.with_location(&self.location))
    }

    fn check(&self, client: &Client, started_by: &OperationInfo) -> Result<Url, Error> {
        if self.operation != started_by.id {
            let Self { operation, .. } = self;
            let message = format!("the saved operation was started by {operation}, not by {}", started_by.id);
            return Err(Error::refused(message));
        }
        let root = &client.pipeline.root;
        if self.root != root.origin() || self.cloud != client.cloud() {
            let foreign = ForeignAddress { address: self.location.clone(), root: root.origin().to_owned() };
            return Err(Error::from_source(ErrorKind::InvalidRequest, foreign));
        }
        let ours = client.quota_key();
        for (part, theirs, ours) in [
            ("tenant", &self.tenant, &ours.tenant),
            ("app", &self.app, &ours.app),
            ("user", &self.user, &ours.user),
        ] {
            check_owner("the saved operation", part, theirs.as_deref(), ours.as_deref())?;
        }
        root.resolve(&self.location).map_err(|foreign| Error::from_source(ErrorKind::InvalidRequest, foreign))
    }

    /// The client's id of the call that started it.
    pub fn client_request_id(&self) -> &str {
        &self.client_request_id
    }
}

/// The JSON form. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
struct Form {
    version: u32,
    operation: String,
    location: String,
    root: String,
    cloud: CloudName,
    api_version: VersionName,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    accepted_at: u64,
    last_poll_at: Option<u64>,
    client_request_id: String,
}

impl From<Form> for SavedOperation {
    fn from(form: Form) -> Self {
        Self {
            operation: form.operation,
            location: form.location,
            root: form.root,
            cloud: form.cloud.into(),
            api_version: form.api_version.into(),
            tenant: form.tenant,
            app: form.app,
            user: form.user,
            accepted_at: from_millis(form.accepted_at),
            last_poll_at: form.last_poll_at.map(from_millis),
            client_request_id: form.client_request_id,
        }
    }
}

impl From<&SavedOperation> for Form {
    fn from(saved: &SavedOperation) -> Self {
        Self {
            version: VERSION,
            operation: saved.operation.clone(),
            location: saved.location.clone(),
            root: saved.root.clone(),
            cloud: saved.cloud.into(),
            api_version: saved.api_version.into(),
            tenant: saved.tenant.clone(),
            app: saved.app.clone(),
            user: saved.user.clone(),
            accepted_at: to_millis(saved.accepted_at),
            last_poll_at: saved.last_poll_at.map(to_millis),
            client_request_id: saved.client_request_id.clone(),
        }
    }
}

/// Past the end of time, the end of time: a time in the future is taken as now when the operation is resumed.
pub(super) fn from_millis(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_millis(millis))
        .unwrap_or(SystemTime::UNIX_EPOCH + Duration::from_secs(u32::MAX.into()))
}

/// Rounded up, so that no time between two polls gets shorter.
pub(super) fn to_millis(time: SystemTime) -> u64 {
    let nanos = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    u64::try_from(nanos.div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

impl FromStr for SavedOperation {
    type Err = InvalidSavedOperation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read_form(text, VERSION, InvalidSavedOperation::UnknownVersion).map(Form::into)
    }
}

impl fmt::Display for SavedOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&Form::from(self)).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for SavedOperation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SavedOperation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        json.to_string().parse().map_err(serde::de::Error::custom)
    }
}
