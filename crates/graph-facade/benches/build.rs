//! What a program pays to build on this crate from nothing, beside one that builds on graph-rs-sdk; and what other ways of
//! doing TLS cost.
//!
//! `cargo bench -p graph-facade --bench build`, or with `-- facade aws-lc native-tls graph-rs-sdk` for a choice of programs. Cold
//! release builds in a temporary folder, one after the other; what counts is the CPU time of cargo and all that it starts, so
//! that other work on the machine matters less. Needs Linux, the registry, and OpenSSL's headers for the last two programs.

#![allow(clippy::cast_precision_loss, reason = "the figures are small")]
#![allow(clippy::unwrap_used, reason = "a benchmark may stop where it can't measure")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program that makes a client and one call with it.
struct Program {
    name: &'static str,
    /// Its dependencies, besides tokio; `FACADE` stands for the folder of this crate.
    dependencies: &'static str,
    main: &'static str,
}

const FACADE: &str = r#"
    let client = graph_facade::Client::builder().credential(graph_facade::StaticToken::new("t")).build().unwrap();
    println!("{:?}", client.groups().get("1").await);
"#;

/// The same with the TLS of reqwest.
const OVER_REQWEST: &str = r#"
    let transport = graph_facade::ReqwestTransport::new(|http| http).unwrap();
    let builder = graph_facade::Client::builder().credential(graph_facade::StaticToken::new("t"));
    println!("{:?}", builder.transport(transport).build().unwrap().groups().get("1").await);
"#;

const PROGRAMS: [Program; 4] = [
    Program { name: "facade", dependencies: "graph-facade = { path = 'FACADE' }", main: FACADE },
    Program {
        name: "aws-lc",
        dependencies: "graph-facade = { path = 'FACADE', default-features = false, features = ['reqwest'] }
reqwest = { version = '0.13', default-features = false, features = ['rustls'] }",
        main: OVER_REQWEST,
    },
    Program {
        name: "native-tls",
        dependencies: "graph-facade = { path = 'FACADE', default-features = false, features = ['reqwest'] }
reqwest = { version = '0.13', default-features = false, features = ['native-tls'] }",
        main: OVER_REQWEST,
    },
    Program {
        name: "graph-rs-sdk",
        dependencies: "graph-rs-sdk = '=3.0.1'",
        main: r#"
    let client = graph_rs_sdk::GraphClient::new("t");
    println!("{:?}", client.group("1").get_group().send().await);
"#,
    },
];

fn main() {
    let wanted: BTreeSet<_> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let folder = std::env::temp_dir().join(format!("graph-facade-build-{}", std::process::id()));
    let mut seconds = BTreeMap::new();
    for program in &PROGRAMS {
        let asked = wanted.contains(program.name)
            || wanted.is_empty() && ["facade", "graph-rs-sdk"].contains(&program.name);
        if !asked {
            continue;
        }
        let home = folder.join(program.name);
        program.write(&home);
        let crates = crates(&home);
        let before = cpu_seconds_of_children();
        cargo(&home, &["build", "--release", "--quiet", "--offline"]);
        let cpu = cpu_seconds_of_children() - before;
        println!("{:<12} {crates:>4} crates  {cpu:>6.1} s of CPU", program.name);
        seconds.insert(program.name, cpu);
        fs::remove_dir_all(&home).unwrap();
    }
    drop(fs::remove_dir_all(&folder));
    if let (Some(facade), Some(other)) = (seconds.get("facade"), seconds.get("graph-rs-sdk")) {
        let value = facade / other;
        let verdict = if value <= 0.75 { "ok" } else { "missed" };
        println!("target build-cpu/graph-rs-sdk: {value:.2} (bound 0.75) {verdict}");
    }
}

impl Program {
    /// A package in `home`, with all that it depends on downloaded.
    fn write(&self, home: &Path) {
        let dependencies = self.dependencies.replace("FACADE", env!("CARGO_MANIFEST_DIR"));
        let manifest = format!(
            "[package]\nname = 'program'\nversion = '0.1.0'\nedition = '2024'\n\n[workspace]\n\n[dependencies]\n\
             tokio = {{ version = '1', default-features = false, features = ['macros', 'rt'] }}\n{dependencies}\n"
        );
        let main =
            format!("#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {{{}}}\n", self.main);
        fs::create_dir_all(home.join("src")).unwrap();
        fs::write(home.join("Cargo.toml"), manifest).unwrap();
        fs::write(home.join("src/main.rs"), main).unwrap();
        cargo(home, &["fetch", "--quiet"]);
    }
}

/// Runs cargo as a user would: without what cargo says to its benchmarks.
fn cargo(home: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(arguments)
        .current_dir(home)
        .stderr(Stdio::inherit())
        .env("CARGO_TARGET_DIR", home.join("target"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?} in {}", home.display());
    String::from_utf8(output.stdout).unwrap()
}

fn crates(home: &Path) -> usize {
    let tree =
        cargo(home, &["tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe", "--offline"]);
    tree.lines().map(|line| line.trim_end_matches(" (*)")).collect::<BTreeSet<_>>().len()
}

/// The CPU time of the processes that this one started and saw the end of, theirs included.
fn cpu_seconds_of_children() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // What comes before may hold spaces: the name of the program, in parentheses.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<_> = fields.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
    (ticks(13) + ticks(14)) / TICKS_PER_SECOND
}
