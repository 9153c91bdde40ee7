//! What an operation has come to: how its status is understood, and how its result is read.

use std::time::Duration;

use graph_runtime::{Id, LongRunning, LongRunningResult, OperationInfo, Phase, StatusReport, encode_path};
use http::HeaderMap;
use serde::Deserialize;
use url::Url;

use super::machine::Pace;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::pipeline::Answer;

/// The pace at which operations are asked about, at an interval of the caller's or at the usual one.
pub(super) fn pace_of(long_running: &LongRunning, interval: Option<Duration>) -> Pace {
    let LongRunning { least_interval: floor, usual_interval, .. } = *long_running;
    Pace { interval: interval.unwrap_or(usual_interval).max(floor), floor }
}

/// What the last answer means.
pub(super) fn phase_of(long_running: &LongRunning, report: &StatusReport) -> Phase {
    report.status.as_deref().map_or(Phase::Running, |status| long_running.phase(status))
}

/// Reads the result that `report` names.
pub(super) async fn fetch<T: LongRunningResult>(client: &Client, report: &StatusReport) -> Result<T, Error> {
    let read_by = T::long_running().read_by;
    let answer = answer::<T>(client, report).await?;
    client.pipeline.read(read_by, &answer)
}

/// Reads all of the result that `report` names: itself, and what else has to be readable.
pub(super) async fn see<T: LongRunningResult>(client: &Client, report: &StatusReport) -> Result<T, Error> {
    let LongRunning { read_by, seen_by, .. } = *T::long_running();
    let answer = answer::<T>(client, report).await?;
    let result = client.pipeline.read(read_by, &answer)?;
    let own_id = || serde_json::from_slice::<Identified>(answer.response.body()).ok().and_then(|it| it.id);
    let id = report.resource_id.clone().or_else(own_id);
    for operation in seen_by {
        let address = id.as_deref().map(|id| address_by_id(client, operation, id)).transpose()?.flatten();
        let mut address = address.ok_or_else(|| nameless(T::started_by()))?;
        address.set_query(Some("%24select=id"));
        client.pipeline.get(operation, &address, &HeaderMap::new(), &client.terms()).await?;
    }
    Ok(result)
}

#[derive(Deserialize)]
struct Identified {
    id: Option<String>,
}

async fn answer<T: LongRunningResult>(client: &Client, report: &StatusReport) -> Result<Answer, Error> {
    let read_by = T::long_running().read_by;
    let address = address(client, T::started_by(), read_by, report)?;
    client.pipeline.get(read_by, &address, &HeaderMap::new(), &client.terms()).await
}

/// The address of the result: the one that the service gives or, where that is none of its own, the one that its id makes.
fn address(
    client: &Client,
    started_by: &'static OperationInfo,
    read_by: &'static OperationInfo,
    report: &StatusReport,
) -> Result<Url, Error> {
    let given = report.resource_location.as_deref().map(|address| client.pipeline.root.resolve(address));
    if let Some(Ok(address)) = given {
        return Ok(address);
    }
    let by_id = report.resource_id.as_deref().map(|id| address_by_id(client, read_by, id)).transpose()?;
    match (by_id.flatten(), given) {
        (Some(address), _) => Ok(address),
        (None, Some(Err(foreign))) => {
            Err(Error::from_source(ErrorKind::Decode, foreign).with_operation(started_by))
        }
        (None, _) => Err(nameless(started_by)),
    }
}

/// The address of an operation whose path takes one id; none of one whose path takes more.
fn address_by_id(client: &Client, operation: &OperationInfo, id: &str) -> Result<Option<Url>, Error> {
    let template = operation.template_for(client.version());
    let Some((before, rest)) = template.split_once('{') else { return Ok(None) };
    let Some((_, after)) = rest.split_once('}').filter(|(_, after)| !after.contains('{')) else {
        return Ok(None);
    };
    let id = Id::new(id)?;
    let address = format!("{}{before}{}{after}", client.pipeline.root.base(), encode_path(id.as_str()));
    Url::parse(&address).map(Some).map_err(|error| Error::from_source(ErrorKind::InvalidRequest, error))
}

fn nameless(started_by: &'static OperationInfo) -> Error {
    let what = "the operation succeeded, but the service does not say what came of it: find it by its name";
    Error::new(ErrorKind::Decode, what).with_operation(started_by)
}
