//! OneNote in a group: notebooks, sections and pages.

use futures_util::TryStreamExt as _;
use graph_facade::NewPage;
use graph_facade::models::{OnenotePatchActionType, OnenotePatchContentCommand, OnenotePatchInsertPosition};
use graph_sim::{Fault, Sim};
use http::header::CONTENT_TYPE;

use super::Stage;
use crate::capture::taped;
use crate::support::{assert_clean, client};

pub(super) async fn all(stage: Stage) {
    let onenote = stage.client.groups().onenote(stage.pilots());
    let (notebooks, sections, pages) = (onenote.notebooks(), onenote.sections(), onenote.pages());
    let notebook = notebooks.create("Logbook 📓").await.unwrap();
    assert_eq!(notebooks.list().await.unwrap().items[0].id, notebook.id);
    assert_eq!(notebooks.get(&notebook).await.unwrap(), notebook);
    let taken = notebooks.create("logbook 📓").await.unwrap_err();
    assert!(taken.to_string().contains("already exists") && !taken.is_changed_meanwhile(), "{taken}");

    let flights = notebooks.create_section(&notebook, "Flights").await.unwrap();
    let notes = notebooks.create_section(&notebook, "Notes").await.unwrap();
    let archive = notebooks.create_section_group(&notebook, "Archive").await.unwrap();
    assert_eq!(notebooks.sections(&notebook).await.unwrap().items.len(), 2);
    assert_eq!(notebooks.section_groups(&notebook).await.unwrap().items[0].id, archive.id);
    assert_eq!(sections.list().order_by(["displayName desc"]).await.unwrap().items[0].id, notes.id);
    assert_eq!(sections.get(&flights).await.unwrap().parent_notebook.unwrap().id, notebook.id);

    let plain = pages.create(NewPage::new("Oslo & back 🛫", "<p>Calm.</p>")).await.unwrap();
    assert_eq!(plain.title.as_deref(), Some("Oslo & back 🛫"));
    let html = r#"<html><head><title>Map</title></head><body><img src="name:map" /></body></html>"#;
    let page = NewPage::from_html(html).part("map", "image/png", &b"\x89PNG\r\n\x1a\n"[..]);
    let map = sections.create_page(&notes, page).await.unwrap();
    assert_eq!(map.parent_section.as_ref().unwrap().id, notes.id);

    assert_eq!(pages.list().await.unwrap().items[0].id, map.id, "the latest comes first");
    assert_eq!(sections.pages(&flights).await.unwrap().items[0].id, plain.id);
    assert_eq!(pages.get(&map).await.unwrap().title.as_deref(), Some("Map"));
    let content = pages.content(&map).await.unwrap();
    let content = str::from_utf8(&content).unwrap();
    assert!(content.contains("/$value\" data-src-type=\"image/png\" data-length=\"8\""), "{content}");
    let append = command("body", OnenotePatchActionType::Append, "<p>Landed.</p>");
    let rename = command("title", OnenotePatchActionType::Replace, "Oslo, there and back");
    pages.change_content(&plain, vec![append, rename]).await.unwrap();
    let content = pages.content(&plain).await.unwrap();
    assert!(str::from_utf8(&content).unwrap().contains("<p>Calm.</p>\n<p>Landed.</p>"), "{content:?}");
    assert_eq!(pages.get(&plain).await.unwrap().title.as_deref(), Some("Oslo, there and back"));
    let mut above = command("body", OnenotePatchActionType::Append, "<p>Taxi.</p>");
    above.position = Some(OnenotePatchInsertPosition::Before);
    pages.change_content(&plain, vec![above]).await.unwrap();
    let content = pages.content(&plain).await.unwrap();
    let content = str::from_utf8(&content).unwrap();
    assert!(content.find("Taxi.").unwrap() < content.find("Calm.").unwrap(), "{content}");
    let mut nothing = command("body", OnenotePatchActionType::Append, "");
    nothing.target = None;
    for (commands, says) in [(vec![], "no command"), (vec![nothing], "command 1 lacks")] {
        let refused = pages.change_content(&plain, commands).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    pages.delete(&map).await.unwrap();
    assert!(pages.content(&map).await.unwrap_err().is_not_found());
}

fn command(target: &str, action: OnenotePatchActionType, content: &str) -> OnenotePatchContentCommand {
    let mut command = OnenotePatchContentCommand::default();
    command.target = Some(target.to_owned());
    command.action = Some(action);
    command.content = Some(content.to_owned());
    command
}

/// A tenant whose group has a section for pages.
async fn with_section(sim: &Sim) {
    let notebooks = client(sim, "ada").groups().onenote(sim.group_id("Pilots").unwrap()).notebooks();
    let notebook = notebooks.create("Logbook").await.unwrap();
    notebooks.create_section(&notebook, "Flights").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_large_part_arrives_byte_by_byte() {
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).build();
    with_section(&sim).await;
    let (client, tape) = taped(&sim, "ada");
    let pages = client.groups().onenote(sim.group_id("Pilots").unwrap()).pages();
    let film: Vec<u8> = (0..=u8::MAX).cycle().take(5_000_000).collect();
    let html = r#"<html><head><title>Film</title></head><body><object data-attachment="film" data="name:film" /></body></html>"#;
    let page = pages.create(NewPage::from_html(html).part("film", "video/mp4", film.clone())).await.unwrap();
    let (kind, sent) = tape
        .each(|sent| (sent.request.headers()[CONTENT_TYPE].clone(), sent.request.body().clone()))
        .remove(0);
    assert!(kind.to_str().unwrap().starts_with("multipart/form-data; boundary=page-"), "{kind:?}");
    assert!(sent.windows(film.len()).any(|window| window == film));
    let content = pages.content(&page).await.unwrap();
    assert!(str::from_utf8(&content).unwrap().contains("data-length=\"5000000\""));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn many_pages_are_many_pages_of_a_list() {
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).build();
    with_section(&sim).await;
    let pages = client(&sim, "ada").groups().onenote(sim.group_id("Pilots").unwrap()).pages();
    for number in 0..45 {
        pages.create(NewPage::new(&format!("Flight {number}"), "")).await.unwrap();
    }
    let lists: Vec<_> = pages.list().select(["title"]).pages().try_collect().await.unwrap();
    assert_eq!(lists.iter().map(|list| list.items.len()).collect::<Vec<_>>(), [20, 20, 5]);
    assert_eq!(lists[2].items[4].title.as_deref(), Some("Flight 0"));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_never_used_onenote_is_told_from_a_wrong_id() {
    let young = Fault::respond("onenote_notebooks.list", 404).times(1);
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).fault(young).build();
    let notebooks = client(&sim, "ada").groups().onenote(sim.group_id("Pilots").unwrap()).notebooks();
    assert!(notebooks.list().await.unwrap_err().is_not_yet_visible());
    assert_eq!(notebooks.list().await.unwrap().items, []);
}

#[tokio::test(start_paused = true)]
async fn what_onenote_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let onenote = stage.client.groups().onenote(stage.pilots());
    let shown = r#"<img src="name:map" />"#;
    let refusals = [
        onenote.notebooks().create(" ").await.unwrap_err(),
        onenote.notebooks().create("a:b").await.unwrap_err(),
        onenote.notebooks().create("n".repeat(129)).await.unwrap_err(),
        onenote.notebooks().create_section("1", "50 %").await.unwrap_err(),
        onenote.notebooks().create_section_group("", "Archive").await.unwrap_err(),
        onenote.pages().create(NewPage::new("Map", shown)).await.unwrap_err(),
        onenote
            .sections()
            .create_page("1", NewPage::new("Map", "").part("a b", "image/png", ""))
            .await
            .unwrap_err(),
        stage.client.groups().onenote("").pages().content("1").await.unwrap_err(),
    ];
    insta::assert_snapshot!(refusals.map(|refusal| refusal.to_string()).join("\n"));
    assert_eq!(stage.sim.journal().entries().len(), 0);
}
