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
            || matches!(
                self.code(),
                Some(
                    ErrorCode::RequestResourceNotFound
                        | ErrorCode::ItemNotFound
                        | ErrorCode::ErrorItemNotFound
                        | ErrorCode::ResourceNotFound
                )
            )
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
    /// *What to do:* nothing.
    pub fn is_already_member(&self) -> bool {
        self.is_bad_request() && self.says_any(&["references already exist"])
    }

    /// Another object has the mail nickname, or whatever else [`details`](Self::details) name; or another of a section, a
    /// notebook or a folder has the name.
    ///
    /// *What to do:* choose another.
    pub fn is_name_taken(&self) -> bool {
        const CONFLICTS: [&str; 2] = ["PropertyConflict", "ObjectConflict"];
        let is_conflict =
            |code: &ErrorCode| CONFLICTS.iter().any(|it| code.as_str().eq_ignore_ascii_case(it));
        self.details().iter().filter_map(|detail| detail.code.as_ref()).any(is_conflict)
            || self.code() == Some(&ErrorCode::NameAlreadyExists)
            // OneNote's number for a name that another item in the same place has.
            || self.code().is_some_and(|code| code.as_str() == "20117")
            || (self.is_bad_request()
                && self.says_any(&["object with the same value for property"])
                && !self.has_settings_already())
    }

    /// There are settings of the same template already, for the tenant or for the group.
    ///
    /// *What to do:* update those.
    pub fn has_settings_already(&self) -> bool {
        self.is_bad_request() && self.says_any(&["same value for property templateid"])
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
            Some(code) if is_denial(code) => !self.has_status(StatusCode::UNAUTHORIZED),
            // Limits are 403s with codes of their own.
            code => self.has_status(StatusCode::FORBIDDEN) && code.is_none_or(says_nothing),
        }
    }

    /// The object is not in the state any more that the change was meant for: somebody changed it in between, or an
    /// earlier attempt of the same call did whose answer was lost.
    ///
    /// *What to do:* read the object again, and apply the change to what came.
    pub fn is_changed_meanwhile(&self) -> bool {
        let row = self.row();
        let names_a_state = row.is_some_and(|row| row.required_headers.contains(&"If-Match"));
        self.has_status(StatusCode::PRECONDITION_FAILED)
            || matches!(self.code(), Some(ErrorCode::ResourceModified | ErrorCode::ErrorIrresolvableConflict))
            || (names_a_state && self.has_status(StatusCode::CONFLICT))
    }

    /// One more would be more than the service allows: owners of a group, tasks in a plan, items of a checklist, pages in a
    /// section, bytes in a drive.
    ///
    /// *What to do:* remove something first. Trying again does not help. The [`code`](Self::code) says which limit it is, such
    /// as `MaximumTasksInProject`.
    pub fn is_limit_reached(&self) -> bool {
        let names_a_limit = |code: &ErrorCode| {
            // Planner has a code for each of its limits, and new ones come.
            let text = code.as_str().get(..7).unwrap_or_default();
            *code == ErrorCode::DirectoryQuotaExceeded || text.eq_ignore_ascii_case("Maximum")
        };
        // OneNote and SharePoint answer 507 where the place is full.
        self.has_status(StatusCode::INSUFFICIENT_STORAGE)
            || self.code() == Some(&ErrorCode::QuotaLimitReached)
            || (self.has_status(StatusCode::FORBIDDEN) && self.code().is_some_and(names_a_limit))
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
        let is_delta = self.row().is_some_and(|row| row.template.ends_with("/delta()"));
        matches!(self.code(), Some(ErrorCode::SyncStateNotFound | ErrorCode::ResyncRequired))
            || (is_delta && self.has_status(StatusCode::GONE))
    }

    /// A journal holds the call, of which nobody knows whether the service acted on it.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.in_journal
    }

    /// The one to remove, who has this id, was no member. Of other answers that isn't sure: the group may be what is missing.
    pub fn is_absent_reference(&self, id: &str) -> bool {
        let missing = format!("resource '{}' does not exist", id.to_ascii_lowercase());
        (self.is_bad_request() && self.says_any(&["removed object references do not exist"]))
            || (self.has_status(StatusCode::NOT_FOUND) && self.says_any(&[&missing]))
    }

    /// The etag that was sent is that of another object.
    pub fn is_foreign_etag(&self) -> bool {
        self.is_bad_request() && self.says_any(&["if-match header contains an invalid value"])
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

/// Whether a code means that the caller may not do it. Each service behind Graph has names of its own for that:
/// `Authorization_RequestDenied` the directory, `ErrorAccessDenied` and `ErrorSendAsDenied` Exchange, `accessDenied` SharePoint
/// and Teams, numbers from 40001 on OneNote.
fn is_denial(code: &ErrorCode) -> bool {
    const WORDS: [&str; 4] = ["denied", "forbidden", "privilege", "permission"];
    let text = code.as_str().to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word)) || matches!(text.parse(), Ok(40_001_u32..=49_999))
}

/// Whether a code says no more than the status does.
fn says_nothing(code: &ErrorCode) -> bool {
    matches!(code, ErrorCode::UnknownError | ErrorCode::GeneralException)
}
