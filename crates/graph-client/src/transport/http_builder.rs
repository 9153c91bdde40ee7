//! The settings of the transport over hyper.

use std::time::Duration;

use super::HttpTransport;
use super::connect::{Connector, Proxies, Roots};
use crate::error::Error;

/// How long a connection may take to come about unless the builder says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const NO_TIME: &str =
    "no connection can come about in no time: give `.connect_timeout(…)` more than zero, or leave it out";

/// Settings of an [`HttpTransport`]. Each has a default.
///
/// ```no_run
/// use std::time::Duration;
///
/// use graph_client::{Client, HttpTransport, StaticToken};
///
/// # fn example() -> Result<Client, Box<dyn std::error::Error>> {
/// let transport = HttpTransport::builder()
///     .connect_timeout(Duration::from_secs(3))
///     .add_root_certificates(std::fs::read("company-ca.pem")?)
///     .proxy("http://proxy.contoso.example:3128")
///     .build()?;
/// let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).transport(transport).build()?;
/// # Ok(client)
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
#[derive(Clone, Debug, Default)]
pub struct HttpTransportBuilder {
    connect_timeout: Option<Duration>,
    roots: Roots,
    proxies: Proxies,
}

impl HttpTransportBuilder {
    /// How long a connection may take to come about: the name's address, TCP, a proxy and TLS together; otherwise 10 seconds.
    /// Zero is refused by [`build`](Self::build).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Trusts whom these certificates certify, besides whom the system trusts: those of a private authority, or of a proxy that
    /// looks into TLS. They are in PEM, one or more.
    #[cfg(feature = "rustls")]
    pub fn add_root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.roots.add(pem.as_ref());
        self
    }

    /// Sends HTTPS through this proxy and no other: `http://proxy.contoso.example:3128`, with `user:password@` before the host if
    /// the proxy asks for that. The environment and the system's settings are not looked at; plain HTTP, which is spoken
    /// with this machine only, goes past it.
    #[cfg(feature = "rustls")]
    pub fn proxy(mut self, address: impl Into<String>) -> Self {
        self.proxies = Proxies::of(address.into());
        self
    }

    /// Goes through no proxy.
    pub fn no_proxy(mut self) -> Self {
        self.proxies = Proxies::none();
        self
    }

    /// The transport. Fails if there are no certificates to trust or if a setting is wrong, with an error of kind
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) that says what to do.
    pub fn build(self) -> Result<HttpTransport, Error> {
        let timeout = self.connect_timeout.unwrap_or(CONNECT_TIMEOUT);
        if timeout.is_zero() {
            return Err(Error::refused(NO_TIME));
        }
        let connector = Connector::new(&self.proxies, &self.roots, timeout).map_err(Error::of_settings)?;
        Ok(HttpTransport::over(connector))
    }
}
