//! What a provider offers: its catalogue.

use std::sync::Arc;

use graph_client::{Error, Get, List, Request};
use graph_models::models::{LearningContent, NewLearningContent};
use graph_models::{Id, Identify, InvalidId, facts};

use super::{check_address, check_filled, external_key};
use crate::api::calls::{get, list, optional, send};
use crate::client::Client;

/// The catalogue of one provider. Its items have an id in Graph and one of the provider's own, the external id, which may hold
/// any characters.
///
/// Learners find a new or changed item within 24 hours.
#[derive(Clone, Debug)]
pub struct LearningContents {
    client: Client,
    provider: Result<Id, InvalidId>,
}

impl LearningContents {
    pub(super) fn of(client: &Client, provider: impl Identify) -> Self {
        Self { client: client.clone(), provider: provider.identify() }
    }

    /// Lists the items.
    ///
    #[doc = facts!(LEARNING_CONTENTS_LIST)]
    pub fn list(&self) -> List<LearningContent> {
        let provider = &self.provider;
        list!(&self.client, LEARNING_CONTENTS_LIST, learning_contents_list(provider))
    }

    /// Reads an item by its id in Graph.
    ///
    #[doc = facts!(LEARNING_CONTENTS_GET)]
    pub fn get(&self, content: impl Identify) -> Get<LearningContent> {
        let provider = &self.provider;
        get!(&self.client, LEARNING_CONTENTS_GET, learning_contents_get(provider, content))
    }

    /// Reads an item by the provider's own id.
    ///
    #[doc = facts!(LEARNING_CONTENTS_GET_BY_EXTERNAL_ID)]
    pub fn get_by_external_id(&self, external_id: &str) -> Get<LearningContent> {
        let (provider, key) = (&self.provider, external_key("externalId", external_id));
        get!(
            &self.client,
            LEARNING_CONTENTS_GET_BY_EXTERNAL_ID,
            learning_contents_get_by_external_id(provider; &key?)
        )
    }

    /// Replaces the item that has this id in Graph as a whole, or makes it: what `content` leaves out is lost, not kept.
    /// Returns the item where the service answers with it, which it need not. Refused before anything is sent: what
    /// [`upsert_by_external_id`](Self::upsert_by_external_id) refuses.
    ///
    #[doc = facts!(LEARNING_CONTENTS_UPSERT)]
    pub fn upsert(
        &self,
        content_id: impl Identify,
        content: NewLearningContent,
    ) -> Request<Option<LearningContent>> {
        let provider = &self.provider;
        optional(send!(
            &self.client,
            LEARNING_CONTENTS_UPSERT,
            { check(&content)? },
            learning_contents_upsert(provider, content_id; &content)
        ))
    }

    /// Replaces the item that has the external id of `content` as a whole, or makes it: what `content` leaves out is lost, not
    /// kept. Returns the item where the service answers with it, which it need not.
    ///
    /// Refused before anything is sent: an empty external id or title, an address of the item that is none of the web, a
    /// language tag that is not one such as `en-us`, a duration that is not one such as `PT20M`, and less than no pages.
    ///
    #[doc = facts!(LEARNING_CONTENTS_UPSERT_BY_EXTERNAL_ID)]
    pub fn upsert_by_external_id(&self, content: NewLearningContent) -> Request<Option<LearningContent>> {
        let (provider, key) = (&self.provider, external_key("externalId", &content.external_id));
        optional(send!(
            &self.client,
            LEARNING_CONTENTS_UPSERT_BY_EXTERNAL_ID,
            { check(&content)? },
            learning_contents_upsert_by_external_id(provider; &key?, &content)
        ))
    }

    /// As [`upsert_by_external_id`](Self::upsert_by_external_id), for a content that was looked through before.
    pub(crate) fn put(&self, content: Arc<NewLearningContent>) -> Request<LearningContent> {
        let (provider, key) = (&self.provider, external_key("externalId", &content.external_id));
        send!(
            &self.client,
            LEARNING_CONTENTS_UPSERT_BY_EXTERNAL_ID,
            learning_contents_upsert_by_external_id(provider; &key?, &content)
        )
    }

    /// Takes an item out of the catalogue by its id in Graph.
    ///
    #[doc = facts!(LEARNING_CONTENTS_DELETE)]
    pub fn delete(&self, content: impl Identify) -> Request<()> {
        let provider = &self.provider;
        send!(&self.client, LEARNING_CONTENTS_DELETE, learning_contents_delete(provider, content))
    }

    /// Takes an item out of the catalogue by the provider's own id.
    ///
    #[doc = facts!(LEARNING_CONTENTS_DELETE_BY_EXTERNAL_ID)]
    pub fn delete_by_external_id(&self, external_id: &str) -> Request<()> {
        let (provider, key) = (&self.provider, external_key("externalId", external_id));
        send!(
            &self.client,
            LEARNING_CONTENTS_DELETE_BY_EXTERNAL_ID,
            learning_contents_delete_by_external_id(provider; &key?)
        )
    }
}

fn check(content: &NewLearningContent) -> Result<(), Error> {
    check_filled("externalId", &content.external_id)?;
    check_filled("title", &content.title)?;
    check_address("contentWebUrl", &content.content_web_url, &["https", "http"])?;
    let tag = &content.language_tag;
    let is_subtag = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !tag.split('-').all(is_subtag) {
        return Err(Error::refused(format!("`languageTag` is `{tag}`: give it a tag such as `en-us`")));
    }
    if let Some(duration) =
        content.duration.as_ref().filter(|it| !it.trim_start_matches('-').starts_with('P'))
    {
        return Err(Error::refused(format!(
            "`duration` is `{duration}`: give it one of ISO 8601, such as `PT20M` for 20 minutes"
        )));
    }
    match content.number_of_pages.filter(|pages| *pages < 0) {
        Some(pages) => Err(Error::refused(format!("`numberOfPages` is {pages}, and can't be less than 0"))),
        None => Ok(()),
    }
}
