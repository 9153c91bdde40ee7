//! The properties of an object.

use std::ops::{Deref, DerefMut, Index};

use serde_json::{Map, Value};

/// An object's properties, without its id. One that nobody wrote reads as null, as on the wire; a bare map panics there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Properties(Map<String, Value>);

impl Properties {
    pub(crate) fn to_map(&self) -> Map<String, Value> {
        self.0.clone()
    }
}

static UNWRITTEN: Value = Value::Null;

impl Index<&str> for Properties {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&UNWRITTEN)
    }
}

impl From<Map<String, Value>> for Properties {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl Deref for Properties {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Properties {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl FromIterator<(String, Value)> for Properties {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(properties: I) -> Self {
        Self(Map::from_iter(properties))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nobody_wrote_reads_as_null() {
        let properties = Properties::from_iter([("title".to_owned(), json!("Fuel"))]);
        assert_eq!((&properties["title"], &properties["planId"]), (&json!("Fuel"), &Value::Null));
    }
}
