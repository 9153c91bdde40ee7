//! `spec/limits.toml`: the rate limits.

use serde::Deserialize;
use toml::Spanned;

use crate::near;
use crate::problem::{Problem, Problems};
use crate::surface::{Surface, pattern::matches};

/// The rate limits, in the order of the file.
#[derive(Debug, Default)]
pub struct Limits {
    /// Each with what shares it.
    pub buckets: Vec<Bucket>,
}

/// A rate limit that several operations share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name.
    pub id: String,
    /// The ids of the operations that share it; `*` stands for any characters.
    pub operations: Vec<String>,
    /// What is published, if anything.
    #[serde(default)]
    pub quotas: Vec<Quota>,
    /// What one budget belongs to.
    pub scope: Vec<Scope>,
    #[allow(dead_code, reason = "required, so that no figure is without one; read by people")]
    source: String,
    #[allow(dead_code, reason = "required, so that no figure is without one; read by people")]
    checked: String,
}

/// So many requests in a window.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Requests allowed in a window.
    pub requests: u32,
    /// The length of the window; zero counts the requests that are under way.
    pub window_seconds: u64,
}

/// A part of what one budget belongs to.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The organisation.
    Tenant,
    /// The application.
    App,
    /// The user.
    User,
    /// Reading or writing.
    Access,
}

impl Scope {
    /// Its name in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::App => "app",
            Self::User => "user",
            Self::Access => "access",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    bucket: Vec<Spanned<Bucket>>,
}

impl Limits {
    /// Reads `text`, which came from `file`. A pattern that no operation of `surface` matches is a problem.
    pub fn read(file: &str, text: &str, surface: &Surface) -> Result<Self, Problems> {
        let parsed: File = crate::parse_toml(file, text, "spec/limits.toml")?;
        let mut problems = Vec::new();
        for bucket in &parsed.bucket {
            let line = text[..bucket.span().start].matches('\n').count() + 1;
            for pattern in &bucket.get_ref().operations {
                if !surface.operations.iter().any(|operation| matches(pattern, &operation.id)) {
                    let what = format!("`{pattern}` matches no kept operation");
                    let help = near::help(pattern, surface.ids(), "remove it, or check its spelling");
                    problems.push(Problem::at(format!("{file}:{line}"), what).help(help));
                }
            }
        }
        let buckets = parsed.bucket.into_iter().map(Spanned::into_inner).collect();
        Problems::unless(problems, Self { buckets })
    }

    /// The bucket of the operation `id`: the first that matches.
    pub fn of(&self, id: &str) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.operations.iter().any(|pattern| matches(pattern, id)))
    }
}
