//! Scheme and host that requests are addressed to.

use http::uri::Authority;

/// An origin as it is compared and told: in lower case, without the port that its scheme has anyway. None if `text` is no origin.
pub(crate) fn read(text: &str) -> Option<String> {
    let (scheme, host) = text.trim_end_matches('/').split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let host: Authority = host.parse().ok().filter(|host: &Authority| !host.as_str().contains('@'))?;
    let port = default_port(&scheme)?;
    Some(format!("{scheme}://{}", without_port(host.as_str(), port).to_ascii_lowercase()))
}

/// Whether a host, as a request names it, is that of an origin that [`read`] has read.
pub(crate) fn has_host(origin: &str, host: &str) -> bool {
    let (scheme, own) = origin.split_once("://").unwrap_or(("", origin));
    let host = default_port(scheme).map_or(host, |port| without_port(host, port));
    host.eq_ignore_ascii_case(own)
}

fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "https" => Some(":443"),
        "http" => Some(":80"),
        _ => None,
    }
}

fn without_port<'a>(host: &'a str, port: &str) -> &'a str {
    host.strip_suffix(port).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::{has_host, read};

    #[test]
    fn a_port_that_goes_without_saying_makes_no_difference() {
        for (text, origin) in [
            ("https://Graph.Microsoft.com", "https://graph.microsoft.com"),
            ("HTTPS://graph.microsoft.com:443/", "https://graph.microsoft.com"),
            ("http://localhost:443", "http://localhost:443"),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(read(text).as_deref(), Some(origin), "{text}");
        }
        for text in ["graph.microsoft.com", "ftp://host", "https://", "https://a@host", "https://host/v1.0"] {
            assert_eq!(read(text), None, "{text}");
        }
        for (origin, host, is_own) in [
            ("https://graph.microsoft.com", "graph.microsoft.com:443", true),
            ("https://graph.microsoft.com", "GRAPH.microsoft.com", true),
            ("https://graph.microsoft.com", "graph.microsoft.com:80", false),
            ("http://[::1]", "[::1]:80", true),
            ("http://[::1]", "[::1]", true),
        ] {
            assert_eq!(has_host(origin, host), is_own, "{origin} {host}");
        }
    }
}
