//! The keys of a scenario file. Their descriptions are the schema's.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::ScenarioError;
use super::lengths::{length, length_or_zero, moment, some_length};
use super::place::At;
use crate::builder::SimBuilder;
use crate::location::LocationForm;
use crate::throttle::HiddenQuota;
use crate::timeline::Timeline;

/// A tenant of the embedded Microsoft Graph: who and what there is, what time it is, and what goes wrong when.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Scenario"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Document {
    /// The date at which the simulator starts: RFC 3339, not before its first morning, 2026-01-05T08:00:00Z, which is the default.
    clock: Option<At<String>>,
    /// How tokens are issued.
    tokens: Tokens,
    /// The users. Their ids depend on their order alone.
    pub(super) users: Vec<User>,
    /// Microsoft 365 groups and security groups.
    pub(super) groups: Vec<Group>,
    /// Viva Engage communities, each with its group.
    pub(super) communities: Vec<Community>,
    /// Viva Learning's providers. The first user registers them.
    pub(super) learning_providers: Vec<LearningProvider>,
    /// The course of every long-running operation; by default, 10 s notStarted, 65 s running, then succeeded.
    operations: Option<Course>,
    /// The header and form of an operation's address.
    location: Address,
    /// The page size of every list without $top, at least 1.
    page_size: Option<usize>,
    /// What there may be too much of.
    quotas: Quotas,
    /// What takes its time.
    delays: Delays,
    /// What goes wrong. Of several that replace the same answer, the first applies, and the others wait.
    pub(super) faults: Vec<At<Fault>>,
}

/// How tokens are issued.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Tokens {
    /// How long a token is good for: a number with ms, s, m, h or d. 24h by default.
    lifetime: Option<At<String>>,
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct User {
    /// What tests and the rest of this file call the user.
    pub(super) name: At<String>,
    /// By default, the name with a capital letter.
    pub(super) display_name: Option<String>,
    /// By default, the name at contoso.example.
    #[serde(rename = "userPrincipalName")]
    pub(super) principal_name: Option<At<String>>,
    /// Without the licence that Viva Learning wants of learners.
    #[serde(default)]
    pub(super) unlicensed: bool,
}

/// A group.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Group {
    /// The display name.
    pub(super) name: At<String>,
    /// What kind of group it is; unified, a Microsoft 365 group, by default.
    #[serde(default)]
    pub(super) kind: GroupKind,
    /// What the group is for.
    pub(super) description: Option<String>,
    /// Who may see it; private by default.
    #[serde(default)]
    pub(super) visibility: Visibility,
    /// Users who own it. Owners of a Microsoft 365 group are members too.
    #[serde(default)]
    pub(super) owners: Vec<At<String>>,
    /// Users, and groups that stand before this one.
    #[serde(default)]
    pub(super) members: Vec<At<String>>,
    /// Deleted already, but restorable.
    #[serde(default)]
    pub(super) deleted: bool,
    /// Names of notebooks. Each gets a section with a page.
    #[serde(default)]
    pub(super) notebooks: Vec<At<String>>,
    /// Planner's plans. The group's first owner makes them.
    #[serde(default)]
    pub(super) plans: Vec<At<Plan>>,
}

/// What kind of group it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum GroupKind {
    #[default]
    Unified,
    Security,
}

/// Who may see a group or community.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum Visibility {
    #[default]
    Private,
    Public,
    /// Tokens without `Member.Read.Hidden` are shown no members.
    HiddenMembership,
}

/// A plan.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Plan {
    /// Its title.
    pub(super) title: String,
    /// Its buckets, in their order.
    #[serde(default)]
    pub(super) buckets: Vec<At<Bucket>>,
}

/// A bucket of a plan.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Bucket {
    /// Its name.
    pub(super) name: String,
    /// Its tasks: properties of plannerTask, as Microsoft Graph names them; at least a title.
    #[serde(default)]
    pub(super) tasks: Vec<At<Map<String, Value>>>,
}

/// A community.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Community {
    /// The display name of the community and of its group.
    pub(super) name: At<String>,
    /// What the community is for.
    #[serde(default)]
    pub(super) description: String,
    /// Who may see it; private by default.
    #[serde(default)]
    pub(super) privacy: Visibility,
    /// Users who own it, and are members too.
    #[serde(default)]
    pub(super) owners: Vec<At<String>>,
    /// Users.
    #[serde(default)]
    pub(super) members: Vec<At<String>>,
}

/// A provider of courses.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LearningProvider {
    /// Properties of learningProvider, as Microsoft Graph names them; at least the name and four logos.
    pub(super) provider: At<Map<String, Value>>,
    /// Properties of learningContent, as Microsoft Graph names them; at least externalId, title, contentWebUrl and languageTag.
    #[serde(default)]
    pub(super) contents: Vec<At<Map<String, Value>>>,
}

/// The course of a long-running operation.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Course {
    /// The statuses before the last.
    #[serde(default)]
    stays: Vec<Stay>,
    /// The last status: any text, `succeeded` by default.
    end: Option<String>,
    /// What `statusDetail` says at the end.
    detail: Option<String>,
}

