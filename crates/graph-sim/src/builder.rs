//! How a simulator is set up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::behavior::{UNLICENSED, copies};
use crate::fault::{Fault, Faults};
use crate::journal::Entries;
use crate::location::LocationForm;
use crate::origin;
use crate::replica::History;
use crate::service::{Service, State};
use crate::sim::Sim;
use crate::spec::Spec;
use crate::store::{Draft, Profile, Store};
use crate::throttle::{Counting, HiddenQuota, Throttle};
use crate::timeline::Timeline;
use crate::token_endpoint::SignIns;
use crate::weather::Weather;

/// What doesn't change while a simulator runs.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) timeline: Timeline,
    pub(crate) location: LocationForm,
    /// Instead of every collection's own page size.
    pub(crate) page_size: Option<usize>,
    pub(crate) token_lifetime: Duration,
    pub(crate) apps: Vec<App>,
    /// How long a group that a client created stays unknown to other parts of the directory.
    pub(crate) group_delay: Duration,
    /// How long after a group its site is there.
    pub(crate) site_after: Duration,
    /// How long after a group a team can be made of it.
    pub(crate) team_after: Duration,
    /// How long after a change of a catalogue learners find it as it is.
    pub(crate) found_after: Duration,
}

/// Sets up a [`Sim`]; see [`Sim::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct SimBuilder {
    pub(crate) spec: &'static Spec,
    pub(crate) settings: Settings,
    root: String,
    pub(crate) store: Store,
    faults: Vec<Fault>,
    weather: Option<Weather>,
    pub(crate) throttle: Throttle,
    /// How long after the first morning the simulator starts.
    pub(crate) ahead: Duration,
}

impl SimBuilder {
    pub(crate) fn new() -> Self {
        let settings = Settings {
            timeline: Timeline::default(),
            location: LocationForm::default(),
            page_size: None,
            token_lifetime: Duration::from_secs(24 * 60 * 60),
            apps: vec![App::the_default()],
            group_delay: Duration::ZERO,
            site_after: Duration::ZERO,
            team_after: Duration::ZERO,
            found_after: Duration::from_secs(24 * 60 * 60),
        };
        Self {
            spec: Spec::shared(),
            settings,
            root: "https://graph.microsoft.com".to_owned(),
            store: Store::default(),
            faults: Vec::new(),
            weather: None,
            throttle: Throttle::default(),
            ahead: Duration::ZERO,
        }
    }

    /// Adds a user: `ada` gets the principal name `ada@contoso.example` and the display name `Ada`.
    ///
    /// Ids are GUIDs that depend on the order of the users alone.
    pub fn user(mut self, name: &str) -> Self {
        self.store.add_user(name);
        self
    }

    /// Adds a user without the licence that Viva Learning wants of learners. Everybody else has one.
    pub fn unlicensed_learner(mut self, name: &str) -> Self {
        let id = self.store.add_user(name);
        self.store.records.put(UNLICENSED, id, serde_json::Map::new());
        self
    }

    /// Adds a private Microsoft 365 group with these owners, who are members too.
    ///
    /// An owner who isn't a user yet becomes one.
    pub fn group<O: AsRef<str>>(mut self, name: &str, owners: impl IntoIterator<Item = O>) -> Self {
        let draft = self.draft(name, None, owners);
        self.store.add_group(draft, Duration::ZERO);
        self
    }

    /// Adds members to the groups of this display name, those of communities included; who is a member stays one.
    ///
    /// A member who isn't a user yet becomes one.
    ///
    /// ```
    /// let sim = graph_sim::Sim::builder().group("Pilots", ["ada"]).members("Pilots", ["grace", "katherine"]).build();
    /// # let _ = sim;
    /// ```
    pub fn members<M: AsRef<str>>(mut self, group: &str, members: impl IntoIterator<Item = M>) -> Self {
        let ids: Vec<String> =
            members.into_iter().map(|member| self.store.add_user(member.as_ref())).collect();
        self.store.add_members(group, &ids);
        self
    }

    /// Adds a private community and its group with these owners, who are members too.
    ///
    /// An owner who isn't a user yet becomes one.
    pub fn community<O: AsRef<str>>(mut self, name: &str, owners: impl IntoIterator<Item = O>) -> Self {
        let draft = self.draft(name, Some(String::new()), owners);
        self.store.add_community(draft, Duration::ZERO);
        self
    }

    /// Adds a notebook to the groups of this display name, with a section called `Section of …` and in it a page called
    /// `Page of …`.
    pub fn notebook(mut self, group: &str, name: &str) -> Self {
        let groups = self.store.groups().iter().filter(|it| it.profile.display_name == group);
        let ids: Vec<String> = groups.map(|it| it.id.clone()).collect();
        for id in ids {
            copies::add_notebook(&mut self.store.records, &id, name);
        }
        self
    }

    /// Sets the course of every long-running operation.
    pub fn timeline(mut self, timeline: Timeline) -> Self {
        self.settings.timeline = timeline;
        self
    }

    /// Sets the header and the form of an operation's address.
    pub fn location(mut self, form: LocationForm) -> Self {
        self.settings.location = form;
        self
    }

