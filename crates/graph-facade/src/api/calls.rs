//! The shapes that most methods of a resource have: a list, a reading, any other call.
//!
//! Each macro takes the client, the row of the operation table, and the raw method with the ids in its path. The ids are
//! anything that [`Identify`](graph_models::Identify)s; a wrong one fails the call before it is sent.

/// `list!(client, GROUPS_EVENTS_LIST, groups_events_list(group))`: a [`List`](crate::List). What comes after a semicolon is
/// handed to the raw method after OData's options.
macro_rules! list {
    ($client:expr, $operation:ident, $($check:block,)? $method:ident($($id:ident),* $(; $($argument:expr),+)?)) => {{
        $(let $id = graph_models::Identify::identify(&$id);)*
        $crate::paging::List::new($client, &graph_models::operations::$operation, move |raw, q| {
            Box::pin(async move {
                $($check)?
                let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
                let (search, select, top) = (q.search(), q.select(), q.top());
                $(let $id = $id?;)*
                let page =
                    raw.$method($(&$id,)* count, expand, filter, order_by, search, select, None, top $(, $($argument),+)?);
                Ok(graph_models::lift(page.await)?)
            })
        })
    }};
}

/// `get!(client, GROUPS_EVENTS_GET, groups_events_get(group, event))`: a [`Get`](crate::Get).
macro_rules! get {
    ($client:expr, $operation:ident, $($check:block,)? $method:ident($($id:ident),*)) => {{
        $(let $id = graph_models::Identify::identify(&$id);)*
        $crate::request::Get::new($client, &graph_models::operations::$operation, move |raw, q| {
            Box::pin(async move {
                $($check)?
                Ok(graph_models::lift(raw.$method($(&$id?,)* q.expand(), q.select()).await)?)
            })
        })
    }};
}

/// `send!(client, GROUPS_EVENTS_CREATE, groups_events_create(group; &event))`: a [`Request`](crate::Request). What comes after
/// the semicolon is handed to the raw method as it is.
macro_rules! send {
    ($client:expr, $operation:ident, $($check:block,)? $method:ident($($id:ident),* $(; $($argument:expr),+)?)) => {{
        $(let $id = graph_models::Identify::identify(&$id);)*
        $crate::request::Request::new($client, &graph_models::operations::$operation, move |raw, _| {
            Box::pin(async move {
                $($check)?
                Ok(graph_models::lift(raw.$method($(&$id?,)* $($($argument),+)?).await)?)
            })
        })
    }};
}

pub(super) use {get, list, send};
