//! The part of `$filter` that the simulator understands.

use serde_json::Value;

/// Conditions, all of which must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter(Vec<Condition>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    /// `property eq 'text'`
    Equals { property: String, text: String },
    /// `startswith(property,'text')`
    StartsWith { property: String, text: String },
    /// `property/any(x:x eq 'text')`
    AnyEquals { property: String, text: String },
}

/// The forms [`Filter::parse`] understands, for a person who used another.
pub(crate) const SUPPORTED: &str =
    "property eq 'text', startswith(property,'text') and property/any(x:x eq 'text'), joined by 'and'";

impl Filter {
    /// None if the expression is of another form.
    pub(crate) fn parse(expression: &str) -> Option<Self> {
        split_and(expression)
            .into_iter()
            .map(|part| Condition::parse(part.trim()))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The properties that it looks at.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Condition::property)
    }

    /// Whether an object fulfils every condition; text is compared without regard to case, as the directory does.
    pub(crate) fn accepts(&self, object: &Value) -> bool {
        self.0.iter().all(|condition| condition.accepts(object))
    }
}

impl Condition {
    fn parse(text: &str) -> Option<Self> {
        if let Some(arguments) = call(text, "startswith") {
            let (property, text) = arguments.split_once(',')?;
            return Some(Self::StartsWith { property: name(property)?, text: literal(text)? });
        }
        if let Some((property, rest)) = text.split_once("/any") {
            let (variable, comparison) = rest.trim().strip_prefix('(')?.strip_suffix(')')?.split_once(':')?;
            let (left, text) = equality(comparison)?;
            let property = name(property)?;
            return (left == variable.trim()).then_some(Self::AnyEquals { property, text });
        }
        let (property, text) = equality(text)?;
        Some(Self::Equals { property: name(property)?, text })
    }

    fn property(&self) -> &str {
        match self {
            Self::Equals { property, .. }
            | Self::StartsWith { property, .. }
            | Self::AnyEquals { property, .. } => property,
        }
    }

    fn accepts(&self, object: &Value) -> bool {
        match self {
            Self::Equals { property, text } => same(&object[property], text),
            Self::StartsWith { property, text } => {
                let value = object[property].as_str().unwrap_or_default().to_lowercase();
                object[property].is_string() && value.starts_with(&text.to_lowercase())
            }
            Self::AnyEquals { property, text } => {
                object[property].as_array().is_some_and(|values| values.iter().any(|value| same(value, text)))
            }
        }
    }
}

fn same(value: &Value, text: &str) -> bool {
    value.as_str().is_some_and(|value| value.to_lowercase() == text.to_lowercase())
}

/// Splits at every ` and ` outside quotes.
fn split_and(expression: &str) -> Vec<&str> {
    const AND: &str = " and ";
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, character) in expression.char_indices() {
        quoted ^= character == '\'';
        if !quoted && at >= start && expression[at..].starts_with(AND) {
            parts.push(&expression[start..at]);
            start = at + AND.len();
        }
    }
    parts.push(&expression[start..]);
    parts
}

fn call<'a>(text: &'a str, function: &str) -> Option<&'a str> {
    let head = text.get(..function.len()).filter(|head| head.eq_ignore_ascii_case(function))?;
    text[head.len()..].trim().strip_prefix('(')?.strip_suffix(')')
}

fn equality(text: &str) -> Option<(&str, String)> {
    let (left, right) = text.split_once(" eq ")?;
    Some((left.trim(), literal(right)?))
}

fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| text.to_owned())
}

/// Text between quotes; a quote inside is doubled.
fn literal(text: &str) -> Option<String> {
    let inside = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    let unescaped = inside.replace("''", "\u{0}");
    (!unescaped.contains('\'')).then(|| unescaped.replace('\u{0}', "'"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters() {
        let group = json!({ "displayName": "Pilots' and crew", "mail": null, "groupTypes": ["Unified"] });
        for (expression, expected) in [
            ("displayName eq 'Pilots'' and crew'", Some(true)),
            ("displayName eq 'pilots'' AND crew'", Some(true)),
            ("displayName eq 'Pilots'", Some(false)),
            ("startswith(displayName,'pil')", Some(true)),
            ("startsWith(displayName, 'crew')", Some(false)),
            ("startswith(mail,'')", Some(false)),
            ("groupTypes/any(c:c eq 'Unified')", Some(true)),
            ("groupTypes/any(c:c eq 'Dynamic')", Some(false)),
            ("groupTypes/any(c:c eq 'Unified') and startswith(displayName,'P')", Some(true)),
            ("groupTypes/any(c:c eq 'Unified') and displayName eq 'x'", Some(false)),
            ("displayName ne 'x'", None),
            ("displayName eq x", None),
            ("displayName eq 'it's'", None),
            ("groupTypes/any(c:d eq 'Unified')", None),
            ("displayName eq 'a' or displayName eq 'b'", None),
            ("endswith(displayName,'x')", None),
            ("", None),
        ] {
            assert_eq!(Filter::parse(expression).map(|it| it.accepts(&group)), expected, "{expression}");
        }
    }
}
