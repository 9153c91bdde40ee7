//! Pages and their content.

use bytes::Bytes;
use graph_client::{Error, Get, List, Request};
use graph_models::models::{OnenotePage, OnenotePatchContentCommand};
use graph_models::{Id, Identify, InvalidId, facts, operations};

use super::{NewPage, Onenote};
use crate::api::calls::{connect, get, list, send};
use crate::client::Client;

/// The pages of all sections of one group.
#[derive(Clone, Debug)]
pub struct OnenotePages {
    client: Client,
    group: Result<Id, InvalidId>,
}

impl OnenotePages {
    pub(super) fn of(onenote: &Onenote) -> Self {
        Self { client: onenote.client.clone(), group: onenote.group.clone() }
    }

    /// Lists the pages of all sections without their content, the latest first, 20 to a page of the list. With many
    /// sections the service may refuse; go section by section then.
    ///
    #[doc = facts!(ONENOTE_PAGES_LIST)]
    pub fn list(&self) -> List<OnenotePage> {
        let group = &self.group;
        list!(&self.client, ONENOTE_PAGES_LIST, onenote_pages_list(group))
    }

    /// Makes a page in the default section of the default notebook. Refused before anything is sent: what [`NewPage`] says.
    ///
    #[doc = facts!(ONENOTE_PAGES_CREATE)]
    pub fn create(&self, page: NewPage) -> Request<OnenotePage> {
        let group = &self.group;
        let form = page.form();
        let media_type = form.media_type();
        send!(
            &self.client,
            ONENOTE_PAGES_CREATE,
            { form.check()? },
            onenote_pages_create(group; form.into_bytes())
        )
        .of_type(media_type)
    }

    /// Reads what is known of a page, without its content.
    ///
    #[doc = facts!(ONENOTE_PAGES_GET)]
    pub fn get(&self, page: impl Identify) -> Get<OnenotePage> {
        let group = &self.group;
        get!(&self.client, ONENOTE_PAGES_GET, onenote_pages_get(group, page))
    }

    /// Reads the content of a page: HTML in UTF-8, as OneNote writes it. Pictures and files are addresses in it. A page that was
    /// just made may not have it yet: [`is_not_yet_visible`](crate::Error::is_not_yet_visible). A page of more than 32 MiB is
    /// refused unless [`max_response_bytes`](Request::max_response_bytes) says that it may come.
    ///
    #[doc = facts!(ONENOTE_PAGES_CONTENT_GET)]
    pub fn content(&self, page: impl Identify) -> Request<Bytes> {
        let (group, page) = (self.group.clone(), page.identify());
        Request::new(&self.client, &operations::ONENOTE_PAGES_CONTENT_GET, |writer, _| {
            let raw = connect(writer);
            let content = raw.onenote_pages_content_get(&group?, &page?);
            Ok(content.read_by(|answer, _| Ok(answer.body().clone())))
        })
    }

    /// Changes parts of a page's content, one command after the other. What is added is added again if the call is repeated, so it
    /// is not sent again after a lost answer. Refused before anything is sent: no command, and one without an action or a
    /// target.
    ///
    /// ```no_run
    /// # async fn example(client: graph_facade::Client) -> Result<(), graph_facade::Error> {
    /// use graph_facade::models::{OnenotePatchActionType, OnenotePatchContentCommand};
    ///
    /// let mut command = OnenotePatchContentCommand::default();
    /// command.target = Some("body".to_owned());
    /// command.action = Some(OnenotePatchActionType::Append);
    /// command.content = Some("<p>Landed.</p>".to_owned());
    /// let pages = client.groups().onenote("02bd9fd6-8f93").pages();
    /// pages.change_content("1-f1c9a2!1-43a1", vec![command]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    #[doc = facts!(ONENOTE_PAGES_CONTENT_UPDATE)]
    pub fn change_content(
        &self,
        page: impl Identify,
        commands: Vec<OnenotePatchContentCommand>,
    ) -> Request<()> {
        let group = &self.group;
        send!(
            &self.client,
            ONENOTE_PAGES_CONTENT_UPDATE,
            { check(&commands)? },
            onenote_pages_content_update(group, page; &commands)
        )
    }

    /// Deletes a page.
    ///
    #[doc = facts!(ONENOTE_PAGES_DELETE)]
    pub fn delete(&self, page: impl Identify) -> Request<()> {
        let group = &self.group;
        send!(&self.client, ONENOTE_PAGES_DELETE, onenote_pages_delete(group, page))
    }
}

fn check(commands: &[OnenotePatchContentCommand]) -> Result<(), Error> {
    if commands.is_empty() {
        return Err(Error::refused("there is no command: say what to change"));
    }
    let incomplete =
        |command: &OnenotePatchContentCommand| command.action.is_none() || command.target.is_none();
    match commands.iter().position(incomplete) {
        Some(index) => {
            Err(Error::refused(format!("command {} lacks its `action` or its `target`", index + 1)))
        }
        None => Ok(()),
    }
}
