//! Permissions: which ones a program needs, and which ones a token lacks.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph_runtime::OperationInfo;
use serde::Deserialize;

use crate::debug_by_display;

/// On whose behalf an app calls the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// On behalf of a signed-in user.
    Delegated,
    /// On its own.
    Application,
}

/// Why there are no permissions to be named for operations.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoScopes {
    /// The service does not offer these operations for this kind of access, whatever is granted.
    #[error("{} can't be called with {access:?} access; use the other kind for them", list(operations))]
    NotOffered {
        /// The kind of access.
        access: Access,
        /// Their ids.
        operations: Vec<&'static str>,
    },
    /// The surface that these operations were generated from doesn't say what they need.
    #[error(
        "what {} need is not known: generate them with a file of permissions, or list `delegated` and `application` in their surface",
        list(operations)
    )]
    Unknown {
        /// Their ids.
        operations: Vec<&'static str>,
    },
}

/// What a token lacks.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenGap {
    /// The text is no JSON web token, so that it can't be looked into. The service may accept it all the same.
    #[error("the token is opaque, so its permissions can't be read: ask the service, or whoever made it")]
    Opaque,
    /// These operations will be refused: none of the permissions that suffice is among those of the token.
    #[error("the token lacks a permission for {}; grant one of each: {}", list(operations), list(scopes))]
    Missing {
        /// The ids of the operations.
        operations: Vec<&'static str>,
        /// The least privileged permissions that would do.
        scopes: Vec<&'static str>,
    },
    /// These operations don't exist for the kind of access that the token stands for, or nobody knows what they need.
    #[error(transparent)]
    NoScopes(#[from] NoScopes),
}

debug_by_display!(NoScopes, TokenGap);

fn list(items: &[&str]) -> String {
    items.join(", ")
}

impl Access {
    /// The permissions of which one suffices for `operation`, least privileged first.
    pub fn scopes_of(self, operation: &OperationInfo) -> &'static [&'static str] {
        match self {
            Self::Delegated => operation.delegated_scopes,
            Self::Application => operation.application_scopes,
        }
    }

    /// Permissions that suffice for `operation` on the one group, team or chat for which they were consented to, least privileged
    /// first. Only an app by itself has such.
    pub fn resource_specific_scopes_of(self, operation: &OperationInfo) -> &'static [&'static str] {
        match self {
            Self::Delegated => &[],
            Self::Application => operation.resource_specific_scopes,
        }
    }

    /// The least privileged permissions that suffice for all of `operations`.
    ///
    /// ```
    /// use graph_client::Access;
    /// use graph_things::operations::{PARTS_LIST, THINGS_CREATE};
    ///
    /// let scopes = Access::Delegated.least_privileged([&PARTS_LIST, &THINGS_CREATE])?;
    /// assert_eq!(scopes, ["Thing.Create", "Thing.ReadWrite"]);
    /// # Ok::<(), graph_client::NoScopes>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`NoScopes`] if one of them is not offered for this kind of access, or its row doesn't say what it needs.
    pub fn least_privileged<'a>(
        self,
        operations: impl IntoIterator<Item = &'a OperationInfo>,
    ) -> Result<Vec<&'static str>, NoScopes> {
        let operations = in_need(operations)?;
        self.require_offered(&operations)?;
        let lists: Vec<_> = operations.iter().map(|operation| self.scopes_of(operation)).collect();
        let mut chosen: BTreeSet<_> = lists.iter().filter_map(|list| list.first().copied()).collect();
        for candidate in chosen.clone() {
            // What another chosen permission covers everywhere is more than the least.
            let covered =
                |list: &&[&str]| list.iter().any(|scope| *scope != candidate && chosen.contains(scope));
            if lists.iter().all(covered) {
                chosen.remove(candidate);
            }
        }
        Ok(chosen.into_iter().collect())
    }

    fn require_offered(self, operations: &[&OperationInfo]) -> Result<(), NoScopes> {
        let lacking = operations.iter().filter(|operation| self.scopes_of(operation).is_empty());
        let lacking: Vec<_> = lacking.map(|operation| operation.id).collect();
        if lacking.is_empty() {
            Ok(())
        } else {
            Err(NoScopes::NotOffered { access: self, operations: lacking })
        }
    }
}

/// Those of `operations` that need a permission at all; an envelope needs none.
fn in_need<'a>(
    operations: impl IntoIterator<Item = &'a OperationInfo>,
) -> Result<Vec<&'a OperationInfo>, NoScopes> {
    let (known, unknown): (Vec<_>, Vec<_>) = operations.into_iter().partition(|row| row.knows_scopes);
    if !unknown.is_empty() {
        return Err(NoScopes::Unknown { operations: unknown.iter().map(|row| row.id).collect() });
    }
    let needs = |row: &&OperationInfo| !row.delegated_scopes.is_empty() || !row.application_scopes.is_empty();
    Ok(known.into_iter().filter(needs).collect())
}

