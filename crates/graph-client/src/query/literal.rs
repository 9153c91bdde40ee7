//! Values in a filter, as OData writes them.

use std::fmt;

use graph_runtime::{GraphDateTime, UNKNOWN_FUTURE_VALUE};

use super::name::{Fault, check_text};

/// A value that a property is compared with.
///
/// Texts, truth values, numbers and points in time become one by themselves: `field("mailEnabled").eq(true)`. What is
/// written like a text but is none to the service has a function here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(Result<Box<str>, Fault>);

impl Literal {
    /// No value: `mail eq null`.
    pub fn null() -> Self {
        Self(Ok("null".into()))
    }

    /// A GUID where the service keeps a GUID, such as `skuId`: it stands without quotes. An `id` is a text.
    pub fn guid(text: &str) -> Self {
        let groups: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        let is_hex = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
        Self::unquoted(
            lengths == [8, 4, 4, 4, 12] && is_hex,
            text,
            "GUID",
            "6e7b768e-07e2-4810-8459-485f84f8f204",
        )
    }

    /// A point in time, as RFC 3339 writes it; without an offset, it is taken as UTC.
    pub fn date_time(text: &str) -> Self {
        Self::from(&GraphDateTime::from_text(text))
    }

    /// A span of time, as ISO 8601 writes it: `PT20M`.
    pub fn duration(text: &str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text).strip_prefix('P').unwrap_or_default();
        let is_part = |byte: u8| byte.is_ascii_digit() || b"DTHMS.".contains(&byte);
        let is_duration = digits.bytes().any(|byte| byte.is_ascii_digit()) && digits.bytes().all(is_part);
        let literal = Self::unquoted(is_duration, text, "duration", "PT20M");
        Self(literal.0.map(|text| format!("duration'{text}'").into()))
    }

    /// A member of an enumeration: it stands in quotes, as Graph wants it.
    ///
    /// `unknownFutureValue` is refused, since it stands for members that were not asked for.
    pub fn member(member: &impl fmt::Display) -> Self {
        match member.to_string() {
            text if text == UNKNOWN_FUTURE_VALUE => Self(Err(format!(
                "`{UNKNOWN_FUTURE_VALUE}` stands for any member of an enumeration that was not asked for: \
                 compare with a known member"
            )
            .into())),
            text => Self::from(text),
        }
    }

    fn unquoted(is_valid: bool, text: &str, kind: &str, example: &str) -> Self {
        Self(if is_valid {
            Ok(text.into())
        } else {
            Err(format!("`{}` in `filter` is no {kind}: write it as {example}", text.escape_debug()).into())
        })
    }

    /// As it stands in the query.
    pub(super) fn text(&self) -> Result<&str, Fault> {
        self.0.as_deref().map_err(Clone::clone)
    }
}

/// Text in quotes; quotes inside are doubled.
impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self(check_text("filter", text).map(|()| format!("'{}'", text.replace('\'', "''")).into()))
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Literal {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self(Ok(value.to_string().into()))
    }
}

impl From<i32> for Literal {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u32> for Literal {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<i64> for Literal {
    fn from(value: i64) -> Self {
        Self(Ok(value.to_string().into()))
    }
}

/// Refused if it is no number, or endless.
impl From<f64> for Literal {
    fn from(value: f64) -> Self {
        let text = value.to_string();
        Self::unquoted(value.is_finite(), &text, "number", "0.5")
    }
}

/// Refused if the text is no point in time.
impl From<&GraphDateTime> for Literal {
    fn from(value: &GraphDateTime) -> Self {
        let has_zone =
            value.as_str().bytes().rev().take(6).any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'));
        let zone = if has_zone { "" } else { "Z" };
        let text = format!("{}{zone}", value.as_str());
        Self::unquoted(value.to_utc().is_ok(), &text, "point in time", "2026-01-31T08:00:00Z")
    }
}

impl From<GraphDateTime> for Literal {
    fn from(value: GraphDateTime) -> Self {
        Self::from(&value)
    }
}

#[cfg(test)]
mod tests {
    use graph_things::models::ThingPrivacy;

    use super::Literal;

    #[test]
    fn values_as_odata_writes_them() {
        for (literal, expected) in [
            (Literal::from("Ada"), "'Ada'"),
            (Literal::from("O'Brien & 'co'"), "'O''Brien & ''co'''"),
            (Literal::from(String::new()), "''"),
            (Literal::from(true), "true"),
            (Literal::from(-7), "-7"),
            (Literal::from(7_u32), "7"),
            (Literal::from(0.25), "0.25"),
            (Literal::null(), "null"),
            (Literal::date_time("2026-01-31T08:00:00+01:00"), "2026-01-31T08:00:00+01:00"),
            (Literal::date_time("2026-01-31T08:00:00"), "2026-01-31T08:00:00Z"),
            (Literal::guid("6e7b768e-07e2-4810-8459-485f84f8f204"), "6e7b768e-07e2-4810-8459-485f84f8f204"),
            (Literal::duration("PT20M"), "duration'PT20M'"),
            (Literal::duration("-P1DT0.5S"), "duration'-P1DT0.5S'"),
            (Literal::member(&ThingPrivacy::Private), "'private'"),
        ] {
            assert_eq!(literal.text().as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_the_service_could_not_read_is_named() {
        for (literal, reason) in [
            (Literal::from("a\u{7}"), "control character"),
            (Literal::from(f64::NAN), "no number"),
            (Literal::from(f64::INFINITY), "no number"),
            (Literal::date_time("yesterday"), "`yesterdayZ` in `filter` is no point in time"),
            (Literal::guid("6e7b768e"), "no GUID"),
            (Literal::guid("' or 1 eq 1"), "no GUID"),
            (Literal::duration("20M"), "no duration"),
            (Literal::duration("P"), "no duration"),
            (Literal::duration("PT1S' or '"), "no duration"),
            (Literal::member(&ThingPrivacy::from("unknownFutureValue")), "unknownFutureValue"),
        ] {
            assert!(literal.text().unwrap_err().contains(reason), "{literal:?}");
        }
    }
}
