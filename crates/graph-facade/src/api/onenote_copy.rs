//! Copies in the notebooks of groups, which take OneNote a while.

use std::time::Duration;

use graph_models::models::{
    LongRunningOperationStatus, Notebook, OnenoteNotebooksCopyBody, OnenoteOperation, OnenotePage,
    OnenotePagesCopyBody, OnenoteSection, OnenoteSectionsCopyBody,
};
use graph_models::{BoxFuture, Id, Identify, InvalidId, OperationInfo, facts, operations};

use super::groups::Groups;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::lro::journal::Entry;
use crate::lro::{Operation, Outcome, Phase, Sealed, StatusReport, started};
use crate::request::Request;

/// Where a copy goes, and what it is called.
#[derive(Clone, Debug)]
pub struct CopyTo {
    group: Result<Id, InvalidId>,
    name: Option<String>,
}

impl CopyTo {
    /// To the notebooks of this group.
    pub fn group(group: impl Identify) -> Self {
        Self { group: group.identify(), name: None }
    }

    /// Under this name, instead of that of the original. Pages keep their titles.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }
}

/// The time between two polls of a copy in OneNote: at least one second, and 10 by default. OneNote allows 400 requests in
/// an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopyInterval(Duration);

impl CopyInterval {
    /// An interval of `duration`, or of one second if that is more.
    pub fn new(duration: Duration) -> Self {
        Self(duration.max(Duration::from_secs(1)))
    }
}

impl Default for CopyInterval {
    fn default() -> Self {
        Self(Duration::from_secs(10))
    }
}

impl From<CopyInterval> for Duration {
    fn from(interval: CopyInterval) -> Self {
        interval.0
    }
}

impl Groups {
    /// Starts copying a notebook of `group`. The [`Operation`] ends in the copy.
    ///
    /// ```no_run
    /// # async fn example(client: graph_facade::Client) -> Result<(), graph_facade::Error> {
    /// use graph_facade::CopyTo;
    ///
    /// let to = CopyTo::group("6e7b768e-07e2").named("Flights of next year");
    /// let copy = client.groups().copy_notebook("02bd9fd6-8f93", "1-43a1e3c4", to).await?.wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_COPY)]
    pub fn copy_notebook(
        &self,
        group: impl Identify,
        notebook: impl Identify,
        to: CopyTo,
    ) -> Request<Operation<Notebook>> {
        let (group, notebook, client) = (group.identify(), notebook.identify(), self.client().clone());
        let entry = Entry::of_call(&client, &operations::ONENOTE_NOTEBOOKS_COPY, original(&notebook));
        let journaled = entry.clone();
        Request::new(self.client(), &operations::ONENOTE_NOTEBOOKS_COPY, |raw, _| {
            let mut body = OnenoteNotebooksCopyBody::default();
            body.group_id = Some(to.group?.to_string());
            body.rename_as = to.name;
            Ok(raw.onenote_notebooks_copy(&group?, &notebook?, &body))
        })
        .journaled(journaled)
        .then(move |accepted| started(client, accepted?, entry))
    }

    /// Starts copying a section of `group` into `notebook`. The [`Operation`] ends in the copy.
    ///
    #[doc = facts!(ONENOTE_SECTIONS_COPY)]
    pub fn copy_section(
        &self,
        group: impl Identify,
        section: impl Identify,
        notebook: impl Identify,
        to: CopyTo,
    ) -> Request<Operation<OnenoteSection>> {
        let (group, section, notebook) = (group.identify(), section.identify(), notebook.identify());
        let client = self.client().clone();
        let entry = Entry::of_call(&client, &operations::ONENOTE_SECTIONS_COPY, original(&section));
        let journaled = entry.clone();
        Request::new(self.client(), &operations::ONENOTE_SECTIONS_COPY, |raw, _| {
            let mut body = OnenoteSectionsCopyBody::default();
            body.id = Some(notebook?.to_string());
            body.group_id = Some(to.group?.to_string());
            body.rename_as = to.name;
            Ok(raw.onenote_sections_copy(&group?, &section?, &body))
        })
        .journaled(journaled)
        .then(move |accepted| started(client, accepted?, entry))
    }

