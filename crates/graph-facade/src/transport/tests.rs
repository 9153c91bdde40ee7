use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use bytes::Bytes;
use http::{Request, StatusCode};

use super::{HttpTransport, Transport};

/// Answers one request over HTTP/1.1 and hands out what it was.
fn serve_once(answer: &'static str) -> (String, thread::JoinHandle<String>) {
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

fn get(address: &str) -> Request<Bytes> {
    Request::get(address).header("prefer", "a").body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn an_answer_comes_whole_and_redirects_are_left_alone() {
    let answer =
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nRetry-After: 2\r\nContent-Length: 4\r\n\r\nbody";
    let (root, server) = serve_once(answer);
    let response = HttpTransport::new().unwrap().send(get(&format!("{root}/v1.0/x?%24top=1"))).await.unwrap();
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

#[tokio::test]
async fn a_refused_connection_was_not_sent_and_a_broken_one_may_have_been() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let transport = HttpTransport::new().unwrap();
    let error = transport.send(get(&format!("http://{closed}/v1.0/x?secret=1"))).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");

    let (root, server) = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    let error = transport.send(get(&format!("{root}/v1.0/x"))).await.unwrap_err();
    assert!(error.maybe_processed(), "{error:?}");
    server.join().unwrap();
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn https_offers_http_2_and_sends_nothing_without_a_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}/v1.0/x", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut hello = vec![0; 4096];
        let length = connection.read(&mut hello).unwrap();
        hello.truncate(length);
        hello
    });
    let error = HttpTransport::direct().unwrap().send(get(&address)).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    let hello = server.join().unwrap();
    assert_eq!(hello[0], 22, "a handshake's record");
    let offered = b"\x02h2\x08http/1.1";
    assert!(hello.windows(offered.len()).any(|window| window == offered), "{hello:?}");
}
