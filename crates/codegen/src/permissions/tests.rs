use super::*;
use crate::overlay::Overlay;
use crate::source::Source;

/// As Microsoft writes it, sentences included.
const UPSTREAM: &str = r#"{
  "permissions": {
    "Thing.Read.All": {
      "authorizationType": "oAuth2",
      "schemes": {
        "DelegatedWork": { "adminDescription": "Reads all things.", "privilegeLevel": 3 },
        "Application": { "adminDescription": "Reads all things.", "privilegeLevel": 3 }
      },
      "pathSets": [
        { "schemeKeys": ["DelegatedWork", "Application"], "methods": ["GET"], "paths": { "/things": "", "/things/{id}/parts": "" } }
      ]
    },
    "Thing.ReadBasic": {
      "authorizationType": "oAuth2",
      "schemes": { "DelegatedWork": { "privilegeLevel": 1 }, "DelegatedPersonal": { "privilegeLevel": 1 } },
      "pathSets": [
        { "schemeKeys": ["DelegatedWork", "DelegatedPersonal"], "methods": ["GET"], "paths": { "/Things": "" } }
      ]
    },
    "Thing-Nested.ReadWrite.All": {
      "authorizationType": "oAuth2",
      "schemes": { "DelegatedWork": { "privilegeLevel": 2 }, "Application": { "privilegeLevel": 3 } },
      "pathSets": [
        {
          "schemeKeys": ["DelegatedWork", "Application"], "methods": ["GET", "PATCH"],
          "paths": { "/things": "least=DelegatedWork,Application", "/things/{value}": "least=Application" }
        }
      ]
    },
    "Thing.ReadWrite.All": {
      "authorizationType": "oAuth2",
      "schemes": { "DelegatedWork": {}, "Application": { "privilegeLevel": 4 } },
      "pathSets": [
        {
          "schemeKeys": ["DelegatedWork", "Application"], "methods": ["GET", "POST", "PATCH", "DELETE"],
          "paths": { "/things": "", "/things/{id}": "least=DelegatedWork" }
        },
        { "schemeKeys": ["Application"], "methods": ["GET"], "paths": { "/elsewhere": "least=Application;AlsoRequires=User.Read.All" } }
      ]
    },
    "Thing.Read.Group": {
      "authorizationType": "RSC",
      "schemes": { "Application": { "privilegeLevel": 2 } },
      "pathSets": [{ "schemeKeys": ["Application"], "methods": ["GET"], "paths": { "/things": "least=Application" } }]
    }
  }
}"#;

fn surface(operations: &[(&str, &str)]) -> Surface {
    let source = Source::read("x", "openapi: 3.0.4\ninfo: {version: v1.0}\npaths: {}\n".to_owned()).unwrap();
    let keep = |(id, operation): &(&str, &str)| {
        let (method, path) = operation.split_once(' ').unwrap();
        format!("[[keep]]\nid = \"{id}\"\nmethod = \"{method}\"\npath = \"{path}\"\n")
    };
    Surface::read("surface.toml", &operations.iter().map(keep).collect::<String>(), &source).unwrap()
}

fn overlay(text: &str) -> Overlay {
    Overlay::read("overlay.toml", text).unwrap()
}

fn upstream() -> Table {
    Table::of_upstream("permissions.json", UPSTREAM).unwrap()
}

/// What each operation takes, or what is wrong.
fn assigned(operations: &[(&str, &str)], corrections: &str) -> String {
    let (mut surface, overlay) = (surface(operations), overlay(corrections));
    let slice = upstream().trim(&surface, overlay.permissions());
    assert_eq!(slice.trim(&surface, overlay.permissions()), slice, "a slice is its own slice");
    assert_eq!(Table::read("slice", &slice.text().unwrap()).unwrap(), slice);
    if let Err(problems) = assign(&mut surface, &slice, overlay.permissions()) {
        return problems.to_string();
    }
    let row = |operation: &crate::surface::Operation| {
        let lists = [&operation.delegated, &operation.application, &operation.resource_specific];
        let lists = lists.map(|list| list.join(" "));
        format!("{}: {}\n", operation.id, lists.join(" | "))
    };
    surface.operations.iter().map(row).collect()
}

