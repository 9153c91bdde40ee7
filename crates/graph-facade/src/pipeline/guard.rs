//! Refusals that cost no request and give away no token.

use graph_models::{Cloud, OperationInfo};
use http::Uri;
use url::Url;

use super::Pipeline;
use crate::error::{Error, ErrorKind};
use crate::root::ForeignAddress;

impl Pipeline {
    /// Checks that `operation` exists for this client and that its token may go to `uri`.
    pub(super) fn check(&self, operation: &OperationInfo, uri: &Uri) -> Result<(), Error> {
        if !operation.clouds.contains(&self.cloud) {
            return Err(Error::refused(format!(
                "{} does not offer this; {} does",
                name(self.cloud),
                operation.clouds.iter().map(|cloud| name(*cloud)).collect::<Vec<_>>().join(", "),
            )));
        }
        let version = self.root.version();
        if !operation.versions.contains(&version) {
            return Err(Error::refused(format!(
                "version {} of the API does not offer this",
                version.as_str()
            )));
        }
        self.admit(uri).map_err(|foreign| Error::from_source(ErrorKind::InvalidRequest, foreign))
    }

    fn admit(&self, uri: &Uri) -> Result<(), ForeignAddress> {
        // Parsed as the transport will parse it, so that both see the same host.
        match Url::parse(&uri.to_string()) {
            Ok(url) => self.root.admit(&url),
            Err(_) => {
                Err(ForeignAddress { address: uri.path().to_owned(), root: self.root.origin().to_owned() })
            }
        }
    }
}

fn name(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "the global cloud",
        Cloud::UsGov => "US Government L4",
        Cloud::UsGovDod => "US Government L5",
        Cloud::China => "China (21Vianet)",
        _ => "this cloud",
    }
}
