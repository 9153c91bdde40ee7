//! Which permissions let whom call what, as `spec/surface.toml` has it.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use crate::error::Refusal;
use crate::token::Grant;

/// The permissions of every operation.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    rows: HashMap<String, Row>,
    /// Every permission that an app can have on behalf of a user.
    pub(crate) delegated: BTreeSet<String>,
    /// Every permission that an app can have by itself.
    pub(crate) application: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Surface {
    #[serde(default)]
    keep: Vec<Row>,
}

/// One of the permissions in a list suffices; without any, the operation isn't offered to that kind of access.
#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    delegated: Vec<String>,
    #[serde(default)]
    application: Vec<String>,
}

impl Permissions {
    pub(crate) fn parse(surface: &str) -> Result<Self, String> {
        let Surface { keep } = toml::from_str(surface).map_err(|error| format!("surface.toml: {error}"))?;
        let all = |of: fn(&Row) -> &Vec<String>| keep.iter().flat_map(of).cloned().collect();
        let (delegated, application) = (all(|row| &row.delegated), all(|row| &row.application));
        Ok(Self { rows: keep.into_iter().map(|row| (row.id.clone(), row)).collect(), delegated, application })
    }

    /// Whether a token suffices for an operation; in an envelope, each request is asked about by itself.
    pub(crate) fn check(&self, operation: &str, grant: &Grant) -> Result<(), Refusal> {
        let Some(row) = self.rows.get(operation) else { return Ok(()) };
        let is_user = grant.caller.user.is_some();
        let (wanted, other) =
            if is_user { (&row.delegated, &row.application) } else { (&row.application, &row.delegated) };
        if wanted.is_empty() && other.is_empty() || wanted.iter().any(|it| grant.permissions.contains(it)) {
            return Ok(());
        }
        Err(Refusal::forbidden(operation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;
    use crate::token::Caller;

    const SURFACE: &str = r#"
        [budget]
        lines = 1
        [[keep]]
        id = "both"
        delegated = ["A.Read", "A.ReadWrite"]
        application = ["A.ReadWrite"]
        [[keep]]
        id = "users_only"
        delegated = ["A.Read"]
        [[keep]]
        id = "batch"
    "#;

    #[test]
    fn one_of_the_permissions_of_the_kind_of_access_suffices() {
        let permissions = Permissions::parse(SURFACE).unwrap();
        for (user, granted, operation, suffices) in [
            (true, "A.Read", "both", true),
            (true, "A.ReadWrite", "both", true),
            (true, "B.Read", "both", false),
            (false, "A.Read", "both", false),
            (false, "A.ReadWrite", "both", true),
            (true, "A.Read", "users_only", true),
            (false, "A.Read", "users_only", false),
            (false, "B.Read", "batch", true),
        ] {
            let caller = Caller { user: user.then(|| "ada".to_owned()), app: "app".to_owned() };
            let grant = Grant { caller, permissions: BTreeSet::from([granted.to_owned()]) };
            let outcome = permissions.check(operation, &grant);
            assert_eq!(outcome.is_ok(), suffices, "{operation} with {granted}, user: {user}");
        }
        assert_eq!(permissions.application, BTreeSet::from(["A.ReadWrite".to_owned()]));
    }

    #[test]
    fn every_operation_wants_a_permission_but_for_the_envelope() {
        let spec = Spec::shared();
        let caller = Caller { user: None, app: "app".to_owned() };
        let nothing = Grant { caller, permissions: BTreeSet::new() };
        let free: Vec<&str> =
            spec.router.operations().filter(|id| spec.permissions.check(id, &nothing).is_ok()).collect();
        assert_eq!(free, ["batch"]);
    }
}
