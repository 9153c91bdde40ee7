//! The program as a shell starts it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// The program, and the variables that it printed. It ends with the test.
struct Program {
    process: Child,
    variables: BTreeMap<String, String>,
}

impl Program {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_graph-sim"))
            .args(["serve", "--port", "0", "--admin", "--stopped", "--user", "ada"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        // The last line is the comment.
        let printed = lines.take_while(|line| !line.starts_with('#'));
        let pairs =
            printed.filter_map(|line| line.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())));
        let variables = pairs.collect();
        Self { process, variables }
    }

    /// Sends one request and reads the answer; `root` is the variable that holds the address.
    fn send(&self, root: &str, method: &str, path: &str, more: &str, body: &str) -> String {
        let address = self.variables[root].strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.process.kill();
    }
}

#[test]
fn it_serves_until_it_is_told_to_end() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start();
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope={}/.default",
            program.variables["AZURE_CLIENT_ID"],
            program.variables["AZURE_CLIENT_SECRET"],
            program.variables["GRAPH_ROOT"],
        );
        let path = format!("/{}/oauth2/v2.0/token", program.variables["AZURE_TENANT_ID"]);
        let answer = program.send("AZURE_AUTHORITY_HOST", "POST", &path, "", &form);
        let token = answer.split("\"access_token\":\"").nth(1).unwrap().split('"').next().unwrap();
        for token in [token, &program.variables["TOKEN_ADA"]] {
            let header = format!("Authorization: Bearer {token}\r\n");
            let groups = program.send("GRAPH_ROOT", "GET", "/v1.0/groups", &header, "");
            assert!(groups.starts_with("HTTP/1.1 200 OK\r\n") && groups.contains("\"Pilots\""), "{groups}");
        }
        let clock = program.send(
            "GRAPH_ADMIN",
            "POST",
            "/clock",
            "Content-Type: application/json\r\n",
            "{\"advance\": 86400}",
        );
        assert!(clock.contains("\"2026-01-06T08:00:00Z\""), "{clock}");
        let header = format!("Authorization: Bearer {token}\r\n");
        let refused = program.send("GRAPH_ROOT", "GET", "/v1.0/groups", &header, "");
        assert!(refused.starts_with("HTTP/1.1 401 "), "the token has ended: {refused}");

        program.signal(signal);
        assert!(program.process.wait().unwrap().success(), "{signal}");
    }
}
