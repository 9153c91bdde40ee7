//! HTTPS with a certificate that is made for the occasion.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// A self-signed certificate for this machine: `localhost`, `127.0.0.1` and `::1`, and for further hosts if wished.
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
        Self::for_hosts::<&str>([])
    }

    /// Makes a certificate with a new key that is good for these hosts too, such as `graph.microsoft.com`: for programs that find them on this
    /// machine, by an entry in the hosts file.
    pub fn for_hosts<H: Into<String>>(hosts: impl IntoIterator<Item = H>) -> Result<Self, CertificateError> {
        let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let names: Vec<String> = own.into_iter().chain(hosts.into_iter().map(Into::into)).collect();
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

    async fn get(
        address: &str,
        host: &str,
        trusted: &Certificate,
        path: &str,
        token: &str,
    ) -> io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(trusted.pem().as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from(host.split(':').next().unwrap().to_owned()).unwrap();
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn a_server_can_be_known_by_another_name() {
        let root = "https://graph.microsoft.com";
        let sim = Sim::builder().group("Pilots", ["ada"]).build();
        let certificate =
            Certificate::for_hosts(["graph.microsoft.com", "login.microsoftonline.com"]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = sim.server().tls(&certificate).root(root).unwrap().serve(listener);
        assert_eq!(sim.root(), root);
        let requests = async {
            let token = sim.token("ada");
            let by_name =
                get(&address, "graph.microsoft.com", &certificate, "/v1.0/groups", &token).await.unwrap();
            assert!(by_name.contains("https://graph.microsoft.com/v1.0/$metadata#groups"), "{by_name}");
            let elsewhere = get(&address, "127.0.0.1", &certificate, "/v1.0/groups", &token).await.unwrap();
            assert!(elsewhere.starts_with("HTTP/1.1 421 "), "{elsewhere}");
            let path = "/common/v2.0/.well-known/openid-configuration";
            let login = get(&address, "login.microsoftonline.com", &certificate, path, "").await.unwrap();
            assert!(login.contains("https://login.microsoftonline.com/"), "{login}");
        };
        tokio::select! {
            served = serving => panic!("serving ended: {served:?}"),
            () = requests => {}
        }
        for wrong in ["graph.microsoft.com", "https://", "https://a/v1.0", "ftp://a", "https://u@a"] {
            let error = sim.server().root(wrong).unwrap_err();
            assert!(error.to_string().contains("give scheme and host alone"), "{wrong}: {error}");
        }
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
            let answer =
                get(&address, &address, &certificate, "/v1.0/groups", &sim.token("ada")).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains(&format!("https://{address}/v1.0/$metadata#groups")), "{answer}");
            let another = Certificate::generate().unwrap();
            get(&address, &address, &another, "/v1.0/groups", &sim.token("ada")).await.unwrap_err();
            drop(silent);
        };
        tokio::select! {
            served = serving => panic!("serving ended: {served:?}"),
            () = requests => {}
        }
    }
}
