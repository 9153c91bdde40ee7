//! How a request wants objects shown: what `$select` leaves of them, and what `$expand` adds.

use serde_json::Value;

use crate::behavior::relations;
use crate::call::Call;
use crate::error::Refusal;
use crate::expand::{Expand, Relation};
use crate::filter::Filter;
use crate::order;
use crate::query::Query;

/// What stays whatever `$select` says.
const ALWAYS: [&str; 3] = ["id", "@odata.type", "@odata.etag"];
/// What may stand in the parentheses after a relation.
const NESTED: [&str; 7] = ["$select", "$expand", "$filter", "$orderby", "$skip", "$top", "$count"];
/// Relations whose declared type says nothing of what is there: any property may be meant.
const ABSTRACT: &str = "microsoft.graph.directoryObject";

/// The wishes of a request, or of the parentheses after a relation.
#[derive(Debug)]
pub(crate) struct Shape<'q> {
    select: Option<Vec<&'q str>>,
    expand: Expand,
}

impl<'q> Shape<'q> {
    pub(crate) fn asked(query: &'q Query) -> Result<Self, Refusal> {
        let expand = Expand::parse(query.get("$expand").unwrap_or_default()).map_err(|fault| {
            Refusal::bad_request(format!("Parsing OData Select and Expand failed: {fault}."))
        })?;
        Ok(Self { select: query.select().filter(|names| !names.contains(&"*")), expand })
    }

    /// The names that `$select` has, if it limits anything.
    pub(crate) fn selected(&self) -> impl Iterator<Item = &'q str> {
        self.select.iter().flatten().copied()
    }

    /// What `@odata.context` says of it: nothing, or `(id,members())`.
    pub(crate) fn context(&self) -> String {
        let names = self.selected().map(str::to_owned).chain(self.expand.context());
        let names = names.collect::<Vec<_>>().join(",");
        if names.is_empty() { names } else { format!("({names})") }
    }

    /// The object as it is asked for; `declared` is what it is if it doesn't say so itself.
    pub(crate) fn show(&self, call: &Call<'_>, declared: &str, object: Value) -> Result<Value, Refusal> {
        let of = call.types.of(declared, &object);
        let related = self.expand.relations().iter().map(|relation| related(call, of, &object, relation));
        let related = related.collect::<Result<Vec<_>, Refusal>>()?;
        let mut object = object;
        if let (Value::Object(properties), Some(names)) = (&mut object, &self.select) {
            properties.retain(|name, _| stays(name, names));
            // What has no value is null to those who ask for it.
            for (name, property) in names.iter().filter_map(|name| call.types.property(of, name)) {
                if property.is_nullable && !property.is_navigation && !properties.contains_key(name) {
                    properties.insert(name.to_owned(), Value::Null);
                }
            }
        }
        if let Value::Object(properties) = &mut object {
            properties.extend(related);
        }
        Ok(object)
    }
}

/// Leaves the named properties, the id, the type and the etag.
pub(crate) fn select(mut object: Value, names: &[&str]) -> Value {
    if let Value::Object(properties) = &mut object {
        properties.retain(|name, _| stays(name, names));
    }
    object
}

fn stays(property: &str, names: &[&str]) -> bool {
    ALWAYS.contains(&property) || names.iter().any(|name| name.eq_ignore_ascii_case(property))
}

/// A relation's name, and what it leads to, in the shape that its own options ask for.
fn related(
    call: &Call<'_>,
    of: &str,
    object: &Value,
    relation: &Relation,
) -> Result<(String, Value), Refusal> {
    let known = call.types.property(of, &relation.name);
    let known = known.and_then(|(name, property)| Some((name, property.target.as_deref()?)));
    let Some((name, target)) = known else {
        if call.types.is_left_out(of, &relation.name) {
            return Err(call.unknown(of, &relation.name, ""));
        }
        let message = format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{}' on type '{of}'.",
            relation.name
        );
        return Err(Refusal::bad_request(message));
    };
    let found = relations::follow(call, of, name, object).ok_or_else(|| {
        Refusal::not_simulated(format!("'$expand' of '{name}' is not known to the simulator for a '{of}'."))
    })??;
    relation.options.allow(&NESTED)?;
    let shape = Shape::asked(&relation.options)?;
    if target != ABSTRACT
        && let Some(unknown) = shape.selected().find(|name| call.types.property(target, name).is_none())
    {
        return Err(call.unknown(target, unknown, "There is no property"));
    }
    let shown = match found {
        Value::Array(items) => {
            let items = chosen(items, &relation.options)?.into_iter();
            items.map(|item| shape.show(call, target, item)).collect::<Result<_, _>>()?
        }
        Value::Null => Value::Null,
        one => shape.show(call, target, one)?,
    };
    Ok((name.to_owned(), shown))
}

/// The related objects that the options of a relation ask for, in their order.
fn chosen(mut items: Vec<Value>, options: &Query) -> Result<Vec<Value>, Refusal> {
    if let Some(expression) = options.get("$filter") {
        let filter =
            Filter::parse(expression).map_err(|fault| fault.refusal(expression, Refusal::bad_request))?;
        items.retain(|item| filter.accepts(item));
    }
    if let Some(order) = options.get("$orderby") {
        order::sort(&mut items, order).map_err(Refusal::bad_request)?;
    }
    let number = |option: &str, otherwise: usize| match options.get(option) {
        None => Ok(otherwise),
        Some(text) => text
            .parse()
            .map_err(|_| Refusal::bad_request(format!("'{option}' must be a number, not '{text}'."))),
    };
    let (skip, top) = (number("$skip", 0)?, number("$top", usize::MAX)?);
    Ok(items.into_iter().skip(skip).take(top).collect())
}
