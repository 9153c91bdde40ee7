//! Reading an OpenAPI 3.0 document as plain JSON: references, operations, parameters.

use serde_json::{Map, Value};

/// An OpenAPI document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document(Value);

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint<'a> {
    pub(crate) id: &'a str,
    /// As the document writes it, in lower case.
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    item: &'a Map<String, Value>,
    pub(crate) node: &'a Value,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Document {
    pub(crate) fn parse(yaml: &str) -> Result<Self, String> {
        serde_saphyr::from_str(yaml)
            .map(Self)
            .map_err(|error| format!("the specification isn't YAML: {error}"))
    }

    /// The path of the first server, such as `/v1.0`.
    pub(crate) fn base_path(&self) -> &str {
        let url = self.0["servers"][0]["url"].as_str().unwrap_or("/v1.0");
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.find('/').map_or("", |start| rest[start..].trim_end_matches('/'))
    }

    pub(crate) fn endpoints(&self) -> impl Iterator<Item = Endpoint<'_>> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        paths.filter_map(|(path, item)| Some((path, item.as_object()?))).flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| {
                let node = item.get(*method)?;
                let id = node["operationId"].as_str().unwrap_or(path);
                Some(Endpoint { id, method, path, item, node })
            })
        })
    }

    pub(crate) fn schemas(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0["components"]["schemas"].as_object().into_iter().flatten()
    }

    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        self.0["components"]["schemas"].get(name)
    }

    /// Follows `$ref`s; a node without one is itself.
    pub(crate) fn resolve<'a>(&'a self, mut node: &'a Value) -> &'a Value {
        // Bounded, so that a document with a cycle is merely wrong.
        for _ in 0..16 {
            let Some(reference) = node["$ref"].as_str() else { return node };
            let Some(target) = reference.strip_prefix('#').and_then(|pointer| self.0.pointer(pointer)) else {
                return &Value::Null;
            };
            node = target;
        }
        &Value::Null
    }

    /// The names of an operation's query parameters.
    pub(crate) fn query_parameters<'a>(&'a self, endpoint: &Endpoint<'a>) -> impl Iterator<Item = &'a str> {
        self.parameters(endpoint, "query").filter_map(|parameter| parameter["name"].as_str())
    }

    /// The names of the headers that an operation must come with.
    pub(crate) fn required_headers<'a>(&'a self, endpoint: &Endpoint<'a>) -> impl Iterator<Item = &'a str> {
        let headers = self.parameters(endpoint, "header").filter(|parameter| parameter["required"] == true);
        headers.filter_map(|parameter| parameter["name"].as_str())
    }

    fn parameters<'a>(
        &'a self,
        endpoint: &Endpoint<'a>,
        place: &'static str,
    ) -> impl Iterator<Item = &'a Value> {
        let shared = endpoint.item.get("parameters").and_then(Value::as_array);
        let own = endpoint.node["parameters"].as_array();
        let all = shared.into_iter().chain(own).flatten().map(|parameter| self.resolve(parameter));
        all.filter(move |parameter| parameter["in"] == place)
    }
}

impl<'a> Endpoint<'a> {
    /// Whether its path is there to be posted to and for nothing else, as those of actions are.
    pub(crate) fn is_post_only(&self) -> bool {
        self.method == "post" && METHODS.iter().filter(|method| self.item.contains_key(**method)).count() == 1
    }

    /// The path in beta, where it is another.
    pub(crate) fn beta_path(&self) -> Option<&'a str> {
        self.node["x-beta-path"].as_str()
    }

    /// Who may call it, if that is known.
    pub(crate) fn permissions(&self) -> Option<&'a Value> {
        self.node.get("x-permissions")
    }

    /// The versions that offer it, where not all do.
    pub(crate) fn versions(&self) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
        Some(self.node["x-versions"].as_array()?.iter().filter_map(Value::as_str))
    }
}

/// The schema of a request's or response's JSON content.
pub(crate) fn json_content(node: &Value) -> Option<&Value> {
    node["content"].as_object()?.iter().find(|(kind, _)| kind.contains("json")).map(|(_, it)| &it["schema"])
}

/// The component that a `$ref` names.
pub(crate) fn schema_name(node: &Value) -> Option<&str> {
    node["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}
