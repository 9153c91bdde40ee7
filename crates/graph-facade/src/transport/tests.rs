use std::error::Error as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use bytes::Bytes;
use http::{Method, Request, StatusCode};

use super::{HttpTransport, Transport, TransportError};

/// Answers one request over HTTP/1.1 and hands out what it was.
pub(super) fn serve_once(answer: &'static str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = connection.read(&mut request).unwrap();
        connection.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request[..length].to_vec()).unwrap()
    });
    (root, server)
}

pub(super) fn get(address: &str) -> Request<Bytes> {
    Request::get(address).header("prefer", "a").body(Bytes::new()).unwrap()
}

#[cfg(feature = "reqwest")]
fn over_reqwest() -> super::ReqwestTransport {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    super::ReqwestTransport::new(client.tls_backend_preconfigured(trusting_nobody()).build().unwrap())
}

/// reqwest makes no client without TLS if it is built with it.
#[cfg(feature = "reqwest")]
fn trusting_nobody() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    config.unwrap().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}

fn transports() -> Vec<Box<dyn Transport>> {
    vec![
        Box::new(HttpTransport::new().unwrap()),
        #[cfg(feature = "reqwest")]
        Box::new(over_reqwest()),
    ]
}

/// All that is said about why.
pub(super) fn reasons(error: &TransportError) -> String {
    let (mut reasons, mut next) = (Vec::new(), error.source());
    while let Some(cause) = next {
        reasons.push(cause.to_string());
        next = cause.source();
    }
    reasons.join(": ")
}

#[tokio::test]
async fn an_answer_comes_whole_and_redirects_are_left_alone() {
    let answer =
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nRetry-After: 2\r\nContent-Length: 4\r\n\r\nbody";
    for transport in transports() {
        let (root, server) = serve_once(answer);
        let response = transport.send(get(&format!("{root}/v1.0/x?%24top=1"))).await.unwrap();
        assert_eq!(response.status(), StatusCode::FOUND);
        assert_eq!(
            (&response.headers()["location"], &response.headers()["retry-after"]),
            (&"/elsewhere".parse().unwrap(), &"2".parse().unwrap())
        );
        assert_eq!(&response.body()[..], b"body");
        let request = server.join().unwrap();
        assert!(request.starts_with("GET /v1.0/x?%24top=1 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("prefer: a\r\n"), "{request}");
    }
}

#[tokio::test]
async fn a_refused_connection_was_not_sent_and_a_broken_one_may_have_been() {
    for transport in transports() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = transport.send(get(&format!("http://{closed}/v1.0/x?secret=1"))).await.unwrap_err();
        assert!(!error.maybe_processed(), "{error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");

        for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 20", ""] {
            let (root, server) = serve_once(answer);
            let error = transport.send(get(&format!("{root}/v1.0/x?secret=1"))).await.unwrap_err();
            assert!(error.maybe_processed(), "{error:?}");
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
            server.join().unwrap();
        }
    }
}

#[tokio::test]
async fn an_address_without_a_host_is_not_sent() {
    for transport in transports() {
        let error = transport.send(get("/v1.0/x")).await.unwrap_err();
        assert!(!error.maybe_processed(), "{error:?}");
    }
}

#[tokio::test]
async fn a_change_without_a_body_says_that_there_is_none() {
    for (method, expected) in [(Method::POST, true), (Method::GET, false), (Method::DELETE, false)] {
        let (root, server) = serve_once("HTTP/1.1 204 No Content\r\n\r\n");
        let request = Request::builder().method(&method).uri(format!("{root}/v1.0/x")).body(Bytes::new());
        HttpTransport::direct().unwrap().send(request.unwrap()).await.unwrap();
        let sent = server.join().unwrap();
        assert_eq!(sent.contains("content-length: 0\r\n"), expected, "{sent}");
        assert_eq!(sent.matches("content-length").count(), usize::from(expected), "{sent}");
    }
}

#[cfg(not(feature = "rustls"))]
#[tokio::test]
async fn without_tls_https_is_refused_with_the_remedy() {
    let error = HttpTransport::new().unwrap().send(get("https://127.0.0.1:1/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert!(reasons(&error).contains("turn its feature `rustls` on"), "{}", reasons(&error));
}
