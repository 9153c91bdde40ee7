//! What all collections of directory objects have in common: the query options, and when they are refused.

mod advanced;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::call::{Call, Collection};
use crate::error::Refusal;
use crate::filter::Filter;
use crate::order;
use crate::reply::{Body, Reply};
use crate::search::Search;

/// The options of a list.
const OPTIONS: [&str; 8] =
    ["$select", "$expand", "$top", "$filter", "$orderby", "$search", "$count", "$skiptoken"];

/// How many objects make a page at most if something is expanded.
const LARGEST_PAGE_EXPANDED: usize = 100;

/// How many alternatives a query may have that is not an advanced one.
const MOST_ALTERNATIVES: usize = 15;

/// The objects that the query asks for, in its order.
fn query(call: &Call<'_>, mut objects: Vec<Value>) -> Result<Vec<Value>, Refusal> {
    call.query.refuse(&["$skip"])?;
    call.query.allow(&OPTIONS)?;
    let wants_advanced = call.is_advanced() && call.wants_count();
    let filter = filter(call)?;
    advanced::check(call, filter.as_ref())?;
    if let Some(filter) = &filter {
        let alternatives = filter.alternatives();
        if alternatives > MOST_ALTERNATIVES && !wants_advanced {
            return Err(Refusal::unsupported_query(format!(
                "Too many child clauses specified in search filter expression containing 'OR' operators: \
                 {alternatives}. Max allowed: {MOST_ALTERNATIVES}."
            )));
        }
        objects.retain(|object| filter.accepts(object));
    }
    search(call, &mut objects)?;
    if let Some(order) = call.query.get("$orderby") {
        order::sort(&mut objects, order).map_err(Refusal::unsupported_query)?;
    }
    Ok(objects)
}

/// One page of what the query asks for among `objects`.
pub(super) fn page(
    call: &Call<'_>,
    context: &str,
    page_size: usize,
    objects: Vec<Value>,
) -> Result<Reply, Refusal> {
    let objects = query(call, objects)?;
    let page_size = call.settings.page_size.unwrap_or(page_size);
    let most = call.query.get("$expand").map(|_| LARGEST_PAGE_EXPANDED);
    Ok(Reply::ok(call.page(Collection { most, ..Collection::new(context, page_size) }, objects)?))
}

/// The answer of a `$count` segment: how many objects the query asks for, as bare text.
pub(super) fn count(call: &Call<'_>, mut objects: Vec<Value>) -> Result<Reply, Refusal> {
    call.query.allow(&["$filter", "$search"])?;
    // Where the header has to be there, the contract says so, and was asked before.
    if call.headers.contains_key("ConsistencyLevel") && !call.is_advanced() {
        return Err(Refusal::directory("$count is not currently supported."));
    }
    if let Some(filter) = filter(call)? {
        objects.retain(|object| filter.accepts(object));
    }
    search(call, &mut objects)?;
    let body = Body::Raw(Bytes::from(objects.len().to_string()));
    Ok(Reply { body, ..Reply::empty(http::StatusCode::OK) }.header(CONTENT_TYPE, "text/plain"))
}

fn filter(call: &Call<'_>) -> Result<Option<Filter>, Refusal> {
    let Some(expression) = call.query.get("$filter") else { return Ok(None) };
    let filter = Filter::parse(expression).map_err(|fault| fault.refusal(expression, Refusal::directory))?;
    if filter.uses_contains() {
        return Err(Refusal::unsupported_query("The directory doesn't support 'contains' in '$filter'."));
    }
    call.check_names(filter.properties().into_iter())?;
    Ok(Some(filter))
}

fn search(call: &Call<'_>, objects: &mut Vec<Value>) -> Result<(), Refusal> {
    let Some(text) = call.query.get("$search") else { return Ok(()) };
    if !call.is_advanced() {
        return Err(Refusal::unsupported_query(
            "Request with $search query parameter only works with the header 'ConsistencyLevel: eventual'.",
        ));
    }
    let search = Search::parse(text)
        .map_err(|fault| Refusal::directory(format!("Syntax error in the search '{text}': {fault}.")))?;
    call.check_names(search.properties().into_iter())?;
    objects.retain(|object| search.finds(object));
    Ok(())
}
