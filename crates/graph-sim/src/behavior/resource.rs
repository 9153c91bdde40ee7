//! What most resources do alike: a collection is listed, added to, and its objects are read, changed and deleted.

use std::ops::Range;

use http::header::{ETAG, IF_MATCH};
use http::{HeaderName, StatusCode};
use serde_json::{Map, Value};

use crate::call::{Call, Collection};
use crate::error::Refusal;
use crate::etag;
use crate::filter::Filter;
use crate::ids::Kind;
use crate::order;
use crate::properties::Properties;
use crate::records::Record;
use crate::reply::Reply;
use crate::search::Search;

/// The query options of lists of which nothing else is known.
pub(super) const OPTIONS: &[&str] =
    &["$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken"];

/// How an object says what it is.
pub(super) const TYPE: &str = "@odata.type";

/// A kind of resource whose objects are [`records`](crate::records).
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource {
    /// What `@odata.context` calls a collection of them.
    pub(super) context: &'static str,
    /// What their ids look like.
    pub(super) kind: Kind,
    /// How many make a page.
    pub(super) page: usize,
    /// The query options of its lists.
    pub(super) options: &'static [&'static str],
    /// Whether its objects carry `@odata.etag`, which a change has to name.
    pub(super) etags: bool,
    /// The refusal for an id that nothing has.
    pub(super) missing: fn(&str) -> Refusal,
}

impl Resource {
    /// One page of `objects`.
    pub(super) fn page(&self, call: &Call<'_>, objects: Vec<Value>) -> Result<Reply, Refusal> {
        let objects = asked(call, self.options, objects)?;
        Ok(Reply::ok(call.page(self.collection(call), objects)?))
    }

    fn collection(&self, call: &Call<'_>) -> Collection<'static> {
        let page_size = call.settings.page_size.unwrap_or(self.page);
        Collection { counts_plainly: true, ..Collection::new(self.context, page_size) }
    }

    /// The objects of a collection.
    pub(super) fn list(&self, call: &Call<'_>, collection: &str) -> Result<Reply, Refusal> {
        let records = &call.store.records;
        let is_asked = |option: &&str| call.query.get(option).is_some();
        if ["$filter", "$search", "$orderby"].iter().any(is_asked) {
            return self.page(call, records.all(collection).map(|record| self.view(record)).collect());
        }
        // Nothing but the page is rendered: catalogues are long.
        call.query.allow(self.options)?;
        let cut = |at: Range<usize>| {
            records.all(collection).skip(at.start).take(at.len()).map(|record| self.view(record)).collect()
        };
        Ok(Reply::ok(call.window(self.collection(call), records.count(collection), cut)?))
    }

    /// One object.
    pub(super) fn get(&self, call: &Call<'_>, collection: &str, id: &str) -> Result<Reply, Refusal> {
        let record = call.store.records.find(collection, id).ok_or_else(|| (self.missing)(id))?;
        Ok(self.marked(self.one(call, self.view(record))?, &record.etag(self.context)))
    }

    /// One object, however its view came about.
    pub(super) fn one(&self, call: &Call<'_>, view: Value) -> Result<Reply, Refusal> {
        call.query.allow(&["$select", "$expand"])?;
        Ok(Reply::ok(call.entity(self.context, view)?))
    }

    /// The answer to the creation of an object.
    pub(super) fn created(&self, call: &Call<'_>, view: Value) -> Result<Reply, Refusal> {
        Ok(Reply { status: StatusCode::CREATED, ..Reply::ok(call.entity(self.context, view)?) })
    }

    /// Adds an object with `properties`, and answers with it.
    pub(super) fn create(
        &self,
        call: &mut Call<'_>,
        collection: &str,
        properties: impl Into<Properties>,
    ) -> Result<Reply, Refusal> {
        let record = call.store.records.add(collection, self.kind, properties);
        let (view, mark) = (self.view(record), record.etag(self.context));
        Ok(self.marked(self.created(call, view)?, &mark))
    }

    /// Changes an object as the body says, and answers with it, or with nothing where the caller didn't ask for it.
    pub(super) fn update(&self, call: &mut Call<'_>, collection: &str, id: &str) -> Result<Reply, Refusal> {
        self.check_state(call, collection, id)?;
        let change = body(call);
        let record = call.store.records.find_mut(collection, id).ok_or_else(|| (self.missing)(id))?;
        record.merge(change);
        let (view, mark) = (self.view(record), record.etag(self.context));
        let reply = if self.etags && !call.prefers("return=representation") {
            Reply::no_content()
        } else {
            Reply::ok(call.entity(self.context, view)?)
        };
        Ok(self.marked(reply, &mark))
    }

    /// Deletes an object, and what is below it.
    pub(super) fn delete(&self, call: &mut Call<'_>, collection: &str, id: &str) -> Result<Reply, Refusal> {
        self.check_state(call, collection, id)?;
        let gone = call.store.records.remove(collection, id);
        gone.map(|_| Reply::no_content()).ok_or_else(|| (self.missing)(id))
    }

    /// The object as the wire shows it.
    pub(super) fn view(&self, record: &Record) -> Value {
        let mut view = record.view();
        if self.etags {
            view["@odata.etag"] = record.etag(self.context).into();
        }
        view
    }

    /// The answer with the mark of the state that it shows.
    fn marked(&self, reply: Reply, mark: &str) -> Reply {
        if self.etags { reply.header(ETAG, mark) } else { reply }
    }

    /// Refuses a change of another state than the one there is.
    pub(super) fn check_state(&self, call: &Call<'_>, collection: &str, id: &str) -> Result<(), Refusal> {
        let record = call.store.records.find(collection, id).ok_or_else(|| (self.missing)(id))?;
        let Some(marks) = header(call, IF_MATCH).filter(|_| self.etags) else { return Ok(()) };
        if etag::matches(marks, &record.etag(self.context))? {
            return Ok(());
        }
        // Planner's errors often have an empty code.
        let message = "The resource has changed since it was read.";
        Err(Refusal::new(StatusCode::PRECONDITION_FAILED, "", message))
    }
}

/// The objects that the query asks for, in its order; `options` are those that are known here.
pub(super) fn asked(
    call: &Call<'_>,
    options: &[&str],
    mut objects: Vec<Value>,
) -> Result<Vec<Value>, Refusal> {
    call.query.allow(options)?;
    if let Some(expression) = call.query.get("$filter") {
        let filter =
            Filter::parse(expression).map_err(|fault| fault.refusal(expression, Refusal::bad_request))?;
        call.check_names(filter.properties().into_iter())?;
        objects.retain(|object| filter.accepts(object));
    }
    if let Some(text) = call.query.get("$search") {
        let search = Search::parse(text).map_err(|fault| {
            Refusal::bad_request(format!("Syntax error in the search '{text}': {fault}."))
        })?;
        objects.retain(|object| search.finds(object));
    }
    if let Some(order) = call.query.get("$orderby") {
        call.check_names(order::properties(order))?;
        order::sort(&mut objects, order).map_err(Refusal::bad_request)?;
    }
    Ok(objects)
}

/// The body as properties. What it says of its own type is no property.
pub(super) fn body(call: &Call<'_>) -> Map<String, Value> {
    let mut properties = call.body.as_object().cloned().unwrap_or_default();
    properties.remove(TYPE);
    properties
}

fn header<'c>(call: &'c Call<'_>, name: HeaderName) -> Option<&'c str> {
    call.headers.get(name)?.to_str().ok()
}
