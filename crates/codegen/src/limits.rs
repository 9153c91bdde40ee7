//! `spec/limits.toml`: the published request quotas.

use serde::Deserialize;
use toml::Spanned;

use crate::problem::{Problem, Problems};
use crate::surface::{Surface, pattern::matches};

/// The quotas, in the order of the file.
#[derive(Debug, Default)]
pub struct Limits {
    /// Each quota with what shares it.
    pub buckets: Vec<Bucket>,
}

/// A quota that several operations share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name.
    pub id: String,
    /// The ids of the operations that share it; `*` stands for any characters.
    pub operations: Vec<String>,
    /// Requests allowed in a window.
    pub quota: u32,
    /// The length of the window.
    pub window_seconds: u64,
    /// What one budget belongs to.
    pub scope: Vec<String>,
    #[allow(dead_code, reason = "required, so that no figure is without one; read by people")]
    source: String,
    #[allow(dead_code, reason = "required, so that no figure is without one; read by people")]
    checked: String,
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
        let parsed: File = crate::parse_toml(file, text)?;
        let mut problems = Vec::new();
        for bucket in &parsed.bucket {
            let line = text[..bucket.span().start].matches('\n').count() + 1;
            for pattern in &bucket.get_ref().operations {
                if !surface.operations.iter().any(|operation| matches(pattern, &operation.id)) {
                    let what = format!("`{pattern}` matches no kept operation");
                    problems.push(
                        Problem::at(format!("{file}:{line}"), what).help("remove it, or check its spelling"),
                    );
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
