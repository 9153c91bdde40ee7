//! What a client can find out about the endpoint.

use serde_json::{Value, json};

use crate::ids;
use crate::permissions::Permissions;

/// The OpenID metadata document of the `authority` that gives out tokens for the Graph at `root`.
pub(super) fn document(authority: &str, root: &str, tenant: &str, permissions: &Permissions) -> Value {
    let base = format!("{authority}/{tenant}");
    // Of the names that stand for any tenant, the document leaves the id open.
    let issuing = if matches!(tenant, "common" | "organizations") { "{tenantid}" } else { ids::TENANT };
    let protocol = ["openid", "profile", "email", "offline_access"];
    let scopes = protocol.into_iter().chain(permissions.delegated.iter().map(String::as_str));
    json!({
        "issuer": issuer(authority, issuing),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "grant_types_supported": [
            "client_credentials",
            "refresh_token",
            super::grants::DEVICE_CODE,
            super::grants::JWT_BEARER,
        ],
        "response_types_supported": [],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["none"],
        "scopes_supported": scopes.collect::<Vec<_>>(),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "name", "preferred_username", "oid", "tid"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": host(authority),
        "msgraph_host": host(root),
    })
}

/// No key, as nothing is signed.
pub(super) fn keys() -> Value {
    json!({ "keys": [] })
}

/// What some libraries ask before they trust an authority that they don't know.
pub(super) fn instance(authority: &str) -> Value {
    let host = host(authority);
    json!({
        "tenant_discovery_endpoint": format!("{authority}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    })
}

pub(super) fn issuer(authority: &str, tenant: &str) -> String {
    format!("{authority}/{tenant}/v2.0")
}

fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
