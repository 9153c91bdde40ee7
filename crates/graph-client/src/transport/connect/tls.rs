//! HTTPS by rustls and ring: of what rustls can stand on, ring builds with the least, and needs no provider of the process.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;

use crate::BoxError;

/// Whom to trust besides whom the system trusts, as PEM.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots(Vec<u8>);

impl Roots {
    pub(crate) fn add(&mut self, pem: &[u8]) {
        self.0.extend_from_slice(pem);
        self.0.push(b'\n');
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, BoxError> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.0).collect();
        let certificates = read.map_err(|error| format!("the root certificates are no PEM: {error}"))?;
        if certificates.is_empty() && !self.0.is_empty() {
            return Err("the root certificates have no `BEGIN CERTIFICATE`: pass them as PEM".into());
        }
        Ok(certificates)
    }
}

/// The system, such as a slim container, has none.
#[derive(Debug, thiserror::Error)]
#[error(
    "there are no certificates to trust ({0}): install the system's (the package `ca-certificates`, in most containers), name a \
     file of them by `SSL_CERT_FILE`, or give `HttpTransport::builder().add_root_certificates(…)` some"
)]
struct NoCertificates(rustls::Error);

/// Trusts whom the system trusts, and `roots`. Fails if either can't be read.
pub(super) fn config(roots: &Roots) -> Result<ClientConfig, BoxError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(roots.certificates()?, Arc::clone(&provider))?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        // The system's verifier takes the place of rustls's own.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier, BoxError> {
    if roots.is_empty() {
        return Verifier::new(provider).map_err(|error| NoCertificates(error).into());
    }
    #[cfg(target_os = "android")]
    return Err(
        "Android trusts those certificates only that the app's network security configuration names".into()
    );
    #[cfg(not(target_os = "android"))]
    Ok(Verifier::new_with_extra_roots(roots, provider)?)
}
