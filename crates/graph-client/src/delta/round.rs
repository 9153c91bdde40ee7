//! One round of changes, page by page.

use std::mem;

use graph_runtime::{Collection, OperationInfo, Tracked};
use http::HeaderMap;
use url::form_urlencoded;

use super::change::{Change, changes_of};
use super::token::{DeltaToken, Scope};
use super::{Delta, DeltaPage, First};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::paging::{PageLink, Walk};
use crate::query::Query;
use crate::response::Response;

/// Where a round begins.
#[derive(Clone, Debug)]
pub(super) enum Start {
    Beginning,
    Latest,
    Token(DeltaToken),
}

pub(super) struct Round<T> {
    client: Client,
    operation: &'static OperationInfo,
    headers: HeaderMap,
    write: First<T>,
    /// What the first request asks for.
    query: Query,
    walk: Walk,
    next: Next,
    may_restart: bool,
}

/// The request to send next.
enum Next {
    /// The round's first, whose query has yet to be checked.
    Start(Start),
    /// The first of a round that reads everything.
    First,
    Link(PageLink),
    Nothing,
}

impl<T: Tracked> Round<T> {
    pub(super) fn new(delta: Delta<T>) -> Self {
        let Delta { client, operation, headers, query, write, start, restart } = delta;
        let walk = Walk::new(client.clone(), operation, headers.clone().into());
        Self {
            client,
            operation,
            headers,
            write,
            query,
            walk,
            next: Next::Start(start),
            may_restart: restart,
        }
    }

    /// The next page; none after the last.
    pub(super) async fn next(&mut self) -> Result<Option<DeltaPage<T>>, Error> {
        if let Next::Start(start) = &self.next {
            let start = start.clone();
            self.next = self.prepare(start).map_err(|error| error.with_operation(self.operation))?;
        }
        let is_first = matches!(self.next, Next::First);
        let outcome = match &self.next {
            Next::Nothing | Next::Start(_) => return Ok(None),
            Next::First => self.first().await,
            Next::Link(link) => self.walk.next(&link.clone()).await,
        };
        let (response, restarted) = match outcome {
            Err(error) if error.is_resync_required() && self.may_restart && !is_first => {
                self.may_restart = false;
                self.walk = Walk::new(self.client.clone(), self.operation, self.headers.clone().into());
                (self.first().await?, true)
            }
            outcome => (outcome?, false),
        };
        self.page(response, restarted).map(Some)
    }

    fn prepare(&mut self, start: Start) -> Result<Next, Error> {
        let is_scoped = self.query.select().is_some() || self.query.filter().is_some();
        let mut headers = self.headers.clone();
        self.query.prepare(self.operation, &mut headers)?;
        Ok(match start {
            Start::Beginning => Next::First,
            Start::Latest => Next::Link(self.latest()),
            Start::Token(_) if is_scoped => {
                return Err(Error::refused(
                    "the token carries the query of its first round: set `select`, `only` and `filter` there, not on resuming",
                ));
            }
            Start::Token(token) => {
                token.check(self.operation, &self.client)?;
                let (link, scope) = token.into_parts();
                self.query = Query::of_scope(scope.select, scope.filter);
                Next::Link(PageLink::new(link))
            }
        })
    }

    async fn first(&self) -> Result<Response<Collection<T>>, Error> {
        let headers = self.headers.clone();
        self.client.clone().call(self.operation, headers.into(), |raw| (self.write)(raw, &self.query)).await
    }

    /// The address that asks for a token alone. The generated client has no parameter for it.
    fn latest(&self) -> PageLink {
        let mut options = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("$select", self.query.select()), ("$filter", self.query.filter())] {
            if let Some(value) = value {
                options.append_pair(name, value);
            }
        }
        options.append_pair("$deltatoken", "latest");
        // OData knows a space as `%20` only.
        let options = options.finish().replace('+', "%20");
        PageLink::new(format!("{}{}?{options}", self.client.pipeline.root.base(), self.operation.template))
    }

    fn page(
        &mut self,
        mut response: Response<Collection<T>>,
        restarted: bool,
    ) -> Result<DeltaPage<T>, Error> {
        let objects = mem::take(&mut response.value.value);
        let unreadable = |error: Error| response.complete(error).with_operation(self.operation);
        let (link, is_complete) = match (&response.value.next_link, &response.value.delta_link) {
            (Some(link), _) => (link, false),
            (None, Some(link)) => (link, true),
            (None, None) => {
                let message =
                    "the page says neither where the round goes on nor where the next begins: read it again";
                return Err(unreadable(Error::new(ErrorKind::Decode, message)));
            }
        };
        // Now, so that nobody saves a token that leads nowhere: who goes on from the one before reads the page again.
        if let Err(foreign) = self.client.pipeline.root.resolve(link) {
            return Err(unreadable(Error::from_source(ErrorKind::Decode, foreign)));
        }
        let mut changes = if restarted { vec![Change::Restarted] } else { Vec::new() };
        for object in objects {
            let told = changes_of(object)
                .map_err(|source| unreadable(Error::from_source(ErrorKind::Decode, source)));
            changes.extend(told?);
        }
        let select = self.query.select().map(str::to_owned);
        let scope = Scope { select, filter: self.query.filter().map(str::to_owned) };
        let token = DeltaToken::new(self.operation, &self.client, link.clone(), is_complete, scope);
        self.next = if is_complete { Next::Nothing } else { Next::Link(PageLink::new(link.clone())) };
        Ok(DeltaPage { changes, token })
    }
}
