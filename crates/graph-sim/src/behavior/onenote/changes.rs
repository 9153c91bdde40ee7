//! Changes of parts of a page's content.

use http::StatusCode;
use serde_json::{Value, json};

use super::PAGES;
use super::pages::contents;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::reply::Reply;

/// `PATCH /groups/{group-id}/onenote/pages/{onenotePage-id}/content`
pub(in crate::behavior) fn update_content(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, contents) = (super::place(call, PAGES)?, contents(call)?);
    let id = call.parameters.get("onenotePage-id").to_owned();
    let commands = call.body.as_array().cloned().unwrap_or_default();
    let content = call.store.records.find(&contents, &id).ok_or_else(|| super::no_such_item(&id))?;
    let mut html = content.properties["html"].as_str().unwrap_or_default().to_owned();
    let mut title = None;
    for command in &commands {
        let action = command["action"].as_str().map(str::to_ascii_lowercase);
        match (command["target"].as_str(), action.as_deref()) {
            (Some("title"), Some("replace")) => title = Some(command["content"].clone()),
            (Some("body"), Some(action)) => html = in_body(&html, action, command)?,
            (Some(_), Some(_)) => return Err(unknown_target(command)),
            _ => return Err(Refusal::bad_request("A command needs an action and a target.")),
        }
    }
    let now = json!(clock::utc(call.at));
    for (place, change) in [(&contents, ("html", json!(html))), (&place, ("lastModifiedDateTime", now))] {
        if let Some(record) = call.store.records.find_mut(place, &id) {
            record.properties.insert(change.0.to_owned(), change.1);
        }
    }
    if let (Some(title), Some(page)) = (title, call.store.records.find_mut(&place, &id)) {
        page.properties.insert("title".to_owned(), title);
    }
    Ok(Reply::no_content())
}

/// Adds to the beginning or the end of the body. What is appended before is prepended.
fn in_body(html: &str, action: &str, command: &Value) -> Result<String, Refusal> {
    let content = command["content"].as_str();
    let content = content.ok_or_else(|| Refusal::bad_request("The command has no content."))?;
    let is_before = command["position"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("before"));
    let start = html.find("<body").and_then(|at| html[at..].find('>').map(|end| at + end + 1));
    let at = match action {
        "append" if !is_before => html.find("</body>").unwrap_or(html.len()),
        "append" | "prepend" => start.unwrap_or(0),
        other => return Err(Refusal::bad_request(format!("The body does not take the action '{other}'."))),
    };
    Ok(format!("{}{content}{}", &html[..at], &html[at..]))
}

fn unknown_target(command: &Value) -> Refusal {
    let message = format!(
        "The simulator changes 'body' and 'title', and does not know the elements of a page such as '{}'.",
        command["target"].as_str().unwrap_or_default()
    );
    Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}
