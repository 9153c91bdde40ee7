//! What people get wrong in a surface of their own is told with what they meant.

use std::fs;
use std::process::Command;

use crate::slices::Bench;
use crate::support::{GET_THING, codegen, document, generated, text};

#[test]
fn files_that_are_swapped_are_told_apart() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    let run = |surface: &str, upstream: &str| {
        let arguments = ["generate", "--surface", surface, "--upstream", upstream, "--out", "slice"];
        let output =
            Command::new(env!("CARGO_BIN_EXE_codegen")).args(arguments).current_dir(bench.0.path()).output();
        text(&output.unwrap().stderr)
    };
    let swapped = run("upstream.yaml", "surface.toml");
    assert!(swapped.contains("this is a surface, and no OpenAPI document"), "{swapped}");
    assert!(swapped.contains("--upstream") && swapped.contains("--surface"), "{swapped}");
    let twice = run("upstream.yaml", "upstream.yaml");
    assert!(twice.contains("this is an OpenAPI document, and no surface"), "{twice}");

    for (form, text) in [
        ("in one line", "keep = [{ path = '/**' }]\n"),
        ("after a comment, with spaces", "\u{feff}# Mine.\n\n[[ keep ]] # all\npath = '/**'\n"),
        ("after a budget", "[budget]\nlines = 5\n\n  [[keep]]\npath = '/**'\n"),
        ("broken further on", "[[keep]]\npath =\n"),
    ] {
        fs::write(bench.path("other.toml"), text).unwrap();
        let said = run("surface.toml", "other.toml");
        assert!(said.contains("other.toml: this is a surface, and no OpenAPI document"), "{form}: {said}");
    }
    let document = fs::read_to_string(bench.path("upstream.yaml")).unwrap();
    for (form, text) in [
        ("after a mark, a comment and a start", format!("\u{feff}# Mine.\n---\n{document}")),
        ("with other keys first", document.replacen("openapi: 3.0.4\n", "", 1) + "\nopenapi: 3.0.4\n"),
        ("with a quoted key", document.replacen("openapi:", "'openapi':", 1)),
        ("broken further on", document.replacen("  /things:", "\t/things: [", 1)),
        ("of another version", "{\"swagger\": \"2.0\"}".to_owned()),
    ] {
        fs::write(bench.path("other.yaml"), text).unwrap();
        let said = run("other.yaml", "upstream.yaml");
        assert!(said.contains("other.yaml: this is an OpenAPI document, and no surface"), "{form}: {said}");
    }
}

