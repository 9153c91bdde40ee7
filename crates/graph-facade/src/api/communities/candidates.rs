//! What a creation may have come to whose answer nobody saw.

use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;
use graph_client::{Error, Intent};
use graph_models::models::Community;

use crate::client::Client;

/// How far two clocks may be apart.
const SKEW: Duration = Duration::from_secs(5 * 60);
/// How long the service may take for a community.
const LONGEST_CREATION: Duration = Duration::from_secs(60 * 60);

/// For each intent, the communities of that name that were created in its time and are not among `known`.
///
/// The service can't look for a name: all communities are listed, once for all intents.
pub(super) async fn candidates(
    client: &Client,
    intents: &[Intent],
    known: &[String],
) -> Result<Vec<Vec<Community>>, Error> {
    let mut found = vec![Vec::new(); intents.len()];
    let mut communities = client.communities().list().items();
    while let Some(community) = communities.try_next().await? {
        let is_known = known.iter().any(|id| community.id.as_ref() == Some(id));
        let is_meant = |intent: &Intent| community.display_name.as_ref() == Some(&intent.name);
        // A list may have an item twice, as it changes while its pages are read.
        let is_found = found.iter().flatten().any(|other: &Community| other.id == community.id);
        if is_known || is_found || !intents.iter().any(is_meant) {
            continue;
        }
        let created = created_at(client, &community).await?;
        for (intent, candidates) in intents.iter().zip(&mut found) {
            if is_meant(intent) && created.is_none_or(|time| is_in_time(intent.at, time)) {
                candidates.push(community.clone());
            }
        }
    }
    Ok(found)
}

/// When the community was created, which its group knows; none if that can't be learnt, as it then can't be ruled out.
async fn created_at(client: &Client, community: &Community) -> Result<Option<SystemTime>, Error> {
    match client.communities().group(community).select(["id", "createdDateTime"]).await {
        Ok(group) => Ok(group.created_date_time.and_then(|time| time.to_utc().ok()).map(Into::into)),
        Err(error) if error.is_not_found() || error.is_permission_denied() => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_in_time(sent: SystemTime, created: SystemTime) -> bool {
    // Where the clock can't tell the end, there is none.
    let not_after = |time: SystemTime, end: Option<SystemTime>| end.is_none_or(|end| time <= end);
    not_after(sent, created.checked_add(SKEW))
        && not_after(created, sent.checked_add(LONGEST_CREATION + SKEW))
}
