//! Bearer tokens: shaped like Entra's, not signed, and only good for a simulator.

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

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// No simulator issued it.
    Foreign,
    /// Its lifetime is over.
    Expired,
}

/// Issues a token for `caller`; `upn` is the user's principal name, where there is a user.
pub(crate) fn issue(caller: &Caller, upn: Option<&str>, at: Duration, lifetime: Duration) -> String {
    let issued = clock::unix_seconds(at);
    let mut claims = json!({
        "aud": "https://graph.microsoft.com",
        "iss": ISSUER,
        "iat": issued,
        "exp": clock::unix_seconds(at.saturating_add(lifetime)),
        "appid": caller.app,
        "tid": ids::TENANT,
        "oid": caller.principal(),
    });
    if caller.user.is_some() {
        claims["idtyp"] = json!("user");
        claims["upn"] = json!(upn);
        claims["scp"] = json!(PERMISSIONS.join(" "));
    } else {
        claims["idtyp"] = json!("app");
        claims["roles"] = json!(PERMISSIONS);
    }
    let header = json!({ "typ": "JWT", "alg": "none" });
    format!("{}.{}.", ids::opaque(&header.to_string()), ids::opaque(&claims.to_string()))
}

const ISSUER: &str = "graph-sim";

/// Granted in every token: the simulator doesn't check permissions.
const PERMISSIONS: [&str; 3] = ["Community.ReadWrite.All", "Group.ReadWrite.All", "User.Read.All"];

/// Reads a token that [`issue`] made. Whether its user exists is for the caller of this function to check.
pub(crate) fn read(token: &str, at: Duration) -> Result<Caller, Rejected> {
    let claims = claims(token).ok_or(Rejected::Foreign)?;
    let text = |name: &str| claims[name].as_str().map(str::to_owned);
    if claims["iss"] != ISSUER {
        return Err(Rejected::Foreign);
    }
    if claims["exp"].as_i64().is_none_or(|exp| exp <= clock::unix_seconds(at)) {
        return Err(Rejected::Expired);
    }
    let user = if claims["idtyp"] == "user" { Some(text("oid").ok_or(Rejected::Foreign)?) } else { None };
    Ok(Caller { user, app: text("appid").ok_or(Rejected::Foreign)? })
}

fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_str(&ids::reveal(payload)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn ada() -> Caller {
        Caller { user: Some(ids::guid(ids::Kind::User, 1)), app: ids::DEFAULT_APP.to_owned() }
    }

    #[test]
    fn a_token_reads_back_until_it_expires() {
        let token = issue(&ada(), Some("ada@contoso.example"), Duration::ZERO, HOUR);
        assert_eq!(read(&token, Duration::from_secs(3_599)), Ok(ada()));
        assert_eq!(read(&token, HOUR), Err(Rejected::Expired));
    }

    #[test]
    fn user_and_app_tokens_carry_different_claims() {
        let user = claims(&issue(&ada(), Some("ada@contoso.example"), Duration::ZERO, HOUR)).unwrap();
        assert_eq!((&user["idtyp"], &user["upn"]), (&json!("user"), &json!("ada@contoso.example")));
        assert!(user["scp"].is_string() && user["roles"].is_null());

        let caller = Caller { user: None, app: "other".to_owned() };
        let token = issue(&caller, None, Duration::ZERO, HOUR);
        let app = claims(&token).unwrap();
        assert_eq!((&app["idtyp"], &app["appid"]), (&json!("app"), &json!("other")));
        assert!(app["scp"].is_null() && app["roles"].is_array());
        assert_eq!(read(&token, Duration::ZERO), Ok(caller));
    }

    #[test]
    fn anything_else_is_foreign() {
        let claims = json!({ "iss": "somebody", "exp": i64::MAX, "appid": "a", "oid": "b" });
        let foreign = format!("e30.{}.sig", ids::opaque(&claims.to_string()));
        for token in ["", "opaque", "a.b.c", &foreign] {
            assert_eq!(read(token, Duration::ZERO), Err(Rejected::Foreign), "{token}");
        }
    }
}
