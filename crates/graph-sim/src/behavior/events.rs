//! The events in the calendars of groups.

pub(super) mod occurrence;

use http::StatusCode;
use http::header::HeaderName;
use serde_json::{Value, json};
use time::PrimitiveDateTime;

use self::occurrence::{Occurrence, Schedule, occurrence_on, times, zones};
use super::posts::plain;
use super::resource::{OPTIONS, Resource, body};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::{self, Kind};
use crate::properties::Properties;
use crate::records::Record;
use crate::reply::Reply;
use crate::time_zone::{self, Zone};
use crate::{clock, moment};

pub(super) const EVENTS: Resource = Resource {
    context: "events",
    kind: Kind::Event,
    page: 10,
    options: OPTIONS,
    etags: true,
    missing: Refusal::not_in_store,
};

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// `GET /groups/{group-id}/events`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, form) = (place(call)?, Form::asked(call)?);
    let views: Result<_, _> = call.store.records.all(&place).map(|event| form.view(event, None)).collect();
    Ok(form.applied(EVENTS.page(call, views?)?))
}

/// `POST /groups/{group-id}/events`
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, form) = (place(call)?, Form::asked(call)?);
    let mut properties = defaults(call)?;
    properties.extend(body(call));
    complete(&mut properties)?;
    // A client that tries again makes no second event.
    let transaction = properties.get("transactionId").filter(|id| id.is_string()).cloned();
    let same = |event: &&Record| {
        transaction.is_some() && event.properties.get("transactionId") == transaction.as_ref()
    };
    let known = call.store.records.all(&place).find(same).cloned();
    let event = known.unwrap_or_else(|| call.store.records.add(&place, Kind::Event, properties).clone());
    Ok(form.applied(EVENTS.created(call, form.view(&event, None)?)?))
}

/// `GET /groups/{group-id}/events/{event-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let form = Form::asked(call)?;
    let (event, occurrence) = find(call)?;
    Ok(form.applied(EVENTS.one(call, form.view(event, occurrence)?)?))
}

/// `PATCH /groups/{group-id}/events/{event-id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, form) = (place(call)?, Form::asked(call)?);
    let id = single(call)?;
    let change = body(call);
    let event = call.store.records.find_mut(&place, &id).ok_or_else(|| Refusal::not_in_store(&id))?;
    let mut properties = event.properties.clone();
    properties.extend(change);
    properties.insert("lastModifiedDateTime".to_owned(), clock::utc(call.at).into());
    complete(&mut properties)?;
    event.merge(properties.to_map());
    let view = form.view(event, None)?;
    Ok(form.applied(EVENTS.one(call, view)?))
}

/// `DELETE /groups/{group-id}/events/{event-id}`
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, id) = (place(call)?, single(call)?);
    EVENTS.delete(call, &place, &id)
}

/// Where the events of the addressed group are.
pub(super) fn place(call: &Call<'_>) -> Result<String, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(format!("groups/{}/events", group.id))
}

/// The addressed event; for an occurrence, its series and when it takes place.
pub(super) fn find<'c>(call: &'c Call<'_>) -> Result<(&'c Record, Option<Occurrence>), Refusal> {
    let (place, id) = (place(call)?, call.parameters.get("event-id"));
    if let Some(event) = call.store.records.find(&place, id) {
        return Ok((event, None));
    }
    let revealed = ids::reveal(id).unwrap_or_default();
    let (series, day) = revealed.split_once('@').unwrap_or_default();
    let missing = || Refusal::not_in_store(id);
    let event = call.store.records.find(&place, series).ok_or_else(missing)?;
    let day = moment::day(day).ok_or_else(missing)?;
    let occurrence = occurrence_on(event, day)?.ok_or_else(missing)?;
    Ok((event, Some(occurrence)))
}

/// The id of the addressed event, which must not be an occurrence.
fn single(call: &Call<'_>) -> Result<String, Refusal> {
    match find(call)? {
        (event, None) => Ok(event.id.clone()),
        (_, Some(_)) => {
            let message = "The simulator makes no exceptions of a series: change or delete its master.";
            Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message))
        }
    }
}

/// Refuses what can't be an event, and adds what follows from the rest.
fn complete(properties: &mut Properties) -> Result<(), Refusal> {
    let ((start, end), (start_zone, end_zone)) = (times(properties)?, zones(properties)?);
    if end_zone.to_utc(end) < start_zone.to_utc(start) {
        let message = "The end date is earlier than the start date.";
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            message,
        ));
    }
    let schedule = Schedule::read(properties)?;
    let kind = if schedule.is_none() { "singleInstance" } else { "seriesMaster" };
    let preview = plain(properties["body"]["content"].as_str().unwrap_or_default());
    let zone = |name: &str| properties[name]["timeZone"].clone();
    let (start_zone, end_zone) = (zone("start"), zone("end"));
    properties.insert("type".to_owned(), kind.into());
    properties.insert("bodyPreview".to_owned(), preview.into());
    properties.insert("originalStartTimeZone".to_owned(), start_zone);
    properties.insert("originalEndTimeZone".to_owned(), end_zone);
    Ok(())
}

