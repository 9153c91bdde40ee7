//! Requests that wait for one another and then travel together.
//!
//! A gathering is one future that all its riders poll. So nothing is spawned, whoever is dropped takes only its own request
//! along, and no rider is more important than the others.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use graph_runtime::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::envelope::{self, Item, LARGEST};
use super::seat::Seat;
use crate::time::after;
use crate::transport::{ExchangeLimits, Transport, TransportError, within};

type Outcome = Result<Response<Bytes>, TransportError>;
/// What came for each rider, by its ticket; taken out by the rider.
type Arrivals = Arc<Mutex<HashMap<u64, Outcome>>>;

/// At most so many requests of an envelope may be for one mailbox: the service works on no more at a time.
const PER_MAILBOX: usize = 4;

/// Brings requests together that come within a short time of each other.
#[derive(Debug)]
pub(crate) struct Gatherer {
    window: Duration,
    open: Mutex<Vec<Open>>,
}

/// A gathering that can still be joined, unless it was closed or left by everyone in the meantime.
struct Open {
    boarding: Arc<Boarding>,
    journey: WeakShared<BoxFuture<'static, Arrivals>>,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").finish_non_exhaustive()
    }
}

/// Only requests alike in all of this can share an envelope.
#[derive(PartialEq, Eq)]
struct Party {
    /// Origin and version.
    root: String,
    authorization: Option<HeaderValue>,
}

impl Party {
    fn of(request: &Request<Bytes>) -> Self {
        let uri = request.uri();
        let origin = uri.authority().map_or("", http::uri::Authority::as_str);
        let version = envelope::split(uri).map_or("", |(root, _)| root);
        Self {
            root: format!("{}://{origin}{version}", uri.scheme_str().unwrap_or_default()),
            authorization: request.headers().get(AUTHORIZATION).cloned(),
        }
    }
}

/// Who has come so far.
struct Boarding {
    party: Party,
    list: Mutex<List>,
    full: Notify,
}

#[derive(Default)]
struct List {
    closed: bool,
    riders: Vec<Rider>,
    tickets: u64,
}

struct Rider {
    ticket: u64,
    request: Request<Bytes>,
    seat: Option<Seat>,
}

/// Gives up the place when the rider is dropped before the departure.
struct Ticket {
    number: u64,
    boarding: Arc<Boarding>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.boarding.list().riders.retain(|rider| rider.ticket != self.number);
    }
}

impl Gatherer {
    /// Waits `window` from the first request for others to join it.
    pub(crate) fn new(window: Duration) -> Self {
        Self { window, open: Mutex::default() }
    }

    /// Sends `request`, in company if some comes. `seat` says what it has to wait for.
    pub(crate) async fn send(
        &self,
        transport: &Arc<dyn Transport>,
        request: Request<Bytes>,
        seat: Option<Seat>,
    ) -> Outcome {
        let Some((ticket, journey)) = self.board(transport, request, seat) else {
            return Ok(failed_dependency());
        };
        let arrivals = journey.await;
        let arrived = lock(&arrivals).remove(&ticket.number);
        arrived.unwrap_or_else(|| Err(TransportError::lost("the batch ended without this request's answer")))
    }

    /// A place in the first gathering that takes the request, or in a new one; none if what it depends on is neither done
    /// nor there.
    fn board(
        &self,
        transport: &Arc<dyn Transport>,
        request: Request<Bytes>,
        seat: Option<Seat>,
    ) -> Option<(Ticket, Shared<BoxFuture<'static, Arrivals>>)> {
        let party = Party::of(&request);
        let mut open = lock(&self.open);
        open.retain(|it| it.journey.upgrade().is_some() && !it.boarding.list().closed);
        for Open { boarding, journey } in open.iter().filter(|it| it.boarding.party == party) {
            // The lock on the list must be free again before joining.
            let takes = boarding.list().takes(&request, seat.as_ref());
            if let Some(journey) = journey.upgrade().filter(|_| takes) {
                return Some((boarding.join(request, seat), journey));
            }
        }
        if !List::default().takes(&request, seat.as_ref()) {
            return None;
        }
        let boarding = Arc::new(Boarding { party, list: Mutex::default(), full: Notify::new() });
        let ticket = boarding.join(request, seat);
        let deadline = after(Instant::now(), self.window);
        let journey = travel(Arc::clone(&boarding), Arc::clone(transport), deadline).boxed().shared();
        open.extend(journey.downgrade().map(|journey| Open { boarding, journey }));
        Some((ticket, journey))
    }
}

impl Boarding {
    fn list(&self) -> MutexGuard<'_, List> {
        lock(&self.list)
    }

    fn join(self: &Arc<Self>, request: Request<Bytes>, seat: Option<Seat>) -> Ticket {
        let mut list = self.list();
        list.tickets += 1;
        let ticket = list.tickets;
        if let Some(seat) = &seat {
            seat.boarded();
        }
        list.riders.push(Rider { ticket, request, seat });
        if list.riders.len() >= LARGEST {
            self.full.notify_one();
        }
        Ticket { number: ticket, boarding: Arc::clone(self) }
    }

    /// Closes the list. Nobody is told of seats before this, so that a dependent can't miss what it depends on.
    fn depart(&self) -> Vec<Rider> {
        let mut list = self.list();
        list.closed = true;
        let riders = std::mem::take(&mut list.riders);
        for seat in riders.iter().filter_map(|rider| rider.seat.as_ref()) {
            seat.departed();
        }
        riders
    }
}

