//! What of a path is the specification's, and what is the caller's.

use super::{Route, Router, Segment, decode, unquote, without_prefix};

/// A piece of a path's segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// As the template has it, but for the case.
    Word(String),
    /// What stands for a parameter, decoded and without quotes.
    Value(String),
}

impl Router {
    /// The parts of each segment of an encoded path, the version's included; none if no template fits, whatever the method.
    pub(crate) fn parts(&self, path: &str) -> Option<Vec<Vec<Part>>> {
        let segments = decode(path)?;
        self.versions.iter().find_map(|version| {
            let below = version.below(&segments)?;
            let own = &segments[..segments.len() - below.len()];
            let parts = version.routes.iter().find_map(|route| route.parts(below))?;
            Some(own.iter().map(|segment| vec![Part::Word(segment.clone())]).chain(parts).collect())
        })
    }
}

impl Route {
    fn parts(&self, segments: &[String]) -> Option<Vec<Vec<Part>>> {
        self.parts_of(segments, key_in_brackets).or_else(|| self.parts_of(segments, |_| None))
    }

    fn parts_of<'s>(
        &self,
        segments: &'s [String],
        key: impl Fn(&'s str) -> Option<(&'s str, &'s str)>,
    ) -> Option<Vec<Vec<Part>>> {
        let mut templates = self.segments.iter();
        let parts: Option<Vec<_>> = segments
            .iter()
            .map(|segment| match key(segment) {
                None => templates.next()?.parts(segment),
                Some((name, key)) => {
                    let mut parts = templates.next()?.parts(name)?;
                    parts.push(Part::Word("('".to_owned()));
                    parts.extend(templates.next()?.parts(&key.replace("''", "'"))?);
                    parts.push(Part::Word("')".to_owned()));
                    Some(parts)
                }
            })
            .collect();
        parts.filter(|_| templates.next().is_none())
    }
}

impl Segment {
    fn parts(&self, text: &str) -> Option<Vec<Part>> {
        match self {
            Self::Literal(literal) => literal.is(text).then(|| vec![Part::Word(text.to_owned())]),
            Self::Parameter { before, after, .. } => {
                let value = without_prefix(text, before)?.strip_suffix(after.as_str())?;
                let value = if before.ends_with("='") { unquote(value)? } else { value.to_owned() };
                let is_there = !value.is_empty();
                let parts = [Part::Word(before.clone()), Part::Value(value), Part::Word(after.clone())];
                is_there
                    .then(|| parts.into_iter().filter(|part| *part != Part::Word(String::new())).collect())
            }
        }
    }
}

fn key_in_brackets(segment: &str) -> Option<(&str, &str)> {
    segment.strip_suffix("')")?.split_once("('")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    fn shown(path: &str) -> Option<String> {
        let segments = Spec::shared().router.parts(path)?;
        let part = |part: &Part| match part {
            Part::Word(text) => text.clone(),
            Part::Value(text) => format!("<{text}>"),
        };
        let segments = segments.iter().map(|parts| parts.iter().map(part).collect::<String>());
        Some(segments.collect::<Vec<_>>().join("/"))
    }

    #[test]
    fn words_and_values_are_told_apart() {
        for (path, expected) in [
            ("/v1.0/groups", Some("v1.0/groups")),
            ("/beta/groups/g%2F1/members/$ref", Some("beta/groups/<g/1>/members/$ref")),
            ("/v1.0/groups('a''b')/%24count", None),
            ("/v1.0/groups('a''b')/owners/x/$ref", Some("v1.0/groups('<a'b>')/owners/<x>/$ref")),
            ("/v1.0/groups/groups", Some("v1.0/groups/<groups>")),
            ("/v1.0/groups/delta", Some("v1.0/groups/delta")),
            ("/v1.0/Users/ada@contoso.example", Some("v1.0/Users/<ada@contoso.example>")),
            ("/v1.0/me/secret", None),
            ("/v2.0/groups", None),
            ("/v1.0/%ff", None),
        ] {
            assert_eq!(shown(path).as_deref(), expected, "{path}");
        }
    }
}
