//! Questions about an error that a program acts on.

use http::StatusCode;

use super::{Error, ErrorCode, ErrorKind};

impl Error {
    /// The service asked for fewer requests.
    ///
    /// *What to do:* come back at [`retry_at`](Self::retry_at). The client has already waited as often as its retry policy
    /// allows.
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled
    }

    /// The addressed object, or one that the request refers to, does not exist.
    ///
    /// *What to do:* check the ids. If the object was created just now, see
    /// [`is_not_yet_visible`](Self::is_not_yet_visible).
    pub fn is_not_found(&self) -> bool {
        self.has_status(StatusCode::NOT_FOUND)
            || matches!(self.code(), Some(ErrorCode::RequestResourceNotFound | ErrorCode::ItemNotFound))
    }

    /// An object in the request was not found, which is also how the service answers for some time after creating it.
    ///
    /// *What to do:* if the object was created in the last minutes, repeat the call after some seconds; otherwise treat it
    /// as not found.
    pub fn is_not_yet_visible(&self) -> bool {
        self.is_not_found()
            || (self.is_bad_request()
                && self.says_any(&["referenced don't exist", "referenced do not exist"]))
    }

    /// The one to add is a member or an owner already.
    ///
    /// *What to do:* nothing. `add` reports this as [`Added::Already`](crate::Added::Already) by itself.
    pub fn is_already_member(&self) -> bool {
        self.is_bad_request() && self.says_any(&["already exist"])
    }

    /// The one to remove is the group's last owner.
    ///
    /// *What to do:* add another owner first.
    pub fn is_last_owner(&self) -> bool {
        self.is_bad_request() && self.says_any(&["at least one owner"]) && !self.is_ownerless()
    }

    /// There is no team because the group has no owner.
    ///
    /// *What to do:* add an owner, then make the team.
    pub fn is_ownerless(&self) -> bool {
        self.is_bad_request() && self.operation() == Some("groups.team.create") && self.says_any(&["owner"])
    }

    /// The caller may not do this.
    ///
    /// *What to do:* grant one of the permissions that the operation's row lists, and consent to it; a group whose members
    /// follow from a rule, or that admits to roles, refuses changes from everyone.
    pub fn is_permission_denied(&self) -> bool {
        match self.code() {
            Some(ErrorCode::AuthorizationRequestDenied | ErrorCode::Forbidden) => true,
            Some(ErrorCode::DirectoryQuotaExceeded) => false,
            // Planner's limits are 403s with codes of their own.
            code => self.has_status(StatusCode::FORBIDDEN) && code.is_none(),
        }
    }

    /// The call depends, in a [`Batch`](crate::Batch), on one that failed; it was not carried out.
    ///
    /// *What to do:* see to the error of the other call.
    pub fn is_failed_dependency(&self) -> bool {
        self.has_status(StatusCode::FAILED_DEPENDENCY)
    }

    /// The service can't tell what changed since the delta token, which is too old or was reset.
    ///
    /// *What to do:* start again without the token, and compare what comes with what you have.
    /// [`Delta::restart`](crate::Delta::restart) does the first by itself.
    pub fn is_resync_required(&self) -> bool {
        let is_delta =
            self.operation().is_some_and(|operation| operation.rsplit('.').next() == Some("delta"));
        matches!(self.code(), Some(ErrorCode::SyncStateNotFound | ErrorCode::ResyncRequired))
            || (is_delta && self.has_status(StatusCode::GONE))
    }

    /// The one to remove was no member: the only answer of which that is sure.
    pub(crate) fn is_absent_reference(&self) -> bool {
        self.is_bad_request() && self.says_any(&["removed object references do not exist"])
    }

    fn has_status(&self, status: StatusCode) -> bool {
        self.status() == Some(status)
    }

    fn is_bad_request(&self) -> bool {
        self.has_status(StatusCode::BAD_REQUEST)
    }

    /// The directory gives one code to many refusals, so only the wording tells them apart.
    fn says_any(&self, phrases: &[&str]) -> bool {
        let message = self.message().to_ascii_lowercase().replace('’', "'");
        phrases.iter().any(|phrase| message.contains(phrase))
    }
}