#[test]
fn the_words_of_a_document_and_of_a_surface_make_neither_the_other() {
    let bench = Bench::new("# openapi: 3.0.4\n[[keep]] # openapi:\npath = '/**'\n");
    let yaml = fs::read_to_string(bench.path("upstream.yaml")).unwrap();
    let json: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
    let quoting = json.to_string().replacen('{', "{ x-words:\n[[keep]]\n, ", 1);
    fs::write(bench.path("upstream.yaml"), quoting).unwrap();
    let output = bench.run("generate");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn what_is_nearly_a_path_is_told_and_what_is_no_id_is_refused() {
    for (surface, expected) in [
        ("[[keep]]\nid = 'things.list'\nmethod = 'GET'\npath = '/thing'\n", "did you mean `/things`?"),
        (
            "[[keep]]\nid = 'things list'\nmethod = 'GET'\npath = '/things'\n",
            "`things list` is no id for an operation",
        ),
        ("[[keep]]\nid = 'Things.List'\nmethod = 'GET'\npath = '/things'\n", "`Things.List` is no id"),
        ("[[keep]]\nid = 'things..list'\nmethod = 'GET'\npath = '/things'\n", "`things..list` is no id"),
        (
            "[[keep]]\nid = 'listAll'\nmethod = 'GET'\npath = '/things'\n",
            "with dots between them: `list_all`",
        ),
        ("[[keep]]\nid = '2fa.my-list'\nmethod = 'GET'\npath = '/things'\n", ": `n2fa.my_list`"),
        ("[[keep]]\nid = 'größe'\nmethod = 'GET'\npath = '/things'\n", "is no id for an operation"),
    ] {
        let said = Bench::refusal(surface);
        assert!(said.contains(expected), "{surface}: {said}");
    }
}

const THING: &str = "    microsoft.graph.thing: {type: object, properties: {id: {type: string}, displayName: {type: string}, size: {type: integer, readOnly: true}, tags: {$ref: '#/components/schemas/microsoft.graph.thingTags'}}}
    microsoft.graph.thingTags: {type: object}
    microsoft.graph.specialThing: {type: object, properties: {id: {type: string}}}";

/// What the generator says of a surface that keeps and changes a thing, and of corrections.
fn refusal(types: &str, overlay: &str) -> String {
    let paths = GET_THING.to_owned()
        + "    patch:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
      responses: {'204': {description: ok}}
";
    let keep = "[[keep]]\npath = '/things/{thing-id}'\nmethods = ['GET']\n[[keep]]\nid = 'things.update'\nmethod = 'PATCH'\npath = '/things/{thing-id}'\nbody = 'patch'\n";
    match generated(&document(&paths, THING), &format!("{keep}{types}"), overlay) {
        Ok(_) => "nothing was refused".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn what_is_nearly_a_name_in_a_surface_is_told() {
    let patch = "[types.thing]\npatch = ['displayName']\n";
    assert_eq!(refusal(patch, ""), "nothing was refused");
    for (types, expected) in [
        ("[types.thing]\npatch = ['dispalyName']\n", "did you mean `displayName`?"),
        ("[types.thing]\npatch = ['displayname']\n", "did you mean `displayName`?"),
        ("[types.thing]\npatch = ['size']\n", "remove it from the view;"),
        ("[types.thing]\npatch = ['motto']\n", "take a property that the type has"),
        (
            "[types.thing]\npatch = ['displayName']\nproperties = ['displayNam']\n",
            "did you mean `displayName`?",
        ),
        ("[types.thing]\npatch = ['displayName']\nnavigation = ['tag']\n", "did you mean `tags`?"),
        ("[types.thnig]\npatch = ['displayName']\n", "did you mean `thing`?"),
        (
            "[types.thing]\npatch = ['displayName']\nfamily = ['specialThin']\n",
            "did you mean `specialThing`?",
        ),
        (
            "[types.thing]\npatch = ['displayName']\n[types.thingTags]\nmap = 'strng'\n",
            "did you mean `string`?",
        ),
        ("[types.thing]\npach = ['displayName']\n", "did you mean `patch`?"),
    ] {
        let said = refusal(types, "");
        assert!(
            said.contains("error: surface.toml") && said.contains(&format!("help: {expected}")),
            "{types}: {said}"
        );
    }
}

#[test]
fn what_is_nearly_a_name_in_corrections_is_told() {
    let types = "[types.thing]\npatch = ['displayName']\n";
    for (correction, expected) in [
        ("schema = 'thnig'\nat = 'properties/id/readOnly'", "did you mean `thing`?"),
        ("schema = 'thing'\nat = 'propreties/id/readOnly'", "did you mean `properties`?"),
        ("schema = 'thing'\nat = 'properties/dispalyName/readOnly'", "did you mean `displayName`?"),
        ("operation = 'things.updat'\nat = 'responses/204'", "did you mean `things.update`?"),
        ("operaton = 'things.update'\nat = 'responses/204'", "did you mean `operation`?"),
    ] {
        let said =
            refusal(types, &format!("[[correct]]\n{correction}\nnow = true\nreason = 'r'\nsource = 's'\n"));
        assert!(said.contains(&format!("\n  help: {expected}")), "{correction}: {said}");
    }
}

#[test]
fn what_names_nothing_or_no_permission_is_refused() {
    for (line, expected) in [
        ("clouds = []", "`clouds` names none\n  help: name some"),
        ("versions = []", "`versions` names none\n  help: name some"),
        (
            "delegated = ['Thing Read']",
            "`Thing Read` is no name of a permission\n  help: write it as Microsoft does",
        ),
        ("application = ['']", "`` is no name of a permission"),
        ("application = ['https://graph.microsoft.com/.default']", "is no name of a permission"),
    ] {
        let said = Bench::refusal(&format!("[[keep]]\npath = '/things'\n{line}\n"));
        assert!(
            said.starts_with(&format!("error: surface.toml:1: {expected}")) || said.contains(expected),
            "{line}: {said}"
        );
    }
}

#[test]
fn corrections_of_permissions_that_nobody_reads_are_refused() {
    let bench = Bench::new("[[keep]]\npath = '/things'\n");
    let correction = "\n[[permissions]]\noperations = ['things.list']\ndelegated = ['Thing.Read']\napplication = []\nreason = 'r'\nsource = 's'\n";
    fs::write(bench.path("overlay.toml"), correction).unwrap();
    let output = bench.run_with("generate", &["--overlay", "overlay.toml"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r"
    error: overlay.toml:2: a `[[permissions]]` corrects the file of permissions, from which this crate takes none
      help: list what suffices in the surface, as `delegated` and `application` of a `[[keep]]`
    ");
}

#[test]
fn permissions_that_microsoft_s_file_does_not_have_are_told_where_it_is_given() {
    let surface =
        |name: &str| format!("[[keep]]\npath = '/things'\ndelegated = ['offline_access', '{name}']\n");
    let bench = Bench::new(&surface("Thing.Raed"));
    let file = r#"{"permissions": {"Thing.Read": {}, "Thing.ReadWrite.All": {}, "offline_access": {}}}"#;
    fs::write(bench.path("permissions.json"), file).unwrap();
    assert_eq!(bench.run("generate").status.code(), Some(0), "nobody can know");
    for command in ["generate", "check"] {
        let refused = bench.run_with(command, &["--permissions", "permissions.json"]);
        assert_eq!(refused.status.code(), Some(2));
        // Once for both operations.
        insta::allow_duplicates! {
            insta::assert_snapshot!(text(&refused.stderr), @r"
            error: surface.toml:1: permissions.json has no permission `Thing.Raed`
              help: did you mean `Thing.Read`?
            ");
        }
    }
    fs::write(bench.path("surface.toml"), surface("Thing.Read")).unwrap();
    let output = bench.run_with("generate", &["--permissions", "permissions.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// What a command says that is given these files and refuses.
fn refused(bench: &Bench, arguments: &str) -> String {
    let output = codegen(bench.0.path(), arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments}: {}", text(&output.stdout));
    text(&output.stderr)
}

#[test]
fn a_file_of_another_kind_is_named_with_what_belongs_there() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    let later = document(&GET_THING.replace("    get:", "    put: {responses: {}}\n    get:"), THING);
    for (name, content) in [
        ("empty", ""),
        ("words", "# Words\n\nNothing but words.\nAnd: more\n- of: them\n"),
        ("sections.yaml", "title: Things\noperatons: {}\n"),
        (
            "buckets.toml",
            "[[bucket]]\nid = 'a'\noperations = ['things.lst']\nscope = ['app']\nsource = 's'\nchecked = 'c'\n",
        ),
        ("later.yaml", later.as_str()),
    ] {
        fs::write(bench.path(name), content).unwrap();
    }
    let generate = "generate --surface surface.toml --out slice --upstream";
    for (arguments, expected) in [
        (
            format!("{generate} empty"),
            "empty: this is no OpenAPI document: its top level is not a mapping\n  help: correct it there, or give one",
        ),
        (format!("{generate} words"), "this is no YAML: "),
        (
            format!("{generate} words"),
            "\n  help: correct it there, or give one of Microsoft Graph's OpenAPI documents",
        ),
        (
            format!("{generate} upstream.yaml --docs upstream.yaml"),
            "upstream.yaml: these are no descriptions: `components` is no part of them\n  help: write it in the form of spec/docs.yaml",
        ),
        (
            format!("{generate} upstream.yaml --docs sections.yaml"),
            "`operatons` is no part of them\n  help: did you mean `operations`?",
        ),
        (
            format!("{generate} upstream.yaml --docs words"),
            "\n  help: write it in the form of spec/docs.yaml",
        ),
        (
            format!("{generate} upstream.yaml --overlay upstream.yaml"),
            "upstream.yaml:1: key with no value, expected `=`\n  help: write it in the form of spec/overlay.toml",
        ),
        (
            format!("{generate} upstream.yaml --limits surface.toml"),
            "surface.toml:1: unknown field `keep`, expected `bucket`\n  help: write it in the form of spec/limits.toml",
        ),
        (
            format!("{generate} upstream.yaml --limits buckets.toml"),
            "buckets.toml:1: `things.lst` matches no kept operation\n  help: did you mean `things.list`?",
        ),
        (
            format!("{generate} upstream.yaml --permissions empty"),
            "empty:1: this is no file of permissions: EOF while parsing a value at line 1 column 0\n  help: give the path of Microsoft's",
        ),
        (
            "generate --surface surface.toml --upstream upstream.yaml --out empty".to_owned(),
            "empty: this is a file, and no folder\n  help: give with --out a folder",
        ),
        (
            "diff upstream.yaml later.yaml --path /things/{id}".to_owned(),
            "--path: later.yaml has no path `/things/{id}`\n  help: did you mean `/things/{thing-id}`?",
        ),
        (
            "diff upstream.yaml later.yaml --path /books/**".to_owned(),
            "--path: no path of later.yaml matches `/books/**`\n  help: ",
        ),
        (
            "diff upstream.yaml later.yaml --out nowhere/diff.txt".to_owned(),
            "nowhere/diff.txt: No such file or directory (os error 2)\n  help: give with --out a file",
        ),
    ] {
        let said = refused(&bench, &arguments);
        assert!(said.contains(expected), "{arguments}: {said}");
    }
    let project = crate::support::checkout::project().display();
    let other = refused(&bench, &format!("check --permissions words --workspace {project}"));
    assert!(other.contains("words:1: this is no file of permissions: "), "{other}");
}

#[test]
fn a_crate_that_somebody_has_broken_is_told_by_file_when_it_moves_on() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    assert_eq!(bench.run("generate").status.code(), Some(0));
    fs::write(bench.path("later.yaml"), document(GET_THING, THING)).unwrap();
    let update = "update --surface surface.toml --out slice --upstream later.yaml";
    fs::write(bench.path("slice/src/lib.rs"), "// Mine: fn {\nfn {\n").unwrap();
    let said = refused(&bench, update);
    assert!(said.contains("slice: edited since they were generated: src/lib.rs\n  help: "), "{said}");
    fs::write(bench.path("slice/receipt.json"), "{").unwrap();
    let said = refused(&bench, update);
    assert!(said.contains("slice/receipt.json: EOF") && said.contains("\n  help: restore it, or "), "{said}");
}

#[test]
fn only_what_writes_offers_to_write_over_files() {
    let help = |command: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_codegen")).args([command, "--help"]).output().unwrap();
        text(&output.stdout).contains("--overwrite")
    };
    assert_eq!(
        ["generate", "update", "check", "trim", "diff", "scopes"].map(help),
        [true, true, false, false, false, false]
    );
}
