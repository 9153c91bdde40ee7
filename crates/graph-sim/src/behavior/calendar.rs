//! The calendar of a group, and what takes place in it between two moments.

use http::StatusCode;
use serde_json::{Value, json};
use time::{Duration, PrimitiveDateTime};

use super::events::{self, EVENTS, Form, occurrence};
use crate::call::Call;
use crate::error::Refusal;
use crate::records::Record;
use crate::reply::Reply;
use crate::{ids, moment};

/// Five years, as Outlook refuses more.
const LONGEST_WINDOW: Duration = Duration::days(1825);

/// `GET /groups/{group-id}/calendar`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    let view = json!({
        "id": ids::opaque(&format!("calendar of {}", group.id)),
        "name": "Calendar",
        "color": "auto",
        "hexColor": "",
        "changeKey": ids::opaque(&group.id),
        "canShare": false,
        "canViewPrivateItems": false,
        "canEdit": true,
        "owner": {
            "name": group.profile.display_name,
            "address": format!("{}@contoso.example", group.mail_nickname),
        },
    });
    Ok(Reply::ok(call.entity("calendar", view)?))
}

/// `GET /groups/{group-id}/calendarView`
pub(super) fn view(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (window, place) = (Window::asked(call)?, events::place(call)?);
    let all: Vec<&Record> = call.store.records.all(&place).collect();
    window.page(call, &all)
}

/// `GET /groups/{group-id}/events/{event-id}/instances`
pub(super) fn instances(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let window = Window::asked(call)?;
    match events::find(call)? {
        (series, None) if !series.properties["recurrence"].is_null() => window.page(call, &[series]),
        _ => Err(Refusal::invalid_argument("The event is no series: it has no instances.")),
    }
}

/// The time that a request asks about, in UTC.
struct Window {
    start: PrimitiveDateTime,
    end: PrimitiveDateTime,
}

impl Window {
    fn asked(call: &Call<'_>) -> Result<Self, Refusal> {
        let refusal = |message: &str| Refusal::new(StatusCode::BAD_REQUEST, "ErrorInvalidParameter", message);
        let moment = |name: &str| call.query.get(name).and_then(moment::utc);
        let (Some(start), Some(end)) = (moment("startDateTime"), moment("endDateTime")) else {
            return Err(refusal(
                "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
            ));
        };
        if end < start {
            return Err(refusal("The time window ends before it starts."));
        }
        if end - start > LONGEST_WINDOW {
            let days = LONGEST_WINDOW.whole_days();
            let message = format!(
                "The range between the start and end dates is greater than the allowed range. Maximum number of days: {days}"
            );
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "ErrorInvalidParameter", message));
        }
        Ok(Self { start, end })
    }

    /// What of these events takes place in this time, in its order.
    fn page(&self, call: &Call<'_>, all: &[&Record]) -> Result<Reply, Refusal> {
        let form = Form::asked(call)?;
        let mut found: Vec<(PrimitiveDateTime, Value)> = Vec::new();
        for event in all {
            let (start_zone, end_zone) = occurrence::zones(&event.properties)?;
            let is_series = !event.properties["recurrence"].is_null();
            for taken in occurrence::occurrences(event, self.start, self.end)? {
                let (start, end) = (start_zone.to_utc(taken.start), end_zone.to_utc(taken.end));
                if start < self.end && end > self.start {
                    found.push((start, form.view(event, is_series.then_some(taken))?));
                }
            }
        }
        found.sort_by_key(|(start, _)| *start);
        let views = found.into_iter().map(|(_, view)| view).collect();
        Ok(form.applied(EVENTS.page(call, views)?))
    }
}
