//! Real HTTP on loopback.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::{Fault, ServeError, Sim};

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn address(sim: &Sim) -> String {
    sim.root().replace("http://", "")
}

/// Sends bytes on a connection of their own and reads until it is closed.
async fn send(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has seen enough may close before the last byte.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    // A reset ends the answer too.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(sim: &Sim, host: &str, path: &str) -> String {
    let token = sim.token("ada");
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    )
}

/// Sends one request on a connection of its own and reads until it is closed.
async fn exchange(sim: &Sim, host: &str, path: &str) -> String {
    send(&address(sim), get(sim, host, path).as_bytes()).await
}

/// Runs the server beside `requests`, which end the test.
async fn while_serving(
    serving: impl Future<Output = Result<(), ServeError>>,
    requests: impl Future<Output = ()>,
) {
    tokio::select! {
        served = serving => panic!("serving ended: {served:?}"),
        () = requests => {}
    }
}

#[tokio::test]
async fn http_on_loopback() {
    let fault = Fault::lose_connection("users.get");
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).fault(fault).build();
    let listener = listener().await;
    let port = listener.local_addr().unwrap().port();
    let serving = sim.serve(listener);
    assert_eq!(sim.root(), format!("http://127.0.0.1:{port}"));
    while_serving(serving, async {
        let host = format!("127.0.0.1:{port}");
        let answer = exchange(&sim, &host, "/v1.0/groups?$top=1").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains(&format!("http://127.0.0.1:{port}/v1.0/$metadata#groups")), "{answer}");
        let lost = exchange(&sim, &host, "/v1.0/users/ada@contoso.example").await;
        assert_eq!(lost, "", "the connection closes without an answer");
        let stranger = send(
            &host,
            format!("GET /v1.0/groups HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        let challenge = format!("authorization_uri=http://{host}/common/oauth2/authorize,");
        assert!(stranger.starts_with("HTTP/1.1 401 ") && stranger.contains(&challenge), "{stranger}");
        assert_eq!(sim.violations(), [""; 0]);
        let foreign = exchange(&sim, "evil.example", "/v1.0/groups").await;
        assert!(foreign.starts_with("HTTP/1.1 421 "), "{foreign}");
    })
    .await;
    assert_eq!(sim.violations().len(), 1);
}

#[tokio::test]
async fn other_machines_are_kept_out() {
    let sim = Sim::builder().build();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(matches!(sim.serve(listener).await, Err(ServeError::NotLoopback(_))));
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(matches!(sim.server().serve_admin(listener).await, Err(ServeError::NotLoopback(_))));
    assert_eq!(sim.root(), "https://graph.microsoft.com");
}

#[tokio::test]
async fn whatever_comes_the_server_goes_on() {
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).build();
    let serving = sim.serve(listener().await);
    let host = address(&sim);
    let token = sim.token("ada");
    let head = |start: &str| {
        format!("{start} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n")
    };
    let posted = |body: &str| {
        let start = head("POST /v1.0/groups");
        format!("{start}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let of_length = |length: &str| format!("{}Content-Length: {length}\r\n\r\n", head("POST /v1.0/groups"));
    while_serving(serving, async {
        for (what, bytes, expected) in [
            ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n".to_owned(), "400"),
            ("no HTTP", "hello\r\n\r\n".to_owned(), "400"),
            ("HTTP of the future", "GET / HTTP/9.9\r\n\r\n".to_owned(), "400"),
            ("no host", "GET /v1.0/groups HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), "421"),
            ("a zero in a header", format!("{}X: a\0b\r\n\r\n", head("GET /v1.0/groups")), "400"),
            (
                "a header without end",
                format!("{}X: {}\r\n\r\n", head("GET /v1.0/groups"), "a".repeat(1 << 20)),
                "431",
            ),
            ("a length that is none", of_length("ten"), "400"),
            (
                "two lengths",
                format!(
                    "{}Content-Length: 5\r\n\r\nhello",
                    of_length("4").trim_end_matches("\r\n\r\n").to_owned() + "\r\n"
                ),
                "400",
            ),
            (
                "a chunk that is none",
                format!("{}Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello", head("POST /v1.0/groups")),
                "400",
            ),
            ("a body that is too large", format!("{}{}", of_length("5000000"), "a".repeat(5_000_000)), "413"),
            ("no JSON", posted("{\"displayName\": "), "400"),
            ("JSON of another kind", posted("7"), "400"),
            ("JSON that is too deep", posted(&nested), "400"),
            ("no UTF-8", format!("{}\r\n", head("GET /v1.0/groups/%ff%fe")), "404"),
            ("no path", format!("{}\r\n", head("OPTIONS *")), "404"),
            ("an unknown method", format!("{}\r\n", head("BREW /v1.0/groups")), "405"),
        ] {
            let answer = send(&host, bytes.as_bytes()).await;
            assert_eq!(answer.split(' ').nth(1), Some(expected), "{what}: {answer}");
            let next = exchange(&sim, &host, "/v1.0/groups").await;
            assert!(next.starts_with("HTTP/1.1 200 OK\r\n"), "after {what}: {next}");
        }
        // Half a request, and gone.
        TcpStream::connect(&host).await.unwrap().write_all(b"POST /v1.0/gro").await.unwrap();
        assert!(exchange(&sim, &host, "/v1.0/groups").await.starts_with("HTTP/1.1 200 OK\r\n"));
    })
    .await;
}

/// A server with a request under way that takes an hour; what comes of the request, and of the server.
async fn shut_down(grace: Duration, is_patient: bool) -> String {
    let hour = Duration::from_secs(3_600);
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(Fault::delay("groups.list", hour)).build();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = sim.server().grace(grace).until(async {
        let _ = stopped.await;
    });
    let serving = tokio::spawn(server.serve(listener().await));
    let host = address(&sim);
    // Idle, and open when the signal comes.
    let _idle = TcpStream::connect(&host).await.unwrap();
    let request = tokio::spawn({
        let (host, bytes) = (host.clone(), get(&sim, &host, "/v1.0/groups").into_bytes());
        async move { send(&host, &bytes).await }
    });
    while sim.journal().entries().is_empty() {
        tokio::task::yield_now().await;
    }
    stop.send(()).unwrap();
    while TcpStream::connect(&host).await.is_ok() {
        tokio::task::yield_now().await;
    }
    if is_patient {
        sim.advance(hour);
    }
    let answer = request.await.unwrap();
    serving.await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn a_server_that_shuts_down_answers_what_is_under_way() {
    let answer = shut_down(Duration::from_secs(600), true).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with('}'), "{answer}");
}

#[tokio::test]
async fn after_the_time_of_grace_connections_are_cut_off() {
    assert_eq!(shut_down(Duration::ZERO, false).await, "");
}
