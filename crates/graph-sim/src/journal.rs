//! What was asked and what was answered.

mod traffic;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

use crate::har::Har;

pub(crate) use traffic::{Entries, Traffic, path_and_query};

/// One request, as the simulator saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When it arrived, since the simulator started.
    pub at: Duration,
    /// The name of the user, `app` for app-only access, `-` without a valid token; another app's id in brackets.
    pub user: String,
    /// The HTTP method.
    pub method: Method,
    /// Path and query, as sent.
    pub path: String,
    /// The operation of the specification that the request matched.
    pub operation: Option<String>,
    /// The status of the answer; none if the connection was lost.
    pub status: Option<u16>,
    /// What else there is to say: faults that applied, breaches of the contract.
    pub notes: Vec<String>,
    /// What went over the wire, if it is still kept.
    pub(crate) traffic: Option<Arc<Traffic>>,
}

impl Entry {
    pub(crate) fn new(at: Duration, method: Method, path: &str) -> Self {
        Self {
            at,
            user: "-".to_owned(),
            method,
            path: path.to_owned(),
            operation: None,
            status: None,
            notes: Vec::new(),
            traffic: None,
        }
    }
}

/// Every request so far, oldest first.
///
/// As text it is one line for each request, the same in every run: ids appear as the names of what they stand for.
///
/// ```text
///     0.000s ada   POST /v1.0/employeeExperience/communities -> 202 communities.create
///    31.000s grace GET /v1.0/groups/{group Pilots}/owners?$top=2&$skiptoken=… -> 200 groups.owners.list
/// ```
#[derive(Debug, Clone, Default)]
pub struct Journal {
    entries: Vec<Entry>,
    labels: Vec<(String, String)>,
}

impl Journal {
    /// `labels` are ids and what to show instead of them.
    pub(crate) fn new(entries: Vec<Entry>, labels: Vec<(String, String)>) -> Self {
        Self { entries, labels }
    }

    /// The requests, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The latest requests and answers as an HTTP archive, without secrets and personal data: see [`Har::redacted`].
    ///
    /// Bodies are kept up to 32 MiB; of earlier requests, the journal remembers no more than it shows as text.
    pub fn to_har(&self) -> Har {
        Har::of(&self.entries).redacted()
    }

    /// As [`to_har`](Self::to_har), with everything: tokens too. For traffic of made-up people only.
    pub fn to_har_unredacted(&self) -> Har {
        Har::of(&self.entries)
    }

    fn readable(&self, text: &str) -> String {
        let text = self.labels.iter().fold(text.to_owned(), |text, (id, label)| text.replace(id, label));
        hide_page_token(&text)
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.entries.iter().map(|entry| entry.user.chars().count()).max().unwrap_or(0);
        for entry in &self.entries {
            let Entry { user, method, .. } = entry;
            let path = self.readable(&entry.path);
            write!(f, "{:>9.3}s {user:width$} {method} {path} -> ", entry.at.as_secs_f64())?;
            match entry.status {
                Some(status) => write!(f, "{status}")?,
                None => f.write_str("connection lost")?,
            }
            if let Some(operation) = &entry.operation {
                write!(f, " {operation}")?;
            }
            if !entry.notes.is_empty() {
                write!(f, " ({})", self.readable(&entry.notes.join("; ")))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A page token says nothing to a reader.
fn hide_page_token(text: &str) -> String {
    const NAMES: [&str; 2] = ["$skiptoken=", "%24skiptoken="];
    let Some(start) = NAMES.iter().find_map(|name| text.find(name).map(|at| at + name.len())) else {
        return text.to_owned();
    };
    let end = text[start..].find('&').map_or(text.len(), |length| start + length);
    format!("{}…{}", &text[..start], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(user: &str, path: &str, status: Option<u16>) -> Entry {
        Entry {
            user: user.to_owned(),
            operation: Some("groups.get".to_owned()),
            status,
            ..Entry::new(Duration::from_millis(31_250), Method::GET, path)
        }
    }

    #[test]
    fn one_readable_line_for_each_request() {
        let mut lost = entry("-", "/v1.0/groups?$skiptoken=abc&$top=1", None);
        lost.notes = vec!["fault".to_owned(), "about id-1".to_owned()];
        let entries = vec![entry("grace", "/v1.0/groups/id-1", Some(200)), lost];
        let journal = Journal::new(entries, vec![("id-1".to_owned(), "{Pilots}".to_owned())]);
        let expected = "   31.250s grace GET /v1.0/groups/{Pilots} -> 200 groups.get\n   \
             31.250s -     GET /v1.0/groups?$skiptoken=…&$top=1 -> connection lost groups.get (fault; about {Pilots})\n";
        assert_eq!(journal.to_string(), expected);
    }
}