/// A status and how long it lasts.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stay {
    /// Any text: notStarted, running, or what Microsoft Graph doesn't know yet.
    status: String,
    /// A number with ms, s, m, h or d.
    lasts: At<String>,
}

/// The header and form of an operation's address.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
enum Address {
    #[default]
    Both,
    OperationLocation,
    Location,
    Relative,
    Slash,
}

/// What there may be too much of.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Quotas {
    /// Leaves out the published quotas.
    unlimited: bool,
    /// Counts refused requests too.
    count_refused: bool,
    /// Quotas that nobody publishes.
    hidden: Vec<Hidden>,
}

/// A quota that nobody publishes.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Hidden {
    /// An operation's id, in which * stands for any characters.
    operations: At<String>,
    /// So many resource units.
    units: u32,
    /// In so much time: a number with ms, s, m, h or d.
    window: At<String>,
}

/// What takes its time: numbers with ms, s, m, h or d, and nothing by default.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Delays {
    /// How long a group that a client made can't be found.
    group: Option<At<String>>,
    /// How long after a group its site is there.
    site: Option<At<String>>,
    /// How long after a group a team can be made of it.
    team: Option<At<String>>,
}

/// Something that goes wrong.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Fault {
    /// The operation's id, such as groups.get, in which * stands for any characters.
    pub(super) operation: At<String>,
    /// How many matching requests are spared first.
    #[serde(default)]
    pub(super) skip: u32,
    /// To how many requests it applies; by default to one, but delay and set to all.
    pub(super) times: Option<u32>,
    /// Since when, counted from the start: a number with ms, s, m, h or d.
    pub(super) from: Option<At<String>>,
    /// Until when, counted from the start. If it is given without `times`, all requests until then are concerned.
    pub(super) until: Option<At<String>>,
    /// What goes wrong.
    pub(super) effect: Effect,
}

/// What goes wrong.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(super) enum Effect {
    /// 429, without processing the request.
    Throttle {
        /// The header's text, well-formed or not; without it, no header.
        retry_after: Option<String>,
    },
    /// 429 as Viva Learning says it, in words alone.
    ThrottleInWords {
        /// How long to wait.
        minutes: u32,
    },
    /// Any answer, without processing the request.
    Respond {
        /// From 100 to 999.
        status: At<u16>,
        /// By default, none.
        content_type: Option<String>,
        /// Text.
        #[serde(default)]
        body: String,
        /// Further headers.
        #[serde(default)]
        headers: BTreeMap<String, At<String>>,
    },
    /// 401 that wants these claims, a JSON object, in the token.
    ClaimsChallenge(String),
    /// The connection breaks.
    LoseConnection(Moment),
    /// The answer takes longer: a number with ms, s, m, h or d.
    Delay(At<String>),
    /// 410 to whoever goes on from a delta token.
    ResetDelta,
    /// Changes values in successful answers: JSON pointers, such as /status or /value/0/id, and what is there instead.
    Set(BTreeMap<String, Value>),
}

/// When a connection breaks.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum Moment {
    BeforeProcessing,
    AfterProcessing,
}

impl Visibility {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
            Self::HiddenMembership => "hiddenMembership",
        }
    }
}

impl Document {
    /// Sets whatever isn't part of the tenant.
    pub(super) fn configure(&self, builder: &mut SimBuilder) -> Result<(), ScenarioError> {
        let settings = &mut builder.settings;
        builder.ahead = self.clock.as_ref().map_or(Ok(std::time::Duration::ZERO), moment)?;
        if let Some(lifetime) = &self.tokens.lifetime {
            settings.token_lifetime = length(lifetime)?;
        }
        if let Some(course) = &self.operations {
            settings.timeline = course.timeline()?;
        }
        settings.location = match self.location {
            Address::Both => LocationForm::Both,
            Address::OperationLocation => LocationForm::OperationLocation,
            Address::Location => LocationForm::Location,
            Address::Relative => LocationForm::Relative,
            Address::Slash => LocationForm::Slash,
        };
        settings.page_size = self.page_size.map(|size| size.max(1));
        settings.group_delay = length_or_zero(self.delays.group.as_ref())?;
        settings.site_after = length_or_zero(self.delays.site.as_ref())?;
        settings.team_after = length_or_zero(self.delays.team.as_ref())?;
        builder.throttle.unlimited = self.quotas.unlimited;
        builder.throttle.count_refused = self.quotas.count_refused;
        for hidden in &self.quotas.hidden {
            builder.throttle.hidden.push(HiddenQuota {
                operations: super::faults::known_pattern(&hidden.operations)?,
                units: hidden.units,
                window: some_length(&hidden.window)?,
            });
        }
        Ok(())
    }
}

impl Course {
    fn timeline(&self) -> Result<Timeline, ScenarioError> {
        let mut timeline = Timeline::new();
        for stay in &self.stays {
            timeline = timeline.stay(stay.status.as_str(), length(&stay.lasts)?);
        }
        let end = self.end.as_deref().unwrap_or("succeeded");
        Ok(match &self.detail {
            Some(detail) => timeline.end_with_detail(end, detail.as_str()),
            None => timeline.end(end),
        })
    }
}
