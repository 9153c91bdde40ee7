//! The error codes of the service.

use std::fmt;

use graph_runtime::UnknownValue;

/// Declares the codes once: the variant and the text in the service's usual spelling.
macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)*) => {
        /// What the service calls an error.
        ///
        /// The service spells one code in several cases, so `From<&str>` ignores case. A code that this version does not
        /// know is kept as it came.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $variant,)*
            /// A code that this version of the SDK does not know, byte for byte.
            Unknown(UnknownValue),
        }

        impl ErrorCode {
            /// The code as text, in the service's usual spelling.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(code) => code.as_str(),
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(code: &str) -> Self {
                $(if code.eq_ignore_ascii_case($text) { return Self::$variant; })*
                Self::Unknown(UnknownValue::new(code))
            }
        }
    };
}

error_codes! {
    /// The request is malformed or breaks a rule of the directory; the message says which.
    RequestBadRequest = "Request_BadRequest",
    /// The addressed object, or one that the request refers to, does not exist.
    RequestResourceNotFound = "Request_ResourceNotFound",
    /// The query options can't be combined, or need `ConsistencyLevel: eventual`.
    RequestUnsupportedQuery = "Request_UnsupportedQuery",
    /// The values break a policy of the tenant; the details say which.
    RequestUnprocessableEntity = "Request_UnprocessableEntity",
    /// The caller lacks a permission, or the object does not accept the change from anyone.
    AuthorizationRequestDenied = "Authorization_RequestDenied",
    /// A limit of the directory is reached, such as 100 owners of a group.
    DirectoryQuotaExceeded = "Directory_QuotaExceeded",
    /// The token is malformed, expired or meant for someone else.
    InvalidAuthenticationToken = "InvalidAuthenticationToken",
    /// The request is malformed.
    BadRequest = "BadRequest",
    /// The caller is not authenticated.
    Unauthorized = "Unauthorized",
    /// The caller may not do this.
    Forbidden = "Forbidden",
    /// The addressed object does not exist.
    NotFound = "NotFound",
    /// The addressed object does not exist.
    ItemNotFound = "itemNotFound",
    /// The addressed object does not exist in the mailbox.
    ErrorItemNotFound = "ErrorItemNotFound",
    /// The addressed object does not exist; a site or a drive, perhaps not yet.
    ResourceNotFound = "ResourceNotFound",
    /// The caller may not do this with the mailbox.
    ErrorAccessDenied = "ErrorAccessDenied",
    /// The caller may not do this with the site, the drive or the team.
    AccessDenied = "accessDenied",
    /// Another object in the same place has the name.
    NameAlreadyExists = "nameAlreadyExists",
    /// The object was changed after it was read.
    ResourceModified = "resourceModified",
    /// The object in the mailbox was changed after it was read.
    ErrorIrresolvableConflict = "ErrorIrresolvableConflict",
    /// There is no room left in the site or the drive.
    QuotaLimitReached = "quotaLimitReached",
    /// The service says no more than that it failed.
    GeneralException = "generalException",
    /// The service says nothing of the cause.
    UnknownError = "UnknownError",
    /// The address does not accept this method.
    MethodNotAllowed = "methodNotAllowed",
    /// Too many requests in too short a time.
    TooManyRequests = "TooManyRequests",
    /// Too many requests in too short a time.
    ActivityLimitReached = "activityLimitReached",
    /// The service is overloaded or under repair.
    ServiceNotAvailable = "serviceNotAvailable",
    /// The service failed.
    InternalServerError = "InternalServerError",
    /// The delta token is too old; start again without it.
    SyncStateNotFound = "syncStateNotFound",
    /// The delta token is too old; start again without it.
    ResyncRequired = "resyncRequired",
}

impl ErrorCode {
    /// Whether this version of the SDK does not know the code.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
