//! The journey itself, the same in both places.

use std::error::Error;
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;
use graph_facade::models::{Group, Post, Team, TeamFunSettings};
use graph_facade::{Client, NewPost, SavedTeamSetup};
use graph_sim::Sim;

use crate::Arguments;
use crate::common::{Report, Stage, chapter, introduction};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Everything the chapters share.
struct Journey<'a> {
    stage: &'a Stage,
    report: Report,
    group: String,
    member: String,
}

pub(crate) async fn run(stage: Stage, arguments: &Arguments) -> Outcome {
    let sim = stage.is_embedded().then(|| {
        let slow = Duration::from_secs(120);
        Sim::builder().user("ada").user("grace").group("Pilots", ["ada"]).team_after(slow).build()
    });
    let named = (arguments.group.clone(), arguments.member.clone());
    let (Some(group), Some(member)) = (match &sim {
        Some(sim) => (named.0.or(sim.group_id("Pilots")), named.1.or(Some(sim.user_id("grace")))),
        None => named,
    }) else {
        return Err("in a real tenant, name a group and a user: --group ID --member ID".into());
    };
    println!(
        "{}",
        introduction(&stage, "makes a team of the group, keeps guests out and starts a conversation")
    );
    let journey = Journey { stage: &stage, report: Report::new(sim), group, member };
    let client = journey.client()?;
    let group = journey.people(&client).await?;
    if let Some(saved) = journey.team(&client, &group).await? {
        // Another process, which has nothing but what was saved.
        journey.resume(&journey.client()?, &saved).await?;
    }
    journey.settings(&client).await?;
    journey.conversation(&client).await?;
    journey.report.summary();
    Ok(())
}

impl Journey<'_> {
    fn client(&self) -> Outcome<Client> {
        Ok(self.stage.connect(self.report.sim()).attempt_middleware(self.report.watch().clone()).build()?)
    }

    async fn people(&self, client: &Client) -> Outcome<Group> {
        chapter("The group and its members");
        let group = client.groups().get(&self.group).await?;
        self.report.note("group", group.display_name.as_deref().unwrap_or("?"));
        let added = client.groups().members(&group).add(&self.member).await?;
        self.report.note("member", &format!("added: {added:?}"));
        Ok(group)
    }

    /// Asks for the team, and ends as a process would that has better things to do than wait.
    async fn team(&self, client: &Client, group: &Group) -> Outcome<Option<String>> {
        chapter("Make a team of it");
        let mut fun = TeamFunSettings::default();
        fun.allow_giphy = Some(false);
        let mut team = Team::default();
        team.fun_settings = Some(fun);
        let mut setup = client.groups().team(group).set_up(team)?;
        if let Some(created) = group.created_date_time.as_ref().and_then(|time| time.to_utc().ok()) {
            setup = setup.group_created_at(SystemTime::from(created));
        }
        match setup.wait_timeout(Duration::from_secs(60)).await {
            Ok(team) => {
                self.report.note("● team", team.web_url.as_deref().unwrap_or_default());
                Ok(None)
            }
            Err(error) if error.retry_at().is_some() => {
                self.report.note("◐ not yet", &format!("asked {} times", setup.misses()));
                let saved = setup.save().to_string();
                self.report.note("saved", &format!("{} bytes, no token among them", saved.len()));
                Ok(Some(saved))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn resume(&self, client: &Client, saved: &str) -> Outcome {
        chapter("Restart, and wait for it");
        let saved: SavedTeamSetup = saved.parse()?;
        let mut setup = client.groups().resume_team(saved)?;
        self.report.note("○ resumed", "the last attempt comes when the group is a quarter of an hour old");
        let team = setup.wait().await?;
        self.report.note("● team", team.web_url.as_deref().unwrap_or_default());
        Ok(())
    }

    async fn settings(&self, client: &Client) -> Outcome {
        chapter("Keep guests out");
        let settings = client.groups().settings(&self.group);
        let mut values = settings.values("Group.Unified.Guest").await?;
        self.report.note("before", &format!("AllowToAddGuests: {}", values.bool("AllowToAddGuests")?));
        values.set("AllowToAddGuests", false)?;
        settings.set_values(&mut values).await?;
        self.report.note("after", &format!("AllowToAddGuests: {}", values.bool("AllowToAddGuests")?));
        match values.set("AllowToAddGuests", "perhaps") {
            Err(error) => self.report.note("refused", &error.to_string()),
            Ok(_) => return Err("a truth value took a text".into()),
        }
        Ok(())
    }

    async fn conversation(&self, client: &Client) -> Outcome {
        chapter("The first conversation");
        let conversations = client.groups().conversations(&self.group);
        let welcome = NewPost::html("<p>Welcome. <b>Briefing</b> at nine.</p>");
        let conversation = conversations.create("Briefing", welcome).await?;
        let threads = conversations.threads(&conversation);
        let thread =
            threads.list().await?.items.into_iter().next().ok_or("the conversation has no thread")?;
        threads.reply(&thread, "I'll bring the charts.").await?;
        let posts: Vec<Post> = threads.posts(&thread).list().items().try_collect().await?;
        for post in &posts {
            let sender = post.from.as_ref().and_then(|from| from.email_address.as_ref());
            let name = sender.and_then(|sender| sender.name.as_deref()).unwrap_or("somebody");
            let content = post.body.as_ref().and_then(|body| body.content.as_deref()).unwrap_or_default();
            self.report.note(name, content);
        }
        Ok(())
    }
}
