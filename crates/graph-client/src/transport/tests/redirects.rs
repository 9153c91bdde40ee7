//! Clients of reqwest, which follow redirects unless they are told not to.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::server::serve_once;
use super::{Settings, reasons};
use crate::transport::{ReqwestTransport, Transport as _};

pub(super) fn reqwest(settings: &Settings) -> ReqwestTransport {
    let settings = settings.clone();
    ReqwestTransport::new(move |http| {
        let http = http.tls_backend_preconfigured(trusting(settings.trusted.as_deref()));
        match &settings.proxy {
            Some(proxy) => http.proxy(reqwest::Proxy::all(proxy).unwrap()),
            None => http.no_proxy(),
        }
    })
    .unwrap()
}

/// reqwest has no provider of cryptography here, so that it can't make this by itself.
fn trusting(authority: Option<&str>) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.unwrap_or_default().as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

fn redirecting(status: u16, to: &str) -> (String, std::thread::JoinHandle<String>) {
    let answer = format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    serve_once(Box::leak(answer.into_boxed_str()))
}

fn secret(root: &str) -> Request<Bytes> {
    Request::post(format!("{root}/token")).body(Bytes::from("client_secret=s3cret")).unwrap()
}

const FOREIGN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nforeigner";

#[tokio::test]
async fn a_redirect_is_not_followed_whatever_the_settings_say() {
    for status in [301, 302, 307, 308] {
        let (root, server) = redirecting(status, "http://127.0.0.1:1/foreign");
        let transport = ReqwestTransport::new(|http| {
            let http = http.no_proxy().tls_backend_preconfigured(trusting(None));
            http.redirect(reqwest::redirect::Policy::limited(5)).referer(true)
        });
        let answer = transport.unwrap().send(secret(&root)).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert!(server.join().unwrap().starts_with("POST /token"));
    }
}

#[tokio::test]
async fn what_a_redirect_of_a_ready_client_led_to_is_not_handed_out() {
    let client =
        reqwest::Client::builder().no_proxy().tls_backend_preconfigured(trusting(None)).build().unwrap();
    let transport = ReqwestTransport::from_client_that_may_redirect(client);
    let (foreign, foreigner) = serve_once(FOREIGN);
    let (root, server) = redirecting(307, &format!("{foreign}/collect?from=graph"));
    let error = transport.send(secret(&root)).await.unwrap_err();
    server.join().unwrap();
    foreigner.join().unwrap();
    assert!(error.maybe_processed(), "{error:?}");
    let reasons = reasons(&error);
    assert!(reasons.contains(&foreign) && reasons.contains("ReqwestTransport::new"), "{reasons}");
    let all = format!("{error:?} {reasons}");
    assert!(!all.contains("collect") && !all.contains("foreigner") && !all.contains("s3cret"), "{all}");
}

#[tokio::test]
async fn what_a_ready_client_is_answered_without_a_redirect_is_handed_out() {
    let client =
        reqwest::Client::builder().no_proxy().tls_backend_preconfigured(trusting(None)).build().unwrap();
    let (root, server) = serve_once(FOREIGN);
    let answer = ReqwestTransport::from_client_that_may_redirect(client).send(secret(&root)).await.unwrap();
    assert_eq!(&answer.body()[..], b"foreigner");
    server.join().unwrap();
}
