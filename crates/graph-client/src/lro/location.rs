//! Where an accepted operation can be asked about.

use graph_runtime::{LongRunningResult, OperationInfo};
use http::HeaderMap;
use http::header::LOCATION;
use url::Url;

use super::handle::Operation;
use super::journal::Entry;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::policy::retry_after_of;
use crate::response::Response;
use crate::root::Root;

/// Turns an acceptance into the handle of the operation.
pub fn started<T: LongRunningResult>(
    client: impl Into<Client>,
    accepted: Response<()>,
    entry: Option<Entry>,
) -> Result<Response<Operation<T>>, Error> {
    let client = client.into();
    let location = operation_location(T::started_by(), &accepted.headers, &client.pipeline.root);
    let location = location.map_err(|error| accepted.complete(error))?;
    let client_request_id = accepted.client_request_id().to_owned();
    let retry_after = retry_after_of(&accepted.headers, || client.clock().now());
    let operation =
        |()| Operation::accepted(client, location, &client_request_id, retry_after).journaled(entry);
    Ok(accepted.map(operation))
}

/// The address in `Operation-Location`, else in `Location`, made absolute.
///
/// The service has accepted the work already, so whatever is wrong here, the error says that it may have been done.
pub(super) fn operation_location(
    operation: &'static OperationInfo,
    headers: &HeaderMap,
    root: &Root,
) -> Result<Url, Error> {
    let address = headers.get("operation-location").or_else(|| headers.get(LOCATION));
    let outcome = match address.map(|address| (address.to_str(), address)) {
        Some((Ok(address), _)) => root
            .resolve(address.trim())
            .map_err(|foreign| Error::from_source(ErrorKind::Decode, foreign).with_location(address)),
        Some((Err(_), address)) => Err(unreadable(&format!("{address:?}"))),
        None => Err(unreadable("missing")),
    };
    outcome.map_err(|mut error| {
        error.inner_mut().maybe_processed = true;
        error.with_operation(operation)
    })
}

fn unreadable(what: &str) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!(
            "the service accepted the request, but the address of its operation is {what}; \
             look for the result before you try again"
        ),
    )
}
