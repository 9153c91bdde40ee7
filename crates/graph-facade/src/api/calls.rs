//! The shapes that most methods of a resource have: a list, a reading, any other call.
//!
//! Each macro takes the client, the row of the operation table, and the raw method with the ids in its path. The ids are
//! anything that [`Identify`](graph_models::Identify)s; a wrong one fails the call before it is sent.

use graph_client::support::Writer;
use graph_client::{ErrorKind, Request, Response};
use graph_models::RawClient;

/// `list!(client, GROUPS_EVENTS_LIST, groups_events_list(group))`: a [`List`](crate::List). What comes after a semicolon is
/// handed to the raw method after OData's options.
macro_rules! list {
    ($client:expr, $operation:ident, $($check:block,)? $method:ident($($id:ident),* $(; $($argument:expr),+)?)) => {{
        $(let $id = graph_models::Identify::identify(&$id);)*
        graph_client::List::new($client, &graph_models::operations::$operation, move |writer, q| {
 let raw = $crate::api::calls::connect(writer);
            $($check)?
            let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
            let (search, select, top) = (q.search(), q.select(), q.top());
            $(let $id = $id?;)*
            Ok(raw.$method($(&$id,)* count, expand, filter, order_by, search, select, None, top $(, $($argument),+)?))
        })
    }};
}

/// `get!(client, GROUPS_EVENTS_GET, groups_events_get(group, event))`: a [`Get`](crate::Get). What comes after a semicolon is handed
/// to the raw method as it is, and may refuse with `?`.
macro_rules! get {
    ($client:expr, $operation:ident, $($check:block,)? $method:ident($($id:ident),* $(; $($argument:expr),+)?)) => {{
        $(let $id = graph_models::Identify::identify(&$id);)*
        graph_client::Get::new($client, &graph_models::operations::$operation, move |writer, q| {
 let raw = $crate::api::calls::connect(writer);
            $($check)?
            Ok(raw.$method($(&$id?,)* $($($argument,)+)? q.expand(), q.select()))
        })
    }};
}

/// `send!(client, GROUPS_EVENTS_CREATE, groups_events_create(group; &event))`: a [`Request`](crate::Request). What comes after
/// the semicolon is handed to the raw method as it is.
macro_rules! send {
    ($client:expr, $operation:ident, $($check:block,)? $method:ident($($id:ident),* $(; $($argument:expr),+)?)) => {{
        $(let $id = graph_models::Identify::identify(&$id);)*
        graph_client::Request::new($client, &graph_models::operations::$operation, move |writer, _| {
 let raw = $crate::api::calls::connect(writer);
            $($check)?
            Ok(raw.$method($(&$id?,)* $($($argument),+)?))
        })
    }};
}

/// The same call where the service may answer with success and nothing else.
pub(super) fn optional<T: 'static>(request: Request<T>) -> Request<Option<T>> {
    request.then(|outcome| match outcome {
        Ok(response) => Ok(response.map(Some)),
        Err(error) if error.kind() == ErrorKind::Decode && error.body().is_empty() => {
            Response::of_refusal(&error, None).ok_or(error)
        }
        Err(error) => Err(error),
    })
}

/// The generated client that writes through `writer`.
pub(super) fn connect(writer: &Writer) -> RawClient {
    writer.raw(RawClient::new)
}

pub(super) use {get, list, send};
