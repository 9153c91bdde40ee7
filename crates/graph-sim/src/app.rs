//! App registrations of the tenant.

use std::collections::BTreeSet;
use std::fmt;

use crate::ids;
use crate::permissions::Permissions;

/// An app that is registered in the simulated tenant: who may ask the token endpoint for tokens.
///
/// ```
/// use graph_sim::{App, Sim};
///
/// let app = App::new("11111111-2222-4333-8444-555555555555")
///     .secret("s3cret")
///     .application(["Group.Read.All"]);
/// let sim = Sim::builder().user("ada").app(app).build();
/// # let _ = sim;
/// ```
#[derive(Clone)]
pub struct App {
    pub(crate) id: String,
    secrets: Vec<String>,
    delegated: Option<BTreeSet<String>>,
    application: Option<BTreeSet<String>>,
}

impl App {
    /// The id of the app that every simulator has from the start, with all permissions.
    pub const DEFAULT_ID: &str = ids::DEFAULT_APP;
    /// The secret of that app.
    pub const DEFAULT_SECRET: &str = "simulated-secret";

    /// An app without a secret, with an administrator's consent to every permission.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), secrets: Vec::new(), delegated: None, application: None }
    }

    /// Adds a secret; each one is good.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Consents to these permissions alone on behalf of users, such as `Group.Read.All`.
    #[must_use]
    pub fn delegated<P: Into<String>>(mut self, permissions: impl IntoIterator<Item = P>) -> Self {
        self.delegated = Some(permissions.into_iter().map(Into::into).collect());
        self
    }

    /// Consents to these permissions alone for the app by itself.
    #[must_use]
    pub fn application<P: Into<String>>(mut self, permissions: impl IntoIterator<Item = P>) -> Self {
        self.application = Some(permissions.into_iter().map(Into::into).collect());
        self
    }

    pub(crate) fn the_default() -> Self {
        Self::new(Self::DEFAULT_ID).secret(Self::DEFAULT_SECRET)
    }

    pub(crate) fn has_secret(&self, secret: &str) -> bool {
        self.secrets.iter().any(|it| it == secret)
    }

    /// What it may do on behalf of a user, or by itself.
    pub(crate) fn consented<'a>(&'a self, for_user: bool, all: &'a Permissions) -> &'a BTreeSet<String> {
        let (own, every) =
            if for_user { (&self.delegated, &all.delegated) } else { (&self.application, &all.application) };
        own.as_ref().unwrap_or(every)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("id", &self.id).finish_non_exhaustive()
    }
}
