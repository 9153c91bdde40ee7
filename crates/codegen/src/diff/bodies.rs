//! What an operation is sent and what it answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::form::{self, Form};
use super::{Changes, Class, remainder};
use crate::problem::Result;
use crate::source::Source;

/// References to references end here.
const DEEPEST: usize = 16;

/// A request body, or the answer of one status.
#[derive(Default)]
pub(super) struct Body {
    required: bool,
    /// By media type.
    content: BTreeMap<String, Form>,
    rest: Value,
}

/// Answers by status.
type Answers = BTreeMap<String, Body>;

impl Body {
    /// What `operation` is sent, if anything.
    pub(super) fn sent(operation: &Value, source: &Source) -> Result<Option<Self>> {
        operation.get("requestBody").map(|body| Self::read(body, "requestBodies", source)).transpose()
    }

    /// What `operation` answers.
    pub(super) fn answered(operation: &Value, source: &Source) -> Result<Answers> {
        let responses = operation["responses"].as_object().into_iter().flatten();
        responses.map(|(status, body)| Ok((status.clone(), Self::read(body, "responses", source)?))).collect()
    }

    fn read(body: &Value, kind: &str, source: &Source) -> Result<Self> {
        let body = resolve(body, kind, source)?;
        let mut content = BTreeMap::new();
        for (media, of) in body["content"].as_object().into_iter().flatten() {
            content
                .insert(media.clone(), form::of(&resolve(&of["schema"], "schemas-that-are-lists", source)?));
        }
        Ok(Self {
            required: body["required"] == true,
            content,
            rest: form::without(&body, &["required", "content"]),
        })
    }
}

/// What a reference stands for, if it is one to a shared component of `kind`.
pub(super) fn resolve(value: &Value, kind: &str, source: &Source) -> Result<Value> {
    let mut value = value.clone();
    for _ in 0..DEEPEST {
        let name = value["$ref"].as_str().and_then(|reference| {
            reference.strip_prefix("#/components/")?.strip_prefix(kind)?.strip_prefix('/')
        });
        let Some(component) = name.map(|name| source.component(kind, name)).transpose()?.flatten() else {
            break;
        };
        value = component;
    }
    Ok(value)
}

pub(super) fn compare_sent(place: &str, old: Option<&Body>, new: Option<&Body>, changes: &mut Changes) {
    match (old, new) {
        (None, None) => {}
        (None, Some(_)) => changes.push(
            Class::Major,
            "body-added",
            place,
            "is sent a body now",
            "the method takes another argument",
        ),
        (Some(_), None) => changes.push(
            Class::Major,
            "body-removed",
            place,
            "is no longer sent a body",
            "the method takes an argument less",
        ),
        (Some(was), Some(is)) => {
            let place = format!("{place} request");
            if was.required != is.required {
                let what = format!("the body is {} required", if is.required { "now" } else { "no longer" });
                changes.push(
                    Class::Patch,
                    "body-required-changed",
                    &place,
                    what,
                    "a method with a body always sends one",
                );
            }
            compare_content(&place, was, is, changes);
        }
    }
}

pub(super) fn compare_answers(place: &str, old: &Answers, new: &Answers, changes: &mut Changes) {
    for (status, was) in old {
        match new.get(status) {
            Some(is) => compare_content(&format!("{place} {status}"), was, is, changes),
            None => answer_came_or_went(place, status, was, "is gone", old, new, changes),
        }
    }
    for (status, is) in new.iter().filter(|(status, _)| !old.contains_key(*status)) {
        answer_came_or_went(place, status, is, "is new", new, old, changes);
    }
}

/// `having` are the answers of the document that has the status, `lacking` those of the other.
fn answer_came_or_went(
    place: &str,
    status: &str,
    body: &Body,
    what: &str,
    having: &Answers,
    lacking: &Answers,
    changes: &mut Changes,
) {
    let kind = if what == "is new" { "answer-added" } else { "answer-removed" };
    let text = format!("the answer {status} {what}");
    if !status.starts_with('2') {
        return changes.push(
            Class::Patch,
            kind,
            place,
            text,
            "failures are read in one way whatever they are",
        );
    }
    let success = |answers: &Answers| -> Vec<String> {
        let bodies = answers.iter().filter(|(status, _)| status.starts_with('2'));
        let mut forms: Vec<_> = bodies
            .map(|(_, body)| {
                body.content
                    .get("application/json")
                    .map_or_else(|| "nothing".to_owned(), |form| form.name.clone())
            })
            .collect();
        forms.sort();
        forms.dedup();
        forms
    };
    let _ = body;
    if success(having) == success(lacking) {
        changes.push(
            Class::Behavioural,
            kind,
            place,
            text,
            "the same is read from answers with another status",
        );
    } else {
        changes.push(Class::Major, kind, place, text, "the method gives another type");
    }
}

fn compare_content(place: &str, was: &Body, is: &Body, changes: &mut Changes) {
    for (media, form) in &was.content {
        match is.content.get(media) {
            None => changes.push(
                Class::Major,
                "media-type-removed",
                place,
                format!("`{media}` is gone"),
                "what is sent or read has another type",
            ),
            Some(now) if form::same_rust(&form.name, &now.name) && form.name == now.name => {
                if form.nullable != now.nullable {
                    changes.push(
                        Class::Patch,
                        "body-nullable-changed",
                        place,
                        format!("`{media}` {} null", may_be(now.nullable)),
                        "the type is the same",
                    );
                }
            }
            Some(now) => {
                let what = format!("`{media}` was {}, is {}", form.name, now.name);
                let class = if form::same_rust(&form.name, &now.name) { Class::Patch } else { Class::Major };
                changes.push(class, "body-type-changed", place, what, "what is sent or read is of that type");
            }
        }
    }
    for media in is.content.keys().filter(|media| !was.content.contains_key(*media)) {
        let class = if was.content.is_empty() { Class::Major } else { Class::Behavioural };
        changes.push(
            class,
            "media-type-added",
            place,
            format!("`{media}` is new"),
            "what is sent or read may be of another type",
        );
    }
    remainder::compare(place, &was.rest, &is.rest, changes);
}

fn may_be(nullable: bool) -> &'static str {
    if nullable { "may now be" } else { "may no longer be" }
}
