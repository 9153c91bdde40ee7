//! One documented request with its answer.

use serde_json::Value;

#[derive(Debug, Clone)]
pub(super) struct Example {
    /// The page, and which example of it.
    pub(super) source: String,
    pub(super) method: String,
    /// From the version on.
    pub(super) path: String,
    /// With a slash in front of the query.
    pub(super) query: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    /// Null if there is none.
    pub(super) body: Value,
    pub(super) status: Option<u16>,
    /// Null where the status alone is documented.
    pub(super) answer: Option<Value>,
}

pub(super) fn examples() -> Vec<Example> {
    let file =
        std::env::var("GRAPH_DOC_EXAMPLES").expect("GRAPH_DOC_EXAMPLES names the file of the examples");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let examples: Vec<_> =
        lines.filter_map(|line| Example::of(&serde_json::from_str(line).expect("a line of JSON"))).collect();
    assert!(examples.len() > 300, "{} has {} examples", file, examples.len());
    examples
}

impl Example {
    fn of(line: &Value) -> Option<Self> {
        let (request, response) = (&line["request"], &line["response"]);
        let address = request["path"].as_str()?;
        let (path, query) = match address.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (address, None),
        };
        let version = if line["version"] == "beta" { "/beta" } else { "/v1.0" };
        let has_version = path.starts_with("/v1.0") || path.starts_with("/beta");
        let path =
            if has_version || !path.starts_with('/') { path.to_owned() } else { format!("{version}{path}") };
        // Pages of OneNote show a user's notebooks for a group's.
        let path = path.replacen("/me/onenote/", "/groups/{id}/onenote/", 1);
        let headers = request["headers"].as_object().into_iter().flatten();
        Some(Self {
            source: line["source"].as_str().unwrap_or_default().to_owned(),
            method: request["method"].as_str()?.to_owned(),
            path,
            query,
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), text_of(value))).collect(),
            body: request["body"].clone(),
            status: response["status"].as_u64().and_then(|status| u16::try_from(status).ok()),
            answer: Some(response["body"].clone()).filter(|body| !body.is_null()),
        })
    }

    /// Whether its address is whole: some leave out what comes first, or are another service's.
    pub(super) fn is_addressed(&self) -> bool {
        self.path.starts_with('/')
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
