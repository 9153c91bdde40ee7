//! Who may talk to the admin endpoint: programs on this machine, and no page of another origin.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, ORIGIN, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};

use super::{Problem, problem};

/// What a page can't send to another origin without asking first, which is never granted here.
const ACCEPTED: [&str; 4] = ["application/json", "application/yaml", "application/x-yaml", "text/yaml"];

/// A page in a browser gets at any port of its machine: under a name of its own that leads there, which `Host` tells, and from its own
/// origin, which `Origin` tells. A request that a browser sends without asking first has one of three content types.
#[derive(Debug)]
pub(super) struct CallerCheck {
    /// The address, and the other names of this machine with its port.
    hosts: Vec<String>,
}

impl CallerCheck {
    /// `origin` is where the endpoint is served.
    pub(super) fn new(origin: &str) -> Self {
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        let port = host.rsplit_once(':').map_or("", |(_, port)| port);
        let names = ["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}"));
        let mut hosts = vec![host.to_owned()];
        hosts.extend(names.into_iter().filter(|name| name != host));
        Self { hosts }
    }

    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let own = self.hosts.first().map_or("", String::as_str);
        let named: Vec<_> = headers.get_all(HOST).iter().collect();
        if named.is_empty() || !named.iter().all(|host| self.is_own(host.as_bytes())) {
            let text = format!("this is {own}: ask it by that name, or as localhost");
            return Err(problem(StatusCode::MISDIRECTED_REQUEST, text));
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        if let Some(foreign) = origins.find(|origin| !self.is_own_origin(origin.as_bytes())) {
            let foreign = String::from_utf8_lossy(foreign.as_bytes()).into_owned();
            let text = format!(
                "the header 'Origin' says that a page of '{foreign}' asks; only programs, and pages of http://{own}, may"
            );
            return Err(problem(StatusCode::FORBIDDEN, text));
        }
        if has_body(headers) && !is_accepted(headers) {
            let text =
                "a body needs the header 'Content-Type: application/json', or application/yaml for a tenant";
            return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        Ok(())
    }

    fn is_own(&self, host: &[u8]) -> bool {
        self.hosts.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(host))
    }

    fn is_own_origin(&self, origin: &[u8]) -> bool {
        origin.strip_prefix(b"http://").is_some_and(|host| self.is_own(host))
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    let says = |name: HeaderName| headers.get(name);
    says(TRANSFER_ENCODING).is_some() || says(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

fn is_accepted(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter().map(|kind| kind.to_str().unwrap_or_default());
    let is = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        ACCEPTED.iter().any(|accepted| kind.eq_ignore_ascii_case(accepted))
    };
    kinds.next().is_some_and(is) && kinds.all(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The status with which a request is refused that has these headers besides the right host; 0 if it isn't.
    fn refused(more: &[(&str, &str)]) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in more {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        headers.entry(HOST).or_insert("127.0.0.1:8081".parse().unwrap());
        CallerCheck::new("http://127.0.0.1:8081")
            .check(&headers)
            .map_or_else(|problem| problem.status.as_u16(), |()| 0)
    }

    #[test]
    fn names_of_the_machine_are_known_and_no_others() {
        for (host, status) in [
            ("127.0.0.1:8081", 0),
            ("LocalHost:8081", 0),
            ("[::1]:8081", 0),
            ("127.0.0.1:8080", 421),
            ("127.0.0.1", 421),
            ("evil.example:8081", 421),
            ("localhost.evil.example:8081", 421),
            ("", 421),
        ] {
            assert_eq!(refused(&[("host", host)]), status, "{host}");
        }
        assert_eq!(refused(&[("host", "localhost:8081"), ("host", "evil.example")]), 421);
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        for (origin, status) in [
            ("http://127.0.0.1:8081", 0),
            ("http://localhost:8081", 0),
            ("https://evil.example", 403),
            ("http://localhost:3000", 403),
            ("https://127.0.0.1:8081", 403),
            ("http://127.0.0.1:8081.evil.example", 403),
            ("null", 403),
            ("", 403),
        ] {
            assert_eq!(refused(&[("origin", origin)]), status, "{origin}");
        }
        assert_eq!(refused(&[("origin", "http://localhost:8081"), ("origin", "https://evil.example")]), 403);
    }

    #[test]
    fn a_body_says_what_it_is() {
        for (kind, status) in [
            ("application/json", 0),
            ("application/json; charset=utf-8", 0),
            ("Application/YAML", 0),
            ("text/plain", 415),
            ("text/plain; application/json", 415),
            ("application/x-www-form-urlencoded", 415),
            ("multipart/form-data; boundary=x", 415),
        ] {
            assert_eq!(refused(&[("content-length", "2"), ("content-type", kind)]), status, "{kind}");
            assert_eq!(refused(&[("content-length", "0"), ("content-type", kind)]), 0, "{kind}");
        }
        assert_eq!(refused(&[("content-length", "2")]), 415);
        assert_eq!(refused(&[("transfer-encoding", "chunked")]), 415);
    }
}
