//! The part of Microsoft Entra that credential libraries talk to: tokens, sign-ins on another device, metadata.
//!
//! It is below the simulator's root and, in process, below the login host of the root's cloud. Nothing is signed.

mod device;
mod form;
mod grants;
mod metadata;
mod page;
mod refusal;
mod scope;

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName};
use http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::app::App;
use crate::ids;
use crate::origin;
use crate::permissions::Permissions;
use crate::reply::{Body, Reply};
use crate::store::Store;
use crate::token::Caller;
pub(crate) use device::Decision;
use device::DeviceSignIn;
use form::Form;
use grants::Renewal;
use refusal::Refusal;

/// The names by which the one tenant goes.
const TENANTS: [&str; 5] =
    [ids::TENANT, "contoso.example", "contoso.onmicrosoft.com", "organizations", "common"];

/// One address of the endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) place: Place,
    tenant: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Token,
    DeviceCode,
    SignIn,
    Authorize,
    Metadata,
    Keys,
    Instance,
}

impl Place {
    /// What faults and the journal call it.
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::Token => "oauth2.token",
            Self::DeviceCode => "oauth2.device_code",
            Self::SignIn => "oauth2.sign_in",
            Self::Authorize => "oauth2.authorize",
            Self::Metadata => "openid.metadata",
            Self::Keys => "openid.keys",
            Self::Instance => "openid.instance",
        }
    }
}

/// The address that a request is for, if it is for the endpoint.
pub(crate) fn find(request: &Request<Bytes>, root: &str) -> Option<Address> {
    if !is_here(request, root) {
        return None;
    }
    let path = request.uri().path().to_ascii_lowercase();
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let (place, tenant) = match segments.as_slice() {
        ["devicelogin"] => (Place::SignIn, "common"),
        ["common", "discovery", "instance"] => (Place::Instance, "common"),
        [tenant, "oauth2", "v2.0", "token"] => (Place::Token, *tenant),
        [tenant, "oauth2", "v2.0", "devicecode"] => (Place::DeviceCode, *tenant),
        [tenant, "oauth2", "authorize"] | [tenant, "oauth2", "v2.0", "authorize"] => {
            (Place::Authorize, *tenant)
        }
        [tenant, "v2.0", ".well-known", "openid-configuration"] => (Place::Metadata, *tenant),
        [tenant, "discovery", "v2.0", "keys"] => (Place::Keys, *tenant),
        _ => return None,
    };
    Some(Address { place, tenant: tenant.to_owned() })
}

/// Whether it is addressed to the simulator, or to the login host of its cloud.
fn is_here(request: &Request<Bytes>, root: &str) -> bool {
    let host = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(HOST).and_then(|value| value.to_str().ok()),
    };
    let is = |origin: &str| host.is_some_and(|host| origin::has_host(origin, host));
    is(root) || login_of(root).is_some_and(is)
}

/// Where the tokens for the Graph at `root` come from.
pub(crate) fn authority_of(root: &str) -> &str {
    login_of(root).unwrap_or(root)
}

/// The login host of a cloud.
fn login_of(root: &str) -> Option<&'static str> {
    match root {
        "https://graph.microsoft.com" => Some("https://login.microsoftonline.com"),
        "https://graph.microsoft.us" | "https://dod-graph.microsoft.us" => {
            Some("https://login.microsoftonline.us")
        }
        "https://microsoftgraph.chinacloudapi.cn" => Some("https://login.chinacloudapi.cn"),
        _ => None,
    }
}

/// Every sign-in so far.
#[derive(Debug, Default)]
pub(crate) struct SignIns {
    devices: Vec<DeviceSignIn>,
    renewals: HashMap<String, Renewal>,
    renewals_made: u64,
    /// Since when a user's older sign-ins no longer count.
    revoked: HashMap<String, Duration>,
}

impl SignIns {
    /// Makes every sign-in of a user so far one that can't be renewed.
    pub(crate) fn revoke(&mut self, user: &str, at: Duration) {
        self.revoked.insert(user.to_owned(), at);
    }
}

/// What the endpoint answers from.
pub(crate) struct Realm<'a> {
    pub(crate) sign_ins: &'a mut SignIns,
    pub(crate) store: &'a Store,
    pub(crate) apps: &'a [App],
    pub(crate) permissions: &'a Permissions,
    pub(crate) root: &'a str,
    pub(crate) lifetime: Duration,
    pub(crate) at: Duration,
    /// The number of the request, which its ids come from.
    pub(crate) number: u64,
}

/// An answer, and what the journal should say of it.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    /// Who got a token.
    pub(crate) caller: Option<Caller>,
    pub(crate) note: Option<String>,
}

impl Answer {
    fn json(json: Value) -> Self {
        Self::plain(as_json(StatusCode::OK, json))
    }

    fn plain(reply: Reply) -> Self {
        Self { reply, caller: None, note: None }
    }
}

impl Realm<'_> {
    fn authority(&self) -> &str {
        authority_of(self.root)
    }

    pub(crate) fn answer(&mut self, address: &Address, request: &Request<Bytes>) -> Answer {
        self.try_answer(address, request).unwrap_or_else(|refusal| {
            let note = Some(refusal.to_string());
            Answer { note, ..Answer::plain(refusal.reply(self.authority(), self.at, self.number)) }
        })
    }

    fn try_answer(&mut self, address: &Address, request: &Request<Bytes>) -> Result<Answer, Refusal> {
        if !TENANTS.contains(&address.tenant.as_str()) {
            return Err(Refusal::no_such_tenant(&address.tenant));
        }
        let is_get = request.method() == Method::GET;
        match address.place {
            Place::Metadata if is_get => Ok(Answer::json(metadata::document(
                self.authority(),
                self.root,
                &address.tenant,
                self.permissions,
            ))),
            Place::Keys if is_get => Ok(Answer::json(metadata::keys())),
            Place::Instance if is_get => Ok(Answer::json(metadata::instance(self.authority()))),
            Place::SignIn if is_get => Ok(Answer::plain(page::form())),
            Place::Metadata | Place::Keys | Place::Instance => Ok(Answer::plain(only("GET"))),
            Place::Authorize => Ok(Answer::plain(page::not_simulated())),
            _ if request.method() != Method::POST => Err(Refusal::only_post(request.method())),
            Place::SignIn => Ok(Answer::plain(self.sign_in_by_form(request))),
            Place::DeviceCode => self.start_device(&Form::parse(request)),
            Place::Token => self.token(&Form::parse(request)),
        }
    }
}

fn only(method: &str) -> Reply {
    Reply::empty(StatusCode::METHOD_NOT_ALLOWED).header(ALLOW, method)
}

/// JSON as Entra sends it, which nobody may keep.
fn as_json(status: StatusCode, json: Value) -> Reply {
    let reply = Reply { body: Body::Json(json), ..Reply::empty(status) };
    reply
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .header(CACHE_CONTROL, "no-store, no-cache")
        .header(HeaderName::from_static("pragma"), "no-cache")
}

#[cfg(test)]
mod tests;
