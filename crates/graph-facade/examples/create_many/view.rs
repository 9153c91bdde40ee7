//! What is to be seen of it: one bar for all, and a line for each thing that matters.

use std::time::{Duration, SystemTime};

use graph_facade::models::Community;
use graph_facade::{Clock, OperationSet, Progress, Watched};
use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str = "{bar:40} {pos}/{len} over, {msg}";

pub(crate) struct View {
    bar: ProgressBar,
    clock: Clock,
    begin: SystemTime,
}

impl View {
    pub(crate) fn new(clock: &Clock, progress: Progress) -> Self {
        let bar = ProgressBar::new((progress.to_start + progress.pending) as u64);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self { bar, clock: clock.clone(), begin: clock.now() }
    }

    pub(crate) fn show(
        &self,
        name: &str,
        watched: &Watched<Community>,
        set: &OperationSet<String, Community>,
    ) {
        let progress = set.progress();
        let over = progress.done + progress.failed + progress.given_back;
        self.bar.set_position(over as u64);
        self.bar.set_message(format!("{} pending, {} to start", progress.pending, progress.to_start));
        match watched {
            Watched::Failed(error) | Watched::NotStarted(error) | Watched::Unanswered(_, error) => {
                self.line(&format!("{name}: {error}"));
            }
            Watched::Done(community) => {
                self.line(&format!("{name} is {}", community.id.as_deref().unwrap_or("there")));
            }
            _ => {}
        }
    }

    pub(crate) fn end(&self, set: &OperationSet<String, Community>) {
        let progress = set.progress();
        self.bar.finish_and_clear();
        self.line(&format!(
            "{} created, {} failed, {} given back, after {} s; most took at most {} s",
            progress.done,
            progress.failed,
            progress.given_back,
            self.elapsed().as_secs(),
            set.typical_duration().unwrap_or_default().as_secs(),
        ));
    }

    fn line(&self, text: &str) {
        let text = format!("{:>6.0} s  {text}", self.elapsed().as_secs_f64());
        // Without a terminal there is no bar to print above.
        if self.bar.is_hidden() { println!("{text}") } else { self.bar.println(text) }
    }

    fn elapsed(&self) -> Duration {
        self.clock.now().duration_since(self.begin).unwrap_or_default()
    }
}
