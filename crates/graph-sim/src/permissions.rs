//! Which permissions let whom call what, as the contract has it.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use crate::document::Document;
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

/// One of the permissions in a list suffices; without any, the operation isn't offered to that kind of access.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default)]
    delegated: Vec<String>,
    #[serde(default)]
    application: Vec<String>,
    /// Which resource such a permission is for, a token doesn't say: it is for all.
    #[serde(default)]
    resource_specific: Vec<String>,
    #[serde(default)]
    beside: Vec<Beside>,
}

/// What some calls need beside one of the others; whether this is one, the behaviour knows.
#[derive(Debug, Deserialize)]
struct Beside {
    permission: String,
}

impl Row {
    /// Everything that an app can have for the operation, on behalf of a user or by itself.
    fn all(&self, for_user: bool) -> impl Iterator<Item = &String> {
        self.sufficient(for_user).chain(self.beside.iter().map(|beside| &beside.permission))
    }

    fn sufficient(&self, for_user: bool) -> impl Iterator<Item = &String> {
        let (list, more): (_, &[String]) =
            if for_user { (&self.delegated, &[]) } else { (&self.application, &self.resource_specific) };
        list.iter().chain(more)
    }
}

impl Permissions {
    pub(crate) fn new(document: &Document) -> Result<Self, String> {
        let mut rows = HashMap::new();
        for endpoint in document.endpoints() {
            let Some(node) = endpoint.permissions() else { continue };
            let row = Row::deserialize(node).map_err(|error| format!("x-permissions: {error}"))?;
            rows.insert(endpoint.id.to_owned(), row);
        }
        let all = |for_user| rows.values().flat_map(move |row: &Row| row.all(for_user)).cloned().collect();
        let (delegated, application) = (all(true), all(false));
        Ok(Self { rows, delegated, application })
    }

    /// Whether a token suffices for an operation; in an envelope, each request is asked about by itself.
    pub(crate) fn check(&self, operation: &str, grant: &Grant) -> Result<(), Refusal> {
        let Some(row) = self.rows.get(operation) else { return Ok(()) };
        let mut sufficient = row.sufficient(grant.caller.user.is_some());
        if sufficient.any(|permission| grant.permissions.contains(permission)) {
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

    const DOCUMENT: &str = "
        paths:
          /both:
            get:
              operationId: both
              x-permissions:
                delegated: [A.Read, A.ReadWrite]
                application: [A.ReadWrite]
                resourceSpecific: [A.Read.Group]
                beside:
                - permission: A.Read.Hidden
                  where: something is hidden
          /users:
            get:
              operationId: users_only
              x-permissions:
                delegated: [A.Read]
          /batch:
            post:
              operationId: batch
    ";

    #[test]
    fn one_of_the_permissions_of_the_kind_of_access_suffices() {
        let permissions = Permissions::new(&Document::parse(DOCUMENT).unwrap()).unwrap();
        for (user, granted, operation, suffices) in [
            (true, "A.Read", "both", true),
            (true, "A.ReadWrite", "both", true),
            (true, "B.Read", "both", false),
            (false, "A.Read", "both", false),
            (false, "A.ReadWrite", "both", true),
            (false, "A.Read.Group", "both", true),
            (true, "A.Read.Group", "both", false),
            (true, "A.Read.Hidden", "both", false),
            (true, "A.Read", "users_only", true),
            (false, "A.Read", "users_only", false),
            (false, "B.Read", "batch", true),
        ] {
            let caller = Caller { user: user.then(|| "ada".to_owned()), app: "app".to_owned() };
            let grant = Grant { caller, permissions: BTreeSet::from([granted.to_owned()]) };
            let outcome = permissions.check(operation, &grant);
            assert_eq!(outcome.is_ok(), suffices, "{operation} with {granted}, user: {user}");
        }
        let application = ["A.Read.Group", "A.Read.Hidden", "A.ReadWrite"].map(str::to_owned);
        assert_eq!(permissions.application, BTreeSet::from(application));
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
