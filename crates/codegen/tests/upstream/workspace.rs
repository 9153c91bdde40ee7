//! The project's own specification, held against the document that it follows from.

use std::collections::HashMap;
use std::fs;

use crate::support::checkout::{checkout, codegen, edit, project};
use crate::support::text;
use crate::{pinned, text_of};

/// So many bytes of a sentence are looked for before the rest of it.
const FIRST: usize = 20;

/// What `trim` writes.
const SLICED: [&str; 4] =
    ["graph-v1.0.upstream.yaml", "graph-v1.0.yaml", "graph-v1.0.receipt.txt", "graph-v1.0.receipt.json"];

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn trimming_the_upstream_document_reproduces_what_is_committed() {
    let upstream = pinned();
    let checkout = checkout();
    for file in SLICED {
        fs::remove_file(checkout.path().join("spec").join(file)).unwrap();
    }
    for step in [&["trim", "--upstream", &upstream][..], &["generate"]] {
        let output = codegen(checkout.path(), step);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    for file in SLICED {
        let [committed, trimmed] = [project(), checkout.path()]
            .map(|root| fs::read_to_string(root.join("spec").join(file)).unwrap());
        assert_eq!(committed, trimmed, "spec/{file}");
    }
}

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn the_project_moves_on_to_a_later_document() {
    let upstream = pinned();
    let (before, community) = {
        let text = text_of(&upstream);
        let at = text.find("\n    microsoft.graph.community:\n").unwrap();
        (text[..at].to_owned(), text[at..].to_owned())
    };
    let community = community.replacen("groupId:", "mood:\n            type: string\n          groupId:", 1);
    let checkout = checkout();
    codegen(checkout.path(), &["generate"]);
    let later = checkout.path().join("later.yaml");
    fs::write(&later, before + &community).unwrap();
    let later = later.to_str().unwrap();

    let output = codegen(checkout.path(), &["update", "--upstream", later]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.ends_with("filled in:\n\ntypes:\n  community:\n    properties:\n      mood:\n\n"), "{said}");
    let of_community = "      displayName: Its name, at most 255 characters.\n";
    let with_mood = format!("{of_community}      mood: How it feels.\n");
    edit(checkout.path(), "spec/docs.yaml", of_community, &with_mood);
    let output = codegen(checkout.path(), &["update", "--upstream", later]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(
        said.contains("community.mood is new: text") && said.contains("as there is more than before"),
        "{said}"
    );
    let output = codegen(checkout.path(), &["check", "--upstream", later]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn none_of_upstreams_sentences_is_in_the_specification() {
    let upstream = text_of(&pinned());
    let ours = fs::read_to_string(project().join("spec/graph-v1.0.yaml")).unwrap();
    let descriptions = ours.lines().filter_map(|line| line.trim_start().strip_prefix("description: "));
    let sentences: Vec<_> =
        descriptions.map(|text| text.trim_matches('"')).filter(|text| text.len() > FIRST).collect();
    assert!(sentences.len() > 50, "the contract is described");
    let mut beginnings: HashMap<&[u8], Vec<&str>> = HashMap::new();
    for sentence in sentences {
        beginnings.entry(&sentence.as_bytes()[..FIRST]).or_default().push(sentence);
    }
    // One pass over the document: to look for each sentence in all of it took minutes.
    let upstream = upstream.as_bytes();
    let places = upstream.windows(FIRST).enumerate();
    let begun = places.filter_map(|(at, window)| Some((at, beginnings.get(window)?)));
    let copied: Vec<_> = begun
        .flat_map(|(at, sentences)| {
            sentences.iter().filter(move |it| upstream[at..].starts_with(it.as_bytes()))
        })
        .collect();
    assert!(copied.is_empty(), "{copied:?}");
}
