//! Runs the embedded Graph as an HTTP server on loopback: `graph-sim serve --port 8080 --user ada --user grace`.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use graph_sim::{App, Scenario, Sim};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// An embedded Microsoft Graph.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP on 127.0.0.1 until Ctrl-C or SIGTERM, and print shell variables to use it with.
    ///
    /// Graph is below /v1.0 and /beta. Microsoft Entra's part is there too, so that credential libraries work against it:
    /// /TENANT/oauth2/v2.0/token (client credentials, device code, refresh, on-behalf-of), /TENANT/oauth2/v2.0/devicecode,
    /// /TENANT/v2.0/.well-known/openid-configuration, and /devicelogin for the user.
    ///
    /// With --admin, a second port is for tests in other processes: it advances the simulated time, tells the state and the
    /// journal, adds faults, hands out tokens and begins anew. GET / there lists what it has.
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
    /// Serve the admin endpoint too, on this port; without a number, on a free one.
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "0")]
    admin: Option<u16>,
    /// Stop the simulated clock from the start: it then goes by what the admin endpoint advances alone.
    #[arg(long, requires = "admin")]
    stopped: bool,
    /// Serve HTTPS with a certificate that is made now, and write it into this file, for clients to trust.
    #[arg(long, value_name = "FILE")]
    tls: Option<std::path::PathBuf>,
    /// The address that clients use instead of the listener's, such as `https://graph.microsoft.com`: for programs that find that host on this
    /// machine, by an entry in the hosts file. The certificate of --tls is good for it, and for the login host of Microsoft's clouds.
    #[arg(long, value_name = "ORIGIN")]
    root: Option<String>,
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
    let listener = bind(options.port, "--port").await?;
    let listening = listener.local_addr().map_err(|error| Failure::of(&error))?;
    let admin = match options.admin {
        Some(port) => Some(bind(port, "--admin").await?),
        None => None,
    };
    if options.stopped {
        sim.stop_clock();
    }
    let (stop, stopped) = watch::channel(());
    let signal = || {
        let mut stopped = stopped.clone();
        async move { while stopped.changed().await.is_ok() {} }
    };
    let server = sim.server().until(signal());
    let server = with_certificate(server, options)?;
    let server = match &options.root {
        Some(root) => {
            server.root(root).map_err(|error| Failure { message: format!("--root: {error}"), code: USAGE })?
        }
        None => server,
    };
    let serving = server.serve(listener);
    let address = admin.as_ref().and_then(|admin| admin.local_addr().ok());
    let administering = admin.map(|admin| sim.server().until(signal()).serve_admin(admin));

    let admin = address.map(|it| it.to_string());
    let introduction = Introduction { sim: &sim, users: &users, admin, listening, options };
    introduction.write(&mut io::stdout()).map_err(|error| Failure::of(&error))?;
    if let Some(warning) = warning(options) {
        writeln!(io::stderr(), "graph-sim: {warning}").map_err(|error| Failure::of(&error))?;
    }
    let both = async {
        match administering {
            Some(administering) => tokio::try_join!(serving, administering).map(|((), ())| ()),
            None => serving.await,
        }
    };
    let mut both = std::pin::pin!(both);
    tokio::select! {
        outcome = &mut both => return outcome.map_err(|error| Failure::of(&error)),
        interrupted = interrupted() => interrupted.map_err(|error| Failure::of(&error))?,
    }
    drop(stop);
    both.await.map_err(|error| Failure::of(&error))
}

/// Ctrl-C or, where there is such a thing, SIGTERM.
async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[cfg(feature = "tls")]
fn with_certificate(server: graph_sim::Server, options: &Serve) -> Result<graph_sim::Server, Failure> {
    let Some(file) = &options.tls else { return Ok(server) };
    let hosts = options.root.as_deref().map(hosts_of).unwrap_or_default();
    let certificate = graph_sim::Certificate::for_hosts(hosts).map_err(|error| Failure::of(&error))?;
    certificate.write(file).map_err(|error| {
        let message = format!("the certificate can't be written to {}: {error}", file.display());
        Failure { message, code: USAGE }
    })?;
    Ok(server.tls(&certificate))
}