#[test]
fn what_is_kept_has_structure_and_names_and_no_sentences() {
    let surface = surface(&[("list", "GET /things"), ("rename", "PATCH /things/{thing-id}")]);
    let slice = upstream().trim(&surface, overlay("").permissions());
    insta::assert_snapshot!(slice.text().unwrap());
}

#[test]
fn the_least_comes_first_and_what_belongs_to_a_path_takes_its_permissions() {
    let operations = [
        ("list", "GET /things"),
        ("count", "GET /things/$count"),
        ("cast", "GET /things/graph.special"),
        ("get", "GET /things/{thing-id}"),
        ("update", "PATCH /things/{thing-id}"),
        ("remove", "DELETE /things/{thing-id}/$ref"),
        ("add", "POST /things/$ref"),
        ("parts", "GET /things/{thing-id}/parts/{part-id}"),
    ];
    insta::assert_snapshot!(assigned(&operations, ""), @r"
    list: Thing-Nested.ReadWrite.All Thing.ReadBasic Thing.Read.All Thing.ReadWrite.All | Thing-Nested.ReadWrite.All Thing.Read.All Thing.ReadWrite.All | Thing.Read.Group
    count: Thing-Nested.ReadWrite.All Thing.ReadBasic Thing.Read.All Thing.ReadWrite.All | Thing-Nested.ReadWrite.All Thing.Read.All Thing.ReadWrite.All | Thing.Read.Group
    cast: Thing-Nested.ReadWrite.All Thing.ReadBasic Thing.Read.All Thing.ReadWrite.All | Thing-Nested.ReadWrite.All Thing.Read.All Thing.ReadWrite.All | Thing.Read.Group
    get: Thing.ReadWrite.All Thing-Nested.ReadWrite.All | Thing-Nested.ReadWrite.All Thing.ReadWrite.All | 
    update: Thing.ReadWrite.All Thing-Nested.ReadWrite.All | Thing-Nested.ReadWrite.All Thing.ReadWrite.All | 
    remove: Thing.ReadWrite.All | Thing.ReadWrite.All | 
    add: Thing.ReadWrite.All | Thing.ReadWrite.All | 
    parts: Thing.Read.All | Thing.Read.All |
    ");
}

/// A correction of `id` with a reason and a source.
fn correct(id: &str, what: &str) -> String {
    format!("[[permissions]]\noperations = [\"{id}\"]\n{what}\nreason = 'It is so.'\nsource = 'seen'\n")
}

#[test]
fn a_correction_borrows_puts_first_or_says_the_lists() {
    let was =
        "was = { delegated = 'Thing-Nested.ReadWrite.All', application = 'Thing-Nested.ReadWrite.All' }";
    let corrections = [
        correct("list", &format!("{was}\nfirst = 'Thing.Read.All'")),
        correct("owner", "like = 'GET /things/{thing-id}/parts'"),
        correct("envelope", "delegated = []\napplication = []"),
        correct("list", "beside = { permission = 'Thing.Read.Hidden', where = 'it is hidden' }"),
    ];
    let operations =
        [("list", "GET /things"), ("owner", "GET /things/{id}/owner"), ("envelope", "POST /$batch")];
    insta::assert_snapshot!(assigned(&operations, &corrections.concat()), @r"
    list: Thing.Read.All Thing-Nested.ReadWrite.All Thing.ReadBasic Thing.ReadWrite.All | Thing.Read.All Thing-Nested.ReadWrite.All Thing.ReadWrite.All | Thing.Read.Group
    owner: Thing.Read.All | Thing.Read.All | 
    envelope:  |  |
    ");
}

#[test]
fn a_correction_that_has_outlived_its_reason_is_refused() {
    let was = "was = { delegated = 'Thing.Read', application = 'Thing.Read' }";
    for (what, said) in [
        ("like = 'GET /things/{id}/parts'", "needless: upstream has the permissions of `list` itself"),
        ("delegated = []\napplication = []", "needless: upstream has the permissions of `list` itself"),
        (
            &format!("{was}\nfirst = 'Thing.Read.All'"),
            "the least is `Thing-Nested.ReadWrite.All` for users, `Thing-Nested.ReadWrite.All` for apps",
        ),
        ("like = 'GET /nothing'\nfirst = 'Thing.Read.All'", "says `like`, `first`, `beside`, or both"),
        ("delegated = []", "says `like`, `first`, `beside`, or both"),
    ] {
        let found = assigned(&[("list", "GET /things")], &correct("list", what));
        assert!(found.contains(said), "{what}: {found}");
    }
    let nothing = assigned(&[("get", "GET /new")], &correct("get", "like = 'GET /gone'"));
    assert!(nothing.contains("upstream has no permissions for `GET /gone`"), "{nothing}");
}

#[test]
fn what_nobody_knows_keeps_or_suffices_alone_is_refused() {
    for (operation, corrections, said) in [
        ("GET /new", String::new(), "surface.toml:1: the permissions of `it` are not known"),
        ("GET /things", correct("other", "like = 'GET /things'"), "the surface keeps no operation `other`"),
        (
            "GET /things",
            correct("It", "like = 'GET /things'"),
            "no operation `It`\n  help: did you mean `it`?",
        ),
        ("GET /elsewhere", String::new(), "`Thing.ReadWrite.All` suffices only beside one of User.Read.All"),
    ] {
        let found = assigned(&[("it", operation)], &corrections);
        assert!(found.contains(said), "{operation}: {found}");
    }
    let mut surface = surface(&[("list", "GET /things")]);
    surface.operations[0].delegated.push("Thing.Read".to_owned());
    let problems = assign(&mut surface, &upstream(), overlay("").permissions()).unwrap_err();
    assert!(problems.to_string().contains("leave out `delegated` and `application`"), "{problems}");
}

#[test]
fn what_is_not_the_file_is_refused_with_its_line() {
    let problem = Table::of_upstream("p.json", "{\n\"permissions\": 1}").unwrap_err().to_string();
    assert!(problem.starts_with("p.json:2: ") && problem.contains("help: give the path of"), "{problem}");
}

#[test]
fn what_came_and_went_is_told() {
    let surface = surface(&[("list", "GET /things"), ("delete", "DELETE /things/{id}")]);
    let slice = |text: &str| {
        let table = Table::of_upstream("permissions.json", text).unwrap();
        table.trim(&surface, overlay("").permissions())
    };
    let later = UPSTREAM
        .replace("Thing.ReadBasic", "Thing.ReadLittle")
        .replace("\"/things\": \"least=DelegatedWork,Application\"", "\"/things\": \"\"")
        .replace("\"POST\", \"PATCH\", \"DELETE\"", "\"POST\", \"PATCH\"");
    let changes = changes::between(&slice(UPSTREAM), &slice(&later));
    let lines: Vec<_> = changes.iter().map(|it| format!("{} {} {}", it.class, it.place, it.what)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    behavioural GET /things has `Thing.Read.All` instead of `Thing-Nested.ReadWrite.All` as the least for an app alone
    behavioural GET /things has `Thing.ReadLittle` instead of `Thing-Nested.ReadWrite.All` as the least on behalf of a user
    behavioural GET /things takes `Thing.ReadLittle` on behalf of a user
    behavioural DELETE /things/{id} no longer takes `Thing.ReadWrite.All` for an app alone
    behavioural DELETE /things/{id} no longer takes `Thing.ReadWrite.All` on behalf of a user
    behavioural GET /things no longer takes `Thing.ReadBasic` on behalf of a user
    ");
    assert_eq!(changes::between(&slice(UPSTREAM), &slice(UPSTREAM)), []);
}
