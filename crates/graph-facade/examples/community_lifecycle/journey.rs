//! The journey itself, the same in both places.

use std::error::Error;

use futures_util::TryStreamExt as _;
use graph_facade::models::{Community, CommunityPrivacy, DirectoryObject, NewCommunity};
use graph_facade::{Client, Operation, SavedOperation, Update};
use graph_sim::Sim;
use tokio::time::Instant;

use crate::Arguments;
use crate::common::{Report, Stage, chapter, introduction};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Everything the chapters share.
struct Journey<'a> {
    stage: &'a Stage,
    report: Report,
    owner: &'a str,
    member: String,
}

pub(crate) async fn run(stage: Stage, arguments: &Arguments) -> Outcome {
    let sim = stage.is_embedded().then(|| Sim::builder().user("ada").user("grace").build());
    let member = match (&arguments.member, &sim) {
        (Some(member), _) => member.clone(),
        (None, Some(sim)) => sim.user_id("grace"),
        (None, None) => return Err("in a real tenant, name two users: --owner ID --member ID".into()),
    };
    println!("{}", introduction(&stage, "creates a community, and deletes it in the end"));
    let journey = Journey { stage: &stage, report: Report::new(sim), owner: &arguments.owner, member };
    let saved = journey.accept().await?;
    // Another process, which has nothing but what was saved.
    let client = journey.client()?;
    let community = journey.resume(&client, &saved).await?;
    let group = journey.people(&client, &community).await?;
    journey.last_owner(&client, &group).await?;
    journey.many_requests(&client, &community).await?;
    client.communities().delete(&community).await?;
    journey.report.note("deleted", "");
    journey.report.summary();
    Ok(())
}

impl Journey<'_> {
    fn client(&self) -> Outcome<Client> {
        Ok(self.stage.connect(self.report.sim()).attempt_middleware(self.report.watch().clone()).build()?)
    }

    /// Creates the community, and ends as a process would that is stopped right after.
    async fn accept(&self) -> Outcome<String> {
        chapter("Create a community");
        let new = NewCommunity::new("Pilots", "Flight deck", CommunityPrivacy::Private).owner(self.owner);
        let operation = self.client()?.communities().create(new).await?;
        self.report.note("○ accepted", &short(operation.location()));
        let saved = operation.save().to_string();
        self.report.note("saved", &format!("{} bytes, no token among them", saved.len()));
        Ok(saved)
    }

    async fn resume(&self, client: &Client, saved: &str) -> Outcome<Community> {
        chapter("Restart, and wait for it");
        let saved: SavedOperation = saved.parse()?;
        let mut operation: Operation<Community> = client.operations().resume(saved)?;
        self.report.note("○ resumed", "no poll within 30 s of the last one, restart or not");
        let mut updates = operation.updates();
        // The first item is what is known without asking.
        updates.try_next().await?;
        while let Some(update) = updates.try_next().await? {
            match update {
                Update::Pending(report) => {
                    let status = report.status.unwrap_or_else(|| "no status".to_owned());
                    self.report.note(&format!("◐ {status}"), "");
                }
                Update::Done(community) => {
                    self.report.note(
                        "● succeeded",
                        &format!("community {}", community.display_name.as_deref().unwrap_or("?")),
                    );
                    return Ok(community);
                }
                _ => {}
            }
        }
        Err("the operation ended without a community".into())
    }

    /// The members and owners are those of the group that came with the community.
    async fn people(&self, client: &Client, community: &Community) -> Outcome<String> {
        chapter("Manage its people");
        let group = community.group_id.clone().ok_or("the community came without its group")?;
        let (members, owners) = (client.groups().members(&group), client.groups().owners(&group));
        let added = members.add(&self.member).await?;
        self.report.note("member", &format!("added: {added:?}"));
        let again = members.add(&self.member).await?;
        self.report.note("member", &format!("added again: {again:?}"));
        let owner = owners.add(&self.member).await?;
        self.report.note("owner", &format!("added: {owner:?}"));
        let list: Vec<DirectoryObject> = members.list().items().try_collect().await?;
        self.report.note("members", &list.iter().map(name).collect::<Vec<_>>().join(", "));
        let removed = owners.remove(&self.member).await?;
        self.report.note("owner", &format!("removed: {removed:?}"));
        let removed = members.remove(&self.member).await?;
        self.report.note("member", &format!("removed: {removed:?}"));
        Ok(group)
    }

    async fn last_owner(&self, client: &Client, group: &str) -> Outcome {
        chapter("Try to remove the last owner");
        let owners = client.groups().owners(group);
        let last: Vec<DirectoryObject> = owners.list().items().try_collect().await?;
        let last = last.first().and_then(DirectoryObject::id).ok_or("the group has no owner")?;
        match owners.remove(last).await {
            Err(error) if error.is_last_owner() => self.report.note("refused", &error.to_string()),
            Err(error) => return Err(error.into()),
            Ok(_) => return Err("the last owner was removed".into()),
        }
        Ok(())
    }

    /// Viva Engage allows 10 requests in 30 s to each user of an app.
    async fn many_requests(&self, client: &Client, community: &Community) -> Outcome {
        chapter("Hit the rate limit");
        let begun = Instant::now();
        for _ in 0..12 {
            client.communities().get(community).await?;
        }
        let (took, refused) = (begun.elapsed().as_secs_f64(), self.refused());
        self.report
            .note("12 reads", &format!("in {took:.1} s: the client waited by itself; refused: {refused}"));
        // Somebody else under the same user and app: a client of its own, whose limiter knows nothing of ours.
        let neighbour = self.client()?;
        for _ in 0..10 {
            neighbour.communities().get(community).await?;
        }
        client.communities().get(community).await?;
        let refused = self.refused() - refused;
        self.report.note(
            "a neighbour",
            &format!("used up the quota; refused: {refused}, waited for and repeated unseen"),
        );
        Ok(())
    }

    /// How many requests the service has refused for lack of quota so far.
    fn refused(&self) -> usize {
        self.report.watch().sent().iter().filter(|sent| sent.status == 429).count()
    }
}

/// The end of an address, without the middle of a long id.
fn short(location: &str) -> String {
    let end = location.rsplit('/').next().unwrap_or(location);
    let chars: Vec<char> = end.chars().collect();
    match chars.len() {
        0..=60 => end.to_owned(),
        length => chars[..44].iter().chain(&['…']).chain(&chars[length - 12..]).collect(),
    }
}

fn name(member: &DirectoryObject) -> String {
    let name = match member {
        DirectoryObject::User(user) => user.display_name.as_deref(),
        DirectoryObject::Group(group) => group.display_name.as_deref(),
        _ => None,
    };
    name.or(member.id()).unwrap_or("somebody").to_owned()
}
