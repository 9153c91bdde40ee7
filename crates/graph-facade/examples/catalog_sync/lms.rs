//! A learning management system as a source of courses: what to write for one's own.

use futures_util::{Stream, StreamExt as _, stream};
use graph_facade::BoxError;
use graph_facade::models::NewLearningContent;

use crate::input::Rows;

/// A system that has courses.
pub(crate) trait CourseSource {
    /// How many it has. Should fewer come, none is removed.
    fn count(&self) -> u64;

    /// All of them, page by page if it likes. An error breaks the input off, and nothing is removed then.
    fn courses(&self) -> impl Stream<Item = Result<Course, BoxError>> + Send + 'static;
}

/// A course as that system describes it.
pub(crate) struct Course {
    number: u32,
    name: String,
    minutes: u32,
    is_retired: bool,
}

/// Its courses as rows of the desired state.
pub(crate) fn rows(source: &impl CourseSource) -> Rows {
    source.courses().map(|course| course.map(content_of).into()).boxed()
}

fn content_of(course: Course) -> NewLearningContent {
    let Course { number, name, minutes, is_retired } = course;
    let address = format!("https://hangar.example/courses/{number}");
    let content = NewLearningContent::new(number.to_string(), name, address, "en-us");
    content.duration(format!("PT{minutes}M")).is_active(!is_retired)
}

/// A system that teaches to fly.
pub(crate) struct Hangar {
    pub(crate) courses: u32,
}

impl CourseSource for Hangar {
    fn count(&self) -> u64 {
        self.courses.into()
    }

    fn courses(&self) -> impl Stream<Item = Result<Course, BoxError>> + Send + 'static {
        const SUBJECTS: [&str; 4] = ["Taxiing", "Stalls", "Weather", "Morse code"];
        stream::iter((1..=self.courses).zip(SUBJECTS.into_iter().cycle())).map(|(number, subject)| {
            let (name, minutes) = (format!("{subject}, part {number}"), 10 + number % 50);
            Ok(Course { number, name, minutes, is_retired: subject == "Morse code" })
        })
    }
}
