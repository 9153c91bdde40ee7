//! HTTPS with a certificate that is made for the occasion.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// A self-signed certificate for this machine: `localhost`, `127.0.0.1` and `::1`.
///
/// A client trusts it when it is told to: [`pem`](Self::pem) is what most want. The private key never leaves the process.
pub struct Certificate {
    pem: String,
    config: Arc<ServerConfig>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
#[error("no certificate could be made: {0}")]
#[non_exhaustive]
pub struct CertificateError(String);

impl Certificate {
    /// Makes a certificate with a new key.
    pub fn generate() -> Result<Self, CertificateError> {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).map_err(|error| CertificateError(error.to_string()))?;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der())
            .map_err(|error| CertificateError(error.to_owned()))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key)
            });
        let mut config = config.map_err(|error| CertificateError(error.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { pem: cert.pem(), config: Arc::new(config) })
    }

    /// The certificate, without its key, as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Writes the certificate, without its key, into a file as PEM, over what was there.
    pub fn write(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, &self.pem)
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").field("pem", &self.pem).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, RootCertStore};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::Sim;

    async fn get(address: &str, trusted: &Certificate, token: &str) -> io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(trusted.pem().as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let request = format!(
            "GET /v1.0/groups HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn who_trusts_the_certificate_is_served_over_tls() {
        let sim = Sim::builder().group("Pilots", ["ada"]).build();
        let certificate = Certificate::generate().unwrap();
        assert!(!format!("{certificate:?}").contains("PRIVATE"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let serving = sim.server().tls(&certificate).serve(listener);
        let address = sim.root().replace("https://", "");
        let requests = async {
            // Who never says a word, and who speaks no TLS, keeps nobody waiting.
            let silent = TcpStream::connect(&address).await.unwrap();
            let mut plain = TcpStream::connect(&address).await.unwrap();
            plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            let answer = get(&address, &certificate, &sim.token("ada")).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains(&format!("https://{address}/v1.0/$metadata#groups")), "{answer}");
            let another = Certificate::generate().unwrap();
            get(&address, &another, &sim.token("ada")).await.unwrap_err();
            drop(silent);
        };
        tokio::select! {
            served = serving => panic!("serving ended: {served:?}"),
            () = requests => {}
        }
    }
}
