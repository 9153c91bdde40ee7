//! Whole tenants in a file: who and what there is, what time it is, and what goes wrong when.

mod document;
mod error;
mod faults;
mod lengths;
mod nearest;
mod place;
mod setup;
mod tenant;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::builder::SimBuilder;
use crate::fault::Faults;
use crate::service::{Service, State};
use crate::sim::Sim;
use document::Document;

pub use error::ScenarioError;

/// A tenant, its time and its troubles, read from YAML.
///
/// Every key is described in the JSON Schema [`Scenario::SCHEMA`], which editors check and complete by; the crate's
/// `scenarios/` holds examples. Whatever is not said is as [`Sim::builder`] has it.
///
/// ```
/// use graph_sim::Scenario;
///
/// let scenario = Scenario::from_yaml(r"
/// users:
///   - name: ada
///   - { name: grace, displayName: Grace Hopper }
/// groups:
///   - { name: Pilots, owners: [ada], members: [grace] }
/// faults:
///   - { operation: groups.members.*, from: 30s, until: 2m, effect: { respond: { status: 503 } } }
/// ")?;
/// let sim = scenario.build();
/// assert!(sim.group_id("Pilots").is_some());
///
/// let error = Scenario::from_yaml("users:\n  - nmae: ada\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 5: unknown key 'nmae'; expected one of 'name', 'displayName', \
///     'userPrincipalName', 'unlicensed'; did you mean 'name'?");
/// # Ok::<(), graph_sim::ScenarioError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scenario {
    document: Arc<Document>,
}

impl Scenario {
    /// The JSON Schema of scenario files. An editor takes it from `# yaml-language-server: $schema=FILE` in the first line.
    pub const SCHEMA: &str = include_str!("../scenarios/scenario.schema.json");

    /// Reads a scenario and tries it out once, so that whatever is wrong is told here, with its place.
    ///
    /// # Errors
    ///
    /// If the text is no YAML, has a key or word that isn't known, names what there isn't, or asks for something that the
    /// service itself refuses.
    pub fn from_yaml(text: &str) -> Result<Self, ScenarioError> {
        let options = serde_saphyr::options! { with_snippet: false };
        let document: Document = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| ScenarioError::syntax(&error))?;
        let scenario = Self { document: Arc::new(document) };
        scenario.prepare()?;
        Ok(scenario)
    }

    /// Starts a simulator with this tenant.
    pub fn build(&self) -> Sim {
        let (spec, state) = (SimBuilder::new().spec, self.state());
        Sim::new(Arc::new(Service::new(spec, state)))
    }

    /// The tenant at its start. What is prepared here was prepared before, so that it can only fail by a mistake of ours,
    /// which is a violation then.
    pub(crate) fn state(&self) -> State {
        self.prepare().unwrap_or_else(|error| {
            let mut state = SimBuilder::new().into_state();
            state.violations.push(format!("the scenario can't be set up: {error}"));
            state
        })
    }

    fn prepare(&self) -> Result<State, ScenarioError> {
        let document = &*self.document;
        let mut builder = SimBuilder::new();
        document.configure(&mut builder)?;
        let faults = document.faults.iter().map(faults::fault).collect::<Result<Vec<_>, _>>()?;
        let throttle = std::mem::take(&mut builder.throttle);
        builder.throttle.unlimited = true;
        tenant::fill(document, &mut builder)?;

        let spec = builder.spec;
        let service = Service::new(spec, builder.into_state());
        setup::run(document, &service)?;
        let mut state = service.into_state();
        state.begin(throttle, Faults::new(faults));
        Ok(state)
    }
}
