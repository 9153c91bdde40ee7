//! The order of a list.

use super::name::{Fault, check_path};
use super::path::PropertyPath;

/// A property to sort by, and which way; [`asc`] and [`desc`] make one, and so does a text such as `displayName desc` or, for the least
/// first, a [`field`](crate::field).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBy(Result<String, Fault>);

/// Sorted by `property`, the least first.
///
/// ```no_run
/// use graph_client::{Error, List, desc};
///
/// # use graph_client::graph_runtime::Inspect;
/// # async fn example<T: serde::de::DeserializeOwned + Inspect + Send + 'static>(list: List<T>) -> Result<(), Error> {
/// let last = list.order_by([desc("displayName")]).top(1).await?;
/// # Ok(())
/// # }
/// ```
pub fn asc(property: impl AsRef<str>) -> OrderBy {
    OrderBy::from(property.as_ref())
}

/// Sorted by `property`, the greatest first.
pub fn desc(property: impl AsRef<str>) -> OrderBy {
    OrderBy(asc(property).0.map(|property| format!("{property} desc")))
}

impl From<&str> for OrderBy {
    fn from(text: &str) -> Self {
        let (property, direction) = match text.trim().rsplit_once(' ') {
            Some((property, "desc")) => (property.trim_end(), " desc"),
            Some((property, "asc")) => (property.trim_end(), ""),
            _ => (text.trim(), ""),
        };
        Self(check_path("order_by", property).map(|()| format!("{property}{direction}")))
    }
}

impl From<String> for OrderBy {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for OrderBy {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<PropertyPath> for OrderBy {
    fn from(property: PropertyPath) -> Self {
        Self(match (property.root, property.path) {
            (None, Ok(path)) => check_path("order_by", &path).map(|()| path),
            (Some(_), Ok(_)) => {
                Err("`order_by` takes a property, not the variable of an `any` or `all`".into())
            }
            (_, Err(fault)) => Err(fault),
        })
    }
}

/// The properties as they are sent.
pub(super) fn render<I: IntoIterator<Item: Into<OrderBy>>>(properties: I) -> Result<String, Fault> {
    let properties: Vec<_> = properties.into_iter().map(|it| it.into().0).collect::<Result<_, _>>()?;
    match properties.join(",") {
        none if none.is_empty() => check_path("order_by", "").map(|()| none),
        list => Ok(list),
    }
}

#[cfg(test)]
mod tests {
    use super::{asc, desc, render};
    use crate::field;

    #[test]
    fn orders() {
        for (order, expected) in [
            (vec![asc("displayName"), desc("id")], "displayName,id desc"),
            (
                vec!["displayName desc".into(), "id asc".into(), "mail".to_owned().into()],
                "displayName desc,id,mail",
            ),
            (vec![desc("manager/displayName")], "manager/displayName desc"),
            (vec![field("start").field("dateTime").into()], "start/dateTime"),
        ] {
            assert_eq!(render(order).as_deref(), Ok(expected));
        }
        for order in [vec![], vec![asc("")], vec!["a down".into()], vec![desc("a,b")]] {
            assert!(render(order).unwrap_err().contains("`order_by`"));
        }
    }
}
