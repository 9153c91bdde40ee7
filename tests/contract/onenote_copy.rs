//! Copies in OneNote: the same operations as those of Viva Engage, with another pace and other words.

use graph_facade::models::{Notebook, OnenotePage, OnenoteSection};
use graph_facade::{CopyInterval, CopyTo, ErrorKind, Operation};
use graph_sim::{Fault, Sim, SimBuilder, Timeline};
use tokio::time::Instant;

use crate::support::{arrivals, assert_clean, client, seconds};

const POLL: &str = "onenote_operations.get";

fn library() -> SimBuilder {
    Sim::builder()
        .group("Pilots", ["ada"])
        .group("Crew", ["ada"])
        .notebook("Pilots", "Flights")
        .notebook("Crew", "Rotas")
}

#[tokio::test(start_paused = true)]
async fn a_notebook_is_copied_and_waited_for_at_onenotes_pace() {
    let sim = library().timeline(Timeline::new().stay("running", seconds(25))).build();
    let client = client(&sim, "ada");
    let (pilots, crew) = (sim.group_id("Pilots").unwrap(), sim.group_id("Crew").unwrap());
    let start = Instant::now();
    let to = CopyTo::group(&*crew).named("Flights of the crew");
    let copying = client.groups().copy_notebook(&*pilots, sim.onenote_id("Flights").unwrap(), to);
    let mut operation: Operation<Notebook> = copying.await.unwrap();
    let text = operation.save().to_string();
    let copy = operation.wait().await.unwrap();
    assert_eq!(copy.display_name.as_deref(), Some("Flights of the crew"));
    assert_eq!((&copy.id, start.elapsed()), (&sim.onenote_id("Flights of the crew"), seconds(30)));
    let onenote = client.groups().onenote(&*crew);
    let sections = onenote.notebooks().sections(&copy).await.unwrap();
    let pages = onenote.sections().pages(&sections.items[0]).await.unwrap();
    assert_eq!(pages.items[0].title.as_deref(), Some("Page of Flights"));
    assert_ne!(pages.items[0].id, sim.onenote_id("Page of Flights"));
    assert_eq!(arrivals(&sim, POLL), [seconds(10), seconds(20), seconds(30)]);
    assert_eq!(operation.last_report().percent_complete.as_deref(), Some("100"));

    let mut resumed: Operation<Notebook> = client.operations().resume(text.parse().unwrap()).unwrap();
    resumed.wait().await.unwrap();
    let error = client.operations().resume::<OnenotePage>(text.parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "a notebook is no page");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn sections_and_pages_are_copied_into_what_holds_them() {
    let sim = library().timeline(Timeline::new()).build();
    let groups = client(&sim, "ada").groups();
    let (pilots, crew) = (sim.group_id("Pilots").unwrap(), sim.group_id("Crew").unwrap());
    let id = |name: &str| sim.onenote_id(name).unwrap();
    let every_second = CopyInterval::new(seconds(0));

    let to = CopyTo::group(&*crew).named("Arrivals");
    let copying = groups.copy_section(&*pilots, id("Section of Flights"), id("Rotas"), to).await.unwrap();
    let section: OnenoteSection = copying.with_interval(every_second).wait().await.unwrap();
    assert_eq!(section.display_name.as_deref(), Some("Arrivals"));

    let to = || CopyTo::group(&*crew);
    let copying = groups.copy_page(&*pilots, id("Page of Flights"), &section, to()).await.unwrap();
    let page: OnenotePage = copying.with_interval(every_second).wait().await.unwrap();
    assert_eq!(page.title.as_deref(), Some("Page of Flights"));
    let (from, to_crew) = (groups.onenote(&*pilots).pages(), groups.onenote(&*crew).pages());
    let original = from.content(id("Page of Flights")).await.unwrap();
    assert_eq!(to_crew.content(&page).await.unwrap(), original);
    assert!(str::from_utf8(&original).unwrap().contains("<title>Page of Flights</title>"));
    assert_eq!(arrivals(&sim, POLL), [seconds(1), seconds(2)]);

    let renamed = groups.copy_page(&*pilots, id("Page of Flights"), &section, to().named("New")).await;
    assert_eq!(renamed.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn trouble_and_failure_are_told_apart_here_too() {
    let ends = Timeline::new().end_with_detail("failed", "the notebook is too large");
    let sim = library().timeline(ends).fault(Fault::respond(POLL, 503)).build();
    let pilots = sim.group_id("Pilots").unwrap();
    let copying = client(&sim, "ada").groups().copy_notebook(
        &*pilots,
        sim.onenote_id("Flights").unwrap(),
        CopyTo::group(&*pilots),
    );
    let error = copying.await.unwrap().wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert_eq!(error.message(), "it ended as `Failed`: the notebook is too large");
    assert_eq!(arrivals(&sim, POLL).len(), 2);
    assert_clean(&sim);
}
