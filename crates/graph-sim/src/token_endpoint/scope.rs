//! What a token is wanted for.

use std::collections::BTreeSet;

use super::refusal::Refusal;
use crate::app::App;
use crate::permissions::Permissions;
use crate::token::GRAPH;

/// What each of a cloud's or simulator's Graph calls itself, besides the simulator's own root.
const GRAPHS: [&str; 5] = [
    GRAPH,
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "00000003-0000-0000-c000-000000000000",
];

/// The parameter `scope`, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Graph, or an app that wants to act for whoever calls it.
    pub(super) audience: String,
    /// None for `.default`: everything that was consented to.
    pub(super) named: Option<BTreeSet<String>>,
    /// An id token too.
    pub(super) openid: bool,
    /// A refresh token too.
    pub(super) offline: bool,
}

impl Wanted {
    pub(super) fn parse(scope: &str, root: &str, apps: &[App]) -> Result<Self, Refusal> {
        let mut wanted = Self { audience: String::new(), named: None, openid: false, offline: false };
        let (mut named, mut has_default) = (BTreeSet::new(), false);
        for item in scope.split_whitespace() {
            let (resource, permission) = match item {
                "openid" | "profile" | "email" => {
                    wanted.openid |= item == "openid";
                    continue;
                }
                "offline_access" => {
                    wanted.offline = true;
                    continue;
                }
                _ => item.rsplit_once('/').unwrap_or((GRAPH, item)),
            };
            let audience = audience(resource.trim_end_matches('/'), root, apps)?;
            if !wanted.audience.is_empty() && wanted.audience != audience {
                let text = format!(
                    "Provided value for the input parameter scope '{scope}' isn't valid because it contains more than one resource."
                );
                return Err(Refusal::new("invalid_request", 28_000, text));
            }
            wanted.audience = audience;
            if permission == ".default" {
                has_default = true;
            } else {
                named.insert(permission.to_owned());
            }
        }
        if has_default && !named.is_empty() {
            return Err(invalid(
                scope,
                "'.default' can't be combined with permissions of the same resource.",
            ));
        }
        if wanted.audience.is_empty() {
            GRAPH.clone_into(&mut wanted.audience);
        }
        wanted.named = (!has_default).then_some(named);
        Ok(wanted)
    }

    /// What `app` gets by itself, which is always all that was consented to.
    pub(super) fn of_app(
        &self,
        scope: &str,
        app: &App,
        all: &Permissions,
    ) -> Result<BTreeSet<String>, Refusal> {
        if self.named.is_some() || self.openid || self.offline {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            );
            return Err(Refusal::invalid_scope(1_002_012, text));
        }
        let is_graph = self.audience == GRAPH;
        Ok(if is_graph { app.consented(false, all).clone() } else { BTreeSet::new() })
    }

    /// What `app` gets on behalf of a user.
    pub(super) fn of_user(&self, app: &App, all: &Permissions) -> Result<BTreeSet<String>, Refusal> {
        if self.audience != GRAPH {
            return Ok(BTreeSet::from(["access_as_user".to_owned()]));
        }
        let consented = app.consented(true, all);
        let Some(named) = &self.named else { return Ok(consented.clone()) };
        if let Some(unknown) = named.iter().find(|name| !all.delegated.contains(*name)) {
            return Err(invalid(
                unknown,
                &format!("The scope {unknown} is not one that this simulator knows."),
            ));
        }
        if let Some(refused) = named.iter().find(|name| !consented.contains(*name)) {
            let text = format!(
                "The user or administrator has not consented to use the application with ID '{}': it lacks {refused}.",
                app.id
            );
            return Err(Refusal::invalid_grant(65_001, text).suberror("consent_required"));
        }
        Ok(named.clone())
    }
}

fn invalid(scope: &str, why: &str) -> Refusal {
    let text = format!("The provided value for the input parameter 'scope' is not valid: {scope}. {why}");
    Refusal::invalid_scope(70_011, text)
}

/// Whom a token for `resource` is for.
fn audience(resource: &str, root: &str, apps: &[App]) -> Result<String, Refusal> {
    if resource.eq_ignore_ascii_case(root) || GRAPHS.iter().any(|it| it.eq_ignore_ascii_case(resource)) {
        return Ok(GRAPH.to_owned());
    }
    let id = resource.strip_prefix("api://").unwrap_or(resource);
    let app = apps.iter().find(|app| app.id.eq_ignore_ascii_case(id));
    app.map(|app| app.id.clone()).ok_or_else(|| {
        let text =
            format!("The resource principal named {resource} was not found in the tenant named Contoso.");
        Refusal::new("invalid_resource", 500_011, text)
    })
}
