//! What an answer says about the service's load.

use std::time::Duration;

use http::{Response, StatusCode};

const SCOPE: &str = "x-ms-throttle-scope";
const USAGE: &str = "x-ms-throttle-limit-percentage";
const UNITS: &str = "x-ms-resource-unit";

/// What an answer says about the service's load.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Signals {
    pub(super) refused: bool,
    pub(super) retry_after: Option<Duration>,
    pub(super) scope: Option<ThrottleScope>,
    /// How much of a limit is used up; 1.0 is all of it.
    pub(super) usage: Option<f64>,
    /// What the request cost, in the units that the service counts.
    pub(super) units: Option<f64>,
}

impl Signals {
    pub(super) fn of<B>(response: &Response<B>, retry_after: Option<Duration>) -> Self {
        let refused = matches!(response.status(), StatusCode::TOO_MANY_REQUESTS) || response.status() == 509;
        let mut signals = Self { refused, retry_after, ..Self::default() };
        // Answers have few headers: to walk them costs less than to look for each.
        for (name, value) in response.headers() {
            let value = || value.to_str().ok();
            match name.as_str() {
                SCOPE if signals.scope.is_none() => signals.scope = value().and_then(ThrottleScope::parse),
                USAGE if signals.usage.is_none() => signals.usage = value().and_then(positive),
                UNITS if signals.units.is_none() => {
                    signals.units = value().and_then(positive).map(|units| units.min(LARGEST_COST));
                }
                _ => {}
            }
        }
        signals
    }
}

/// No request costs more; a header that says so is wrong.
const LARGEST_COST: f64 = 1000.0;

fn positive(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0)
}

/// Whom a refusal concerns, by the header `x-ms-throttle-scope`: `Tenant_Application/Write/APP/TENANT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThrottleScope {
    /// Only requests for the same tenant.
    pub tenant: bool,
    /// Only requests through the same app.
    pub app: bool,
    /// Only changes, or only reads.
    pub writes: Option<bool>,
}

impl ThrottleScope {
    /// Reads the header's value; nothing if it names neither tenant nor app.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/').map(str::trim);
        let (who, limit) = (parts.next()?, parts.next().unwrap_or_default());
        let names = |word| who.split('_').any(|part| part.eq_ignore_ascii_case(word));
        let scope = Self {
            tenant: names("Tenant"),
            app: names("Application"),
            writes: match limit {
                _ if limit.eq_ignore_ascii_case("Read") => Some(false),
                _ if limit.eq_ignore_ascii_case("Write") => Some(true),
                _ => None,
            },
        };
        (scope.tenant || scope.app).then_some(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(status: u16, headers: &[(&'static str, &'static str)]) -> Signals {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Signals::of(&response.body(()).unwrap(), None)
    }

    #[test]
    fn scopes() {
        let scope = |tenant, app, writes| Some(ThrottleScope { tenant, app, writes });
        for (text, expected) in [
            ("Tenant_Application/ReadWrite/a/t", scope(true, true, None)),
            ("Tenant_Application/Write/a/t", scope(true, true, Some(true))),
            ("Application/Read/a/u", scope(false, true, Some(false))),
            ("tenant/read/a/t", scope(true, false, Some(false))),
            ("Tenant", scope(true, false, None)),
            (" Application / Write ", scope(false, true, Some(true))),
            ("Galaxy/Write/a/t", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(ThrottleScope::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_that_make_no_sense_are_ignored() {
        for (text, expected) in [
            ("0.8", Some(0.8)),
            (" 1.8 ", Some(1.8)),
            ("3", Some(3.0)),
            ("0", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("lots", None),
            ("", None),
        ] {
            assert_eq!(signals(200, &[("x-ms-throttle-limit-percentage", text)]).usage, expected, "{text}");
            assert_eq!(signals(200, &[("x-ms-resource-unit", text)]).units, expected, "{text}");
        }
        assert_eq!(signals(200, &[("x-ms-resource-unit", "1e300")]).units, Some(LARGEST_COST));
    }

    #[test]
    fn only_refusals_for_lack_of_quota_count() {
        for (status, refused) in [(200, false), (429, true), (509, true), (503, false), (500, false)] {
            assert_eq!(signals(status, &[]).refused, refused, "{status}");
        }
    }
}
