//! Real HTTP on loopback.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Fault, ServeError, Sim};

/// Sends one request on a connection of its own and reads until it is closed.
async fn exchange(sim: &Sim, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(sim.root().replace("http://", "")).await.unwrap();
    let token = sim.token("ada");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A reset ends the answer too.
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn http_on_loopback() {
    let fault = Fault::lose_connection("users.get");
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).fault(fault).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = sim.serve(listener);
    assert_eq!(sim.root(), format!("http://127.0.0.1:{port}"));

    let requests = async {
        let host = format!("127.0.0.1:{port}");
        let answer = exchange(&sim, &host, "/v1.0/groups?$top=1").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains(&format!("http://127.0.0.1:{port}/v1.0/$metadata#groups")), "{answer}");
        let lost = exchange(&sim, &host, "/v1.0/users/ada@contoso.example").await;
        assert_eq!(lost, "", "the connection closes without an answer");
        assert_eq!(sim.violations(), [""; 0]);
        let foreign = exchange(&sim, "evil.example", "/v1.0/groups").await;
        assert!(foreign.starts_with("HTTP/1.1 421 "), "{foreign}");
    };
    tokio::select! {
        served = serving => panic!("serving ended: {served:?}"),
        () = requests => {}
    }
    assert_eq!(sim.violations().len(), 1);
}

#[tokio::test]
async fn other_machines_are_kept_out() {
    let sim = Sim::builder().build();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(matches!(sim.serve(listener).await, Err(ServeError::NotLoopback(_))));
    assert_eq!(sim.root(), "https://graph.microsoft.com");
}
