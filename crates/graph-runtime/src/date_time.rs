//! Points in time as Graph writes them.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A point in time, kept exactly as the service wrote it.
///
/// Graph writes RFC 3339 with `Z` or another offset and up to nine fraction digits, and here and there no offset at
/// all, which means UTC. Reading never fails and never changes the text, so that what is written back is what was
/// read; [`to_utc`](Self::to_utc) interprets it.
///
/// ```
/// let written = graph_runtime::GraphDateTime::from_text("2024-05-02T08:00:00.123456-07:00");
/// assert_eq!(written.to_utc()?.hour(), 15);
/// assert_eq!(written.as_str(), "2024-05-02T08:00:00.123456-07:00");
/// # Ok::<(), graph_runtime::InvalidDateTime>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GraphDateTime(Box<str>);

/// A text that is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date and time: expected RFC 3339, such as 2026-01-31T08:00:00Z")]
pub struct InvalidDateTime(Box<str>);

impl GraphDateTime {
    /// Keeps `text` as it is, whatever it says.
    pub fn from_text(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text as the service wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant in UTC. A text without an offset is taken as UTC.
    pub fn to_utc(&self) -> Result<OffsetDateTime, InvalidDateTime> {
        OffsetDateTime::parse(&self.0, &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(&format!("{}Z", self.0), &Rfc3339))
            .map(|instant| instant.to_offset(time::UtcOffset::UTC))
            .map_err(|_| InvalidDateTime(self.0.clone()))
    }
}

impl TryFrom<OffsetDateTime> for GraphDateTime {
    type Error = time::error::Format;

    /// Fails only for years outside 0–9999, which RFC 3339 can't write.
    fn try_from(instant: OffsetDateTime) -> Result<Self, Self::Error> {
        Ok(Self(instant.format(&Rfc3339)?.into()))
    }
}

impl fmt::Display for GraphDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for GraphDateTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GraphDateTime".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}
