//! The sites of groups, and what is in them.

use graph_facade::Client;
use graph_sim::Sim;

use super::Stage;
use crate::support::{assert_clean, client, pass, seconds};

pub(super) async fn all(stage: Stage) {
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    let of_group = groups.sites(&pilots);
    let site = of_group.root().expand(["drive"]).await.unwrap();
    assert_eq!(site.display_name.as_deref(), Some("Pilots"));
    assert_eq!(site.drive.as_ref().unwrap().name.as_deref(), Some("Documents"));
    assert_eq!(of_group.get(&site).await.unwrap().id, site.id);

    assert_eq!(groups.drive(&pilots).await.unwrap().id, site.drive.as_ref().unwrap().id);
    let sites = stage.client.sites();
    assert_eq!(sites.get(&site).select(["webUrl"]).await.unwrap().web_url, site.web_url);
    for (handle, site) in [(&of_group, "root"), (&sites, site.id.as_deref().unwrap())] {
        assert_eq!(handle.subsites(site).await.unwrap().items, []);
        let lists = handle.lists(site).await.unwrap().items;
        assert_eq!(lists.len(), 2);
    }
    let documents = of_group.list(&site, "Documents").await.unwrap();
    assert_eq!(documents.list.as_ref().unwrap().template.as_deref(), Some("documentLibrary"));
    assert_eq!(sites.list(&site, &documents).await.unwrap(), documents);
    assert!(sites.list(&site, "Nothing").await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_site_comes_after_its_group() {
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).site_after(seconds(90)).build();
    let client: Client = client(&sim, "ada");
    let sites = client.groups().sites(sim.group_id("Pilots").unwrap());
    pass(seconds(89)).await;
    assert!(sites.root().await.unwrap_err().is_not_yet_visible());
    pass(seconds(1)).await;
    assert!(sites.root().await.is_ok());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn the_root_of_a_group_is_not_taken_for_the_tenants() {
    let stage = Stage::new();
    let refused = stage.client.groups().sites(stage.pilots()).list("root", "Documents").await.unwrap_err();
    assert!(refused.to_string().contains("the tenant's own"), "{refused}");
    assert_eq!(stage.sim.journal().entries().len(), 0);
}
