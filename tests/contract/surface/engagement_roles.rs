//! The roles of Viva Engage, and who has them.

use super::Stage;

pub(super) async fn all(stage: Stage) {
    let (roles, grace) = (stage.client.engagement_roles(), stage.sim.user_id("grace"));
    let all = roles.list().await.unwrap().items;
    let role = roles.get(&all[0]).await.unwrap();
    assert_eq!(role.display_name, all[0].display_name);

    let members = roles.members(&role);
    assert_eq!(members.list().await.unwrap().items, []);
    let member = members.add(&grace).await.unwrap();
    assert_eq!(member.user_id.as_deref(), Some(grace.as_str()));
    members.add(stage.sim.user_id("ada")).await.unwrap();
    let again = members.add(&grace).await.unwrap_err();
    assert_eq!(again.status().unwrap(), 409, "{again}");
    assert!(members.add("nobody").await.unwrap_err().is_not_found());

    let listed = members.list().expand(["user"]).await.unwrap().items;
    assert_eq!(listed[0].user.as_ref().unwrap().display_name.as_deref(), Some("Grace"));
    assert_eq!(members.get(&member).await.unwrap(), member);
    assert_eq!(members.user(&member).await.unwrap().display_name.as_deref(), Some("Grace"));

    assert_eq!(roles.list_mine().await.unwrap().items[0].id, role.id);
    assert_eq!(roles.list_of_user(&grace).await.unwrap().items.len(), 1);
    members.remove(&member).await.unwrap();
    assert!(members.remove(&member).await.unwrap_err().is_not_found());
    assert_eq!(roles.list_of_user(&grace).await.unwrap().items, []);
}

#[tokio::test(start_paused = true)]
async fn an_app_has_no_roles_of_its_own() {
    let stage = Stage::new();
    let refused = stage.client.as_app().engagement_roles().list_mine().await.unwrap_err();
    assert_eq!(refused.attempts(), 0, "{refused}");
    assert!(
        stage
            .client
            .engagement_roles()
            .members("role")
            .add("")
            .await
            .unwrap_err()
            .to_string()
            .contains("empty")
    );
    assert_eq!(stage.sim.journal().entries().len(), 0);
}