/// The hosts that a root and its token endpoint may have.
#[cfg(feature = "tls")]
fn hosts_of(root: &str) -> Vec<String> {
    const LOGIN: [&str; 3] =
        ["login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn"];
    let authority = authority_of(root);
    let host = authority.as_ref().map(|it| it.host().trim_matches(['[', ']']));
    host.into_iter().chain(LOGIN).map(str::to_owned).collect()
}

fn authority_of(root: &str) -> Option<http::uri::Authority> {
    root.trim_end_matches('/').split_once("://")?.1.parse().ok()
}

/// What clients may wonder about.
fn warning(options: &Serve) -> Option<&'static str> {
    let is_https = options.root.as_deref()?.to_ascii_lowercase().starts_with("https:");
    (is_https && options.tls.is_none()).then_some(
        "--root is https, and the listener speaks plain HTTP: put something before it that ends TLS, or give --tls FILE",
    )
}

#[cfg(not(feature = "tls"))]
fn with_certificate(server: graph_sim::Server, options: &Serve) -> Result<graph_sim::Server, Failure> {
    match options.tls {
        None => Ok(server),
        Some(_) => {
            let message = "this program was built without TLS: build it with `--features tls`".to_owned();
            Err(Failure { message, code: USAGE })
        }
    }
}

/// The tenant of a file; what is wrong with it begins with its name, as compilers say it.
fn load(file: &Path) -> Result<Sim, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{} can't be read ({error}); give --scenario a file", file.display()))?;
    let scenario = Scenario::from_yaml(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(scenario.build())
}

async fn bind(port: u16, option: &str) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map_err(|error| Failure { message: bind_message(port, option, &error), code: USAGE })
}

fn bind_message(port: u16, option: &str, error: &io::Error) -> String {
    let reason = match error.kind() {
        io::ErrorKind::AddrInUse => format!("port {port} is taken"),
        io::ErrorKind::PermissionDenied => format!("port {port} needs more rights than this process has"),
        _ => format!("port {port} can't be listened on ({error})"),
    };
    format!("{reason}; choose another with {option}, or a free one with {option} 0")
}

/// A tenant with these users, and a group, so that there is something to look at.
fn simulator(users: &[String]) -> Sim {
    let builder = users.iter().fold(Sim::builder(), |builder, user| builder.user(user));
    builder.group("Pilots", users.first()).build()
}

/// What is printed at the start: lines that a shell can evaluate.
struct Introduction<'a> {
    sim: &'a Sim,
    users: &'a [String],
    admin: Option<String>,
    listening: SocketAddr,
    options: &'a Serve,
}

impl Introduction<'_> {
    /// What curl needs to be told to get to the listener by the root's address.
    fn way(&self) -> String {
        let Some(authority) = self.options.root.as_deref().and_then(authority_of) else {
            return String::new();
        };
        let is_https = self.sim.root().starts_with("https:");
        let port = authority.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        format!("--connect-to {}:{port}:{} ", authority.host(), self.listening)
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "GRAPH_ROOT={}", self.sim.root())?;
        if self.options.root.is_some() {
            writeln!(out, "# listening on {}", self.listening)?;
        }
        for user in self.users {
            writeln!(out, "{}={}", token_variable(user), self.sim.token(user))?;
        }
        writeln!(out, "AZURE_AUTHORITY_HOST={}", self.sim.authority())?;
        writeln!(out, "AZURE_TENANT_ID={}", Sim::TENANT_ID)?;
        writeln!(out, "AZURE_CLIENT_ID={}", App::DEFAULT_ID)?;
        writeln!(out, "AZURE_CLIENT_SECRET={}", App::DEFAULT_SECRET)?;
        if let Some(admin) = &self.admin {
            writeln!(out, "GRAPH_ADMIN=http://{admin}")?;
        }
        if let Some(user) = self.users.first() {
            let variable = token_variable(user);
            let trust = self.options.tls.as_ref().map(|file| format!("--cacert {} ", file.display()));
            let (trust, way) = (trust.unwrap_or_default(), self.way());
            writeln!(
                out,
                "# curl {trust}{way}-H \"Authorization: Bearer ${variable}\" \"$GRAPH_ROOT/v1.0/groups\""
            )?;
        }
        out.flush()
    }
}

