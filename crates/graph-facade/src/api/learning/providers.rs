//! Who offers courses in Viva Learning.

use graph_client::{Error, Get, List, Request};
use graph_models::models::{LearningProvider, LearningProviderPatch, NewLearningProvider};
use graph_models::{Identify, facts};

use super::{LearningContents, ProviderCourseActivities, check_address, check_filled};
use crate::api::calls::{get, list, send};
use crate::client::Client;

/// The providers that the tenant knows. The id of a provider is also called its registration id.
///
/// They belong to users: no app can call any of this by itself.
#[derive(Clone, Debug)]
pub struct LearningProviders {
    client: Client,
}

impl Client {
    /// The providers of courses in Viva Learning, and below them their catalogues and course activities.
    pub fn learning_providers(&self) -> LearningProviders {
        LearningProviders { client: self.clone() }
    }
}

impl LearningProviders {
    /// Lists the providers.
    ///
    #[doc = facts!(LEARNING_PROVIDERS_LIST)]
    pub fn list(&self) -> List<LearningProvider> {
        list!(&self.client, LEARNING_PROVIDERS_LIST, learning_providers_list())
    }

    /// Registers a provider. Course activities are not synchronised unless the provider says so. Refused before anything is
    /// sent: an empty name, and addresses of logos or of the login that do not begin with `https://`.
    ///
    #[doc = facts!(LEARNING_PROVIDERS_CREATE)]
    pub fn create(&self, provider: NewLearningProvider) -> Request<LearningProvider> {
        send!(
            &self.client,
            LEARNING_PROVIDERS_CREATE,
            { check_new(&provider)? },
            learning_providers_create(; &provider)
        )
    }

    /// Reads a provider.
    ///
    #[doc = facts!(LEARNING_PROVIDERS_GET)]
    pub fn get(&self, provider: impl Identify) -> Get<LearningProvider> {
        get!(&self.client, LEARNING_PROVIDERS_GET, learning_providers_get(provider))
    }

    /// Changes a provider. The service's documentation wants the name and all four logos in every change, so set those too,
    /// changed or not. Refused before anything is sent: a change of nothing, and what [`create`](Self::create) refuses.
    ///
    #[doc = facts!(LEARNING_PROVIDERS_UPDATE)]
    pub fn update(&self, provider: impl Identify, change: LearningProviderPatch) -> Request<()> {
        send!(
            &self.client,
            LEARNING_PROVIDERS_UPDATE,
            { check_change(&change)? },
            learning_providers_update(provider; &change)
        )
    }

    /// Lets the provider report course activities: until then the service refuses every one of them.
    ///
    /// The provider, as it was read, is sent along as the service wants it. Refused before anything is sent: a provider that was
    /// read without its name or one of its logos.
    ///
    #[doc = facts!(LEARNING_PROVIDERS_UPDATE)]
    pub fn enable_course_activity_sync(&self, provider: &LearningProvider) -> Request<()> {
        self.switch_sync(provider, true)
    }

    /// Ends what [`enable_course_activity_sync`](Self::enable_course_activity_sync) began.
    ///
    #[doc = facts!(LEARNING_PROVIDERS_UPDATE)]
    pub fn disable_course_activity_sync(&self, provider: &LearningProvider) -> Request<()> {
        self.switch_sync(provider, false)
    }

    /// Takes a provider out of the tenant, together with its catalogue and its course activities.
    ///
    #[doc = facts!(LEARNING_PROVIDERS_DELETE)]
    pub fn delete(&self, provider: impl Identify) -> Request<()> {
        send!(&self.client, LEARNING_PROVIDERS_DELETE, learning_providers_delete(provider))
    }

    /// The catalogue of a provider.
    pub fn contents(&self, provider: impl Identify) -> LearningContents {
        LearningContents::of(&self.client, provider)
    }

    /// The course activities of a provider.
    pub fn course_activities(&self, provider: impl Identify) -> ProviderCourseActivities {
        ProviderCourseActivities::of(&self.client, provider)
    }

    fn switch_sync(&self, provider: &LearningProvider, enabled: bool) -> Request<()> {
        let mut change = LearningProviderPatch::new().is_course_activity_sync_enabled(enabled);
        change.display_name.clone_from(&provider.display_name);
        change.long_logo_web_url_for_dark_theme.clone_from(&provider.long_logo_web_url_for_dark_theme);
        change.long_logo_web_url_for_light_theme.clone_from(&provider.long_logo_web_url_for_light_theme);
        change.square_logo_web_url_for_dark_theme.clone_from(&provider.square_logo_web_url_for_dark_theme);
        change.square_logo_web_url_for_light_theme.clone_from(&provider.square_logo_web_url_for_light_theme);
        send!(
            &self.client,
            LEARNING_PROVIDERS_UPDATE,
            { check_whole(&change)? },
            learning_providers_update(provider; &change)
        )
    }
}

/// The logos by their names in Graph.
fn logos(change: &LearningProviderPatch) -> [(&'static str, Option<&String>); 4] {
    [
        ("longLogoWebUrlForDarkTheme", change.long_logo_web_url_for_dark_theme.as_ref()),
        ("longLogoWebUrlForLightTheme", change.long_logo_web_url_for_light_theme.as_ref()),
        ("squareLogoWebUrlForDarkTheme", change.square_logo_web_url_for_dark_theme.as_ref()),
        ("squareLogoWebUrlForLightTheme", change.square_logo_web_url_for_light_theme.as_ref()),
    ]
}

fn check_new(provider: &NewLearningProvider) -> Result<(), Error> {
    check_filled("displayName", &provider.display_name)?;
    for (name, address) in [
        ("longLogoWebUrlForDarkTheme", Some(&provider.long_logo_web_url_for_dark_theme)),
        ("longLogoWebUrlForLightTheme", Some(&provider.long_logo_web_url_for_light_theme)),
        ("squareLogoWebUrlForDarkTheme", Some(&provider.square_logo_web_url_for_dark_theme)),
        ("squareLogoWebUrlForLightTheme", Some(&provider.square_logo_web_url_for_light_theme)),
        ("loginWebUrl", provider.login_web_url.as_ref()),
    ] {
        address.map_or(Ok(()), |address| check_address(name, address, &["https"]))?;
    }
    Ok(())
}

fn check_change(change: &LearningProviderPatch) -> Result<(), Error> {
    if change.is_empty() {
        return Err(Error::nothing_to_change());
    }
    change.display_name.as_deref().map_or(Ok(()), |name| check_filled("displayName", name))?;
    let login = [("loginWebUrl", change.login_web_url.as_ref().into_set())];
    for (name, address) in logos(change).into_iter().chain(login) {
        address.map_or(Ok(()), |address| check_address(name, address, &["https"]))?;
    }
    Ok(())
}

fn check_whole(change: &LearningProviderPatch) -> Result<(), Error> {
    let name = [("displayName", change.display_name.as_ref())];
    match logos(change).into_iter().chain(name).find(|(_, value)| value.is_none()) {
        None => Ok(()),
        Some((missing, _)) => Err(Error::refused(format!(
            "the provider has no `{missing}`, which the service wants in every change: read it without `select`"
        ))),
    }
}
