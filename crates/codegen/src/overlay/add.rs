//! What upstream lacks as a whole: operations, and types.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Finding, Result, find_operation};
use crate::names;
use crate::problem::Problem;
use crate::surface::{Operation, Surface};

/// One addition: an operation that the surface keeps as `added`, or a schema. It applies only where the document has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Addition {
    /// Its id in the surface, which also says its method and path.
    operation: Option<String>,
    schema: Option<String>,
    /// The operation or the schema, as OpenAPI has it. Path parameters and error answers need not be said.
    now: Value,
    #[allow(dead_code, reason = "required, so that nobody adds without one; read by people")]
    reason: String,
    #[allow(dead_code, reason = "required, so that nobody adds without one; read by people")]
    source: String,
}

impl Addition {
    pub(super) fn apply(&self, place: &str, document: &mut Value, surface: &Surface) -> Result<()> {
        match (&self.operation, &self.schema) {
            (Some(id), None) => self.add_operation(place, id, document, surface),
            (None, Some(name)) => self.add_schema(place, name, document),
            _ => Err(Finding::broken(
                Problem::at(place, "an addition needs either `operation` or `schema`")
                    .help("give the one that is added"),
            )),
        }
    }

    fn add_operation(&self, place: &str, id: &str, document: &mut Value, surface: &Surface) -> Result<()> {
        let Some(kept) = surface.operations.iter().find(|kept| kept.added && kept.id == *id) else {
            let what = format!("the surface keeps no operation `{id}` as added");
            let help = format!("add a `[[keep]]` with `id = \"{id}\"` and `added = true`, or remove this");
            return Err(Finding::broken(Problem::at(place, what).help(help)));
        };
        let errors = document.pointer("/components/responses/error").is_some();
        let item = &mut document["paths"][&kept.path];
        if item.get(&kept.method).is_some() {
            return Err(superfluous(place, &format!("{} {}", kept.method.to_uppercase(), kept.path)));
        }
        if item.is_null() {
            *item = json!({ "parameters": parameters(kept) });
        }
        let mut now = self.now.clone();
        now["operationId"] = id.into();
        for class in ["4XX", "5XX"].into_iter().filter(|_| errors) {
            now["responses"][class] = json!({ "$ref": "#/components/responses/error" });
        }
        item[&kept.method] = now;
        Ok(())
    }

    fn add_schema(&self, place: &str, name: &str, document: &mut Value) -> Result<()> {
        let schema = &mut document["components"]["schemas"][names::full(name)];
        if !schema.is_null() {
            return Err(superfluous(place, &format!("the schema `{name}`")));
        }
        *schema = self.now.clone();
        Ok(())
    }
}

/// The parameters that the path names, each a text.
fn parameters(operation: &Operation) -> Vec<Value> {
    let named = operation.path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    let parameter = |name| json!({ "in": "path", "name": name, "required": true, "schema": { "type": "string" }, "style": "simple" });
    named.map(parameter).collect()
}

fn superfluous(place: &str, what: &str) -> Finding {
    let problem = Problem::at(place, format!("this addition no longer applies: {what} is there already"));
    Finding::needless(problem.help("see whether upstream has it now; then remove the addition"))
}

/// Operations that the surface keeps as added, and that nothing adds.
pub(super) fn missing(document: &mut Value, surface: &Surface) -> Vec<Problem> {
    let added = surface.operations.iter().filter(|kept| kept.added);
    let missing = added.filter(|kept| find_operation(document, &kept.id).is_none());
    let problem = |kept: &Operation| {
        let what = format!("`{}` is kept as added, and no overlay adds it", kept.id);
        Problem::at(&kept.place, what)
            .help("say in an `[[add]]` what it takes and gives, or leave out `added`")
    };
    missing.map(problem).collect()
}
