//! What is the owner's of a crate that was generated: the version, and edits that nobody writes over.

use std::fs;

use crate::slices::Bench;
use crate::support::text;

#[test]
fn what_somebody_has_edited_is_not_written_over_without_a_word() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    assert_eq!(bench.run("generate").status.code(), Some(0));
    let (models, client) = (bench.path("slice/src/models.rs"), bench.path("slice/src/client.rs"));
    for file in [&models, &client] {
        let edited = format!("{}\n// Mine.\n", fs::read_to_string(file).unwrap());
        fs::write(file, edited).unwrap();
    }
    fs::write(bench.path("surface.toml"), "[[keep]]\npath = '/things'\n").unwrap();
    let refused = bench.run("generate");
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(said.contains("edited since they were generated: src/client.rs, src/models.rs"), "{said}");
    assert!(said.contains("--overwrite"), "{said}");
    assert!(fs::read_to_string(&models).unwrap().ends_with("// Mine.\n"));
    let overwritten = bench.run_with("generate", &["--overwrite"]);
    assert_eq!(overwritten.status.code(), Some(0), "{}", text(&overwritten.stderr));
    assert!(!fs::read_to_string(&models).unwrap().contains("Mine"));
}

#[test]
fn the_version_of_the_crate_is_its_owner_s() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    bench.run("generate");
    let manifest = bench.path("slice/Cargo.toml");
    let raised =
        fs::read_to_string(&manifest).unwrap().replace("version = \"0.1.0\"", "version = \"0.2.0-rc.1\"");
    fs::write(&manifest, &raised).unwrap();
    fs::write(bench.path("surface.toml"), "[[keep]]\npath = '/things'\n").unwrap();
    assert_eq!(bench.run("generate").status.code(), Some(0));
    assert_eq!(fs::read_to_string(&manifest).unwrap(), raised);
    assert_eq!(bench.run("check").status.code(), Some(0));

    // Raised again, and now the rest of the manifest changes too.
    let raised = raised.replace("0.2.0-rc.1", "0.2.0");
    fs::write(&manifest, &raised).unwrap();
    let renamed = bench.run_with("generate", &["--name", "things"]);
    assert_eq!(renamed.status.code(), Some(0), "{}", text(&renamed.stderr));
    let raised = raised.replace("name = \"slice\"", "name = \"things\"");
    assert_eq!(fs::read_to_string(&manifest).unwrap(), raised);

    fs::write(&manifest, raised.replace("0.2.0", "0.3.0") + "\n# Mine.\n").unwrap();
    let edited = bench.run("generate");
    assert_eq!(edited.status.code(), Some(2));
    assert!(text(&edited.stderr).contains("edited since they were generated: Cargo.toml"));
}

#[test]
fn a_version_that_cargo_refuses_is_not_kept() {
    let bench = Bench::new("[[keep]]\npath = '/**'\n");
    bench.run("generate");
    let manifest = bench.path("slice/Cargo.toml");
    let generated = fs::read_to_string(&manifest).unwrap();
    for (version, expected) in [
        ("version = \"1.x\"", "`1.x` is no version of a crate: unexpected character 'x'"),
        ("version = \"1.2\"", "`1.2` is no version of a crate: unexpected end"),
        ("version = \"\"", "`` is no version of a crate: empty string"),
        ("version = \"1 2\"", "`1 2` is no version of a crate"),
        ("version.workspace = true", "`version` is no text: { workspace = true }"),
        ("version = 1.0.0", "this is no manifest: "),
    ] {
        let edited = generated.replace("version = \"0.1.0\"", version);
        fs::write(&manifest, &edited).unwrap();
        for command in ["generate", "check"] {
            let said = text(&bench.run(command).stderr);
            assert!(said.contains(&format!("error: slice/Cargo.toml:5: {expected}")), "{version}: {said}");
            assert!(said.contains("\n  help: the version there is yours"), "{version}: {said}");
        }
        assert_eq!(bench.run_with("generate", &["--overwrite"]).status.code(), Some(2), "{version}");
        assert_eq!(fs::read_to_string(&manifest).unwrap(), edited);
    }
}

#[test]
fn generating_proposes_the_version_that_the_code_makes() {
    let bench = Bench::new("[[keep]]\npath = '/things/$count'\n");
    let proposed = |surface: &str| {
        fs::write(bench.path("surface.toml"), surface).unwrap();
        let said = text(&bench.run("generate").stdout);
        said.lines().find_map(|line| line.strip_prefix("version: ")).map(str::to_owned)
    };
    assert_eq!(proposed("[[keep]]\npath = '/things/$count'\n"), None, "there was no code");
    assert_eq!(proposed("[[keep]]\npath = '/things/$count'\n"), None, "nothing changed");
    let more = "0.1.0 → 0.1.1 at the least, as there is more than before; to be set with the release";
    assert_eq!(proposed("[[keep]]\npath = '/**'\n").as_deref(), Some(more));
    let less =
        "0.1.0 → 0.2.0 at the least, as code that compiled may not any more; to be set with the release";
    assert_eq!(proposed("[[keep]]\npath = '/things/$count'\n").as_deref(), Some(less), "the models are gone");
}
