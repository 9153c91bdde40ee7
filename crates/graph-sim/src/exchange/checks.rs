//! What a request must pass before it is processed: its origin, its token, a path that there is, the quota, the contract.

use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use serde_json::Value;

use super::{Exchange, too_many};
use crate::contract::Breach;
use crate::error::Refusal;
use crate::findings::REMARK;
use crate::ids;
use crate::origin;
use crate::query::Query;
use crate::reading::Reading;
use crate::router::{Found, Target};
use crate::throttle::Admitted;
use crate::token::{self, Caller, GRAPH, Grant, Rejected};
use crate::token_endpoint;

impl Exchange<'_> {
    pub(super) fn check_origin(&mut self) -> Result<(), Refusal> {
        let Some(origin) = foreign_origin(self.request, &self.state.root) else { return Ok(()) };
        let luggage = if self.request.headers().contains_key(AUTHORIZATION) { " with a token" } else { "" };
        self.violation(&format!("a request{luggage} went to {origin}, not to {}", self.state.root));
        let message = format!("This simulator is {}; the request names {origin}.", self.state.root);
        Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", message))
    }

    pub(super) fn authenticate(&mut self) -> Result<Grant, Refusal> {
        let unauthorized = |message: &str| challenged(&self.state.root, message, "");
        let header = self.request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, token) = header.and_then(|text| text.split_once(' ')).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(unauthorized("Access token is empty."));
        }
        let grant = token::read(token.trim(), GRAPH, self.at).map_err(|rejected| {
            unauthorized(match rejected {
                Rejected::Foreign => "The access token is not one of this simulator's.",
                Rejected::Audience => "Access token validation failure. Invalid audience.",
                Rejected::Expired => "Lifetime validation failed, the token is expired.",
            })
        })?;
        let name = self.name(&grant.caller);
        self.entry.user = name.ok_or_else(|| unauthorized("The token's user does not exist."))?;
        Ok(grant)
    }

    /// The caller in the journal; none if there is no such user.
    pub(super) fn name(&self, caller: &Caller) -> Option<String> {
        let name = match &caller.user {
            Some(id) => self.state.store.user(id)?.name.as_str(),
            None => "app",
        };
        let is_default = caller.app == ids::DEFAULT_APP;
        Some(if is_default { name.to_owned() } else { format!("{name} ({})", caller.app) })
    }

    /// The method whose operation it is: HEAD asks for what GET would answer, without its body.
    fn method(&self) -> Method {
        let method = self.request.method();
        if method == Method::HEAD { Method::GET } else { method.clone() }
    }

    pub(super) fn route(&mut self) -> Result<Target<'static>, Refusal> {
        let (method, path) = (self.method(), self.request.uri().path());
        match self.service.spec.router.find(&method, path) {
            Found::Operation(target) => {
                self.entry.operation = Some(target.id.to_owned());
                Ok(target)
            }
            // Whoever forgets `/$ref` hears what the directory makes of it.
            Found::WrongMethod { .. } if method == Method::POST && is_people_of_a_group(path) => {
                Err(Refusal::bad_request("Invalid URL format specified in payload."))
            }
            Found::WrongMethod { allowed } => {
                let with_head = allowed.contains(&Method::GET).then_some(Method::HEAD);
                let allowed = allowed.iter().chain(&with_head).map(Method::as_str);
                let allowed = allowed.collect::<Vec<_>>().join(", ");
                let message = format!("{method} is not allowed here, only {allowed}.");
                let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "methodNotAllowed", message);
                Err(refusal.header(ALLOW, &allowed))
            }
            Found::Nothing if self.may_be_elsewhere(path) => {
                let message = format!(
                    "The simulator does not know '{path}', though Graph may: it has the paths of spec/graph-v1.0.yaml."
                );
                Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message))
            }
            Found::Nothing => {
                let message = format!("There is no path '{path}'.");
                Err(Refusal::new(StatusCode::NOT_FOUND, "ResourceNotFound", message))
            }
        }
    }

    /// Whether the service may have this path, which the specification lacks: it is in one of its versions, and not known to be in
    /// the other alone.
    fn may_be_elsewhere(&self, path: &str) -> bool {
        let is_text = percent_encoding::percent_decode_str(path).decode_utf8().is_ok();
        let versions = ["/v1.0/", "/beta/"];
        let below = versions.iter().find_map(|version| path.strip_prefix(version));
        let is_doubled = |below: &&str| versions.iter().any(|version| below.starts_with(&version[1..]));
        let Some(below) = below.filter(|below| is_text && !is_doubled(below)) else { return false };
        let router = &self.service.spec.router;
        let is_known = |version: &&str| {
            !matches!(router.find(&self.method(), &format!("{version}{below}")), Found::Nothing)
        };
        !versions.iter().any(is_known)
    }

    pub(super) fn throttle(&mut self, operation: &str, caller: &Caller) -> Result<Admitted, Refusal> {
        let limits = &self.service.spec.limits;
        let query = Query::parse(self.request.uri().query());
        let admitted = self.state.throttle.admit(limits, operation, &query, caller, self.at);
        admitted.map_err(|over| {
            let refusal = too_many("Too many requests; the quota of this service is used up.")
                .header(RETRY_AFTER, &over.retry_after.to_string())
                .header(HeaderName::from_static("x-ms-throttle-scope"), &over.scope);
            let information = HeaderName::from_static("x-ms-throttle-information");
            over.information.iter().fold(refusal, |refusal, it| refusal.header(information.clone(), it))
        })
    }

    /// What a request needs whatever its body says. The directory minds a header that isn't there as a fault of the query;
    /// Planner as a state of the object that the caller didn't name.
    pub(super) fn check_headers(&mut self, operation: &str) -> Result<(), Refusal> {
        let headers = self.request.headers();
        let Some(missing) = self.service.spec.contract.missing_header(operation, headers) else {
            return Ok(());
        };
        self.breached(operation, "request", &[Breach::missing_header(missing)]);
        let message = format!("The header '{missing}' must be specified for this type of request.");
        Err(if missing.eq_ignore_ascii_case("If-Match") {
            // Planner's errors often have an empty code.
            Refusal::new(StatusCode::PRECONDITION_FAILED, "", message)
        } else {
            Refusal::directory(message)
        })
    }

    pub(super) fn body(&mut self, operation: &str) -> Result<Option<Value>, Refusal> {
        let content = self.request.body();
        if !self.service.spec.contract.takes_body(operation) || content.is_empty() {
            return Ok(None);
        }
        let kind = self.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(is_json) {
            self.violation(&format!("{operation} request: the content type is not application/json"));
            let message = "The body must be of the type application/json.";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "RequestBodyRead", message));
        }
        let mut body = serde_json::from_slice(content).map_err(|error| {
            self.violation(&format!("{operation} request: the body is not JSON: {error}"));
            Refusal::bad_request("Unable to read JSON request payload.")
        })?;
        let mut reading = Reading::new(&self.service.spec.types);
        reading.read(operation, &mut body).inspect_err(|refusal| {
            self.violation(&format!("{operation} request: {}", refusal.message));
        })?;
        for remark in reading.remarks {
            self.note(&format!("{REMARK}{operation} request: {remark}"));
        }
        Ok(Some(body))
    }

    pub(super) fn check_request(
        &mut self,
        operation: &str,
        query: &Query,
        body: Option<&Value>,
    ) -> Result<(), Refusal> {
        let breaches = self.service.spec.contract.check_request(operation, query.names(), body);
        let (undeclared, breaches): (Vec<_>, Vec<_>) = breaches.into_iter().partition(|it| it.is_undeclared);
        self.breached(operation, "request", &breaches);
        match (breaches.first(), undeclared.first()) {
            (Some(first), _) => Err(Refusal::bad_request(format!("The request is not valid: {first}."))),
            (None, Some(first)) => {
                Err(Refusal::not_simulated(format!("Extensions are not simulated: {first}.")))
            }
            (None, None) => Ok(()),
        }
    }
}

