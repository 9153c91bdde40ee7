use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio_rustls::TlsAcceptor;

use super::{Connector, Proxies, Route, tcp};
use crate::transport::tests::{get, reasons, serve_once};
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
    let proxies = Matcher::builder().all(proxy).no("localhost").build().into();
    HttpTransport::over(Connector::new(proxies).unwrap())
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
async fn a_proxy_that_refuses_ends_the_request_unsent() {
    let (address, proxy) = hear("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let transport = through(&format!("http://{address}"));
    let error = transport.send(get("https://graph.microsoft.com/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert!(reasons(&error).contains("proxy authorization required"), "{}", reasons(&error));
    assert!(proxy.join().unwrap().1.is_empty());
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
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let transport = through(&format!("http://{}", listener.local_addr().unwrap()));
    let error = transport.send(get("https://graph.microsoft.com/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert!(reasons(&error).contains("no connection within 10s"), "{}", reasons(&error));
}

/// Says over HTTP/2 how it was asked, and with which certificate it does.
async fn serve_http_2() -> (SocketAddr, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.der().clone(), made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    let mut config =
        config.with_single_cert(vec![certificate.clone()], PrivateKeyDer::try_from(key).unwrap()).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let tls = TlsAcceptor::from(Arc::new(config)).accept(tcp).await.unwrap();
        let answer = service_fn(|request: Request<_>| async move {
            let said = format!("{:?} {} {}", request.version(), request.method(), request.uri());
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(said))))
        });
        http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(tls), answer).await
    });
    (address, certificate)
}

/// A proxy of one connection, which leads to `target` whatever is asked for.
async fn tunnel(target: SocketAddr) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            near.read_buf(&mut asked).await.unwrap();
        }
        let mut far = tokio::net::TcpStream::connect(target).await.unwrap();
        near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        copy_bidirectional(&mut near, &mut far).await
    });
    address
}

fn trusting(certificate: CertificateDer<'static>, proxies: Proxies) -> HttpTransport {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    HttpTransport::over(Connector(Route::over(tcp(), config, proxies)))
}

#[tokio::test]
async fn requests_share_a_connection_of_http_2_also_through_a_tunnel() {
    for tunnelled in [false, true] {
        let (server, certificate) = serve_http_2().await;
        let proxies = if tunnelled {
            Matcher::builder().all(format!("http://{}", tunnel(server).await)).build().into()
        } else {
            Proxies::none()
        };
        let transport = trusting(certificate, proxies);
        let address = format!("https://localhost:{}/v1.0/x", server.port());
        for _ in 0..2 {
            let request = Request::post(&address).body(Bytes::new()).unwrap();
            let answer = transport.send(request).await.unwrap();
            assert_eq!(str::from_utf8(answer.body()).unwrap(), format!("HTTP/2.0 POST {address}"));
        }
    }
}
