//! Objects that change only as long as they are in the state that was read.

use graph_client::{Error, Get, Request};
use graph_models::Tagged;

/// Reads an object and changes it as `change` wants, once more from the beginning if somebody came in between. `update` makes
/// the call, or none if nothing is left to change. After a lost answer, the one who came in between may have been this call
/// itself, and what must not be done twice is not known here.
pub(super) async fn edit<T, P>(
    read: impl Fn() -> Get<T>,
    mut change: impl FnMut(&T) -> P,
    update: impl Fn(&T, P) -> Option<Request<T>>,
) -> Result<T, Error>
where
    T: Tagged + Send + Sync + 'static,
{
    let mut again = true;
    loop {
        let object = read().await?;
        let patch = change(&object);
        let Some(request) = update(&object, patch) else { return Ok(object) };
        match request.await {
            Err(error) if again && error.is_changed_meanwhile() && !error.maybe_processed() => again = false,
            outcome => return outcome,
        }
    }
}

/// `update!(client, PLANNER_TASKS_UPDATE, { check }, planner_tasks_update(task; &change), read)`: the change of one state of
/// an object, a [`Request`](crate::Request) of the object as it is then. `read` is how to read it.
macro_rules! update {
    ($client:expr, $operation:ident, $check:block, $method:ident($id:ident; $change:expr), $read:expr) => {{
        let etag = graph_models::Tagged::etag(&$id);
        let read = $read;
        send!($client, $operation, $check, $method($id; $change)).for_state(etag).or_read(read)
    }};
}

pub(super) use update;
