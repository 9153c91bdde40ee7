//! Keeps a learning provider's catalogue in step with a file, or with a learning management system.
//!
//! `cargo run -p graph-facade --example sync_courses -- --provider ID courses.csv` prints what would be done, and sends nothing. With
//! `--apply` and a token in `GRAPH_TOKEN` it does it, and writes a line of JSON for each item to the standard output. A file that ends in
//! `.jsonl` is read as JSON Lines, any other as CSV whose columns are called as in Graph; without one, the courses of a made-up
//! system are taken.

use std::fs::File;
use std::io::{BufReader, Read, stdout};
use std::path::PathBuf;

use clap::Parser;
use futures_util::{Stream, StreamExt, stream};
use graph_facade::models::{LearningContent, NewLearningContent};
use graph_facade::sync::{Ledger, Row, SyncEvent, Synced as _, json_lines};
use graph_facade::{BoxError, Client, StaticToken};
use serde::Deserialize as _;
use serde_json::{Map, Value};

#[derive(Parser)]
struct Arguments {
    /// The provider's id.
    #[arg(long)]
    provider: String,
    /// Where it is remembered what the service holds.
    #[arg(long, default_value = "courses.ledger")]
    ledger: PathBuf,
    /// Does what would be done.
    #[arg(long)]
    apply: bool,
    /// The courses that there should be.
    courses: Option<PathBuf>,
}

type Rows = stream::BoxStream<'static, Row<NewLearningContent>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let arguments = Arguments::parse();
    let token = std::env::var("GRAPH_TOKEN");
    if arguments.apply && token.is_err() {
        return Err("put a token into GRAPH_TOKEN".into());
    }
    let client = Client::builder().credential(StaticToken::new(token.unwrap_or_default())).build()?;
    let engine = client.sync_learning_contents(arguments.provider.as_str());
    let (rows, mut ledger) = (rows(arguments.courses)?, Ledger::open(arguments.ledger)?);
    if !arguments.apply {
        println!("{}", engine.plan(rows, &ledger).await?);
        return Ok(());
    }
    let mut run = engine.run(rows, &mut ledger);
    while let Some(event) = run.next().await {
        match event? {
            SyncEvent::Item(item) => item.write_json_line(stdout())?,
            SyncEvent::Progress(progress) => eprintln!(
                "{:.0} a second, held back for {:.0?}, {:.0?} left",
                progress.rate(),
                progress.throttled,
                progress.eta().unwrap_or_default()
            ),
            _ => {}
        }
    }
    run.summary().iter().for_each(|summary| eprintln!("{summary}"));
    Ok(())
}

fn rows(courses: Option<PathBuf>) -> Result<Rows, BoxError> {
    let Some(path) = courses else {
        return Ok(Hangar.courses().map(|course| course.map(content_of).into()).boxed());
    };
    let reader = BufReader::new(File::open(&path)?);
    Ok(match path.extension() {
        Some(extension) if extension == "jsonl" => stream::iter(json_lines(reader)).boxed(),
        _ => stream::iter(csv(reader)?).boxed(),
    })
}

/// Rows of CSV. A wrong row is one row; if the file can't be read any further, it broke off.
fn csv(reader: impl Read) -> Result<impl Iterator<Item = Row<NewLearningContent>>, BoxError> {
    let mut reader = csv::Reader::from_reader(reader);
    let names = reader.headers()?.clone();
    Ok(reader.into_records().map(move |record| match record {
        Ok(record) => {
            let line = record.position().map_or(0, csv::Position::line);
            let cells = names.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
            let properties: Map<_, _> =
                cells.map(|(name, cell)| (name.to_owned(), value(name, cell))).collect();
            let key = properties.get(NewLearningContent::KEY).and_then(Value::as_str).map(str::to_owned);
            match LearningContent::deserialize(Value::Object(properties)) {
                Ok(read) => Row::new(line, NewLearningContent::from_read(read)),
                Err(error) => Row::unreadable(line, key.as_deref(), error.to_string()),
            }
        }
        Err(error) if error.is_io_error() => Err(error).into(),
        Err(error) => {
            Row::unreadable(error.position().map_or(0, csv::Position::line), None, error.to_string())
        }
    }))
}

/// A cell in the type of its column. Lists are separated by semicolons.
fn value(name: &str, cell: &str) -> Value {
    match name {
        "isActive" | "isPremium" | "isSearchable" => cell.parse::<bool>().map_or(cell.into(), Value::from),
        "numberOfPages" => cell.parse::<i32>().map_or(cell.into(), Value::from),
        "additionalTags" | "contributors" | "skillTags" => cell.split(';').map(str::trim).collect(),
        _ => cell.into(),
    }
}

/// A learning management system: whatever has courses, page by page if it likes. An error breaks the input off, and nothing
/// is removed then.
trait CourseSource {
    fn courses(&self) -> impl Stream<Item = Result<Course, BoxError>> + Send + 'static;
}

/// A course as that system describes it.
struct Course {
    number: u32,
    name: String,
    minutes: u32,
    is_retired: bool,
}

fn content_of(course: Course) -> NewLearningContent {
    let Course { number, name, minutes, is_retired } = course;
    NewLearningContent::new(
        number.to_string(),
        name,
        format!("https://hangar.example/courses/{number}"),
        "en-us",
    )
    .duration(format!("PT{minutes}M"))
    .is_active(!is_retired)
}

/// A system that teaches to fly.
struct Hangar;

impl CourseSource for Hangar {
    fn courses(&self) -> impl Stream<Item = Result<Course, BoxError>> + Send + 'static {
        let course = |number, name: &str, minutes, is_retired| {
            Ok(Course { number, name: name.to_owned(), minutes, is_retired })
        };
        stream::iter([
            course(1, "Taxiing", 20, false),
            course(2, "Stalls", 45, false),
            course(3, "Morse code", 90, true),
        ])
    }
}