/// What an event has that its creator says nothing about.
fn defaults(call: &Call<'_>) -> Result<Properties, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    let now = clock::utc(call.at);
    let organizer = json!({ "emailAddress": {
        "name": group.profile.display_name,
        "address": format!("{}@contoso.example", group.mail_nickname),
    }});
    let defaults = json!({
        "subject": "",
        "body": { "contentType": "html", "content": "" },
        "attendees": [],
        "categories": [],
        "importance": "normal",
        "sensitivity": "normal",
        "showAs": "busy",
        "isAllDay": false,
        "isCancelled": false,
        "isDraft": false,
        "isOrganizer": true,
        "isReminderOn": true,
        "reminderMinutesBeforeStart": 15,
        "responseRequested": true,
        "hasAttachments": false,
        "recurrence": null,
        "seriesMasterId": null,
        "transactionId": null,
        "organizer": organizer,
        "createdDateTime": now,
        "lastModifiedDateTime": now,
    });
    Ok(defaults.as_object().cloned().unwrap_or_default().into())
}

/// How a request wants events shown.
pub(super) struct Form {
    zone: Zone,
    /// As the request spells it.
    zone_name: String,
    asks_for_zone: bool,
    as_text: bool,
}

impl Form {
    /// What the request prefers; otherwise times are in UTC, and bodies as they were written.
    pub(super) fn asked(call: &Call<'_>) -> Result<Self, Refusal> {
        let preference = |name: &str| {
            let values = call.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
            let mut wishes =
                values.flat_map(|value| value.split(',')).filter_map(|wish| wish.trim().split_once('='));
            let value = wishes.find(|(wish, _)| wish.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            value.map(|value| value.trim_matches('"').to_owned())
        };
        let asked = preference("outlook.timezone");
        let as_text = preference("outlook.body-content-type").is_some_and(|kind| kind == "text");
        let zone_name = asked.clone().unwrap_or_else(|| "UTC".to_owned());
        let zone = time_zone::find(&zone_name).map_err(|unknown| {
            Refusal::new(StatusCode::BAD_REQUEST, "TimeZoneNotSupportedException", unknown)
        })?;
        Ok(Self { zone, zone_name, asks_for_zone: asked.is_some(), as_text })
    }

    /// The answer that says what of the preferences was heeded.
    pub(super) fn applied(&self, reply: Reply) -> Reply {
        let zone = self.asks_for_zone.then(|| format!("outlook.timezone=\"{}\"", self.zone_name));
        let text = self.as_text.then(|| "outlook.body-content-type=\"text\"".to_owned());
        let applied: Vec<_> = zone.into_iter().chain(text).collect();
        if applied.is_empty() { reply } else { reply.header(PREFERENCE_APPLIED, &applied.join(", ")) }
    }

    /// An event, or one occurrence of a series, as the wire shows it.
    pub(super) fn view(&self, event: &Record, occurrence: Option<Occurrence>) -> Result<Value, Refusal> {
        let (start_zone, end_zone) = zones(&event.properties)?;
        let (start, end) = times(&event.properties)?;
        let mut view = EVENTS.view(event);
        view["changeKey"] = view["@odata.etag"].clone();
        view["iCalUId"] = ids::opaque(&event.id).into();
        let (start, end) = occurrence.map_or((start, end), |occurrence| (occurrence.start, occurrence.end));
        view["start"] = self.time(start_zone.to_utc(start));
        view["end"] = self.time(end_zone.to_utc(end));
        if let Some(occurrence) = occurrence {
            view["id"] = ids::opaque(&format!("{}@{}", event.id, occurrence.day)).into();
            view["type"] = "occurrence".into();
            view["seriesMasterId"] = event.id.clone().into();
            view["recurrence"] = Value::Null;
            view["originalStart"] = self.moment(start_zone.to_utc(start)).into();
        }
        if self.as_text && view["body"]["content"].is_string() {
            let content = plain(view["body"]["content"].as_str().unwrap_or_default());
            view["body"] = json!({ "contentType": "text", "content": content });
        }
        Ok(view)
    }

    /// A moment with the offset of the zone that is asked for: `2021-06-04T15:00:00-04:00`.
    fn moment(&self, utc: PrimitiveDateTime) -> String {
        let ahead = self.zone.ahead(utc).whole_minutes();
        let text = moment::outlook(self.zone.of_utc(utc));
        let text = text.split('.').next().unwrap_or_default();
        if !self.asks_for_zone {
            return format!("{text}Z");
        }
        let (sign, ahead) = if ahead < 0 { ('-', -ahead) } else { ('+', ahead) };
        format!("{text}{sign}{:02}:{:02}", ahead / 60, ahead % 60)
    }

    fn time(&self, utc: PrimitiveDateTime) -> Value {
        json!({ "dateTime": moment::outlook(self.zone.of_utc(utc)), "timeZone": self.zone_name })
    }
}