/// Whether it is the path of the members or owners of a group.
fn is_people_of_a_group(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is = |text: &str, name: &str| text.eq_ignore_ascii_case(name);
    matches!(segments.as_slice(), [_, groups, _, last] if is(groups, "groups") && (is(last, "members") || is(last, "owners")))
}

/// Where the request is addressed to, if not to `root`. A server sees no scheme, so the host decides there.
fn foreign_origin(request: &Request<Bytes>, root: &str) -> Option<String> {
    let uri = request.uri();
    if let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) {
        let named = format!("{scheme}://{authority}");
        return (origin::read(&named).as_deref() != Some(root)).then_some(named);
    }
    let host = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let named = host.unwrap_or("no host");
    (!origin::has_host(root, named)).then(|| named.to_owned())
}

fn is_json(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The refusal of a token for lack of `claims`, which are in base64.
pub(super) fn insufficient_claims(root: &str, claims: &str) -> Refusal {
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp";
    challenged(root, message, &format!(", error=\"insufficient_claims\", claims=\"{claims}\""))
}

/// The app id of Graph itself, in every tenant.
const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

/// 401, with the place where tokens for the Graph at `root` come from.
fn challenged(root: &str, message: &str, more: &str) -> Refusal {
    let authority = token_endpoint::authority_of(root);
    // The address is unquoted, as the service leaves it against RFC 9110.
    let challenge = format!(
        r#"Bearer realm="", authorization_uri={authority}/common/oauth2/authorize, client_id="{GRAPH_APP}"{more}"#
    );
    Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
        .header(WWW_AUTHENTICATE, &challenge)
}
