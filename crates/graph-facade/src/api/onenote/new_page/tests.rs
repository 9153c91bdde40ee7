use proptest::prelude::*;

use super::*;

fn refusal(page: NewPage) -> String {
    page.form().check().unwrap_err().to_string()
}

#[test]
fn html_alone_is_sent_as_it_is() {
    let form = NewPage::new("Q&A <3 🛫", "<p>Hi</p>").form();
    form.check().unwrap();
    assert_eq!(form.media_type(), None);
    insta::assert_snapshot!(String::from_utf8(form.into_bytes().to_vec()).unwrap());
}

#[test]
fn parts_follow_the_html_in_a_form() {
    let page = NewPage::from_html(r#"<html><img src="name:map" /></html>"#).part(
        "map",
        "image/png",
        &b"\x89PNG"[..],
    );
    let form = page.clone().form();
    form.check().unwrap();
    insta::assert_snapshot!(form.media_type().unwrap().to_str().unwrap());
    let body = form.into_bytes();
    assert_eq!(body, page.form().into_bytes(), "the same page is the same bytes");
    insta::assert_snapshot!(body.escape_ascii().to_string().replace("\\r\\n", "\n"));
}

#[test]
fn the_boundary_gives_way_to_what_the_parts_hold() {
    let taken: [&[u8]; 2] = [b"-page-0000000000000001-", b"page-0000000000000002"];
    assert_eq!(free_boundary(&taken, 1), "page-0000000000000003");
    assert_eq!(free_boundary(&taken, u64::MAX), "page-ffffffffffffffff");
}

#[test]
fn what_the_service_must_refuse_is_told_by_name() {
    let page = || NewPage::new("Map", "");
    let refusals = [
        refusal(NewPage::from_html(" ")),
        refusal(NewPage::new("Map", r#"<img src="name:map"/><img src='name:way'/>"#).part(
            "map",
            "image/png",
            "",
        )),
        refusal(page().part("a b", "image/png", "")),
        refusal(page().part("", "image/png", "")),
        refusal(page().part("presentation", "image/png", "")),
        refusal(page().part("a", "image/png", "").part("a", "image/png", "")),
        refusal(page().part("a", "png", "")),
        refusal(page().part("a", "image/png\r\nX: y", "")),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

proptest! {
    #[test]
    fn no_part_can_end_the_form_early(contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..64), 1..4)) {
        let page = contents.iter().enumerate().fold(NewPage::from_html("<html/>"), |page, (index, content)| {
            page.part(format!("p{index}"), "application/octet-stream", content.clone())
        });
        let form = page.form();
        let boundary = form.boundary.clone().unwrap();
        let body = form.into_bytes();
        let marks = body.windows(boundary.len()).filter(|window| *window == boundary.as_bytes()).count();
        prop_assert_eq!(marks, contents.len() + 2);
    }
}
