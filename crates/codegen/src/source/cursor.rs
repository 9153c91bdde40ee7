//! Where the keys of a document stand.

use granit_parser::{Event, Span, StructureStyle};

use super::Entry;
use crate::yaml::Origin;

/// How deep entries stand: `components / schemas / name`.
const DEPTH: usize = 3;

/// Follows the events and knows the keys that lead to the present place, down to [`DEPTH`].
#[derive(Default)]
pub(super) struct Cursor {
    documents: usize,
    depth: usize,
    keys: Vec<String>,
    starts: Vec<KeyStart>,
    /// The depth of the list we are in, if any: nothing in a list is an entry.
    list: Option<usize>,
    /// The depth of the outermost braces around us, if any: all inside them is in braces too.
    flow: Option<usize>,
}

#[derive(Clone, Copy)]
pub(super) struct KeyStart {
    start: usize,
    pub(super) line: usize,
    column: usize,
    flow: bool,
}

impl KeyStart {
    /// The entry of this key, whose value ends at `end`. In block style it begins where its line does, so that the slice
    /// is indented evenly; a long key may stand there as `? key`, with its value behind a `:` on the next line.
    pub(super) fn entry(self, text: &str, end: usize) -> Entry {
        let Self { start, line, column, flow } = self;
        let of_line = start.checked_sub(column).filter(|_| !flow);
        let of_line =
            of_line.filter(|&from| text.get(from..start).is_some_and(|s| matches!(s.trim(), "" | "?")));
        let (from, column) = of_line.map_or((start, column), |from| (from, 0));
        Entry { bytes: from..end, origin: Origin { line: line - 1, column }, line, flow }
    }
}

impl Cursor {
    /// Takes an event; when it ends the value of a key at most [`DEPTH`] deep, gives that key with those around it.
    pub(super) fn step(
        &mut self,
        event: Event<'_>,
        span: &Span,
    ) -> std::result::Result<Option<(Vec<String>, KeyStart)>, &'static str> {
        let expects_key = self.watches() && self.keys.len() + 1 == self.depth;
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) | Event::Alias(..) if expects_key => {
                return Err("can't use a key that is no text");
            }
            Event::MappingStart(style, ..) => {
                self.depth += 1;
                if style == StructureStyle::Flow {
                    self.flow.get_or_insert(self.depth);
                }
            }
            Event::SequenceStart(..) => {
                self.depth += 1;
                self.list.get_or_insert(self.depth);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.list = self.list.filter(|list| *list != self.depth);
                self.flow = self.flow.filter(|flow| *flow != self.depth);
                self.depth = self.depth.saturating_sub(1);
                return Ok(self.finish_value());
            }
            Event::Scalar(text, ..) if expects_key => {
                self.keys.push(text.into_owned());
                let (start, line) = (span.start.byte_offset().unwrap_or_default(), span.start.line());
                let flow = self.flow.is_some();
                self.starts.push(KeyStart { start, line, column: span.start.col(), flow });
            }
            Event::Scalar(..) | Event::Alias(..) => return Ok(self.finish_value()),
            Event::DocumentStart(..) if self.documents == 1 => {
                return Err("a second document begins here: give each a file of its own");
            }
            Event::DocumentStart(..) => self.documents += 1,
            _ => {}
        }
        Ok(None)
    }

    fn watches(&self) -> bool {
        self.list.is_none() && (1..=DEPTH).contains(&self.depth)
    }

    fn finish_value(&mut self) -> Option<(Vec<String>, KeyStart)> {
        if !self.watches() || self.keys.len() != self.depth {
            return None;
        }
        let path = self.keys.clone();
        self.keys.pop();
        self.starts.pop().map(|start| (path, start))
    }
}
