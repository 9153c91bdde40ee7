//! Bearer tokens: shaped like Entra's, not signed, and only good for a simulator.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock;
use crate::ids;

/// Who calls, and through which app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The id of the user on whose behalf the app calls; none for app-only access.
    pub(crate) user: Option<String>,
    pub(crate) app: String,
}

impl Caller {
    /// The id that a per-user quota is kept under.
    pub(crate) fn principal(&self) -> &str {
        self.user.as_deref().unwrap_or(ids::SERVICE_PRINCIPAL)
    }
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) caller: Caller,
    /// What the caller may do: scopes of a user's token, roles of an app's.
    pub(crate) permissions: BTreeSet<String>,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// No simulator issued it.
    Foreign,
    /// It was issued for something else.
    Audience,
    /// Its lifetime is over.
    Expired,
}

/// Whom the tokens of Graph are for, in every cloud that is simulated.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";

const ISSUER: &str = "graph-sim";

/// What every app of the tenant is called.
const APP_NAME: &str = "App of Contoso";

/// Issues a token for `audience`; `upn` is the user's principal name, where there is a user.
pub(crate) fn issue(
    grant: &Grant,
    upn: Option<&str>,
    audience: &str,
    at: Duration,
    lifetime: Duration,
) -> String {
    let Grant { caller, permissions } = grant;
    let issued = clock::unix_seconds(at);
    let mut claims = json!({
        "aud": audience,
        "iss": ISSUER,
        "iat": issued,
        "nbf": issued,
        "exp": clock::unix_seconds(at.saturating_add(lifetime)),
        "appid": caller.app,
        "app_displayname": APP_NAME,
        "appidacr": "1",
        "idp": ISSUER,
        "sub": caller.principal(),
        "uti": ids::opaque(&format!("{issued} {}", caller.principal())),
        "ver": "1.0",
        "xms_tcdt": issued,
        "tid": ids::TENANT,
        "oid": caller.principal(),
    });
    if caller.user.is_some() {
        claims["idtyp"] = json!("user");
        claims["upn"] = json!(upn);
        claims["unique_name"] = json!(upn);
        claims["name"] = json!(upn.and_then(|upn| upn.split('@').next()));
        claims["scp"] = json!(permissions.iter().map(String::as_str).collect::<Vec<_>>().join(" "));
    } else {
        claims["idtyp"] = json!("app");
        claims["roles"] = json!(permissions);
    }
    unsigned(&claims)
}

/// A token of these claims without a signature.
pub(crate) fn unsigned(claims: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": "none" });
    format!("{}.{}.", ids::opaque(&header.to_string()), ids::opaque(&claims.to_string()))
}

/// Reads a token that [`issue`] made for `audience`. Whether its user exists is for the caller of this function to check.
pub(crate) fn read(token: &str, audience: &str, at: Duration) -> Result<Grant, Rejected> {
    let claims = claims(token).ok_or(Rejected::Foreign)?;
    let text = |name: &str| claims[name].as_str().map(str::to_owned);
    if claims["iss"] != ISSUER {
        return Err(Rejected::Foreign);
    }
    if claims["aud"] != audience {
        return Err(Rejected::Audience);
    }
    if claims["exp"].as_i64().is_none_or(|exp| exp <= clock::unix_seconds(at)) {
        return Err(Rejected::Expired);
    }
    let user = if claims["idtyp"] == "user" { Some(text("oid").ok_or(Rejected::Foreign)?) } else { None };
    let permissions = match (&claims["scp"], &claims["roles"]) {
        (Value::String(scopes), _) => scopes.split(' ').map(str::to_owned).collect(),
        (_, Value::Array(roles)) => roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    Ok(Grant { caller: Caller { user, app: text("appid").ok_or(Rejected::Foreign)? }, permissions })
}

/// The claims of a token, whoever issued it.
pub(crate) fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_str(&ids::reveal(payload)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn grant(user: bool, app: &str) -> Grant {
        let user = user.then(|| ids::guid(ids::Kind::User, 1));
        let permissions = ["Group.Read.All", "User.Read.All"].map(str::to_owned);
        Grant { caller: Caller { user, app: app.to_owned() }, permissions: permissions.into() }
    }

    #[test]
    fn a_token_reads_back_until_it_expires() {
        let ada = grant(true, ids::DEFAULT_APP);
        let token = issue(&ada, Some("ada@contoso.example"), GRAPH, Duration::ZERO, HOUR);
        assert_eq!(read(&token, GRAPH, Duration::from_secs(3_599)), Ok(ada));
        assert_eq!(read(&token, GRAPH, HOUR), Err(Rejected::Expired));
        assert_eq!(read(&token, "api://other", Duration::ZERO), Err(Rejected::Audience));
    }

    #[test]
    fn user_and_app_tokens_carry_different_claims() {
        let ada = grant(true, ids::DEFAULT_APP);
        let user = claims(&issue(&ada, Some("ada@contoso.example"), GRAPH, Duration::ZERO, HOUR)).unwrap();
        assert_eq!((&user["idtyp"], &user["upn"]), (&json!("user"), &json!("ada@contoso.example")));
        assert!(user["scp"] == "Group.Read.All User.Read.All" && user["roles"].is_null());

        let by_itself = grant(false, "other");
        let token = issue(&by_itself, None, GRAPH, Duration::ZERO, HOUR);
        let app = claims(&token).unwrap();
        assert_eq!((&app["idtyp"], &app["appid"]), (&json!("app"), &json!("other")));
        assert!(app["scp"].is_null() && app["roles"].is_array());
        assert_eq!(read(&token, GRAPH, Duration::ZERO), Ok(by_itself));
    }

    #[test]
    fn anything_else_is_foreign() {
        let claims = json!({ "iss": "somebody", "exp": i64::MAX, "appid": "a", "oid": "b" });
        for token in ["", "opaque", "a.b.c", &unsigned(&claims)] {
            assert_eq!(read(token, GRAPH, Duration::ZERO), Err(Rejected::Foreign), "{token}");
        }
    }
}