    /// Adds something that goes wrong.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Lets faults come by chance, besides those that were added: see [`Weather`].
    pub fn weather(mut self, weather: Weather) -> Self {
        self.weather = Some(weather);
        self
    }

    /// Sets the page size of every list without `$top`: otherwise 20 for communities and 100 for directory objects.
    ///
    /// Zero counts as one.
    pub fn page_size(mut self, size: usize) -> Self {
        self.settings.page_size = Some(size.max(1));
        self
    }

    /// Sets scheme and host, which every address in an answer begins with, and every request has to.
    ///
    /// [`Sim::serve`] sets them to the address it listens on.
    pub fn root(mut self, root: &str) -> Self {
        self.root = origin::read(root).unwrap_or_else(|| root.trim_end_matches('/').to_owned());
        self
    }

    /// Makes refused requests count against the quota too; by default, only the others do.
    pub fn count_refused(mut self, count: bool) -> Self {
        self.throttle.count_refused = count;
        self
    }

    /// Gives conversations, threads, posts and events ids with slashes in them, as Outlook has done: a program that forgets to encode one in an
    /// address doesn't find the object. By default, such ids have underscores instead. Call it before anything is added.
    pub fn ids_with_slashes(mut self) -> Self {
        self.store.records.slashes = true;
        self
    }

    /// Leaves out the published quotas; hidden ones stay.
    pub fn unlimited(mut self) -> Self {
        self.throttle.unlimited = true;
        self
    }

    /// Sets how requests are counted: by default, each for one window after it came.
    pub fn counting(mut self, counting: Counting) -> Self {
        self.throttle.counting = counting;
        self
    }

    /// Makes those who come back before the time that a refusal named wait a whole window longer, each time.
    pub fn punish_early_retries(mut self, punish: bool) -> Self {
        self.throttle.punish_early = punish;
        self
    }

    /// Adds a quota that nobody publishes: operations that match (`*` stands for any characters) may cost `units` in a window,
    /// for each app. Most cost one unit, as the directory counts them; `$select` and short pages make them cheaper, `$expand`
    /// dearer.
    ///
    /// Answers then say what they cost, and from four fifths of the quota on, how much of it is used up.
    pub fn hidden_quota(mut self, operations: &str, units: u32, window: Duration) -> Self {
        let operations = operations.to_owned();
        self.throttle.hidden.push(HiddenQuota { operations, units, window });
        self
    }

    /// Sets how long a token is good for, in tokio's time: 24 hours by default.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.token_lifetime = lifetime;
        self
    }

    /// Registers an app with the token endpoint, or replaces the one of that id.
    pub fn app(mut self, app: App) -> Self {
        self.settings.apps.retain(|other| other.id != app.id);
        self.settings.apps.push(app);
        self
    }

    /// Sets how long a group that a client created can't be found, nor its people changed: by default, not at all.
    pub fn group_delay(mut self, delay: Duration) -> Self {
        self.settings.group_delay = delay;
        self
    }

    /// Sets how long after its creation a group gets its site: by default, both are there at once.
    pub fn site_after(mut self, delay: Duration) -> Self {
        self.settings.site_after = delay;
        self
    }

    /// Sets how long after its creation a team can be made of a group: by default, at once. Until then the service answers
    /// 404, as it does for up to a quarter of an hour.
    pub fn team_after(mut self, delay: Duration) -> Self {
        self.settings.team_after = delay;
        self
    }

    /// Sets how long after a change of a provider's catalogue learners find it as it is: by default 24 hours, which is the longest that
    /// the service allows itself. See [`Sim::found_courses`].
    pub fn found_after(mut self, delay: Duration) -> Self {
        self.settings.found_after = delay;
        self
    }

    #[cfg(test)]
    pub(crate) fn spec(mut self, spec: &'static Spec) -> Self {
        self.spec = spec;
        self
    }

    /// Starts the simulator, and its clock.
    pub fn build(self) -> Sim {
        let spec = self.spec;
        Sim::new(Arc::new(Service::new(spec, self.into_state())))
    }

    pub(crate) fn into_state(self) -> State {
        let Self { settings, root, store, faults, weather, throttle, ahead, .. } = self;
        let mut state = State {
            settings,
            ahead,
            began: Duration::ZERO,
            now: ahead,
            root,
            initial: store.clone(),
            store,
            throttle,
            faults: Faults::new(faults),
            weather,
            history: History::default(),
            #[cfg(feature = "rules")]
            rules: crate::rules::Rules::default(),
            entries: Entries::default(),
            violations: Vec::new(),
            polls: HashMap::new(),
            sign_ins: SignIns::default(),
        };
        state.reach_back();
        state
    }

    /// A group may go without a description, a community may not.
    fn draft<O: AsRef<str>>(
        &mut self,
        name: &str,
        description: Option<String>,
        owners: impl IntoIterator<Item = O>,
    ) -> Draft {
        let profile = Profile { display_name: name.to_owned(), description, privacy: "private".to_owned() };
        Draft {
            profile,
            owners: owners.into_iter().map(|owner| self.store.add_user(owner.as_ref())).collect(),
        }
    }
}
