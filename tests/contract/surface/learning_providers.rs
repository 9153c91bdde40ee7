//! The providers of courses in Viva Learning.

use graph_facade::models::{LearningProvider, LearningProviderPatch, NewLearningProvider};

use super::Stage;

pub(crate) fn contoso() -> NewLearningProvider {
    let logo = |name: &str| format!("https://learn.contoso.example/{name}.png");
    NewLearningProvider::new("Contoso", logo("long-dark"), logo("long"), logo("square-dark"), logo("square"))
}

pub(super) async fn all(stage: Stage) {
    let providers = stage.client.learning_providers();
    assert_eq!(providers.list().await.unwrap().items, []);

    let provider = providers.create(contoso().login_web_url("https://contoso.example/login")).await.unwrap();
    assert_eq!(provider.is_course_activity_sync_enabled, Some(false));
    let again = providers.create(contoso()).await.unwrap_err();
    assert!(again.to_string().contains("registered already"), "{again}");

    providers.enable_course_activity_sync(&provider).await.unwrap();
    let enabled = providers.get(&provider).await.unwrap();
    assert_eq!(enabled.is_course_activity_sync_enabled, Some(true));
    assert_eq!(enabled.login_web_url, provider.login_web_url, "what isn't sent stays");
    providers.disable_course_activity_sync(&provider).await.unwrap();
    assert_eq!(
        providers.get(&provider).await.unwrap().is_course_activity_sync_enabled,
        provider.is_course_activity_sync_enabled
    );

    let change = LearningProviderPatch::new().display_name("Contoso Academy").clear_login_web_url();
    providers.update(&provider, change).await.unwrap();
    let listed = providers.list().select(["displayName", "loginWebUrl"]).await.unwrap().items;
    assert_eq!(listed[0].display_name.as_deref(), Some("Contoso Academy"));
    assert_eq!(listed[0].login_web_url, None);

    providers.delete(&provider).await.unwrap();
    assert!(providers.get(&provider).await.unwrap_err().is_not_found());
    assert!(providers.delete(&provider).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn what_the_service_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let providers = stage.client.learning_providers();
    let plain = |change: LearningProviderPatch| providers.update("1", change);
    let mut http = contoso();
    http.square_logo_web_url_for_light_theme = "http://contoso.example/square.png".to_owned();
    let mut nameless = contoso();
    nameless.display_name = " ".to_owned();
    let mut partly = LearningProvider::default();
    partly.id = Some("1".to_owned());
    for (refused, named) in [
        (providers.create(http).await.unwrap_err(), "`squareLogoWebUrlForLightTheme` is `http://"),
        (providers.create(nameless).await.unwrap_err(), "`displayName` is empty"),
        (providers.create(contoso().login_web_url("/login")).await.unwrap_err(), "`loginWebUrl` is `/login`"),
        (plain(LearningProviderPatch::new()).await.unwrap_err(), "changes nothing"),
        (
            plain(LearningProviderPatch::new().long_logo_web_url_for_dark_theme("logo.png"))
                .await
                .unwrap_err(),
            "`longLogoWebUrlForDarkTheme` is `logo.png`",
        ),
        (
            providers.enable_course_activity_sync(&partly).await.unwrap_err(),
            "no `longLogoWebUrlForDarkTheme`, which the service wants",
        ),
    ] {
        assert!(refused.to_string().contains(named), "{refused}");
    }
    let app = stage.client.as_app().learning_providers().list().await.unwrap_err();
    assert!(app.to_string().contains("on behalf of a user"), "{app}");
    assert_eq!(stage.sim.journal().entries().len(), 0);
}
