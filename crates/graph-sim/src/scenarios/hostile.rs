//! Texts that nobody writes by accident, for everything that reads one: none may end the process, or take for ever.

use std::fmt::Write as _;

use fastrand::Rng;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Client;
use crate::{Har, Scenario, Sim};

const DEPTH: usize = 20_000;

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

#[tokio::test(start_paused = true)]
async fn no_expression_nests_too_deep() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada").header("consistencylevel", "eventual");
    // As deep as the head of a request may be long.
    let depth = 5_000;
    for (option, text) in [
        ("$filter", nested("(", "id eq 'x'", ")", depth)),
        ("$filter", nested("not(", "id eq 'x'", ")", depth)),
        ("$filter", format!("{}id eq 'x'", "not ".repeat(depth))),
        ("$filter", nested("members/any(m:", "m/id eq 'x'", ")", 1_000)),
        ("$filter", nested("startswith(", "id,'x'", ")", 3_000)),
        ("$filter", format!("id eq 'x'{}", " and id eq 'x'".repeat(1_000))),
        ("$search", nested("(", "\"displayName:x\"", ")", depth)),
        ("$expand", nested("members($expand=", "owners", ")", 2_000)),
        ("$select", nested("(", "id", ")", depth)),
        ("$orderby", nested("(", "id", ")", depth)),
    ] {
        let text = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        let answer = ada.get(&format!("/v1.0/groups?$count=true&{option}={text}")).await;
        let status = answer.status.as_u16();
        assert!([200, 400, 501].contains(&status), "{option}={}…: {status}", &text[..20]);
    }
}

#[test]
fn no_file_nests_too_deep() {
    let mut laughs = "a0: &a0 [x]\n".to_owned();
    for at in 1..40 {
        let aliases = format!("*a{},", at - 1).repeat(9);
        writeln!(laughs, "a{at}: &a{at} [{aliases}]").unwrap();
    }
    for text in [
        nested("[", "", "]", DEPTH),
        nested("{a: ", "1", "}", DEPTH),
        nested("- ", "x", "", DEPTH),
        nested("? ", "x", "", DEPTH),
        "[".repeat(DEPTH),
        format!("users: {}", nested("[", "", "]", DEPTH)),
        format!(
            "faults: [{{ operation: '*', effect: {{ set: {{ /a: {} }} }} }}]",
            nested("[", "", "]", DEPTH)
        ),
        format!("{laughs}users: *a39"),
        "&a [*a]".to_owned(),
        "users: &a [*a]".to_owned(),
    ] {
        assert!(Scenario::from_yaml(&text).is_err(), "{}…", &text[..20.min(text.len())]);
    }
    let archive = |url: &str, body: &str| {
        json!({ "log": { "entries": [{ "request": { "method": "GET", "url": url, "postData": { "text": body } },
            "response": { "status": 200, "content": { "text": body } } }] } })
        .to_string()
    };
    for text in [
        nested("[", "", "]", DEPTH),
        archive("https://graph.microsoft.com/v1.0/groups", &nested("[", "", "]", DEPTH)),
        archive(
            "https://graph.microsoft.com/v1.0/$batch",
            &nested("{\"requests\":[{\"body\":", "1", "}]}", 30),
        ),
        archive(&nested("https://graph.microsoft.com/v1.0/groups('", "", "')", 2_000), ""),
        archive(
            &format!("https://graph.microsoft.com/v1.0/groups?$filter={}", nested("('", "x", "')", DEPTH)),
            "",
        ),
    ] {
        // Whether it is an archive or not.
        let _ = Har::parse(&text).map(|har| har.redacted().to_string());
    }
}

/// A text made of pieces that mean something to one reader or another.
fn text(chance: &mut Rng) -> String {
    const PIECES: [&str; 44] = [
        "(",
        ")",
        "'",
        "''",
        "\"",
        ",",
        ";",
        ":",
        "/",
        "\\",
        "?",
        "#",
        "&",
        "=",
        "%",
        "%2",
        "%24",
        "%ff",
        "+",
        "*",
        "@",
        "$",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        "</body>",
        "<body",
        "é",
        "😀",
        "\u{0}",
        "\r\n",
        "--b",
        " ",
        "not ",
        " eq ",
        " or ",
        "any(",
        "redacted-1",
        "00000000-0000-0000-0000-000000000001",
        "https://",
        "$batch",
    ];
    let length = chance.usize(0..24);
    (0..length).map(|_| PIECES[chance.usize(0..PIECES.len())]).collect()
}

#[tokio::test(start_paused = true)]
async fn whatever_is_read_it_goes_on() {
    for seed in 0..12 {
        println!("seed {seed}");
        let mut chance = Rng::with_seed(seed);
        let sim = Sim::builder().group("Pilots", ["ada"]).notebook("Pilots", "Logs").build();
        let ada = Client::new(&sim, "ada").header("consistencylevel", "eventual");
        let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
        for _ in 0..8 {
            let mut it = || text(&mut chance);
            let encoded = |text: String| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
            for option in
                ["$filter", "$search", "$select", "$expand", "$orderby", "$top", "$skiptoken", "$deltatoken"]
            {
                let path = if option == "$deltatoken" { "/v1.0/groups/delta" } else { "/v1.0/groups" };
                ada.get(&format!("{path}?$count=true&{option}={}", encoded(it()))).await;
            }
            ada.get(&format!("/v1.0/groups('{}')/{}", encoded(it()), encoded(it()))).await;
            ada.get(&format!(
                "{group}/calendarView?startDateTime={}&endDateTime={}",
                encoded(it()),
                encoded(it())
            ))
            .await;
            let item = json!({ "id": it(), "method": "GET", "url": it(), "headers": { "prefer": it() } });
            ada.post("/v1.0/$batch", json!({ "requests": [item] })).await;
            let content = json!({ "contentType": "html", "content": it() });
            ada.post(&format!("{group}/threads"), json!({ "topic": it(), "posts": [{ "body": content }] }))
                .await;
            let time = json!({ "dateTime": it(), "timeZone": it() });
            ada.post(
                &format!("{group}/events"),
                json!({ "subject": it(), "start": time, "end": time, "recurrence": Value::Null }),
            )
            .await;
            let (yaml, url, body) = (it(), it(), it());
            let _ = Scenario::from_yaml(&yaml).and_then(|_| Scenario::from_yaml(&format!("users: {yaml}")));
            let archive = json!({ "log": { "entries": [{ "request": { "method": it(), "url": url, "postData": { "text": body },
                "headers": [{ "name": it(), "value": it() }] }, "response": { "status": 200, "redirectURL": it() } }] } });
            let once = Har::parse(&archive.to_string()).unwrap().redacted();
            assert_eq!(once.redacted().to_string(), once.to_string(), "seed {seed}: {archive}");
        }
        let redacted = sim.journal().to_har();
        assert_eq!(redacted.redacted().to_string(), redacted.to_string(), "seed {seed}");
    }
}