impl List {
    fn takes(&self, request: &Request<Bytes>, seat: Option<&Seat>) -> bool {
        let seats = self.riders.iter().filter_map(|rider| rider.seat.as_ref());
        !self.closed
            && self.riders.len() < LARGEST
            && mailbox(request).is_none_or(|mailbox| self.visitors(&mailbox) < PER_MAILBOX)
            && seat.is_none_or(|seat| seat.may_join(&seats))
    }

    fn visitors(&self, mailbox: &str) -> usize {
        self.riders.iter().filter(|rider| self::mailbox(&rider.request).as_deref() == Some(mailbox)).count()
    }
}

/// The mailbox that a request works on: a user's or a group's.
fn mailbox(request: &Request<Bytes>) -> Option<String> {
    const OUTLOOK: [&str; 16] = [
        "acceptedsenders",
        "calendar",
        "calendargroups",
        "calendars",
        "calendarview",
        "contactfolders",
        "contacts",
        "conversations",
        "events",
        "inferenceclassification",
        "mailboxsettings",
        "mailfolders",
        "messages",
        "rejectedsenders",
        "sendmail",
        "threads",
    ];
    let path = envelope::split(request.uri())?.1.split('?').next()?;
    let first = path.split('/').nth(1)?;
    if !["me", "users", "groups"].iter().any(|owner| first.eq_ignore_ascii_case(owner)) {
        return None;
    }
    let path = path.to_ascii_lowercase();
    let mut segments = path.split('/').skip(1);
    let owner = match segments.next()? {
        "me" => "me".to_owned(),
        kind @ ("users" | "groups") => format!("{kind}/{}", segments.next()?),
        _ => return None,
    };
    OUTLOOK.contains(&segments.next()?).then_some(owner)
}

/// Waits for company, sends what has come, and hands out the answers.
async fn travel(boarding: Arc<Boarding>, transport: Arc<dyn Transport>, deadline: Instant) -> Arrivals {
    // Either will do: it is full, or the time is over.
    let _ = timeout_at(deadline, boarding.full.notified()).await;
    let mut riders = boarding.depart();
    let outcomes = match riders.as_mut_slice() {
        [] => HashMap::new(),
        // Alone, a request needs no envelope.
        [only] => HashMap::from([(only.ticket, transport.send(std::mem::take(&mut only.request)).await)]),
        riders => together(riders, &*transport).await,
    };
    Arc::new(Mutex::new(outcomes))
}

async fn together(riders: &[Rider], transport: &dyn Transport) -> HashMap<u64, Outcome> {
    let items: Vec<_> =
        riders.iter().map(|rider| Item { request: &rider.request, after: needed(rider, riders) }).collect();
    let Some(mut request) = envelope::pack(&items) else {
        return each(riders, |_| Err(TransportError::connect("a request does not fit into a batch")));
    };
    let limits = riders.iter().map(|rider| ExchangeLimits::of(rider.request.extensions()));
    let limits = ExchangeLimits::together(limits);
    request.extensions_mut().insert(limits);
    match transport.send(request).await.and_then(|answer| within(answer, limits)) {
        Err(failure) => {
            let failure = Arc::new(failure);
            each(riders, |_| Err(TransportError::shared(&failure)))
        }
        // The envelope's failure is everyone's, with the wait that the service asks for.
        Ok(answer) if !answer.status().is_success() => each(riders, |_| Ok(answer.clone())),
        Ok(answer) => match envelope::unpack(answer.body()) {
            Ok(mut answers) => each(riders, |position| {
                answers.remove(&position).ok_or_else(|| {
                    TransportError::lost(format!("the batch's answer has none for the id {}", position + 1))
                })
            }),
            Err(error) => {
                let failure = Arc::new(TransportError::lost(error));
                each(riders, |_| Err(TransportError::shared(&failure)))
            }
        },
    }
}

/// The positions of those in the same envelope that `rider` depends on.
fn needed(rider: &Rider, riders: &[Rider]) -> Vec<usize> {
    let Some(seat) = &rider.seat else { return Vec::new() };
    let others = riders.iter().enumerate();
    let needed = others.filter(|(_, other)| other.seat.as_ref().is_some_and(|other| seat.needs(other)));
    needed.map(|(position, _)| position).collect()
}

fn each(riders: &[Rider], mut outcome: impl FnMut(usize) -> Outcome) -> HashMap<u64, Outcome> {
    riders.iter().enumerate().map(|(position, rider)| (rider.ticket, outcome(position))).collect()
}

/// The answer to a call that depends on one that failed, in the service's form.
pub(super) fn failed_dependency() -> Response<Bytes> {
    const BODY: &str = r#"{"error":{"code":"FailedDependency","message":"a call that this one depends on did not succeed"}}"#;
    let mut response = Response::new(Bytes::from_static(BODY.as_bytes()));
    *response.status_mut() = StatusCode::FAILED_DEPENDENCY;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
