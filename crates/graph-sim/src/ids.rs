//! Ids that look like the service's and are the same in every run.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

/// What a GUID stands for; the first group of digits shows it, which makes a failing test easier to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    User = 0xa,
    Group = 0xb,
    Operation = 0xc,
    Request = 0xd,
    Setting = 0xe,
    Copying = 0x35,
    /// Belongs to nobody.
    Nobody = 0xf,
    Policy = 0x10,
    Plan = 0x21,
    Bucket = 0x22,
    Task = 0x23,
    Notebook = 0x31,
    SectionGroup = 0x32,
    Section = 0x33,
    Page = 0x34,
    Conversation = 0x40,
    Thread = 0x41,
    Post = 0x42,
    Event = 0x43,
    Site = 0x44,
    List = 0x45,
    Role = 0x46,
    RoleMember = 0x47,
    LearningProvider = 0x51,
    LearningContent = 0x52,
    CourseActivity = 0x53,
}

impl Kind {
    /// Whether Outlook keeps it, whose ids are longer and need encoding in an address.
    fn is_outlook(self) -> bool {
        matches!(self, Self::Conversation | Self::Thread | Self::Post | Self::Event)
    }
}

/// The default app registration that tokens are issued to.
pub(crate) const DEFAULT_APP: &str = "00000001-0000-4000-8000-000000000001";
/// The one tenant.
pub(crate) const TENANT: &str = "00000002-0000-4000-8000-000000000001";
/// The service principal that an app-only token speaks for.
pub(crate) const SERVICE_PRINCIPAL: &str = "00000003-0000-4000-8000-000000000001";

/// The `number`th GUID of a kind.
pub(crate) fn guid(kind: Kind, number: u64) -> String {
    format!("{:08x}-0000-4000-8000-{number:012x}", kind as u32)
}

/// The id of the `number`th object of a kind, in the form that its service gives; Outlook's with a slash, if wished.
pub(crate) fn of(kind: Kind, number: u64, has_slash: bool) -> String {
    let guid = guid(kind, number);
    match kind {
        Kind::Notebook | Kind::SectionGroup | Kind::Section => format!("1-{guid}"),
        Kind::Page => format!("1-{number:032x}!1-{guid}"),
        // What follows the id gives a slash and padding, or what stands for a slash in the alphabet for addresses.
        kind if kind.is_outlook() => {
            let alphabet = if has_slash { STANDARD } else { URL_SAFE };
            alphabet.encode(format!("{guid}?~?~"))
        }
        _ => guid,
    }
}

/// A GUID that depends on `name` alone and that no object of the simulator has.
pub(crate) fn guid_of_nobody(name: &str) -> String {
    // FNV-1a, cut to the twelve digits that are free.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    guid(Kind::Nobody, hash & 0xffff_ffff_ffff)
}

/// The id of the `number`th community: a JSON token, so that nobody mistakes it for its group's id.
pub(crate) fn community(number: u64) -> String {
    opaque(&format!(r#"{{"_type":"Group","id":"{}"}}"#, 100_000 + number))
}

/// The id of the `number`th long-running operation.
pub(crate) fn operation(number: u64) -> String {
    let id = guid(Kind::Operation, number);
    opaque(&format!(r#"{{"_type":"LongRunningOperation","id":"{id}","operation":"CreateCommunity"}}"#))
}

/// Text as an opaque token that is safe in a URL.
pub(crate) fn opaque(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// What [`opaque`] was given, if `token` is one of its.
pub(crate) fn reveal(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_distinct() {
        assert_eq!(guid(Kind::User, 1), "0000000a-0000-4000-8000-000000000001");
        assert_ne!(guid(Kind::User, 1), guid(Kind::Group, 1));
        assert_eq!(guid_of_nobody("bob"), guid_of_nobody("bob"));
        assert_ne!(guid_of_nobody("bob"), guid_of_nobody("bib"));
        assert_eq!(guid_of_nobody("bob").len(), 36);
        assert_eq!(of(Kind::Policy, 1, true), guid(Kind::Policy, 1));
        assert!(of(Kind::Post, 1, true).ends_with("/fg=="));
        assert!(of(Kind::Post, 1, false).ends_with("_fg=="));
    }

    #[test]
    fn tokens_reveal_what_they_hold() {
        assert_eq!(reveal(&community(1)).as_deref(), Some(r#"{"_type":"Group","id":"100001"}"#));
        assert_eq!(reveal("!"), None);
    }
}