    /// Starts copying a page of `group` into `section`. The [`Operation`] ends in the copy. Refused before anything is sent: a
    /// new name, which pages can't be given.
    ///
    #[doc = facts!(ONENOTE_PAGES_COPY)]
    pub fn copy_page(
        &self,
        group: impl Identify,
        page: impl Identify,
        section: impl Identify,
        to: CopyTo,
    ) -> Request<Operation<OnenotePage>> {
        let (group, page, section) = (group.identify(), page.identify(), section.identify());
        let client = self.client().clone();
        let entry = Entry::of_call(&client, &operations::ONENOTE_PAGES_COPY, original(&page));
        let journaled = entry.clone();
        Request::new(self.client(), &operations::ONENOTE_PAGES_COPY, move |raw, _| {
            if to.name.is_some() {
                return Err(Error::refused("the copy of a page keeps its title: leave out `named`"));
            }
            let mut body = OnenotePagesCopyBody::default();
            body.id = Some(section?.to_string());
            body.group_id = Some(to.group?.to_string());
            Ok(raw.onenote_pages_copy(&group?, &page?, &body))
        })
        .journaled(journaled)
        .then(move |accepted| started(client, accepted?, entry))
    }
}

/// What the journal calls a copy: the id of what is copied.
fn original(id: &Result<Id, InvalidId>) -> &str {
    id.as_ref().map_or("", Id::as_str)
}

/// Copies differ in what starts them, and in what reads them.
macro_rules! copies {
    ($($copy:ty: $started_by:ident, $read_by:ident;)*) => {$(
        impl Sealed for $copy {}

        impl Outcome for $copy {
            type Status = OnenoteOperation;
            type Interval = CopyInterval;

            fn started_by() -> &'static OperationInfo {
                &operations::$started_by
            }

            fn polled_by() -> &'static OperationInfo {
                &operations::ONENOTE_OPERATIONS_GET
            }

            fn phase(status: &str) -> Phase {
                phase(status)
            }

            fn fetch(client: Client, report: StatusReport) -> BoxFuture<'static, Result<Self, Error>> {
                Box::pin(async move {
                    let address = report.resource_location.ok_or_else(|| unnamed(Self::started_by()))?;
                    let address = client.pipeline.root.resolve(&address);
                    let address = address.map_err(|foreign| Error::from_source(ErrorKind::Decode, foreign))?;
                    client.read(&operations::$read_by, &address).await
                })
            }
        }
    )*};
}

copies! {
    Notebook: ONENOTE_NOTEBOOKS_COPY, ONENOTE_NOTEBOOKS_GET;
    OnenoteSection: ONENOTE_SECTIONS_COPY, ONENOTE_SECTIONS_GET;
    OnenotePage: ONENOTE_PAGES_COPY, ONENOTE_PAGES_GET;
}

impl From<OnenoteOperation> for StatusReport {
    fn from(operation: OnenoteOperation) -> Self {
        Self {
            status: operation.status.map(|status| LongRunningOperationStatus::from(status.as_str())),
            detail: operation.error.and_then(|error| error.message.or(error.code)),
            resource_id: operation.resource_id,
            resource_location: operation.resource_location,
            percent_complete: operation.percent_complete,
        }
    }
}

/// What the words of OneNote mean.
fn phase(status: &str) -> Phase {
    if status.eq_ignore_ascii_case("completed") {
        Phase::Succeeded
    } else if status.eq_ignore_ascii_case("failed") {
        Phase::Failed
    } else {
        Phase::Running
    }
}

fn unnamed(started_by: &'static OperationInfo) -> Error {
    Error::new(ErrorKind::Decode, "the copy is done, but the service does not say where: find it by its name")
        .with_operation(started_by)
}
