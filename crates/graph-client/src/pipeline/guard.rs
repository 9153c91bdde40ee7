//! Refusals that cost no request and give away no token: each names what is wrong and what would do.

use graph_runtime::{ApiVersion, Cloud, OperationInfo};
use http::{HeaderMap, HeaderValue, Uri};
use url::Url;

use super::Pipeline;
use crate::error::{Error, ErrorKind};
use crate::root::ForeignAddress;
use crate::scopes::Access;

impl Pipeline {
    /// Checks that `operation` exists for this client, that it has a credential for it, and that its token may go to `uri`, which
    /// is then as it was understood.
    pub(super) fn check(&self, operation: &OperationInfo, uri: &mut Uri) -> Result<(), Error> {
        if !operation.clouds.contains(&self.cloud) {
            let offering = listed(operation.clouds.iter().map(|cloud| name(*cloud)));
            return Err(Error::refused(format!("{} does not offer this; {offering}", name(self.cloud))));
        }
        let version = self.root.version();
        if !operation.versions.contains(&version) {
            let offering = listed(operation.versions.iter().copied().map(ApiVersion::as_str));
            return Err(Error::refused(format!(
                "{} does not offer this; {offering}: build the client with that `version`",
                version.as_str(),
            )));
        }
        self.access_for(operation)?;
        self.admit(uri).map_err(|foreign| Error::from_source(ErrorKind::InvalidRequest, foreign))
    }

    /// The kind of access that a call of `operation` has, where that is known.
    pub(crate) fn access_for(&self, operation: &OperationInfo) -> Result<Option<Access>, Error> {
        Ok(self.credentials.choose(operation, self.access)?.access)
    }

    fn admit(&self, uri: &mut Uri) -> Result<(), ForeignAddress> {
        if self.root.plainly_holds(uri) {
            return Ok(());
        }
        let foreign =
            || ForeignAddress { address: uri.path().to_owned(), root: self.root.origin().to_owned() };
        let url = Url::parse(&uri.to_string()).map_err(|_| foreign())?;
        self.root.admit(&url)?;
        // What is sent is what was admitted: steps within the path are taken here, and nobody else gets to read them otherwise.
        *uri = Uri::try_from(url.as_str()).map_err(|_| foreign())?;
        Ok(())
    }
}

/// Checks that the call brings along what `operation` needs.
pub(super) fn required_headers(operation: &OperationInfo, headers: &HeaderMap) -> Result<(), Error> {
    let lacks = |name: &&&str| headers.get(**name).is_none_or(HeaderValue::is_empty);
    let Some(missing) = operation.required_headers.iter().find(lacks) else { return Ok(()) };
    let remedy = match *missing {
        "If-Match" => "read the object first and send its `@odata.etag`",
        "ConsistencyLevel" => "send `eventual`",
        _ => "give it a value",
    };
    Err(Error::refused(format!("the header `{missing}` is missing: {remedy}, with `header` on the request")))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    match names.as_slice() {
        [] => "none does".to_owned(),
        [only] => format!("{only} does"),
        [others @ .., last] => format!("{} and {last} do", others.join(", ")),
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

#[cfg(test)]
mod tests;
