//! The journey itself, the same in both places.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use graph_facade::models::{Community, CommunityPrivacy, DirectoryObject, Group, NewCommunity};
use graph_facade::{Client, Operation, SavedOperation, Update};
use graph_sim::Sim;
use tokio::time::Instant;

use crate::Arguments;
use crate::stage::Stage;
use crate::watch::Watch;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Everything the chapters share.
struct Journey<'a> {
    stage: &'a Stage,
    sim: Option<Sim>,
    watch: Watch,
    start: Instant,
    owner: &'a str,
    member: String,
}

pub(crate) async fn run(stage: Stage, arguments: &Arguments) -> Outcome {
    // The embedded Graph has the people of the journey.
    let sim = stage.is_embedded().then(|| Sim::builder().user("ada").user("grace").build());
    let member = match (&arguments.member, &sim) {
        (Some(member), _) => member.clone(),
        (None, Some(sim)) => sim.user_id("grace"),
        (None, None) => return Err("name the user who joins: --member ID".into()),
    };
    let journey = Journey {
        stage: &stage,
        sim,
        watch: Watch::default(),
        start: Instant::now(),
        owner: &arguments.owner,
        member,
    };
    println!("{}", introduction(&stage));
    let saved = journey.accept().await?;
    // Another process, which has nothing but what was saved.
    let client = journey.client()?;
    let community = journey.resume(&client, &saved).await?;
    let group = journey.people(&client, &community).await?;
    journey.last_owner(&client, &group).await?;
    journey.many_requests(&client, &community).await?;
    client.communities().delete(&community).await?;
    journey.note("deleted", "");
    journey.summary();
    Ok(())
}

impl Journey<'_> {
    fn client(&self) -> Outcome<Client> {
        Ok(self.stage.connect(self.sim.as_ref()).attempt_middleware(self.watch.clone()).build()?)
    }

    /// Creates the community, and ends as a process would that is stopped right after.
    async fn accept(&self) -> Outcome<String> {
        chapter("Create a community");
        let new = NewCommunity::new("Pilots", "Flight deck", CommunityPrivacy::Private).owner(self.owner);
        let operation = self.client()?.communities().create(new).await?;
        self.note("○ accepted", &short(operation.location()));
        let saved = operation.save().to_string();
        self.note("saved", &format!("{} bytes, no token among them", saved.len()));
        Ok(saved)
    }

    async fn resume(&self, client: &Client, saved: &str) -> Outcome<Community> {
        chapter("Restart, and wait for it");
        let saved: SavedOperation = saved.parse()?;
        let mut operation: Operation<Community> = client.operations().resume(saved)?;
        self.note("○ resumed", "no poll within 30 s of the last one, restart or not");
        let mut updates = operation.updates();
        // The first item is what is known without asking.
        updates.try_next().await?;
        while let Some(update) = updates.try_next().await? {
            match update {
                Update::Pending(report) => {
                    let status =
                        report.status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
                    self.note(&format!("◐ {status}"), "");
                }
                Update::Done(community) => {
                    self.note(
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
    async fn people(&self, client: &Client, community: &Community) -> Outcome<Group> {
        chapter("Manage its people");
        let group = client.communities().group(community).await?;
        let (members, owners) = (client.groups().members(&group), client.groups().owners(&group));
        let added = members.add(&self.member).await?;
        self.note("member", &format!("added: {added:?}"));
        let again = members.add(&self.member).await?;
        self.note("member", &format!("added again: {again:?}"));
        let owner = owners.add(&self.member).await?;
        self.note("owner", &format!("added: {owner:?}"));
        let list: Vec<DirectoryObject> = members.list().items().try_collect().await?;
        self.note("members", &list.iter().map(name).collect::<Vec<_>>().join(", "));
        let removed = owners.remove(&self.member).await?;
        self.note("owner", &format!("removed: {removed:?}"));
        let removed = members.remove(&self.member).await?;
        self.note("member", &format!("removed: {removed:?}"));
        Ok(group)
    }

    async fn last_owner(&self, client: &Client, group: &Group) -> Outcome {
        chapter("Try to remove the last owner");
        let owners = client.groups().owners(group);
        let last: Vec<DirectoryObject> = owners.list().items().try_collect().await?;
        let last = last.first().and_then(DirectoryObject::id).ok_or("the group has no owner")?;
        match owners.remove(last).await {
            Err(error) if error.is_last_owner() => self.note("refused", &error.to_string()),
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
        self.note("12 reads", &format!("in {took:.1} s: the client waited by itself; refused: {refused}"));
        // Somebody else under the same user and app: a client of its own, whose limiter knows nothing of ours.
        let neighbour = self.client()?;
        for _ in 0..10 {
            neighbour.communities().get(community).await?;
        }
        client.communities().get(community).await?;
        let refused = self.refused() - refused;
        self.note(
            "a neighbour",
            &format!("used up the quota; refused: {refused}, waited for and repeated unseen"),
        );
        Ok(())
    }

    /// How many requests the service has refused for lack of quota so far.
    fn refused(&self) -> usize {
        self.watch.sent().iter().filter(|sent| sent.status == 429).count()
    }

    /// One line: when, what, and more about it.
    fn note(&self, what: &str, more: &str) {
        let at = self.start.elapsed();
        let (minutes, seconds) = (at.as_secs() / 60, at.as_secs() % 60);
        println!("{}", format!("  {minutes:02}:{seconds:02}  {what:<13} {more}").trim_end());
    }

    fn summary(&self) {
        chapter("What was sent");
        let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for sent in self.watch.sent() {
            let (requests, repeated) = counts.entry(sent.operation).or_default();
            *requests += 1;
            *repeated += u32::from(sent.attempt > 1);
        }
        for (operation, (requests, repeated)) in counts {
            let repeated =
                if repeated > 0 { format!(", {repeated} of them repeated") } else { String::new() };
            println!("  {requests:>3} × {operation}{repeated}");
        }
        let took = self.start.elapsed();
        match &self.sim {
            Some(sim) => {
                let broken = sim.violations();
                println!("\n  For real this would have taken {}.", minutes(took));
                println!("  Requests and answers that broke the contract: {}", broken.len());
                for violation in broken {
                    println!("    {violation}");
                }
            }
            None => println!("\n  It took {}.", minutes(took)),
        }
    }
}

fn introduction(stage: &Stage) -> &'static str {
    if stage.is_embedded() {
        "The embedded Graph. Nothing leaves this machine, and the clock is virtual."
    } else {
        "A real tenant: this creates a community, and deletes it in the end."
    }
}

fn chapter(title: &str) {
    println!("\n{title}");
}

fn minutes(time: Duration) -> String {
    format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
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
