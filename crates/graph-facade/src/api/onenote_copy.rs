//! Copies in the notebooks of groups, which take OneNote a while.

use std::time::Duration;

use graph_client::support::started;
use graph_client::{Error, Operation, Request};
use graph_models::models::{
    Notebook, OnenoteNotebooksCopyBody, OnenotePage, OnenotePagesCopyBody, OnenoteSection,
    OnenoteSectionsCopyBody,
};
use graph_models::{Id, Identify, InvalidId, facts, operations};

use super::calls::connect;
use super::groups::Groups;
use graph_client::support::Entry;

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
        Request::new(self.client(), &operations::ONENOTE_NOTEBOOKS_COPY, |writer, _| {
            let raw = connect(writer);
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
        Request::new(self.client(), &operations::ONENOTE_SECTIONS_COPY, |writer, _| {
            let raw = connect(writer);
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
        Request::new(self.client(), &operations::ONENOTE_PAGES_COPY, move |writer, _| {
            let raw = connect(writer);
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
