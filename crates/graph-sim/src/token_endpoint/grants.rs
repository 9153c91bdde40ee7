//! Tokens, and what they are given for.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::form::Form;
use super::metadata;
use super::refusal::Refusal;
use super::scope::Wanted;
use super::{Answer, Realm};
use crate::app::App;
use crate::clock;
use crate::ids;
use crate::store::User;
use crate::token::{self, Caller, Grant, Rejected};

pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long a refresh token that nobody uses is good for: 90 days.
const RENEWABLE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What a refresh token stands for.
#[derive(Debug, Clone)]
pub(super) struct Renewal {
    app: String,
    user: String,
    issued: Duration,
}

impl Realm<'_> {
    /// `POST /{tenant}/oauth2/v2.0/token`
    pub(super) fn token(&mut self, form: &Form) -> Result<Answer, Refusal> {
        match form.required("grant_type")? {
            "client_credentials" => self.for_app(form),
            "refresh_token" => self.renew(form),
            DEVICE_CODE | "device_code" => self.finish_device(form),
            JWT_BEARER => self.on_behalf_of(form),
            other => {
                let text = format!("The app requested an unsupported grant type '{other}'.");
                Err(Refusal::new("unsupported_grant_type", 70_003, text))
            }
        }
    }

    fn for_app(&mut self, form: &Form) -> Result<Answer, Refusal> {
        let app = self.confidential_app(form)?;
        let scope = form.required("scope")?;
        let wanted = Wanted::parse(scope, self.root, self.apps)?;
        let permissions = wanted.of_app(scope, app, self.permissions)?;
        let caller = Caller { user: None, app: app.id.clone() };
        let grant = Grant { caller: caller.clone(), permissions };
        let mut answer = self.bearer();
        answer["access_token"] = token::issue(&grant, None, &wanted.audience, self.at, self.lifetime).into();
        Ok(Answer { caller: Some(caller), ..Answer::json(answer) })
    }

    fn renew(&mut self, form: &Form) -> Result<Answer, Refusal> {
        let app = self.public_app(form)?.clone();
        let token = form.required("refresh_token")?;
        let renewal = self.sign_ins.renewals.get(token).filter(|it| it.app == app.id).cloned();
        let renewal = renewal.ok_or_else(|| {
            Refusal::invalid_grant(9_002_313, "The refresh token is malformed or belongs to another app.")
        })?;
        if self.at >= renewal.issued.saturating_add(RENEWABLE) {
            let text = "The refresh token has expired due to inactivity: it was not used for 90 days.";
            return Err(Refusal::invalid_grant(700_082, text));
        }
        if self.sign_ins.revoked.get(&renewal.user).is_some_and(|since| renewal.issued <= *since) {
            let text =
                "The provided grant has expired due to it being revoked; the user has to sign in again.";
            return Err(Refusal::invalid_grant(50_173, text));
        }
        let scope = form.get("scope").unwrap_or("https://graph.microsoft.com/.default");
        let wanted = Wanted::parse(scope, self.root, self.apps)?;
        self.for_user(&app, &renewal.user, &Wanted { offline: true, ..wanted })
    }

    fn on_behalf_of(&mut self, form: &Form) -> Result<Answer, Refusal> {
        if form.required("requested_token_use")? != "on_behalf_of" {
            let text = "The parameter 'requested_token_use' must be 'on_behalf_of' with this grant type.";
            return Err(Refusal::new("invalid_request", 900_144, text));
        }
        let app = self.confidential_app(form)?.clone();
        let assertion = token::read(form.required("assertion")?, &app.id, self.at).map_err(|rejected| {
            let (code, text) = match rejected {
                Rejected::Foreign => (50_013, "Assertion failed signature validation."),
                Rejected::Audience => {
                    (500_131, "Assertion audience does not match the Client app presenting the assertion.")
                }
                Rejected::Expired => (500_133, "Assertion is not within its valid time range."),
            };
            Refusal::invalid_grant(code, text)
        })?;
        let user = assertion.caller.user.ok_or_else(|| {
            Refusal::invalid_grant(50_013, "The assertion is an app's own; only a user can be acted for.")
        })?;
        let wanted = Wanted::parse(form.required("scope")?, self.root, self.apps)?;
        self.for_user(&app, &user, &wanted)
    }

    /// The tokens of an app that acts for a user.
    pub(super) fn for_user(&mut self, app: &App, user: &str, wanted: &Wanted) -> Result<Answer, Refusal> {
        let permissions = wanted.of_user(app, self.permissions)?;
        let user = self.store.user(user).ok_or_else(|| {
            Refusal::invalid_grant(50_034, "The user account does not exist in the directory 'Contoso'.")
        })?;
        let mut answer = self.bearer();
        answer["scope"] = listed(&permissions, &wanted.audience).into();
        if wanted.openid {
            answer["id_token"] = self.id_token(app, user).into();
        }
        let caller = Caller { user: Some(user.id.clone()), app: app.id.clone() };
        let grant = Grant { caller: caller.clone(), permissions };
        let access = token::issue(&grant, Some(&user.upn), &wanted.audience, self.at, self.lifetime);
        answer["access_token"] = access.into();
        if wanted.offline {
            let id = user.id.clone();
            answer["refresh_token"] = self.renewal(app, id).into();
        }
        Ok(Answer { caller: Some(caller), ..Answer::json(answer) })
    }

    fn bearer(&self) -> Value {
        let seconds = self.lifetime.as_secs();
        json!({ "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds })
    }

    fn renewal(&mut self, app: &App, user: String) -> String {
        let number = self.sign_ins.renewals_made;
        self.sign_ins.renewals_made += 1;
        let token = format!("0.{}", ids::opaque(&format!("renewal#{number}")));
        let renewal = Renewal { app: app.id.clone(), user, issued: self.at };
        self.sign_ins.renewals.insert(token.clone(), renewal);
        token
    }

    fn id_token(&self, app: &App, user: &User) -> String {
        token::unsigned(&json!({
            "iss": metadata::issuer(self.authority(), ids::TENANT),
            "aud": app.id,
            "iat": clock::unix_seconds(self.at),
            "nbf": clock::unix_seconds(self.at),
            "exp": clock::unix_seconds(self.at.saturating_add(self.lifetime)),
            "sub": user.id,
            "oid": user.id,
            "tid": ids::TENANT,
            "name": user.display_name,
            "preferred_username": user.upn,
            "ver": "2.0",
        }))
    }

    /// The app that asks, which need not prove that it is; but a proof that it gives must be right.
    pub(super) fn public_app(&self, form: &Form) -> Result<&App, Refusal> {
        let app = self.app(form.required("client_id")?)?;
        let has_proof = form.get("client_secret").or(form.get("client_assertion")).is_some();
        if has_proof { self.confidential_app(form) } else { Ok(app) }
    }

    /// The app that asks and proves it, by a secret or an assertion.
    fn confidential_app(&self, form: &Form) -> Result<&App, Refusal> {
        // An assertion says whose it is.
        let assertion = form.get("client_assertion").map(|it| token::claims(it).unwrap_or_default());
        let said = assertion.as_ref().and_then(|claims| claims["iss"].as_str());
        let id = form.get("client_id").or(said).ok_or_else(|| Refusal::missing("client_id"))?;
        let app = self.app(id)?;
        match (form.get("client_secret"), &assertion) {
            (Some(secret), _) if app.has_secret(secret) => Ok(app),
            (Some(_), _) => {
                let text = format!(
                    "Invalid client secret provided. Ensure that the value is sent, not the id, of a secret of app '{}'.",
                    app.id
                );
                Err(Refusal::invalid_client(7_000_215, text))
            }
            (None, Some(claims)) => self.check_assertion(form, app, claims).map(|()| app),
            (None, None) => {
                let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
                Err(Refusal::invalid_client(7_000_218, text))
            }
        }
    }

    /// Its signature isn't looked at, nor its times, as the client's clock isn't the simulator's.
    fn check_assertion(&self, form: &Form, app: &App, claims: &Value) -> Result<(), Refusal> {
        if form.get("client_assertion_type") != Some(ASSERTION) {
            let text = format!("The parameter 'client_assertion_type' must be '{ASSERTION}'.");
            return Err(Refusal::invalid_client(50_027, text));
        }
        let is_own = claims["iss"] == app.id.as_str() && claims["sub"] == app.id.as_str();
        let audience = claims["aud"].as_str().unwrap_or_default();
        let is_here = [Some(self.root), super::login_of(self.root)].into_iter().flatten();
        let is_for_here = is_here.into_iter().any(|origin| audience.starts_with(&format!("{origin}/")));
        if is_own && is_for_here {
            return Ok(());
        }
        let text = format!(
            "The client assertion is not valid: issuer and subject must be the app, and the audience below {}.",
            self.root
        );
        Err(Refusal::invalid_client(700_023, text))
    }

    fn app(&self, id: &str) -> Result<&App, Refusal> {
        let found = self.apps.iter().find(|app| app.id.eq_ignore_ascii_case(id));
        found.ok_or_else(|| Refusal::no_such_app(id))
    }
}

/// Permissions as the parameter `scope` lists them.
fn listed(permissions: &BTreeSet<String>, audience: &str) -> String {
    let named = permissions.iter().map(|permission| format!("{audience}/{permission}"));
    named.collect::<Vec<_>>().join(" ")
}
