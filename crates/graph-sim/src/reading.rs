//! How the service reads a JSON body: names, members of enums and names of types in any spelling that it takes become those of the
//! metadata, so that everything behind it knows one spelling.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::Refusal;
use crate::types::{Property, SENTINEL, Scalar, Types};

/// Texts that the metadata declares as mere texts, and of which the documentation lists all that there may be.
const WORDS: [(&str, &str, &[&str]); 4] = [
    ("microsoft.graph.group", "visibility", &["Public", "Private", "HiddenMembership"]),
    ("microsoft.graph.group", "groupTypes", &["Unified", "DynamicMembership"]),
    ("microsoft.graph.group", "membershipRuleProcessingState", &["On", "Paused"]),
    ("microsoft.graph.groupLifecyclePolicy", "managedGroupTypes", &["All", "Selected", "None"]),
];

/// Names the type of the object that it is in.
const TYPE: &str = "@odata.type";

/// The types whose dates the documentation writes without an offset too; they are in UTC.
const WITHOUT_OFFSET: &str = "microsoft.graph.learning";

/// Reads one body.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    types: &'a Types,
    /// What was accepted and should rather not have been sent.
    pub(crate) remarks: Vec<String>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(types: &'a Types) -> Self {
        Self { types, remarks: Vec::new() }
    }

    /// Rewrites the body of `operation` in place. What it can't make sense of stays, for the contract to judge.
    ///
    /// # Errors
    ///
    /// 400 if an object has a property twice, in two spellings.
    pub(crate) fn read(&mut self, operation: &str, body: &mut Value) -> Result<(), Refusal> {
        match self.types.request(operation) {
            Some(declared) => self.value("", "", declared, body, ""),
            None => Ok(()),
        }
    }

    /// `of` and `name` say whose property the value is, and which; `pointer` where it stands.
    fn value(
        &mut self,
        of: &str,
        name: &str,
        declared: &Property,
        value: &mut Value,
        pointer: &str,
    ) -> Result<(), Refusal> {
        match value {
            Value::Array(items) => items
                .iter_mut()
                .enumerate()
                .try_for_each(|(at, item)| self.value(of, name, declared, item, &format!("{pointer}/{at}"))),
            Value::Object(properties) => match &declared.target {
                Some(target) => self.object(target, properties, pointer),
                None => Ok(()),
            },
            Value::String(text) => {
                if let Some(read) = self.text(of, name, declared, text, pointer) {
                    *value = read;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn object(
        &mut self,
        declared: &str,
        properties: &mut Map<String, Value>,
        pointer: &str,
    ) -> Result<(), Refusal> {
        // The type comes first: it decides what the others are.
        let is_type = |name: &&String| name.eq_ignore_ascii_case(TYPE);
        let spellings: Vec<String> = properties.keys().filter(is_type).cloned().collect();
        for spelling in &spellings {
            let value = properties.remove(spelling).unwrap_or_default();
            let named = value.as_str().map(|name| self.types.spelled(name).into());
            if properties.insert(TYPE.to_owned(), named.unwrap_or(value)).is_some() || spellings.len() > 1 {
                return Err(twice(&format!("{pointer}/{TYPE}")));
            }
        }
        let of = self.types.named(declared, properties).to_owned();
        let mut read = Map::new();
        for (sent, mut value) in std::mem::take(properties) {
            let name = self.name(&of, &sent);
            let place = format!("{pointer}/{name}");
            if let Some(property) = self.types.of_member(&of, &name) {
                self.value(&of, &name, property, &mut value, &place)?;
            }
            if read.insert(name, value).is_some() {
                return Err(twice(&place));
            }
        }
        *properties = read;
        Ok(())
    }

    /// The metadata's name for a property or an annotation.
    fn name(&self, of: &str, sent: &str) -> String {
        let (property, annotation) = sent.split_at(sent.find('@').unwrap_or(sent.len()));
        let known = self.types.property(of, property).map_or(property, |(known, _)| known);
        let is_of_odata = annotation.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("@odata."));
        if is_of_odata {
            format!("{known}{}", annotation.to_ascii_lowercase())
        } else {
            known.to_owned() + annotation
        }
    }

    /// What a text stands for, if for another value than itself.
    fn text(
        &mut self,
        of: &str,
        name: &str,
        declared: &Property,
        text: &str,
        pointer: &str,
    ) -> Option<Value> {
        let listed = WORDS.iter().find(|row| row.0 == of && row.1 == name);
        let listed =
            listed.and_then(|row| row.2.iter().copied().find(|word| word.eq_ignore_ascii_case(text)));
        let members = declared.members.iter().map(String::as_str).filter(|member| *member != SENTINEL);
        let member = members.into_iter().find(|member| member.eq_ignore_ascii_case(text));
        if let Some(spelled) = member.or(listed) {
            return Some(spelled.into());
        }
        match declared.scalar? {
            Scalar::Moment => moment(text, of.starts_with(WITHOUT_OFFSET)).map(Value::from),
            Scalar::Bool | Scalar::Number => {
                let value = plain(declared.scalar?, text.trim())?;
                self.remarks.push(format!("{pointer}: the text \"{text}\" was read as {value}"));
                Some(value)
            }
        }
    }
}

fn twice(place: &str) -> Refusal {
    Refusal::bad_request(format!("A property is there twice: {place}, spelled in two ways."))
}

/// The number or truth value that a text shows.
fn plain(scalar: Scalar, text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(&text.to_ascii_lowercase()).ok()?;
    let fits = if scalar == Scalar::Bool { value.is_boolean() } else { value.is_number() };
    fits.then_some(value)
}

/// A date in UTC, however it was written.
fn moment(text: &str, may_lack_offset: bool) -> Option<String> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let completed = || parse(&format!("{text}Z")).filter(|_| may_lack_offset);
    // A day alone stands for its first moment.
    let day = || crate::moment::day(text).map(|day| day.midnight().assume_utc());
    let moment = parse(text).or_else(completed).or_else(day)?;
    if moment.offset().is_utc() && text.len() > "2026-01-05".len() {
        // A fraction of a second keeps its digits.
        let is_fraction = |it: &char| *it == '.' || it.is_ascii_digit();
        let fraction: String = text.get(19..)?.chars().take_while(is_fraction).collect();
        return Some(format!("{}{fraction}Z", text.get(..19)?.replace(['t', ' '], "T")));
    }
    moment.checked_to_offset(time::UtcOffset::UTC)?.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests;
