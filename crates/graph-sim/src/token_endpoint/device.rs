//! Signing in on another device.

use std::time::Duration;

use serde_json::json;

use super::form::Form;
use super::refusal::Refusal;
use super::scope::Wanted;
use super::{Answer, Realm, SignIns};
use crate::ids;

/// How long a code is good for.
const LIFETIME: Duration = Duration::from_secs(900);
/// How long a client has to wait between two questions, in seconds.
const INTERVAL: u32 = 5;

/// One sign-in, from the code on.
#[derive(Debug)]
pub(super) struct DeviceSignIn {
    device_code: String,
    user_code: String,
    app: String,
    scope: String,
    started: Duration,
    decision: Option<Decision>,
    spent: bool,
}

/// What the user did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Signed in; the user's id.
    SignedIn(String),
    Declined,
}

impl SignIns {
    /// Takes the user's decision for a code; says whether there is such a code, not decided on and not expired.
    pub(crate) fn decide(&mut self, user_code: &str, decision: Decision, at: Duration) -> bool {
        let code = user_code.trim();
        let is_open = |it: &&mut DeviceSignIn| {
            it.user_code.eq_ignore_ascii_case(code) && it.decision.is_none() && !it.has_expired(at)
        };
        let open = self.devices.iter_mut().find(is_open);
        open.map(|sign_in| sign_in.decision = Some(decision)).is_some()
    }
}

impl DeviceSignIn {
    fn has_expired(&self, at: Duration) -> bool {
        at >= self.started.saturating_add(LIFETIME)
    }
}

impl Realm<'_> {
    /// `POST /{tenant}/oauth2/v2.0/devicecode`
    pub(super) fn start_device(&mut self, form: &Form) -> Result<Answer, Refusal> {
        let app = self.public_app(form)?;
        let scope = form.required("scope")?;
        Wanted::parse(scope, self.root, self.apps)?.of_user(app, self.permissions)?;
        let number = self.sign_ins.devices.len() as u64 + 1;
        let (device_code, user_code) = (ids::opaque(&format!("device#{number}")), user_code(number));
        let page = format!("{}/devicelogin", self.authority());
        let message = format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
        );
        let answer = json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": LIFETIME.as_secs(),
            "interval": INTERVAL,
            "message": message,
        });
        self.sign_ins.devices.push(DeviceSignIn {
            device_code,
            user_code,
            app: app.id.clone(),
            scope: scope.to_owned(),
            started: self.at,
            decision: None,
            spent: false,
        });
        Ok(Answer::json(answer))
    }

    /// The tokens of whoever has signed in.
    pub(super) fn finish_device(&mut self, form: &Form) -> Result<Answer, Refusal> {
        let app = self.public_app(form)?.clone();
        let code = form.required("device_code")?;
        let found = self.sign_ins.devices.iter_mut().find(|it| it.device_code == code && it.app == app.id);
        let invalid = || {
            Refusal::new(
                "bad_verification_code",
                70_019,
                "The device code is not one of this app's, or was used.",
            )
        };
        let sign_in = found.filter(|it| !it.spent).ok_or_else(invalid)?;
        match &sign_in.decision {
            _ if sign_in.has_expired(self.at) => {
                let text = "The device code has expired: the user did not sign in within 15 minutes.";
                Err(Refusal::new("expired_token", 70_020, text))
            }
            None => {
                let text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
                Err(Refusal::new("authorization_pending", 70_016, text))
            }
            Some(Decision::Declined) => {
                Err(Refusal::new("authorization_declined", 70_018, "The user declined to sign in."))
            }
            Some(Decision::SignedIn(user)) => {
                sign_in.spent = true;
                let (user, scope) = (user.clone(), sign_in.scope.clone());
                let wanted = Wanted::parse(&scope, self.root, self.apps)?;
                self.for_user(&app, &user, &wanted)
            }
        }
    }
}

/// Nine letters that are hard to mix up, another for each number.
fn user_code(number: u64) -> String {
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let mut rest = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let letter = |_| {
        let place = usize::try_from(rest % LETTERS.len() as u64).unwrap_or_default();
        rest /= LETTERS.len() as u64;
        char::from(LETTERS[place])
    };
    (0..9).map(letter).collect()
}
