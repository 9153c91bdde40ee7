//! The calendar of a group and the events in it.

use std::fmt;

use graph_client::{Error, Get, List, Request};
use graph_models::models::{Calendar, DateTimeTimeZone, Event, EventPatch, NewEvent};
use graph_models::{GraphDateTime, Id, Identify, InvalidId, facts};
use http::{HeaderName, HeaderValue};

use super::calls::{get, list, send};
use super::groups::Groups;
use crate::client::Client;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The events in the calendar of one group.
///
/// Times are answered in UTC, unless [`in_time_zone`](Self::in_time_zone) asks for others.
#[derive(Clone, Debug)]
pub struct Events {
    client: Client,
    group: Result<Id, InvalidId>,
    wishes: Vec<HeaderValue>,
    /// A time zone that can't be asked for.
    unsound: Option<String>,
}

impl Groups {
    /// Reads the calendar of a group.
    ///
    #[doc = facts!(GROUPS_CALENDAR_GET)]
    pub fn calendar(&self, group: impl Identify) -> Get<Calendar> {
        get!(&self.client, GROUPS_CALENDAR_GET, groups_calendar_get(group))
    }

    /// The events in the calendar of a group.
    pub fn events(&self, group: impl Identify) -> Events {
        Events { client: self.client.clone(), group: group.identify(), wishes: Vec::new(), unsound: None }
    }
}

/// A time by the clocks of a place: `zoned("2026-03-02T09:00:00", "Europe/Berlin")`.
///
/// The time has no offset; the zone is one that Outlook knows, by its name in the IANA database or in Windows. What is wrong
/// with either is said when the event is sent.
pub fn zoned(date_time: impl Into<String>, time_zone: impl Into<String>) -> DateTimeTimeZone {
    let mut time = DateTimeTimeZone::default();
    time.date_time = Some(date_time.into());
    time.time_zone = Some(time_zone.into());
    time
}

/// Adds what the handle prefers to a call.
macro_rules! with_wishes {
    ($events:expr, $call:expr) => {
        $events.wishes.iter().fold($call, |call, wish| call.header(PREFER, wish.clone()))
    };
}

impl Events {
    /// The same events with times in this zone, by its name in the IANA database or in Windows: `Europe/Berlin`, `W. Europe
    /// Standard Time`. A name that can't be sent is refused by each call.
    pub fn in_time_zone(mut self, zone: &str) -> Self {
        let is_name = !zone.is_empty() && zone.chars().all(|it| it.is_ascii_graphic() || it == ' ');
        match HeaderValue::try_from(format!("outlook.timezone=\"{zone}\"")) {
            Ok(wish) if is_name && !zone.contains(['"', '\\', ',']) => self.wishes.push(wish),
            _ => self.unsound = Some(zone.to_owned()),
        }
        self
    }

    /// The same events with bodies as plain text instead of HTML.
    pub fn as_text(mut self) -> Self {
        self.wishes.push(HeaderValue::from_static("outlook.body-content-type=\"text\""));
        self
    }

    /// Lists the events, a series as one. [`view`](Self::view) has each occurrence.
    ///
    #[doc = facts!(GROUPS_EVENTS_LIST)]
    pub fn list(&self) -> List<Event> {
        let (group, sound) = (&self.group, self.sound());
        with_wishes!(self, list!(&self.client, GROUPS_EVENTS_LIST, { sound? }, groups_events_list(group)))
    }

    /// Adds an event, and invites its attendees. Refused before anything is sent: times that are none, an end before the
    /// start in the same zone, and whole days that don't begin and end at midnight.
    ///
    /// With a `transaction_id`, the service makes no second event when it gets the request twice.
    ///
    #[doc = facts!(GROUPS_EVENTS_CREATE)]
    pub fn create(&self, event: NewEvent) -> Request<Event> {
        let (group, sound) = (&self.group, self.sound());
        with_wishes!(
            self,
            send!(
                &self.client,
                GROUPS_EVENTS_CREATE,
                {
                    sound?;
                    let whole_days = event.is_all_day.unwrap_or_default();
                    check_times(Some(&event.start), Some(&event.end), whole_days)?;
                },
                groups_events_create(group; &event)
            )
        )
    }

    /// Reads an event; an occurrence of a series has an id of its own.
    ///
    #[doc = facts!(GROUPS_EVENTS_GET)]
    pub fn get(&self, event: impl Identify) -> Get<Event> {
        let (group, sound) = (&self.group, self.sound());
        with_wishes!(self, get!(&self.client, GROUPS_EVENTS_GET, { sound? }, groups_events_get(group, event)))
    }

    /// Changes an event, tells its attendees, and returns it as it is then. Refused before anything is sent: a change of
    /// nothing, and what [`create`](Self::create) refuses, as far as the change shows it.
    ///
    #[doc = facts!(GROUPS_EVENTS_UPDATE)]
    pub fn update(&self, event: impl Identify, change: EventPatch) -> Request<Event> {
        let (group, sound) = (&self.group, self.sound());
        with_wishes!(
            self,
            send!(
                &self.client,
                GROUPS_EVENTS_UPDATE,
                {
                    sound?;
                    if change.is_empty() {
                        return Err(Error::nothing_to_change());
                    }
                    let whole_days = change.is_all_day.into_set().unwrap_or_default();
                    check_times(change.start.as_ref().into_set(), change.end.as_ref().into_set(), whole_days)?;
                },
                groups_events_update(group, event; &change)
            )
        )
    }

