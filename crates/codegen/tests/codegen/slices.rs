//! A crate of somebody's own: what is written, what is refused, and that it compiles by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{GET_THING, compile, document, text};
use tempfile::TempDir;

const THINGS: &str = "
  /things:
    get:
      x-ms-pageable: {nextLinkName: '@odata.nextLink'}
      responses:
        2XX: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/ThingPage'}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
      responses:
        '201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
  /things/$count:
    get:
      responses:
        2XX: {description: ok, content: {text/plain: {schema: {type: number, format: int32}}}}
  /things/{thing-id}/microsoft.graph.move:
    post:
      x-ms-docs-operation-type: action
      parameters:
      - {name: thing-id, in: path, required: true, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {type: object, properties: {to: {type: string, nullable: true}}}}}}
      responses:
        '204': {description: ok}
";

const SCHEMAS: &str = "
    ThingPage: {type: object, properties: {value: {type: array, items: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
    microsoft.graph.thing: {type: object, properties: {id: {type: string}, OLDName: {type: string}, level: {$ref: '#/components/schemas/microsoft.graph.itemLevelOLD'}, open: {$ref: '#/components/schemas/microsoft.graph.open'}}}
    microsoft.graph.itemLevelOLD: {type: string, enum: [low, high, unknownFutureValue]}
    microsoft.graph.open: {type: object}
";

/// A folder with a document and a surface; the slice goes into `slice` below it.
pub(crate) struct Bench(pub(crate) TempDir);

impl Bench {
    pub(crate) fn new(surface: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("upstream.yaml"), document(&format!("{THINGS}{GET_THING}"), SCHEMAS))
            .unwrap();
        fs::write(folder.path().join("surface.toml"), surface).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn run(&self, command: &str) -> Output {
        self.run_with(command, &[])
    }

    pub(crate) fn run_with(&self, command: &str, more: &[&str]) -> Output {
        let mut run = Command::new(env!("CARGO_BIN_EXE_codegen"));
        let arguments =
            [command, "--surface", "surface.toml", "--upstream", "upstream.yaml", "--out", "slice"];
        run.args(arguments).args(more).current_dir(self.0.path()).output().unwrap()
    }

    /// What the generator says of a surface that it refuses; it must have written nothing.
    pub(crate) fn refusal(surface: &str) -> String {
        let bench = Self::new(surface);
        let output = bench.run("generate");
        assert_eq!(output.status.code(), Some(2));
        assert!(!bench.path("slice").exists());
        text(&output.stderr)
    }
}

fn ids(folder: &Path) -> Vec<String> {
    let operations = fs::read_to_string(folder.join("src/operations.rs")).unwrap();
    let rows = operations.split("OperationInfo::new(").skip(1);
    rows.filter_map(|row| row.split('"').nth(1).map(str::to_owned)).collect()
}

#[test]
fn a_wildcard_keeps_what_it_matches_and_ids_follow_from_the_paths() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    let output = bench.run("generate");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        ids(&bench.path("slice")),
        ["things.count", "things.create", "things.get", "things.list", "things.move"]
    );
    assert_eq!(text(&bench.run("generate").stdout), "nothing changed\n");
    assert_eq!(bench.run("check").status.code(), Some(0));
}

#[test]
fn an_id_that_is_given_wins_over_a_wildcard_and_methods_narrow_it() {
    let bench = Bench::new(
        "[[keep]]\npath = '/things/**'\nmethods = ['GET']\n[[keep]]\nid = 'all.things'\nmethod = 'GET'\npath = '/things'\ndelegated = ['Thing.Read']\n",
    );
    bench.run("generate");
    assert_eq!(ids(&bench.path("slice")), ["all.things", "things.count", "things.get"]);
    let operations = fs::read_to_string(bench.path("slice/src/operations.rs")).unwrap();
    assert_eq!(operations.matches(".scopes(&[").count(), 1, "of the others nothing is known:\n{operations}");
    assert!(operations.contains(".scopes(&[\"Thing.Read\"], &[])"), "{operations}");
}

#[test]
fn what_a_surface_can_t_mean_is_refused_by_its_line() {
    insta::assert_snapshot!(Bench::refusal("[[keep]]\npath = '/books/**'\n"), @r"
    error: surface.toml:1: no path of upstream.yaml matches `/books/**`
      help: `*` stands for any characters within a segment, `**` for any number of segments
    ");
    insta::assert_snapshot!(Bench::refusal("[[keep]]\npath = '/Things'\n"), @r"
    error: surface.toml:1: upstream.yaml has no path `/Things`
      help: did you mean `/things`?
    ");
    insta::assert_snapshot!(Bench::refusal("[[keep]]\npath = '/things'\nmethods = ['DELETE']\n"), @r"
    error: surface.toml:1: what `/things` matches has no DELETE
      help: remove `methods`, or correct it
    ");
    insta::assert_snapshot!(Bench::refusal("[[keep]]\nid = 'things'\npath = '/things'\n"), @r"
    error: surface.toml:1: `things` would be the id of 2 operations
      help: name one operation by its path and method, or leave out `id`: ids are derived
    ");
    insta::assert_snapshot!(Bench::refusal("[[keep]]\npath = '/things'\nmethod = 'GET'\nmethods = ['GET']\n"), @r"
    error: surface.toml:1: it has both `method` and `methods`
      help: leave out one of them
    ");
    insta::assert_snapshot!(Bench::refusal("[[keep]]\npath = '/things'\nmethods = []\n"), @r"
    error: surface.toml:1: `methods` names none
      help: name some, or leave it out for all
    ");
    let over = Bench::refusal("budget = { lines = 20 }\n[[keep]]\npath = '/things'\n");
    assert!(over.contains(" lines, and 20 are allowed\n  help: see in the receipt"), "{over}");
}

#[test]
fn a_foreign_file_in_the_folder_stops_everything() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    fs::create_dir_all(bench.path("slice/src")).unwrap();
    fs::write(bench.path("slice/src/mine.rs"), "// by hand\n").unwrap();
    let output = bench.run("generate");
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r"
    error: slice/src/mine.rs: this file was not generated, and stands where generated code goes
      help: move it out of this folder; nothing was written
    ");
    assert!(!bench.path("slice/Cargo.toml").exists());
}

#[test]
fn what_a_build_leaves_is_not_foreign_and_what_no_longer_belongs_goes() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    bench.run("generate");
    fs::create_dir_all(bench.path("slice/target/debug")).unwrap();
    fs::write(bench.path("slice/target/debug/x"), "binary").unwrap();
    fs::write(bench.path("slice/Cargo.lock"), "version = 4\n").unwrap();
    fs::write(bench.path("surface.toml"), "[[keep]]\npath = '/things/$count'\n").unwrap();
    let output = bench.run("generate");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!bench.path("slice/src/models/thing.rs").exists());
    assert!(bench.path("slice/target/debug/x").exists());
}

#[test]
fn a_name_that_no_crate_can_have_is_refused() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    let long = "x".repeat(65);
    let names =
        ["2fast", "fn", "serde", "graph-runtime", "con", "lpt1", "x.y", "x\"]\n[a", "../x", "größe", &long];
    for name in names {
        let mut run = Command::new(env!("CARGO_BIN_EXE_codegen"));
        run.args(["generate", "--surface", "surface.toml", "--upstream", "upstream.yaml", "--out", "slice"]);
        let output = run.args(["--name", name]).current_dir(bench.0.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        let said = text(&output.stderr);
        assert!(said.starts_with(&format!("error: --out: `{name}` is no name for a crate")), "{said}");
        assert!(said.contains("\n  help: give one with --name NAME"), "{said}");
        assert!(!bench.path("slice").exists());
    }
}

#[cfg(unix)]
#[test]
fn links_in_the_folder_are_refused_by_every_command_and_the_folder_itself_may_be_one() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    fs::create_dir(bench.path("elsewhere")).unwrap();
    for link in ["src", "Cargo.toml", ".codegen-stage"] {
        fs::create_dir_all(bench.path("slice")).unwrap();
        symlink(bench.path("elsewhere"), bench.path("slice").join(link)).unwrap();
        for command in ["generate", "check"] {
            let output = bench.run(command);
            assert_eq!(output.status.code(), Some(2), "{command} {link}");
            let said = text(&output.stderr);
            assert!(said.contains(&format!("slice/{link}: this is a symbolic link")), "{said}");
            assert!(said.contains("\n  help: replace it by a folder or file of its own"), "{said}");
        }
        assert_eq!(fs::read_dir(bench.path("elsewhere")).unwrap().count(), 0);
        assert_eq!(fs::read_dir(bench.path("slice")).unwrap().count(), 1);
        fs::remove_dir_all(bench.path("slice")).unwrap();
    }
    symlink(bench.path("elsewhere"), bench.path("slice")).unwrap();
    assert_eq!(bench.run("generate").status.code(), Some(0));
    assert!(bench.path("elsewhere/src/lib.rs").exists());
    assert_eq!(bench.run("check").status.code(), Some(0));
}

#[test]
fn a_slice_compiles_by_itself() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    bench.run("generate");
    compile(&bench.path("slice")).unwrap_or_else(|errors| panic!("{errors}"));
}
