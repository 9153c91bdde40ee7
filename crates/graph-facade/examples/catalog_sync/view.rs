//! What is to be seen of it: a bar, a line for each course that was refused or failed, and what came of all.

use std::time::Duration;

use graph_facade::sync::{ItemOutcome, ItemReport, SyncProgress, SyncSummary};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

pub(crate) struct View(ProgressBar);

impl View {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len}, {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn item(&self, item: &ItemReport) {
        if matches!(item.outcome, ItemOutcome::Refused | ItemOutcome::Failed | ItemOutcome::Ambiguous) {
            self.line(&item.to_string());
        }
    }

    pub(crate) fn progress(&self, progress: &SyncProgress) {
        let total = progress.counts.total();
        self.0.set_length(progress.expected.unwrap_or(total).max(total));
        self.0.set_position(total);
        let eta = progress.eta().map_or_else(|| "an unknown time".to_owned(), text);
        let (rate, throttled) = (progress.rate(), text(progress.throttled));
        self.0.set_message(format!("{rate:.0} a second, {eta} left, held back for {throttled}"));
    }

    pub(crate) fn end(&self, summary: &SyncSummary) {
        self.0.finish_and_clear();
        self.line(&summary.to_string());
        let (elapsed, throttled) = (text(summary.elapsed), text(summary.throttled));
        self.line(&format!(
            "it took {elapsed}, for {throttled} of which the service wanted to be left alone"
        ));
    }

    fn line(&self, text: &str) {
        // Without a terminal there is no bar to print above.
        if self.0.is_hidden() { println!("{text}") } else { self.0.println(text) }
    }
}

fn text(duration: Duration) -> String {
    HumanDuration(duration).to_string()
}
