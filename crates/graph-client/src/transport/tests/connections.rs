//! Connections that do not come about, break or end.

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use http::StatusCode;
use tokio::time::timeout;

use super::server::{read_some, serve_once};
use super::{Over, get};
#[cfg(feature = "rustls")]
use super::{Settings, reasons};
use crate::transport::Transport as _;

const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

pub(super) async fn whole_answer(over: Over) {
    let answer =
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nRetry-After: 2\r\nContent-Length: 4\r\n\r\nbody";
    let (root, server) = serve_once(answer);
    let response = over.plain().send(get(&format!("{root}/v1.0/x?%24top=1"))).await.unwrap();
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

pub(super) async fn refused_or_broken(over: Over) {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = over.plain().send(get(&format!("http://{closed}/v1.0/x?secret=1"))).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");

    for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 20", ""] {
        let (root, server) = serve_once(answer);
        let error = over.plain().send(get(&format!("{root}/v1.0/x?secret=1"))).await.unwrap_err();
        assert!(error.maybe_processed(), "{error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        server.join().unwrap();
    }
}

pub(super) async fn no_host(over: Over) {
    let error = over.plain().send(get("/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
}

/// Answers on each of two connections once; between the two, the first is half closed and kept.
pub(super) async fn half_closed_while_idle(over: Over) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let (close, closing) = std::sync::mpsc::channel();
    let (closed, now_closed) = tokio::sync::oneshot::channel();
    let server = thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        read_some(&mut first);
        first.write_all(NO_CONTENT).unwrap();
        closing.recv().unwrap();
        first.shutdown(std::net::Shutdown::Write).unwrap();
        closed.send(()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        read_some(&mut second);
        second.write_all(NO_CONTENT).unwrap();
        drop(first);
    });
    let transport = over.plain();
    transport.send(get(&root)).await.unwrap();
    close.send(()).unwrap();
    now_closed.await.unwrap();
    // The connection's own task hears of it.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    transport.send(get(&root)).await.unwrap();
    server.join().unwrap();
}

pub(super) async fn given_up(over: Over) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let (asked, now_asked) = tokio::sync::oneshot::channel();
    let server = thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        read_some(&mut first);
        asked.send(()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        read_some(&mut second);
        second.write_all(NO_CONTENT).unwrap();
        drop(first);
    });
    let transport = over.plain();
    tokio::select! {
        answer = transport.send(get(&root)) => panic!("{answer:?}"),
        asked = now_asked => asked.unwrap(),
    }
    transport.send(get(&root)).await.unwrap();
    server.join().unwrap();
}

#[cfg(feature = "rustls")]
pub(super) async fn no_tunnel(over: Over) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let transport = over.with(&Settings { proxy: Some(proxy), ..Settings::default() });
    ends_unsent_in_ten_seconds(&transport, "https://graph.microsoft.com/v1.0/x").await;
}

#[cfg(feature = "rustls")]
pub(super) async fn no_handshake(over: Over) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}/v1.0/x", listener.local_addr().unwrap());
    ends_unsent_in_ten_seconds(&over.plain(), &address).await;
}

#[cfg(feature = "rustls")]
async fn ends_unsent_in_ten_seconds(transport: &super::Either, address: &str) {
    tokio::time::pause();
    let outcome = timeout(Duration::from_secs(11), transport.send(get(address))).await;
    tokio::time::resume();
    let error = outcome.unwrap().unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
}

/// Nothing listens at the proxy.
#[cfg(feature = "rustls")]
pub(super) async fn past_the_proxy(over: Over) {
    let (root, server) = serve_once("HTTP/1.1 204 No Content\r\n\r\n");
    let transport =
        over.with(&Settings { proxy: Some("http://127.0.0.1:1".to_owned()), ..Settings::default() });
    transport.send(get(&format!("{root}/v1.0/x"))).await.unwrap();
    server.join().unwrap();
}

#[cfg(feature = "rustls")]
pub(super) async fn refused_tunnel(over: Over) {
    let (proxy, server) = serve_once("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let transport = over.with(&Settings { proxy: Some(proxy), ..Settings::default() });
    let error = transport.send(get("https://graph.microsoft.com/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert!(reasons(&error).contains("proxy authorization required"), "{}", reasons(&error));
    let asked = server.join().unwrap();
    assert!(asked.starts_with("CONNECT graph.microsoft.com:443 HTTP/1.1\r\n"), "{asked}");
    assert!(!asked.contains("v1.0") && !asked.contains("prefer"), "{asked}");
}
