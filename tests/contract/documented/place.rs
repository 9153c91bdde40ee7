//! The operation that a documented path is about, and where its parameters stand.

use graph_facade::graph_models::{ApiVersion, OPERATIONS, OperationInfo};

use super::example::Example;

/// A path, taken apart by the template of its operation.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) operation: &'static OperationInfo,
    /// The segments after the version's.
    segments: Vec<Segment>,
    version: &'static str,
    /// What is documented after the operation's path, and the metadata lacks.
    suffix: &'static str,
}

#[derive(Debug)]
enum Segment {
    /// As it was documented, whatever its spelling.
    Literal(String),
    /// A parameter, between what stands around it.
    Parameter { before: String, name: &'static str, after: String },
}

impl Place {
    pub(super) fn of(example: &Example) -> Option<Self> {
        let (version, in_version) = match example.path.strip_prefix("/beta") {
            Some(rest) => ((ApiVersion::Beta, "/beta"), rest),
            None => ((ApiVersion::V1, "/v1.0"), example.path.strip_prefix("/v1.0")?),
        };
        let mut path: Vec<&str> = in_version.split('/').filter(|segment| !segment.is_empty()).collect();
        let is_reference = example.method == "DELETE"
            && in_version.contains("learningContents")
            && path.last() == Some(&"$ref");
        let suffix = if is_reference { "/$ref" } else { "" };
        path.truncate(path.len() - usize::from(is_reference));
        // One without parameters goes before one that has them.
        let mut found: Vec<Self> = OPERATIONS
            .iter()
            .filter(|operation| operation.method.eq_ignore_ascii_case(&example.method))
            .filter_map(|operation| {
                let segments = read(operation.template_for(version.0), &path)?;
                Some(Self { operation, segments, version: version.1, suffix })
            })
            .collect();
        found.sort_by_key(|place| place.parameters().count());
        found.into_iter().next()
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Parameter { name, .. } => Some(*name),
        })
    }

    /// The path with these values in place of its parameters.
    pub(super) fn with(&self, value: impl Fn(&str) -> String) -> String {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Parameter { before, name, after } => format!("{before}{}{after}", value(name)),
        });
        let path = segments.fold(self.version.to_owned(), |path, segment| format!("{path}/{segment}"));
        path + self.suffix
    }
}

fn read(template: &'static str, path: &[&str]) -> Option<Vec<Segment>> {
    let template: Vec<&'static str> = template.split('/').skip(1).collect();
    if template.len() != path.len() {
        return None;
    }
    template.into_iter().zip(path).map(|(template, text)| segment(template, text)).collect()
}

fn segment(template: &'static str, text: &str) -> Option<Segment> {
    let Some((start, rest)) = template.split_once('{') else {
        return (plain(template) == plain(text)).then(|| Segment::Literal(text.to_owned()));
    };
    let (name, _) = rest.split_once('}')?;
    let Some((function, _)) = start.split_once('(') else {
        let is_name = text.starts_with('$') || text.contains("microsoft.graph.");
        let parameter = Segment::Parameter { before: String::new(), name, after: String::new() };
        return (!is_name).then_some(parameter);
    };
    // `contents(externalId='{x}')`, whose quotes some pages leave out.
    let (before, key) = text.split_once('(')?;
    let (key_name, value) = key.split_once('=')?;
    let quote = if value.starts_with('\'') { "'" } else { "" };
    let parameter = Segment::Parameter {
        before: format!("{before}({key_name}={quote}"),
        name,
        after: format!("{quote})"),
    };
    before.eq_ignore_ascii_case(function).then_some(parameter)
}

/// A literal without what may be written in more than one way.
fn plain(literal: &str) -> String {
    let lower = literal.to_ascii_lowercase();
    let lower = lower.strip_suffix("()").unwrap_or(&lower);
    let name = lower.strip_prefix("microsoft.graph.").or_else(|| lower.strip_prefix("graph."));
    name.unwrap_or(lower).to_owned()
}
