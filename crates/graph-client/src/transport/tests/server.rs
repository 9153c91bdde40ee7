//! Servers on the loopback that do what servers should not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

/// Answers one request over HTTP/1.1 and hands out what it was.
pub(in crate::transport) fn serve_once(answer: &'static str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let request = read_some(&mut connection);
        connection.write_all(answer.as_bytes()).unwrap();
        request
    });
    (root, server)
}

pub(super) fn read_some(connection: &mut impl Read) -> String {
    let mut request = [0; 4096];
    let length = connection.read(&mut request).unwrap();
    String::from_utf8(request[..length].to_vec()).unwrap()
}

/// How much a server sends whose client never says stop.
pub(super) const FLOOD: usize = 256 * 1024 * 1024;

/// Answers one request with `head` and then `piece` again and again. Says how many bytes it could get rid of.
pub(super) fn flood(head: &'static str, piece: &str) -> (String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let pieces = piece.repeat(65_536 / piece.len());
    let server = tokio::task::spawn_blocking(move || {
        let (mut connection, _) = listener.accept().unwrap();
        read_some(&mut connection);
        connection.write_all(head.as_bytes()).unwrap();
        let mut sent = 0;
        while sent < FLOOD && connection.write_all(pieces.as_bytes()).is_ok() {
            sent += pieces.len();
        }
        sent
    });
    (root, server)
}

#[cfg(feature = "rustls")]
pub(super) use over_tls::{Http2, Relay, Whim, proxy};

#[cfg(feature = "rustls")]
mod over_tls {
    use std::convert::Infallible;
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use futures_util::stream;
    use http::{Request, Response};
    use http_body_util::combinators::BoxBody;
    use http_body_util::{BodyExt as _, Full, StreamBody};
    use hyper::body::{Frame, Incoming};
    use hyper::server::conn::http2;
    use hyper::service::service_fn;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::ServerConfig;
    use rustls::crypto::ring;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::{Notify, watch};
    use tokio_rustls::TlsAcceptor;

    /// A server of HTTP/2 over TLS on 127.0.0.1, certified by an authority of its own.
    ///
    /// It answers with the number of the connection and how it was asked. What has `hang` in its path it never answers on its first
    /// connection, and `endless` without end.
    pub(in super::super) struct Http2 {
        pub(in super::super) address: SocketAddr,
        pub(in super::super) authority: String,
        pub(in super::super) hanging: Arc<Notify>,
    }

    impl Http2 {
        pub(in super::super) async fn start() -> Self {
            let (authority, config) = certified();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let hanging = Arc::new(Notify::new());
            let notify = Arc::clone(&hanging);
            tokio::spawn(async move {
                for number in 1.. {
                    let (tcp, _) = listener.accept().await.unwrap();
                    let (acceptor, hanging) = (acceptor.clone(), Arc::clone(&notify));
                    tokio::spawn(async move {
                        let Ok(tls) = acceptor.accept(tcp).await else { return };
                        let service =
                            service_fn(move |request| answer(number, request, Arc::clone(&hanging)));
                        let connection = http2::Builder::new(TokioExecutor::new());
                        let _ = connection.serve_connection(TokioIo::new(tls), service).await;
                    });
                }
            });
            Self { address, authority, hanging }
        }

        pub(in super::super) fn root(&self) -> String {
            format!("https://{}", self.address)
        }
    }

    async fn answer(
        connection: usize,
        request: Request<Incoming>,
        hanging: Arc<Notify>,
    ) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
        if request.uri().path().contains("hang") && connection == 1 {
            hanging.notify_one();
            return std::future::pending().await;
        }
        if request.uri().path().contains("endless") {
            let piece = || (Ok(Frame::data(Bytes::from(vec![b' '; 16_384]))), ());
            return Ok(Response::new(
                StreamBody::new(stream::unfold((), move |()| async move { Some(piece()) })).boxed(),
            ));
        }
        let said = format!(
            r#"{{"id":"connection {connection}","description":"{:?} {} {}"}}"#,
            request.version(),
            request.method(),
            request.uri().path()
        );
        let response = Response::builder().header("content-type", "application/json");
        Ok(response.body(Full::new(Bytes::from(said)).boxed()).unwrap())
    }

    /// An authority in PEM, and a server that it certifies.
    fn certified() -> (String, ServerConfig) {
        let (key, mut authority) = (KeyPair::generate().unwrap(), CertificateParams::default());
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = pem(authority.self_signed(&key).unwrap().der());
        let own = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&own, &Issuer::new(authority, key)).unwrap();
        let key = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth();
        let mut config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        (pem, config)
    }

    fn pem(certificate: &[u8]) -> String {
        let base64 = STANDARD.encode(certificate);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    }

    /// What becomes of the connections that a relay has at a moment.
    #[derive(Clone, Copy, Debug)]
    pub(in super::super) enum Whim {
        /// Nothing goes through any more, and nobody is told.
        Silence,
        /// The client is told that nothing comes any more, and nothing is read of it.
        HalfClose,
    }

    /// Passes connections on to a server.
    pub(in super::super) struct Relay {
        pub(in super::super) address: SocketAddr,
        pub(in super::super) accepted: Arc<AtomicUsize>,
        whim: watch::Sender<Option<Whim>>,
    }

    impl Relay {
        pub(in super::super) async fn to(target: SocketAddr) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (whim, accepted) = (watch::Sender::new(None), Arc::new(AtomicUsize::new(0)));
            let (whims, count) = (whim.clone(), Arc::clone(&accepted));
            tokio::spawn(async move {
                loop {
                    let (mut near, _) = listener.accept().await.unwrap();
                    count.fetch_add(1, Ordering::SeqCst);
                    let mut whims = whims.subscribe();
                    tokio::spawn(async move {
                        let mut far = TcpStream::connect(target).await.unwrap();
                        tokio::select! {
                            _ = copy_bidirectional(&mut near, &mut far) => return,
                            _ = whims.changed() => {}
                        }
                        let whim = *whims.borrow();
                        if matches!(whim, Some(Whim::HalfClose)) {
                            near.shutdown().await.unwrap();
                        }
                        // Both connections stay open, and nobody listens.
                        std::future::pending::<()>().await;
                    });
                }
            });
            Self { address, accepted, whim }
        }

        pub(in super::super) fn change(&self, whim: Whim) {
            self.whim.send_replace(Some(whim));
        }
    }

    /// A proxy that leads to `target` whatever is asked for. Says what the first client asked.
    pub(in super::super) async fn proxy(target: SocketAddr) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = tokio::spawn(async move {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                near.read_buf(&mut asked).await.unwrap();
            }
            tokio::spawn(async move {
                let mut far = TcpStream::connect(target).await.unwrap();
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                copy_bidirectional(&mut near, &mut far).await
            });
            String::from_utf8(asked).unwrap()
        });
        (address, asked)
    }
}
