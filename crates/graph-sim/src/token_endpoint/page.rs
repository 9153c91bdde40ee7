//! What a person sees in a browser.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use http::{HeaderMap, Request, StatusCode};

use super::device::Decision;
use super::form::Form;
use super::{Realm, authority_of};
use crate::reply::{Body, Reply};

const FORM: &str = r#"<form method="post" action="/devicelogin">
<label>Code <input name="code" required></label>
<label>User <input name="user" required placeholder="ada"></label>
<button>Sign in</button>
<button name="decline" value="true" formnovalidate>Decline</button>
</form>"#;

/// The page on which a user signs in to a device.
pub(super) fn form() -> Reply {
    html(StatusCode::OK, FORM)
}

/// The flow by way of a browser, of which a simulator can show nothing true.
pub(super) fn not_simulated() -> Reply {
    let text = "<p>This simulator has no sign-in page for the authorization code flow. Use the device code flow, \
                client credentials, on-behalf-of, or a token that the simulator hands out.</p>";
    html(StatusCode::NOT_IMPLEMENTED, text)
}

impl Realm<'_> {
    /// A form that was sent: `code`, `user` (a name or a principal name) and maybe `decline`.
    pub(super) fn sign_in_by_form(&mut self, request: &Request<Bytes>) -> Reply {
        if !is_from_here(request.headers(), [self.root, authority_of(self.root)]) {
            return html(StatusCode::FORBIDDEN, "<p>A page of another origin can't sign anybody in.</p>");
        }
        let form = Form::of(&String::from_utf8_lossy(request.body()));
        let (code, name) = (form.get("code").unwrap_or_default(), form.get("user").unwrap_or_default());
        let decision = if form.get("decline").is_some() {
            Some(Decision::Declined)
        } else {
            let user = self.store.user_named(name).or_else(|| self.store.user(name));
            user.map(|user| Decision::SignedIn(user.id.clone()))
        };
        let Some(decision) = decision else {
            return html(StatusCode::BAD_REQUEST, "<p>The tenant has no user of this name.</p>");
        };
        if self.sign_ins.decide(code, decision, self.at) {
            html(StatusCode::OK, "<p>Done: you may close this page.</p>")
        } else {
            html(StatusCode::BAD_REQUEST, "<p>No sign-in waits for this code.</p>")
        }
    }
}

/// Whether a form was sent by a page of these origins, or by what is no browser.
fn is_from_here(headers: &HeaderMap, own: [&str; 2]) -> bool {
    let is_own = |origin: &HeaderValue| own.iter().any(|own| own.as_bytes() == origin.as_bytes());
    headers.get_all(ORIGIN).iter().all(is_own)
}

fn html(status: StatusCode, content: &str) -> Reply {
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Sign in to the simulator</title>\n{content}\n"
    );
    let reply = Reply { body: Body::Raw(page.into()), ..Reply::empty(status) };
    reply
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(HeaderName::from_static("content-security-policy"), "default-src 'none'; form-action 'self'")
}