/// `TOKEN_ADA` for `ada`; what a variable's name can't hold becomes an underscore.
fn token_variable(user: &str) -> String {
    let letter = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' };
    format!("TOKEN_{}", user.chars().map(letter).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Serve {
        let Command::Serve(serve) =
            Cli::try_parse_from(["graph-sim", "serve"].iter().chain(arguments)).unwrap().command;
        serve
    }

    #[test]
    fn users_default_to_ada_and_can_be_many() {
        let users = |arguments: &[&str]| {
            let serve = parse(arguments);
            (serve.port, serve.users)
        };
        assert_eq!(users(&[]), (8080, vec!["ada".to_owned()]));
        let given = users(&["--port", "0", "--user", "bo", "--user", "cy"]);
        assert_eq!(given, (0, vec!["bo".to_owned(), "cy".to_owned()]));
    }

    #[test]
    fn the_admin_endpoint_is_there_on_request_alone() {
        let admin = |arguments: &[&str]| parse(arguments).admin;
        assert_eq!(admin(&[]), None);
        assert_eq!(admin(&["--admin"]), Some(0));
        assert!(parse(&["--admin", "--stopped"]).stopped);
        assert!(Cli::try_parse_from(["graph-sim", "serve", "--stopped"]).is_err(), "nothing could move it");
        assert_eq!(admin(&["--admin", "8081", "--user", "bo"]), Some(8081));
    }

    #[test]
    fn the_introduction_is_ready_to_paste() {
        let users = ["ada".to_owned(), "mary-jo".to_owned()];
        let mut out = Vec::new();
        let admin = Some("127.0.0.1:8081".to_owned());
        let listening = (Ipv4Addr::LOCALHOST, 8080).into();
        let sim = simulator(&users);
        let options = parse(&[]);
        let introduction =
            Introduction { sim: &sim, users: &users, admin: admin.clone(), listening, options: &options };
        introduction.write(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "GRAPH_ROOT=https://graph.microsoft.com");
        assert_eq!(lines[3], "AZURE_AUTHORITY_HOST=https://login.microsoftonline.com");
        assert!(lines[1].starts_with("TOKEN_ADA=ey") && lines[2].starts_with("TOKEN_MARY_JO=ey"));
        let names: Vec<&str> = lines[3..7].iter().filter_map(|line| line.split('=').next()).collect();
        let expected = ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
        assert_eq!(names, expected);
        assert_eq!(lines[7], "GRAPH_ADMIN=http://127.0.0.1:8081");
        assert_eq!(lines[8], r#"# curl -H "Authorization: Bearer $TOKEN_ADA" "$GRAPH_ROOT/v1.0/groups""#);
    }

    #[test]
    fn a_root_of_ones_own_comes_with_the_way_to_it() {
        let users = ["ada".to_owned()];
        let sim = simulator(&users);
        let last_line = |arguments: &[&str]| {
            let options = parse(arguments);
            let mut out = Vec::new();
            let listening = (Ipv4Addr::LOCALHOST, 18080).into();
            let introduction =
                Introduction { sim: &sim, users: &users, admin: None, listening, options: &options };
            introduction.write(&mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains("# listening on 127.0.0.1:18080"), "{text}");
            (text.lines().last().unwrap().to_owned(), warning(&options).is_some())
        };
        let (line, has_warning) = last_line(&["--root", "https://graph.microsoft.com"]);
        assert!(
            line.starts_with("# curl --connect-to graph.microsoft.com:443:127.0.0.1:18080 -H "),
            "{line}"
        );
        assert!(has_warning);
        let (line, has_warning) = last_line(&["--root", "https://[::1]:8443", "--tls", "ca.pem"]);
        assert!(
            line.starts_with("# curl --cacert ca.pem --connect-to [::1]:8443:127.0.0.1:18080 -H "),
            "{line}"
        );
        assert!(!has_warning);
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
        let message = bind_message(8080, "--port", &io::Error::from(io::ErrorKind::AddrInUse));
        assert_eq!(message, "port 8080 is taken; choose another with --port, or a free one with --port 0");
    }
}
