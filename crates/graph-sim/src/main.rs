//! Runs the embedded Graph as an HTTP server on loopback: `graph-sim serve --port 8080 --user ada --user grace`.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use graph_sim::{Scenario, Sim};
use tokio::net::TcpListener;

/// An embedded Microsoft Graph.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP on 127.0.0.1 until Ctrl-C, and print shell variables to use it with.
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Serve {
    /// The port to listen on; 0 lets the system choose a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// A user to create; may be given more than once.
    #[arg(long = "user", value_name = "NAME", default_value = "ada", conflicts_with = "scenario")]
    users: Vec<String>,
    /// A tenant to begin with, as YAML; `--scenario-schema` prints what may be in it.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Print the JSON Schema of scenarios, for editors, and end.
    #[arg(long)]
    scenario_schema: bool,
}

/// The exit code of a port that can't be had, as of any other bad argument.
const USAGE: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli { command: Command::Serve(serve) } = Cli::parse();
    match run(&serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            // Nothing is left to do about an error that can't be shown.
            let _ = writeln!(io::stderr(), "graph-sim: {message}");
            ExitCode::from(code)
        }
    }
}

struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    fn of(error: &dyn std::error::Error) -> Self {
        Self { message: error.to_string(), code: 1 }
    }
}

async fn run(options: &Serve) -> Result<(), Failure> {
    if options.scenario_schema {
        return io::stdout().write_all(Scenario::SCHEMA.as_bytes()).map_err(|error| Failure::of(&error));
    }
    let (sim, users) = match &options.scenario {
        None => (simulator(&options.users), options.users.clone()),
        Some(file) => {
            let sim = load(file).map_err(|message| Failure { message, code: USAGE })?;
            let users = sim.users();
            (sim, users)
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .await
        .map_err(|error| Failure { message: bind_message(options.port, &error), code: USAGE })?;
    let serving = sim.serve(listener);
    write_introduction(&mut io::stdout(), &sim, &users).map_err(|error| Failure::of(&error))?;
    tokio::select! {
        served = serving => served.map_err(|error| Failure::of(&error)),
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(|error| Failure::of(&error)),
    }
}

/// The tenant of a file; what is wrong with it begins with its name, as compilers say it.
fn load(file: &Path) -> Result<Sim, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{} can't be read ({error}); give --scenario a file", file.display()))?;
    let scenario = Scenario::from_yaml(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(scenario.build())
}

fn bind_message(port: u16, error: &io::Error) -> String {
    let reason = match error.kind() {
        io::ErrorKind::AddrInUse => format!("port {port} is taken"),
        io::ErrorKind::PermissionDenied => format!("port {port} needs more rights than this process has"),
        _ => format!("port {port} can't be listened on ({error})"),
    };
    format!("{reason}; choose another with --port, or a free one with --port 0")
}

/// A tenant with these users, and a group, so that there is something to look at.
fn simulator(users: &[String]) -> Sim {
    let builder = users.iter().fold(Sim::builder(), |builder, user| builder.user(user));
    builder.group("Pilots", users.first()).build()
}

/// Prints lines that a shell can evaluate.
fn write_introduction(out: &mut impl Write, sim: &Sim, users: &[String]) -> io::Result<()> {
    writeln!(out, "GRAPH_ROOT={}", sim.root())?;
    for user in users {
        writeln!(out, "{}={}", token_variable(user), sim.token(user))?;
    }
    if let Some(user) = users.first() {
        let variable = token_variable(user);
        writeln!(out, "# curl -H \"Authorization: Bearer ${variable}\" \"$GRAPH_ROOT/v1.0/groups\"")?;
    }
    out.flush()
}

/// `TOKEN_ADA` for `ada`; what a variable's name can't hold becomes an underscore.
fn token_variable(user: &str) -> String {
    let letter = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' };
    format!("TOKEN_{}", user.chars().map(letter).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_default_to_ada_and_can_be_many() {
        let users = |arguments: &[&str]| {
            let Command::Serve(serve) = Cli::try_parse_from(arguments).unwrap().command;
            (serve.port, serve.users)
        };
        assert_eq!(users(&["graph-sim", "serve"]), (8080, vec!["ada".to_owned()]));
        let given = users(&["graph-sim", "serve", "--port", "0", "--user", "bo", "--user", "cy"]);
        assert_eq!(given, (0, vec!["bo".to_owned(), "cy".to_owned()]));
    }

    #[test]
    fn the_introduction_is_ready_to_paste() {
        let users = ["ada".to_owned(), "mary-jo".to_owned()];
        let mut out = Vec::new();
        write_introduction(&mut out, &simulator(&users), &users).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "GRAPH_ROOT=https://graph.microsoft.com");
        assert!(lines[1].starts_with("TOKEN_ADA=ey") && lines[2].starts_with("TOKEN_MARY_JO=ey"));
        assert_eq!(lines[3], r#"# curl -H "Authorization: Bearer $TOKEN_ADA" "$GRAPH_ROOT/v1.0/groups""#);
    }

    #[test]
    fn a_scenario_that_is_wrong_is_named_with_its_place() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sim = load(&folder.join("scenarios/outage.yaml")).unwrap();
        assert_eq!(sim.users(), ["ada", "grace"]);
        let error = load(&folder.join("Cargo.toml")).unwrap_err();
        assert!(error.contains("Cargo.toml: line 1, column 1: "), "{error}");
        assert!(load(Path::new("nowhere.yaml")).unwrap_err().starts_with("nowhere.yaml can't be read"));
    }

    #[test]
    fn a_taken_port_is_named_with_the_remedy() {
        let message = bind_message(8080, &io::Error::from(io::ErrorKind::AddrInUse));
        assert_eq!(message, "port 8080 is taken; choose another with --port, or a free one with --port 0");
    }
}