    /// Deletes an event, and tells its attendees; of a series, all occurrences.
    ///
    #[doc = facts!(GROUPS_EVENTS_DELETE)]
    pub fn delete(&self, event: impl Identify) -> Request<()> {
        let group = &self.group;
        send!(&self.client, GROUPS_EVENTS_DELETE, groups_events_delete(group, event))
    }

    /// Lists what takes place between two moments, each occurrence of a series by itself.
    ///
    /// A moment is a [`GraphDateTime`] or an `OffsetDateTime` of the crate `time`. Refused before anything is sent: moments
    /// that are none, and an end that is not after the start.
    ///
    /// ```no_run
    /// use futures_util::TryStreamExt as _;
    /// use graph_facade::GraphDateTime;
    ///
    /// # async fn example(client: graph_facade::Client) -> Result<(), graph_facade::Error> {
    /// let day = |text| GraphDateTime::from_text(text);
    /// let events = client.groups().events("b320ee12-b1cd-4cca-b648-a437be61c5cd").in_time_zone("Europe/Berlin");
    /// let mut march = events.view(day("2026-03-01T00:00:00Z"), day("2026-04-01T00:00:00Z")).items();
    /// while let Some(event) = march.try_next().await? {
    ///     println!("{:?}", event.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    #[doc = facts!(GROUPS_CALENDAR_VIEW_LIST)]
    pub fn view<S, E>(&self, start: S, end: E) -> List<Event>
    where
        S: TryInto<GraphDateTime, Error: fmt::Display>,
        E: TryInto<GraphDateTime, Error: fmt::Display>,
    {
        let (group, sound, window) = (&self.group, self.sound(), Window::new(start, end));
        with_wishes!(
            self,
            list!(
                &self.client,
                GROUPS_CALENDAR_VIEW_LIST,
                { sound.and(window.sound)? },
                groups_calendar_view_list(group; Some(&*window.end), Some(&*window.start))
            )
        )
    }

    /// Lists the occurrences of a series between two moments, as [`view`](Self::view) does for all events. The service
    /// refuses an event that is no series.
    ///
    #[doc = facts!(GROUPS_EVENTS_INSTANCES_LIST)]
    pub fn instances<S, E>(&self, event: impl Identify, start: S, end: E) -> List<Event>
    where
        S: TryInto<GraphDateTime, Error: fmt::Display>,
        E: TryInto<GraphDateTime, Error: fmt::Display>,
    {
        let (group, sound, window) = (&self.group, self.sound(), Window::new(start, end));
        with_wishes!(
            self,
            list!(
                &self.client,
                GROUPS_EVENTS_INSTANCES_LIST,
                { sound.and(window.sound)? },
                groups_events_instances_list(group, event; Some(&*window.end), Some(&*window.start))
            )
        )
    }

    /// Whether what the handle prefers can be asked for.
    fn sound(&self) -> Result<(), Error> {
        let Some(zone) = &self.unsound else { return Ok(()) };
        Err(Error::refused(format!("`{zone}` is no name of a time zone, such as `Europe/Berlin`")))
    }
}

/// The time between two moments, as the service takes it.
struct Window {
    start: Box<str>,
    end: Box<str>,
    /// Whether it can be asked about.
    sound: Result<(), Error>,
}

impl Window {
    fn new<S, E>(start: S, end: E) -> Self
    where
        S: TryInto<GraphDateTime, Error: fmt::Display>,
        E: TryInto<GraphDateTime, Error: fmt::Display>,
    {
        match (moment("start", start), moment("end", end)) {
            (Ok((start, begins)), Ok((end, ends))) => {
                let sound = if begins < ends {
                    Ok(())
                } else {
                    Err(Error::refused(format!("the end, {end}, is not after the start, {start}")))
                };
                Self { start, end, sound }
            }
            (Err(fault), _) | (_, Err(fault)) => {
                Self { start: Box::default(), end: Box::default(), sound: Err(fault) }
            }
        }
    }
}

/// A moment as text, and as nanoseconds since 1970.
fn moment<T>(what: &str, moment: T) -> Result<(Box<str>, i128), Error>
where
    T: TryInto<GraphDateTime, Error: fmt::Display>,
{
    let none = |fault: &dyn fmt::Display| Error::refused(format!("the {what} can't be asked about: {fault}"));
    let moment = moment.try_into().map_err(|fault| none(&fault))?;
    let instant = moment.to_utc().map_err(|fault| none(&fault))?;
    Ok((moment.as_str().into(), instant.unix_timestamp_nanos()))
}

/// Refuses times that are none, and what they can't be together.
fn check_times(
    start: Option<&DateTimeTimeZone>,
    end: Option<&DateTimeTimeZone>,
    whole_days: bool,
) -> Result<(), Error> {
    let mut both = Vec::new();
    for (property, time) in [("start", start), ("end", end)] {
        let Some(time) = time else { continue };
        let text = time.date_time.as_deref().unwrap_or_default();
        let Ok(instant) = GraphDateTime::from_text(text).to_utc() else {
            let what = format!("`{property}` is `{text}`, which is no time such as 2026-03-02T09:00:00");
            return Err(Error::refused(what));
        };
        if time.time_zone.as_deref().is_none_or(str::is_empty) {
            return Err(Error::refused(format!("`{property}` has no `timeZone`, such as `Europe/Berlin`")));
        }
        if whole_days && instant.time().as_hms() != (0, 0, 0) {
            let what =
                format!("`{property}` is `{text}`, and what lasts whole days begins and ends at midnight");
            return Err(Error::refused(what));
        }
        both.push((instant, &time.time_zone));
    }
    match both[..] {
        [(start, zone), (end, other)] if zone == other && end < start => {
            Err(Error::refused("`end` is before `start`"))
        }
        _ => Ok(()),
    }
}
