//! Making a team of a group that has not come through to Teams yet.

use std::time::{Duration, SystemTime};

use graph_client::{Error, ErrorKind};
use graph_models::models::Team;
use graph_models::{Id, operations};
use http::StatusCode;

use crate::client::Client;

mod policy;
mod saved;

pub use policy::TeamSetupPolicy;
pub use saved::{InvalidSavedTeamSetup, SavedTeamSetup};

/// The making of a team, which may take a quarter of an hour: until the group has come through to Teams, the service answers
/// that there is no such group.
///
/// It asks when [`TeamSetupPolicy`] says so. All methods can be cancelled and called again, as making a team twice makes one;
/// [`save`](Self::save) takes the rest to another process, so that nobody has to wait in this one.
///
/// ```no_run
/// use graph_facade::models::Team;
///
/// # async fn example(client: graph_facade::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let groups = client.groups();
/// let mut setup = groups.team("b320ee12-b1cd-4cca-b648-a437be61c5cd").set_up(Team::default())?;
/// match setup.poll().await? {
///     Some(team) => println!("{:?}", team.web_url),
///     None => std::fs::write("team.json", setup.save().to_string())?,
/// }
///
/// // At `next_attempt_at` or later, in another process:
/// let saved = std::fs::read_to_string("team.json")?.parse()?;
/// let team = groups.resume_team(saved)?.wait().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until it is waited for or polled"]
pub struct TeamSetup {
    client: Client,
    group: Id,
    team: Team,
    policy: TeamSetupPolicy,
    progress: Progress,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Progress {
    /// The group is no younger than that.
    since: SystemTime,
    /// How often the service answered that there is no such group.
    misses: u32,
    next_at: SystemTime,
}

impl TeamSetup {
    pub(super) fn begin(client: &Client, group: Id, team: Team) -> Self {
        let now = client.clock().now();
        let progress = Progress { since: now, misses: 0, next_at: now };
        Self { client: client.clone(), group, team, policy: TeamSetupPolicy::default(), progress }
    }

    /// Asks as this policy says, instead of the recommended one.
    pub fn with_policy(mut self, policy: TeamSetupPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Says when the group was created, by the client's clock, which shortens the long wait: otherwise it counts from now.
    pub fn group_created_at(mut self, time: SystemTime) -> Self {
        self.progress.since = self.progress.since.min(time);
        self
    }

    /// When the service may be asked next, by the client's clock.
    pub fn next_attempt_at(&self) -> SystemTime {
        self.progress.next_at
    }

    /// How often the service answered that there is no such group.
    pub fn misses(&self) -> u32 {
        self.progress.misses
    }

    /// Asks once, unless it is too early: none as long as the group has not come through.
    ///
    /// Fails when the policy has no more attempts; when the group turns out to have no owner, before the long wait; and as
    /// [`create`](crate::GroupTeam::create) fails, which says nothing about a later attempt. A team that the group has
    /// already is read and returned.
    pub async fn poll(&mut self) -> Result<Option<Team>, Error> {
        if self.client.clock().now() < self.progress.next_at {
            return Ok(None);
        }
        let team = self.client.groups().team(&self.group);
        match team.create(self.team.clone()).await {
            Ok(team) => Ok(Some(self.named(team))),
            // It has one: made by somebody else, or by an attempt whose answer was lost.
            Err(error) if error.status() == Some(StatusCode::CONFLICT) => {
                team.get().await.map(|team| Some(self.named(team)))
            }
            // The service has been seen to say so by a failure of its own where there is a team already.
            Err(error) if error.status().is_some_and(|status| status.is_server_error()) => {
                team.get().await.map(|team| Some(self.named(team))).map_err(|_| error)
            }
            Err(error) if error.is_not_found() => self.missed(error).await.map(|()| None),
            Err(error) => Err(error),
        }
    }

    /// Waits for the team: half a minute, or a quarter of an hour if the group is slow to come through.
    ///
    /// It fails as [`poll`](Self::poll) does.
    pub async fn wait(&mut self) -> Result<Team, Error> {
        self.wait_until(None).await
    }

    /// Waits for the team, at most `timeout` and the time that the last request takes.
    ///
    /// A wait that can't end in time is not begun: it fails at once with [`WaitExceeded`](ErrorKind::WaitExceeded) and the
    /// moment to come back, [`Error::retry_at`].
    pub async fn wait_timeout(&mut self, timeout: Duration) -> Result<Team, Error> {
        let deadline = self.client.clock().now().checked_add(timeout);
        self.wait_until(deadline).await
    }

    async fn wait_until(&mut self, deadline: Option<SystemTime>) -> Result<Team, Error> {
        loop {
            let next = self.progress.next_at;
            if deadline.is_some_and(|deadline| deadline < next) {
                return Err(self.too_early(next));
            }
            self.client.clock().sleep_until(next).await;
            if let Some(team) = self.poll().await? {
                return Ok(team);
            }
        }
    }

    /// Notes that there is no such group yet, and when to ask again.
    async fn missed(&mut self, error: Error) -> Result<(), Error> {
        let now = self.client.clock().now();
        let misses = self.progress.misses.saturating_add(1);
        let Some(next_at) = self.policy.next_attempt_at(misses, self.progress.since, now) else {
            return Err(self.given_up(error));
        };
        if self.policy.is_long_wait(misses) {
            self.check_owners().await?;
        }
        self.progress = Progress { misses, next_at, ..self.progress };
        Ok(())
    }

    /// Refuses a group that has no owner for sure. That the owners can't be read says nothing.
    async fn check_owners(&self) -> Result<(), Error> {
        match self.client.groups().owners(&self.group).list().top(1).await {
            Ok(page) if page.items.is_empty() && page.next.is_none() => {
                let what = "the group has no owner, and without one there is no team: add an owner first";
                Err(Error::refused(what).with_operation(&operations::GROUPS_TEAM_CREATE))
            }
            _ => Ok(()),
        }
    }

    fn given_up(&self, error: Error) -> Error {
        let age = self.client.clock().now().duration_since(self.progress.since).unwrap_or_default();
        let minutes = age.as_secs() / 60;
        error.with_note(&format!("also after {minutes} min: the group is gone, or Teams does not see it"))
    }

    fn too_early(&self, next: SystemTime) -> Error {
        let what =
            "the group has not come through to Teams yet, and the next attempt is past the end of the wait";
        Error::new(ErrorKind::WaitExceeded, what)
            .with_operation(&operations::GROUPS_TEAM_CREATE)
            .with_retry_at(next)
            .with_retry_after(self.client.clock().until(next))
    }

    /// The team with its id, which the answer may leave out: it is that of the group.
    fn named(&self, mut team: Team) -> Team {
        team.id.get_or_insert_with(|| self.group.to_string());
        team
    }
}
