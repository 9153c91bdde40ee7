//! The resource of a made-up service, for this crate's tests: `tests/things` has its document.

use graph_runtime::Identify;
use graph_things::models::{NewThing, Thing};
use graph_things::{RawClient, operations};

use crate::support::{Entry, started};
use crate::{Client, Count, Delta, Get, List, Operation, Request};

/// The things of a client.
pub(crate) struct Things<'a>(&'a Client);

impl Client {
    pub(crate) fn things(&self) -> Things<'_> {
        Things(self)
    }
}

impl Things<'_> {
    pub(crate) fn list(&self) -> List<Thing> {
        List::new(self.0, &operations::THINGS_LIST, |writer, q| {
            let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
            let raw = writer.raw(RawClient::new);
            Ok(raw.things_list(count, expand, filter, order_by, q.search(), q.select(), None, q.top()))
        })
    }

    pub(crate) fn count(&self) -> Count {
        Count::new(self.0, &operations::THINGS_COUNT, |writer, q| {
            Ok(writer.raw(RawClient::new).things_count(q.filter(), q.search()))
        })
    }

    pub(crate) fn count_by_list(&self) -> Count {
        Count::of_list(self.0, &operations::THINGS_LIST, |writer, q| {
            let (raw, count, filter) = (writer.raw(RawClient::new), q.count(), q.filter());
            Ok(raw.things_list(count, None, filter, None, q.search(), None, None, q.top()))
        })
    }

    pub(crate) fn delta(&self) -> Delta<Thing> {
        Delta::new(self.0, &operations::THINGS_DELTA, |writer, q| {
            let raw = writer.raw(RawClient::new);
            Ok(raw.things_delta(None, None, q.filter(), None, None, q.select(), None, None))
        })
    }

    pub(crate) fn get(&self, thing: impl Identify) -> Get<Thing> {
        let id = thing.identify();
        Get::new(self.0, &operations::THINGS_GET, move |writer, q| {
            Ok(writer.raw(RawClient::new).things_get(&id?, q.expand(), q.select()))
        })
    }

    pub(crate) fn update(&self, thing: impl Identify, change: Thing) -> Request<()> {
        let id = thing.identify();
        Request::new(self.0, &operations::THINGS_UPDATE, move |writer, _| {
            Ok(writer.raw(RawClient::new).things_update(&id?, &change))
        })
    }

    pub(crate) fn delete(&self, thing: impl Identify) -> Request<()> {
        let id = thing.identify();
        Request::new(self.0, &operations::THINGS_DELETE, move |writer, _| {
            Ok(writer.raw(RawClient::new).things_delete(&id?))
        })
    }

    pub(crate) fn create(&self, thing: NewThing) -> Request<Operation<Thing>> {
        let client = self.0.clone();
        let entry = Entry::of_call(&client, &operations::THINGS_CREATE, &thing.display_name);
        Request::new(self.0, &operations::THINGS_CREATE, move |writer, _| {
            Ok(writer.raw(RawClient::new).things_create(&thing))
        })
        .journaled(entry.clone())
        .then(move |accepted| started(client, accepted?, entry))
    }
}
