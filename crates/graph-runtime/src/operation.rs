//! What is known of an operation of the API before it is called.

use std::time::Duration;

use crate::LongRunning;

/// One row of the operation table: everything a caller or the pipeline must know before sending.
///
/// The rows are generated from a surface and the OpenAPI document; a generated crate lists them in `OPERATIONS`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The id by which people speak of it: `communities.create`.
    pub id: &'static str,
    /// The method of the raw client that sends it: `communities_create`.
    pub name: &'static str,
    /// The HTTP method, in upper case.
    pub method: &'static str,
    /// The path below the version segment, with its parameters in braces.
    pub template: &'static str,
    /// The path in beta, where that is another: as many parameters, in the same order.
    pub beta_template: Option<&'static str>,
    /// Sending it twice leaves the service as sending it once would.
    pub idempotent: bool,
    /// Success means accepted: the work goes on, and a response header says where to follow it.
    pub starts_operation: bool,
    /// How what it starts is followed.
    pub long_running: Option<&'static LongRunning>,
    /// The rate limit that it shares with others.
    pub bucket: Option<&'static Bucket>,
    /// The clouds that offer it.
    pub clouds: &'static [Cloud],
    /// The versions of the API that offer it.
    pub versions: &'static [ApiVersion],
    /// Whether its permissions are known: a surface may leave them out, and all lists are empty then.
    pub knows_scopes: bool,
    /// Permissions of which one suffices on behalf of a user, least privileged first.
    /// Empty where the service does not offer it to users, or needs no permission: then both lists are.
    pub delegated_scopes: &'static [&'static str],
    /// Permissions of which one suffices for an app alone, least privileged first.
    /// Empty where the service does not offer it to apps, or needs no permission: then both lists are.
    pub application_scopes: &'static [&'static str],
    /// Permissions for an app alone that are consented to for one group, team or chat, and suffice for that one; least
    /// privileged first.
    pub resource_specific_scopes: &'static [&'static str],
    /// Permissions that some calls need beside one of the others.
    pub conditional_scopes: &'static [ConditionalScope],
    /// Headers without which the service refuses it, whatever else the call says: `If-Match`.
    pub required_headers: &'static [&'static str],
    /// The media type of the request's body, where it is neither JSON nor arbitrary bytes.
    pub media_type: Option<&'static str>,
    /// The documented success codes. Other 2xx codes are accepted too.
    pub success: &'static [u16],
}

/// Sets one field each, so that rows that were generated before a field came compile on.
macro_rules! fields {
    ($($field:ident: $kind:ty),+ $(,)?) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub const fn $field(mut self, $field: $kind) -> Self {
            self.$field = $field;
            self
        }
    )+};
}

impl OperationInfo {
    /// A row that says what an operation is called and how it is sent. Unless it says more: it is idempotent unless it is a `POST`,
    /// shares no rate limit, is offered by the worldwide cloud in `v1.0`, and of its permissions nothing is known.
    pub const fn new(
        id: &'static str,
        name: &'static str,
        method: &'static str,
        template: &'static str,
    ) -> Self {
        Self {
            id,
            name,
            method,
            template,
            beta_template: None,
            idempotent: !matches!(method.as_bytes(), b"POST"),
            starts_operation: false,
            long_running: None,
            bucket: None,
            clouds: &[Cloud::Global],
            versions: &[ApiVersion::V1],
            knows_scopes: false,
            delegated_scopes: &[],
            application_scopes: &[],
            resource_specific_scopes: &[],
            conditional_scopes: &[],
            required_headers: &[],
            media_type: None,
            success: &[],
        }
    }

    fields! {
        idempotent: bool,
        clouds: &'static [Cloud],
        versions: &'static [ApiVersion],
        resource_specific_scopes: &'static [&'static str],
        conditional_scopes: &'static [ConditionalScope],
        required_headers: &'static [&'static str],
        success: &'static [u16],
    }

    /// Sets [`beta_template`](Self::beta_template).
    #[must_use]
    pub const fn beta_template(mut self, template: &'static str) -> Self {
        self.beta_template = Some(template);
        self
    }

    /// Says that success means accepted: see [`starts_operation`](Self::starts_operation).
    #[must_use]
    pub const fn starts_operation(mut self) -> Self {
        self.starts_operation = true;
        self
    }

    /// Sets [`long_running`](Self::long_running), by which it [starts an operation](Self::starts_operation).
    #[must_use]
    pub const fn long_running(mut self, long_running: &'static LongRunning) -> Self {
        (self.starts_operation, self.long_running) = (true, Some(long_running));
        self
    }

    /// Sets [`bucket`](Self::bucket).
    #[must_use]
    pub const fn bucket(mut self, bucket: &'static Bucket) -> Self {
        self.bucket = Some(bucket);
        self
    }

    /// Sets [`delegated_scopes`](Self::delegated_scopes) and [`application_scopes`](Self::application_scopes), which are known by that.
    #[must_use]
    pub const fn scopes(
        mut self,
        delegated: &'static [&'static str],
        application: &'static [&'static str],
    ) -> Self {
        (self.knows_scopes, self.delegated_scopes, self.application_scopes) = (true, delegated, application);
        self
    }

    /// Sets [`media_type`](Self::media_type).
    #[must_use]
    pub const fn media_type(mut self, media_type: &'static str) -> Self {
        self.media_type = Some(media_type);
        self
    }

    /// The path below the version segment of `version`.
    pub const fn template_for(&self, version: ApiVersion) -> &'static str {
        match (version, self.beta_template) {
            (ApiVersion::Beta, Some(template)) => template,
            _ => self.template,
        }
    }
}

/// A permission that a call needs beside one that suffices, under a condition.
#[derive(Debug, PartialEq, Eq)]
pub struct ConditionalScope {
    /// The permission: `Member.Read.Hidden`.
    pub scope: &'static str,
    /// Which calls need it, as half a sentence: `the group hides its membership`.
    pub condition: &'static str,
}

/// A rate limit that a set of operations shares.
#[derive(Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name, where the quotas are listed.
    pub id: &'static str,
    /// The published quotas, all of which hold at once. Empty where none is published.
    pub quotas: &'static [Quota],
    /// What one budget belongs to: any of `tenant`, `app`, `user`, and `access`, which tells reading from writing.
    pub scope: &'static [&'static str],
}

/// So many requests in a window.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests allowed in any [`window`](Self::window).
    pub requests: u32,
    /// The length of the sliding window. Zero counts the requests that are under way.
    pub window: Duration,
}

/// A deployment of Microsoft Graph. Tokens of one are worthless in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cloud {
    /// The worldwide service, GCC included.
    Global,
    /// US Government L4, also called GCC High.
    UsGov,
    /// US Government L5, the Department of Defense.
    UsGovDod,
    /// China, operated by 21Vianet.
    China,
}

/// A version of the API: the first segment of every path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `v1.0`, supported for production.
    #[default]
    V1,
    /// `beta`, which may change without notice.
    Beta,
}

impl ApiVersion {
    /// The path segment: `v1.0` or `beta`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A row to start from.
    pub(crate) const READ: OperationInfo =
        OperationInfo::new("things.get", "things_get", "GET", "/things/{thing-id}").success(&[200]);

    #[test]
    fn a_row_says_what_is_not_so_by_default() {
        let read = READ;
        assert!(read.idempotent && !read.knows_scopes && !read.starts_operation);
        let start = OperationInfo::new("things.start", "things_start", "POST", "/things").scopes(&[], &[]);
        assert!(!start.idempotent && start.knows_scopes, "it needs no permission, and that is known");
        assert!(start.idempotent(true).idempotent);
    }
}
