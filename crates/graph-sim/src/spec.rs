//! The specification that the simulator embeds, prepared once for all simulators of a process.

use std::sync::OnceLock;

use crate::batch;
use crate::behavior;
use crate::contract::Contract;
use crate::document::Document;
use crate::permissions::Permissions;
use crate::router::Router;
use crate::throttle::Limits;
use crate::types::Types;

const DOCUMENT: &str = include_str!("../../../spec/graph-v1.0.yaml");
const LIMITS: &str = include_str!("../../../spec/limits.toml");

/// Routes, contract, quotas and permissions.
#[derive(Debug, Default)]
pub(crate) struct Spec {
    pub(crate) router: Router,
    pub(crate) contract: Contract,
    pub(crate) types: Types,
    pub(crate) limits: Limits,
    pub(crate) permissions: Permissions,
    pub(crate) document: Document,
    /// Why the embedded files can't be used; every simulator reports it as a violation.
    pub(crate) defect: Option<String>,
}

impl Spec {
    /// Compiling takes a moment, so it happens once.
    pub(crate) fn shared() -> &'static Self {
        static SPEC: OnceLock<Spec> = OnceLock::new();
        SPEC.get_or_init(|| {
            Self::parse(DOCUMENT, LIMITS)
                .unwrap_or_else(|defect| Self { defect: Some(defect), ..Self::default() })
        })
    }

    pub(crate) fn parse(document: &str, limits: &str) -> Result<Self, String> {
        let document = Document::parse(document)?;
        Ok(Self {
            router: Router::new(&document),
            contract: Contract::compile(&document)?,
            types: Types::new(&document),
            limits: Limits::parse(limits)?,
            permissions: Permissions::new(&document)?,
            document,
            defect: None,
        })
    }
}

/// The operations of the specification that the simulator can't answer yet (it answers 501, naming the operation).
///
/// They are answered with 501; to simulate one, give it a file in `src/behavior`.
pub fn operations_without_behavior() -> Vec<String> {
    let operations = Spec::shared().router.operations();
    operations
        .filter(|id| behavior::find(id).is_none() && *id != batch::OPERATION)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_specification_compiles() {
        assert_eq!(Spec::shared().defect, None);
        assert_eq!(Spec::shared().router.base_path(), "/v1.0");
    }

    /// Who simulates one of them shortens the snapshot.
    #[test]
    fn operations_that_are_not_simulated_are_known() {
        insta::assert_snapshot!(operations_without_behavior().join("\n"));
    }

    #[test]
    fn every_behavior_has_an_operation() {
        let operations: Vec<&str> = Spec::shared().router.operations().collect();
        let orphans: Vec<&str> = behavior::ids().filter(|id| !operations.contains(id)).collect();
        assert!(orphans.is_empty(), "no operation of the specification has these ids: {orphans:?}");
    }
}
