//! The one origin that a client talks to, and the guard that keeps every request on it.

use std::net::IpAddr;
use std::sync::Arc;

use graph_runtime::{ApiVersion, Cloud};
use http::Uri;
use url::{Host, Position, Url};

/// The root of a cloud and the version of the API: everything a client sends stays below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    origin: Url,
    version: ApiVersion,
    base: Arc<str>,
}

/// Why an address can't be the root of a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRoot {
    /// It is no absolute URL.
    #[error("`{0}` is no absolute URL: pass one such as https://graph.microsoft.com")]
    Malformed(String),
    /// It would send tokens over the network in the clear.
    #[error("`{0}` would send tokens in the clear: use https, or a loopback address for tests")]
    Insecure(Url),
    /// It has a user name, a path, a query or a fragment.
    #[error("`{0}` is more than an origin: leave out user name, path, query and fragment")]
    NotAnOrigin(Url),
}

/// An address outside the client's root; no request was sent to it, and no token.
///
/// It is the [`source`](std::error::Error::source) of the error that a hostile `nextLink` or operation address leads to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{address}` is not below {root}: no request was sent to it, and no token")]
#[non_exhaustive]
pub struct ForeignAddress {
    /// The address, without its query.
    pub address: String,
    /// The root of the client.
    pub root: String,
}

impl Root {
    pub(crate) fn new(origin: &str, version: ApiVersion) -> Result<Self, InvalidRoot> {
        let url = Url::parse(origin).map_err(|_| InvalidRoot::Malformed(origin.to_owned()))?;
        if !url.has_host() {
            return Err(InvalidRoot::Malformed(origin.to_owned()));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || has_userinfo(&url) {
            return Err(InvalidRoot::NotAnOrigin(url));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(InvalidRoot::Insecure(url)),
        }
        let base = format!("{}{}", url.as_str(), version.as_str()).into();
        Ok(Self { origin: url, version, base })
    }

    /// The origin of `cloud`, if this release knows it.
    pub(crate) const fn origin_of(cloud: Cloud) -> Option<&'static str> {
        match cloud {
            Cloud::Global => Some("https://graph.microsoft.com"),
            Cloud::UsGov => Some("https://graph.microsoft.us"),
            Cloud::UsGovDod => Some("https://dod-graph.microsoft.us"),
            Cloud::China => Some("https://microsoftgraph.chinacloudapi.cn"),
            _ => None,
        }
    }

    /// Whether it is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.origin)
    }

    pub(crate) const fn version(&self) -> ApiVersion {
        self.version
    }

    /// The origin, without a slash at its end.
    pub(crate) fn origin(&self) -> &str {
        self.origin.as_str().trim_end_matches('/')
    }

    /// The host and the port.
    pub(crate) fn server(&self) -> (&str, u16) {
        (self.origin.host_str().unwrap_or_default(), self.origin.port_or_known_default().unwrap_or_default())
    }

    /// Where the paths of operations begin: `https://graph.microsoft.com/v1.0`.
    pub(crate) fn base(&self) -> &Arc<str> {
        &self.base
    }

    /// Accepts `url` only if the client's token may go there.
    pub(crate) fn admit(&self, url: &Url) -> Result<(), ForeignAddress> {
        let same_origin = url.origin() == self.origin.origin() && !has_userinfo(url);
        if same_origin && version_segment(url.path()) {
            return Ok(());
        }
        let mut address = url.clone();
        address.set_query(None);
        Err(ForeignAddress { address: address.into(), root: self.origin().to_owned() })
    }

    /// Whether `uri` is below the root letter by letter, with nothing in its path that a parser of URLs would rewrite: then
    /// [`admit`](Self::admit) accepts it too, which has to parse it first.
    pub(crate) fn plainly_holds(&self, uri: &Uri) -> bool {
        let authority = &self.origin[Position::BeforeHost..Position::AfterPort];
        uri.scheme_str() == Some(self.origin.scheme())
            && uri.authority().is_some_and(|of_uri| of_uri.as_str() == authority)
            && version_segment(uri.path())
            && !has_steps(uri.path())
    }

    /// The absolute form of an address in an answer, if the client's token may go there.
    ///
    /// A relative address without a version segment is taken as below the client's version, as Graph means it.
    pub(crate) fn resolve(&self, address: &str) -> Result<Url, ForeignAddress> {
        let foreign = || ForeignAddress { address: address.to_owned(), root: self.origin().to_owned() };
        if is_disguised(address) {
            return Err(foreign());
        }
        let url = match Url::parse(address) {
            Ok(absolute) => absolute,
            Err(_) if address.starts_with('/') && !version_segment(address) && !address.starts_with("//") => {
                self.origin.join(&format!("/{}{address}", self.version.as_str())).map_err(|_| foreign())?
            }
            Err(_) => {
                let base = Url::parse(&format!("{}/", self.base())).map_err(|_| foreign())?;
                base.join(address).map_err(|_| foreign())?
            }
        };
        self.admit(&url).map(|()| url)
    }
}

fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether parsers of addresses differ about it: some take a backslash for a slash, and leave out tabs and line breaks.
fn is_disguised(address: &str) -> bool {
    let before_query = address.split(['?', '#']).next().unwrap_or_default();
    before_query.contains('\\') || address.contains(char::is_control)
}

/// Whether the path has anything that may be a step within it, such as `..`, however it is written.
fn has_steps(path: &str) -> bool {
    let begins_step = |pair: &[u8]| matches!(pair, [b'/', b'.' | b'%']);
    path.starts_with(['.', '%'])
        || path.bytes().any(|byte| byte == b'\\')
        || path.as_bytes().windows(2).any(begins_step)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn version_segment(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next();
    [ApiVersion::V1, ApiVersion::Beta].into_iter().any(|version| first == Some(version.as_str()))
}

#[cfg(test)]
mod tests;
