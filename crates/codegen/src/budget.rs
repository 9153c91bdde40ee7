//! How far a document may go: beyond that it is refused, with what was met where. None of Graph's comes near; a document of a few
//! kilobytes that was made for it would otherwise take all memory or all stack.

use serde_json::Value;

use crate::problem::{Problem, Result};

/// The longest chain of references, or of types that derive from each other.
pub(crate) const LONGEST_CHAIN: usize = 64;

/// The deepest nesting once references are replaced by what they name. A document itself nests 128 levels at the most.
pub(crate) const DEEPEST: usize = 256;

/// The largest file that is read, in bytes.
pub(crate) const LARGEST_FILE: u64 = 512 * 1024 * 1024;

/// What a copy may be larger than its original, and what any document may copy.
const COPIES: usize = 16;
const COPIED_AT_LEAST: usize = 100_000;

/// How many values may still come into being by references and inheritance.
#[derive(Debug)]
pub(crate) struct Copies {
    allowed: usize,
    left: usize,
}

impl Copies {
    /// The budget of a document of so many values.
    pub(crate) fn of(values: usize) -> Self {
        let allowed = values.saturating_mul(COPIES).saturating_add(COPIED_AT_LEAST);
        Self { allowed, left: allowed }
    }

    /// Takes what copies of `values` need; `place` is where it goes or what asks for it.
    pub(crate) fn take<'v>(
        &mut self,
        place: impl std::fmt::Display,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<()> {
        match self.left.checked_sub(values.into_iter().map(size).sum()) {
            Some(left) => self.left = left,
            None => {
                self.left = 0;
                let what = format!(
                    "with it, what references and inheritance repeat becomes more than {} values",
                    self.allowed
                );
                return Err(Problem::at(place, what).help(
                    "the document repeats itself without end, or nearly so: correct it there, or keep less of it",
                ));
            }
        }
        Ok(())
    }

    /// Whether a copy was refused: there is no more to be said of the document.
    pub(crate) fn are_spent(&self) -> bool {
        self.left == 0
    }
}

/// How many values there are in `value`, itself included.
pub(crate) fn size(value: &Value) -> usize {
    let inside: usize = match value {
        Value::Object(map) => map.values().map(size).sum(),
        Value::Array(list) => list.iter().map(size).sum(),
        _ => 0,
    };
    inside + 1
}

/// The refusal of a chain that is longer than [`LONGEST_CHAIN`].
pub(crate) fn too_long(place: impl std::fmt::Display, chain: &str) -> Problem {
    Problem::at(place, format!("the chain of {chain} goes on for more than {LONGEST_CHAIN} steps"))
        .help("the upstream document is broken, or was made to break its readers: shorten the chain there")
}
