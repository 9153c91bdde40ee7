//! `$orderby`: by one or more properties, in either direction.

use std::cmp::Ordering;

use serde_json::Value;

use crate::query::member;

/// Sorts by `displayName desc, start/dateTime`. Objects without a value come first; text is compared without its case.
pub(crate) fn sort(objects: &mut [Value], order: &str) -> Result<(), String> {
    let keys: Vec<_> = order.split(',').map(|part| key(part, order)).collect::<Result<_, _>>()?;
    objects.sort_by(|left, right| {
        let mut ordering = Ordering::Equal;
        for (path, descending) in &keys {
            let by = compare(value(left, path), value(right, path));
            ordering = ordering.then(if *descending { by.reverse() } else { by });
        }
        ordering
    });
    Ok(())
}

/// Sorts where the service sorts by `displayName` and nothing else.
pub(crate) fn sort_by_display_name(objects: &mut [Value], order: &str) -> Result<(), String> {
    match key(order, order)? {
        (name, _) if name.eq_ignore_ascii_case("displayName") => sort(objects, order),
        _ => Err(format!("Sorting by '{order}' is not supported.")),
    }
}

/// The properties that an order looks at.
pub(crate) fn properties(order: &str) -> impl Iterator<Item = &str> {
    paths(order).filter_map(|path| path.split('/').next())
}

/// The paths that an order looks at; an empty one where a part has none.
pub(crate) fn paths(order: &str) -> impl Iterator<Item = &str> {
    order.split(',').map(|part| part.split_whitespace().next().unwrap_or_default())
}

fn key<'o>(part: &'o str, order: &str) -> Result<(&'o str, bool), String> {
    let mut words = part.split_whitespace();
    let (path, direction) = (words.next(), words.next().map(str::to_ascii_lowercase));
    match (path, direction.as_deref(), words.next()) {
        (Some(path), None | Some("asc"), None) => Ok((path, false)),
        (Some(path), Some("desc"), None) => Ok((path, true)),
        _ => Err(format!("Sorting by '{order}' is not supported.")),
    }
}

fn value<'v>(object: &'v Value, path: &str) -> &'v Value {
    path.split('/').fold(object, |value, name| member(value, name).unwrap_or(&Value::Null))
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => left.is_null().cmp(&right.is_null()).reverse().then_with(|| text(left).cmp(&text(right))),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(String::new, str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn several_properties_in_either_direction() {
        let all = [json!({"n": "b", "at": {"t": 1}}), json!({"n": "A", "at": {"t": 2}}), json!({"n": "a"})];
        for (order, expected) in [
            ("n", [1, 2, 0]),
            ("n desc", [0, 1, 2]),
            ("N  DESC", [0, 1, 2]),
            ("n Asc", [1, 2, 0]),
            ("n,at/t", [2, 1, 0]),
            ("at/t desc, n asc", [1, 0, 2]),
        ] {
            let mut sorted = all.clone();
            sort(&mut sorted, order).unwrap();
            assert_eq!(sorted, expected.map(|index| all[index].clone()), "{order}");
        }
        assert!(sort(&mut [], "n up").unwrap_err().contains("'n up'"));
        assert!(sort(&mut [], "n,").is_err());
    }
}
