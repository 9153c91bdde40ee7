//! What went wrong, where, and what to do about it.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::budget::LARGEST_FILE;
use crate::escape;

/// One fault in what the generator was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    place: String,
    what: String,
    remedy: Option<String>,
}

/// The outcome of a step, with one fault at the most.
pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    /// A fault at `place`: a file, `file:line`, or a place inside a document.
    pub fn at(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self { place: place.to_string(), what: what.to_string(), remedy: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, remedy: impl fmt::Display) -> Self {
        self.remedy = Some(remedy.to_string());
        self
    }

    /// Adds what to do about it where nothing more precise is said.
    #[must_use]
    pub fn or_help(self, remedy: impl fmt::Display) -> Self {
        if self.remedy.is_some() { self } else { self.help(remedy) }
    }

    /// Puts `file` before the place, for a fault found inside a file's content.
    #[must_use]
    pub fn inside(mut self, file: &str) -> Self {
        self.place = format!("{file}: {}", self.place);
        self
    }
}

impl Problem {
    /// What went wrong and where, without the remedy, as a part of another problem.
    pub(crate) fn text(&self) -> String {
        format!("{}: {}", self.place, self.what)
    }
}

/// The text of `file`, which holds `what`: a file that somebody named.
pub fn read_named(file: &Path, what: &str) -> Result<String> {
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(LARGEST_FILE + 1).read_to_string(&mut text));
    match read {
        Ok(bytes) if bytes as u64 > LARGEST_FILE => {
            let problem = Problem::at(file.display(), format!("it has more than {LARGEST_FILE} bytes"));
            Err(problem.help("give a document of less, cut down to what is needed"))
        }
        Ok(_) => Ok(text),
        Err(error) => Err(Problem::at(file.display(), error).help(format!("give the path of {what}"))),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", escape::terminal(&self.text()))?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  help: {}", escape::terminal(remedy)),
            None => Ok(()),
        }
    }
}

/// All the faults that one step found; never empty.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `value`, unless there are `problems`.
    pub fn unless<T>(problems: Vec<Problem>, value: T) -> std::result::Result<T, Self> {
        if problems.is_empty() { Ok(value) } else { Err(Self(problems)) }
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}error: {problem}")?;
        }
        Ok(())
    }
}
