//! Members and owners, in all the forms in which they are listed.

use graph_facade::models::DirectoryObject;
use graph_facade::{Added, Removed, security_group};

use super::Stage;

pub(super) async fn all(stage: Stage) {
    let (groups, pilots, grace) = (stage.client.groups(), stage.pilots(), stage.sim.user_id("grace"));
    for people in [groups.members(&pilots), groups.owners(&pilots)] {
        assert_eq!(people.add(&grace).await.unwrap(), Added::Now);
        assert_eq!(people.list().await.unwrap().items.len(), 2);
        let users = people.users().select(["displayName"]).await.unwrap().items;
        assert_eq!(
            users.iter().filter_map(|user| user.display_name.as_deref()).collect::<Vec<_>>(),
            ["Ada", "Grace"]
        );
        let addresses = people.addresses().top(1).await.unwrap();
        let first = addresses.items[0].odata_id.as_deref().unwrap();
        assert!(first.ends_with(&stage.sim.user_id("ada")), "{addresses:?}");
        assert!(addresses.next.is_some());
        assert_eq!(people.count().await.unwrap(), 2);
        assert_eq!(people.remove(&grace).await.unwrap(), Removed::Now);
    }
    let crew = groups.create(security_group("Crew", "crew").member(&pilots).member(&grace)).await.unwrap();
    let members = groups.members(&crew);
    assert!(matches!(
        members.list().await.unwrap().items[..],
        [DirectoryObject::Group(_), DirectoryObject::User(_)]
    ));
    assert_eq!(members.users().await.unwrap().items.len(), 1);
    assert_eq!(members.remove(&pilots).await.unwrap(), Removed::Now);
}