/// What a token says of itself, as far as permissions go.
#[derive(Deserialize)]
struct Claims {
    scp: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

/// Looks into a token, without sending anything, whether it suffices for `operations`.
///
/// It reads the claims `scp` (on behalf of a user) or `roles` (an app alone) and takes them at their word; only the service can
/// tell whether a token is valid. A role that was consented to for one group, team or chat suffices; whether the calls are about
/// that one is not looked at. Neither are permissions that only some calls need
/// ([`conditional_scopes`](OperationInfo::conditional_scopes)).
pub fn check_token<'a>(
    token: &str,
    operations: impl IntoIterator<Item = &'a OperationInfo>,
) -> Result<(), TokenGap> {
    let claims = claims_of(token).ok_or(TokenGap::Opaque)?;
    let (access, granted): (_, Vec<&str>) = match &claims.scp {
        Some(scopes) => (Access::Delegated, scopes.split_whitespace().collect()),
        None => (Access::Application, claims.roles.iter().map(String::as_str).collect()),
    };
    let operations = in_need(operations)?;
    access.require_offered(&operations)?;
    let suffices = |operation: &&&OperationInfo| {
        let mut scopes =
            access.scopes_of(operation).iter().chain(access.resource_specific_scopes_of(operation));
        scopes.any(|scope| granted.contains(scope))
    };
    let missing: Vec<_> = operations.iter().filter(|operation| !suffices(operation)).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let scopes = access.least_privileged(missing.iter().copied())?;
    Err(TokenGap::Missing { operations: missing.iter().map(|operation| operation.id).collect(), scopes })
}

fn claims_of(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use graph_runtime::OperationInfo;
    use serde_json::{Value, json};

    use super::{Access, NoScopes, TokenGap, check_token};
    use crate::testing::THINGS;

    const fn row(id: &'static str) -> OperationInfo {
        OperationInfo::new(id, id, "GET", "/things")
    }

    const READ: &[&str] = &["Thing.Read.All", "Thing.ReadWrite.All"];
    const WRITE: &[&str] = &["Thing.ReadWrite.All"];
    static BATCH: OperationInfo = row("batch").scopes(&[], &[]);
    static LIST: OperationInfo = row("things.list").scopes(READ, READ);
    static CREATE: OperationInfo = row("things.create").scopes(WRITE, WRITE);
    static OTHER: OperationInfo =
        row("parts.get").scopes(&["Part.ReadBasic.All", "Part.Read.All"], &["Part.ReadBasic.All"]);
    static SHARED: OperationInfo = row("shared.get")
        .scopes(&["Shared.Read.All"], &["Shared.Read.All"])
        .resource_specific_scopes(&["Shared.Read.Group"]);
    static SHARED_UPDATE: OperationInfo =
        row("shared.update").scopes(&["Shared.Write.All"], &["Shared.Write.All"]);

    fn token(claims: &Value) -> String {
        format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn a_token_is_told_what_it_lacks() {
        let reader = token(&json!({ "scp": "User.Read Thing.Read.All" }));
        assert_eq!(check_token(&reader, [&LIST]), Ok(()));
        let gap = check_token(&reader, [&LIST, &CREATE, &OTHER]).unwrap_err();
        assert_eq!(
            gap.to_string(),
            "the token lacks a permission for things.create, parts.get; \
             grant one of each: Part.ReadBasic.All, Thing.ReadWrite.All"
        );
    }

    #[test]
    fn an_apps_own_token_has_roles() {
        let app = token(&json!({ "roles": ["Thing.ReadWrite.All"] }));
        assert_eq!(check_token(&app, [&LIST, &CREATE]), Ok(()));
        assert!(matches!(check_token(&app, [&OTHER]), Err(TokenGap::Missing { .. })));
    }

    #[test]
    fn consent_for_one_resource_suffices_for_an_app_alone() {
        let app = token(&json!({ "roles": ["Shared.Read.Group"] }));
        assert_eq!(check_token(&app, [&SHARED]), Ok(()));
        assert!(matches!(check_token(&app, [&SHARED_UPDATE]), Err(TokenGap::Missing { .. })));
        let user = token(&json!({ "scp": "Shared.Read.Group" }));
        assert!(matches!(check_token(&user, [&SHARED]), Err(TokenGap::Missing { .. })));
        let least = Access::Application.least_privileged([&SHARED]).unwrap();
        assert_eq!(least, ["Shared.Read.All"], "nobody can grant it for all teams");
    }

    #[test]
    fn an_envelope_takes_no_permission() {
        for claims in [json!({ "scp": "" }), json!({ "roles": [] })] {
            assert_eq!(check_token(&token(&claims), [&BATCH]), Ok(()), "{claims}");
        }
        assert_eq!(Access::Delegated.least_privileged([&BATCH]), Ok(Vec::new()));
    }

    #[test]
    fn what_a_surface_leaves_out_is_not_taken_for_nothing() {
        let unknown = NoScopes::Unknown { operations: vec!["things.get"] };
        let gap = check_token(&token(&json!({ "scp": "" })), [&OTHER, &THINGS]).unwrap_err();
        assert_eq!(gap, TokenGap::NoScopes(unknown.clone()));
        assert_eq!(Access::Application.least_privileged([&THINGS]), Err(unknown));
        assert!(format!("{gap:?}").contains("list `delegated` and `application`"), "{gap:?}");
        let none = THINGS.scopes(&[], &[]);
        assert_eq!(check_token(&token(&json!({ "scp": "" })), [&none]), Ok(()));
    }

    #[test]
    fn a_token_that_is_no_web_token_is_not_judged() {
        for opaque in ["", "abc", "a.b.c", "a.bm8.c"] {
            assert_eq!(check_token(opaque, [&OTHER]), Err(TokenGap::Opaque), "{opaque}");
        }
    }

    #[test]
    fn the_least_is_the_least() {
        let least =
            |operations: &[_]| Access::Application.least_privileged(operations.iter().copied()).unwrap();
        assert_eq!(least(&[&LIST]), ["Thing.Read.All"]);
        assert_eq!(least(&[&LIST, &CREATE]), ["Thing.ReadWrite.All"]);
        assert!(least(&[]).is_empty());
    }
}
