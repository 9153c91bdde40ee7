use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;

use super::{Connector, Roots, Route, tcp};
use crate::transport::tests::server::serve_once;
use crate::transport::tests::{get, reasons};
use crate::transport::{HttpTransport, Transport as _};

/// What comes over the first connection, which is answered with nothing but `answer`.
fn hear(answer: &'static str) -> (String, thread::JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let first = if answer.is_empty() { Vec::new() } else { next(&mut connection) };
        connection.write_all(answer.as_bytes()).unwrap();
        (String::from_utf8(first).unwrap(), next(&mut connection))
    });
    (address, heard)
}

fn next(connection: &mut TcpStream) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    let length = connection.read(&mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

fn assert_offers_http_2(hello: &[u8]) {
    assert_eq!(hello[0], 22, "a handshake's record");
    let offered = b"\x02h2\x08http/1.1";
    assert!(hello.windows(offered.len()).any(|window| window == offered), "{hello:?}");
}

fn through(proxy: &str) -> HttpTransport {
    let proxies = Some(Arc::new(Matcher::builder().all(proxy).no("localhost").build()));
    let route = Route::new(tcp(), proxies, &Roots::default()).unwrap();
    HttpTransport::over(Connector { route, timeout: Duration::from_secs(10) })
}

#[tokio::test]
async fn https_offers_http_2_and_sends_nothing_without_a_handshake() {
    let (address, server) = hear("");
    let transport = HttpTransport::direct().unwrap();
    let error = transport.send(get(&format!("https://{address}/v1.0/x"))).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert_offers_http_2(&server.join().unwrap().1);
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_and_sees_nothing_of_what_goes_through_it() {
    let (address, proxy) = hear("HTTP/1.1 200 OK\r\n\r\n");
    let transport = through(&format!("http://ada:secret@{address}"));
    let error = transport.send(get("https://graph.microsoft.com/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    let (asked, hello) = proxy.join().unwrap();
    assert!(asked.starts_with("CONNECT graph.microsoft.com:443 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("Proxy-Authorization: Basic YWRhOnNlY3JldA==\r\n"), "{asked}");
    assert!(!asked.contains("v1.0") && !asked.contains("prefer"), "{asked}");
    assert_offers_http_2(&hello);
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_refused_with_the_remedy_and_without_its_password() {
    let transport = through("socks5h://ada:secret@127.0.0.1:1");
    let error = transport.send(get("https://graph.microsoft.com/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    let reasons = reasons(&error);
    assert!(reasons.contains("`socks5h`") && reasons.contains("reqwest's feature `socks`"), "{reasons}");
    assert!(!format!("{error:?}{transport:?}").contains("secret"), "{error:?} {transport:?}");
}

#[tokio::test]
async fn plain_http_and_excepted_hosts_go_past_the_proxy() {
    let transport = through("http://127.0.0.1:1");
    let (root, server) = serve_once("HTTP/1.1 204 No Content\r\n\r\n");
    transport.send(get(&format!("{root}/v1.0/x"))).await.unwrap();
    assert!(server.join().unwrap().starts_with("GET /v1.0/x"));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || next(&mut listener.accept().unwrap().0));
    transport.send(get(&format!("https://localhost:{port}/v1.0/x"))).await.unwrap_err();
    assert_offers_http_2(&server.join().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_come_about_ends_unsent() {
    for (builder, expected) in [
        (HttpTransport::builder(), "no connection within 10s"),
        (HttpTransport::builder().connect_timeout(Duration::from_secs(3)), "no connection within 3s"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let transport = builder.proxy(proxy).build().unwrap();
        let error = transport.send(get("https://graph.microsoft.com/v1.0/x")).await.unwrap_err();
        assert!(!error.maybe_processed(), "{error:?}");
        assert!(reasons(&error).contains(expected), "{}", reasons(&error));
    }
}

#[test]
fn a_proxy_that_would_be_passed_over_is_refused_without_its_password() {
    for wrong in
        ["proxy.contoso.example", "socks5://ada:secret@proxy:1080", "http://", "http:// proxy", "", "ftp://a"]
    {
        let builder = HttpTransport::builder().proxy(wrong);
        let shown = format!("{builder:?}");
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains("pass one such as http://"), "{error}");
        assert!(error.contains(wrong.rsplit('@').next().unwrap()), "{error}");
        assert!(!error.contains("secret") && !shown.contains("secret"), "{error} {shown}");
    }
}

#[test]
fn root_certificates_that_cannot_be_read_are_refused() {
    let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    for (wrong, expected) in [("no PEM at all", "no `BEGIN CERTIFICATE`"), (broken, "no PEM")] {
        let error = HttpTransport::builder().add_root_certificates(wrong).build().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// A process without the system's certificates, as in a slim container.
#[cfg(target_os = "linux")]
#[test]
fn without_certificates_the_error_says_what_to_install() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let name = module_path!().split_once("::").unwrap().1;
    child.args(["--exact", &format!("{name}::is_without_certificates"), "--ignored", "--nocapture"]);
    let output = child.env("SSL_CERT_FILE", "/nowhere").env_remove("SSL_CERT_DIR").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run in a process without certificates"]
fn is_without_certificates() {
    let error = HttpTransport::new().unwrap_err();
    assert!(error.to_string().contains("`ca-certificates`"), "{error}");
    assert!(format!("{error:?}").ends_with(&error.to_string()), "{error:?}");
}
