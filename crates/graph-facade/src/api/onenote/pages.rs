//! Pages and their content.

use bytes::Bytes;
use graph_models::models::OnenotePage;
use graph_models::{Id, Identify, InvalidId, facts, lift, operations};

use super::{NewPage, Onenote};
use crate::api::calls::{get, list, send, whole};
use crate::client::Client;
use crate::paging::List;
use crate::request::{Get, Request};

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
    /// just made may not have it yet: [`is_not_yet_visible`](crate::Error::is_not_yet_visible).
    ///
    #[doc = facts!(ONENOTE_PAGES_CONTENT_GET)]
    pub fn content(&self, page: impl Identify) -> Request<Bytes> {
        let (group, page) = (self.group.clone(), page.identify());
        Request::new(&self.client, &operations::ONENOTE_PAGES_CONTENT_GET, |raw, _| {
            Box::pin(async move { whole(lift(raw.onenote_pages_content_get(&group?, &page?).await)?).await })
        })
    }

    /// Deletes a page.
    ///
    #[doc = facts!(ONENOTE_PAGES_DELETE)]
    pub fn delete(&self, page: impl Identify) -> Request<()> {
        let group = &self.group;
        send!(&self.client, ONENOTE_PAGES_DELETE, onenote_pages_delete(group, page))
    }
}
