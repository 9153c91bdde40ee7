//! A subscriber that keeps the spans and events of one thread as a tree.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Metadata, Subscriber};

/// The spans and events that were recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    nodes: Vec<Node>,
    /// The spans that are entered, the innermost last.
    entered: Vec<usize>,
}

/// A span or an event.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    parent: Option<usize>,
    is_event: bool,
}

/// Records everything that this thread says, until the guard is dropped. Tests run on one thread each.
pub(crate) fn record() -> (Recording, DefaultGuard) {
    let recording = Recording::default();
    let guard = set_default(recording.clone());
    (recording, guard)
}

impl Recording {
    /// Every field of the project's own spans and events.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        self.0.lock().unwrap().nodes.iter().flat_map(|node| node.fields.clone()).collect()
    }

    /// The values of `field` in the spans called `name`.
    pub(crate) fn values(&self, name: &str, field: &str) -> Vec<String> {
        let kept = self.0.lock().unwrap();
        let spans = kept.nodes.iter().filter(|node| node.name == name);
        let fields = spans.flat_map(|node| &node.fields);
        fields.filter(|(known, _)| *known == field).map(|(_, value)| value.clone()).collect()
    }

    /// The name of the innermost span that is entered; empty if none is.
    pub(crate) fn innermost(&self) -> String {
        let kept = self.0.lock().unwrap();
        kept.entered.last().map_or_else(String::new, |index| kept.nodes[*index].name.clone())
    }

    /// The tree as text, with ids that differ from run to run told apart by numbers.
    pub(crate) fn print(&self) -> String {
        let kept = self.0.lock().unwrap();
        let mut ids = Vec::new();
        let mut text = String::new();
        kept.print_below(None, 0, &mut ids, &mut text);
        text
    }
}

impl Kept {
    fn print_below(&self, parent: Option<usize>, depth: usize, ids: &mut Vec<String>, text: &mut String) {
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.parent == parent) {
            let mark = if node.is_event { "- " } else { "" };
            write!(text, "{:indent$}{mark}{}", "", node.name, indent = 4 * depth).unwrap();
            for (name, value) in &node.fields {
                write!(text, "\n{:indent$}{name}: {}", "", numbered(value, ids), indent = 4 * depth + 2)
                    .unwrap();
            }
            text.push('\n');
            self.print_below(Some(index), depth + 1, ids, text);
        }
    }

    fn add(&mut self, metadata: &Metadata<'_>, is_event: bool, fields: impl FnOnce(&mut Fields)) -> usize {
        let mut read = Fields::default();
        fields(&mut read);
        let name = read.message.unwrap_or_else(|| metadata.name().to_owned());
        self.nodes.push(Node { name, fields: read.fields, parent: self.entered.last().copied(), is_event });
        self.nodes.len() - 1
    }
}

/// A UUID is `<id 1>`, the next `<id 2>`.
fn numbered(value: &str, ids: &mut Vec<String>) -> String {
    if value.len() != 36 || value.matches('-').count() != 4 {
        return value.to_owned();
    }
    let number = ids.iter().position(|id| id == value).unwrap_or_else(|| {
        ids.push(value.to_owned());
        ids.len() - 1
    });
    format!("<id {}>", number + 1)
}

#[derive(Default)]
struct Fields {
    message: Option<String>,
    fields: Vec<(&'static str, String)>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = Some(value.to_owned()),
            name => self.fields.push((name, value.to_owned())),
        }
    }
}

impl Subscriber for Recording {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_ours = metadata.target().starts_with("graph_facade");
        assert!(!is_ours || metadata.target() == "graph_facade::telemetry", "{}", metadata.target());
        is_ours
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut kept = self.0.lock().unwrap();
        let index = kept.add(attributes.metadata(), false, |fields| attributes.record(fields));
        Id::from_u64(index as u64 + 1)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.0.lock().unwrap().nodes[index(span)].fields.extend(fields.fields);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().add(event.metadata(), true, |fields| event.record(fields));
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().entered.push(index(span));
    }

    fn exit(&self, span: &Id) {
        let mut kept = self.0.lock().unwrap();
        let place = kept.entered.iter().rposition(|entered| *entered == index(span)).unwrap();
        kept.entered.remove(place);
    }
}

fn index(span: &Id) -> usize {
    usize::try_from(span.into_u64()).unwrap() - 1
}
