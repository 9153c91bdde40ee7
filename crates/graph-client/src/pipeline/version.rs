//! The path of an operation in the client's version of the API.

use std::mem;

use graph_runtime::{ApiVersion, OperationInfo};
use http::Uri;

use crate::error::{Error, ErrorKind};

/// Turns an address that the generated client built, by the template of v1.0, into the operation's in `version`.
///
/// Ids are carried over as they are encoded. The addresses that the service hands out are in the client's version already
/// and don't come by here.
pub(super) fn move_to(version: ApiVersion, operation: &OperationInfo, uri: &mut Uri) -> Result<(), Error> {
    let (built_by, wanted) = (operation.template, operation.template_for(version));
    if built_by == wanted {
        return Ok(());
    }
    let root = format!("/{}", version.as_str());
    let below = uri.path().strip_prefix(&root).and_then(|path| carry_over(path, built_by, wanted));
    let below = below.ok_or_else(|| {
        Error::refused(format!(
            "`{}` doesn't follow the template `{built_by}`, so that it has no counterpart in {}",
            uri.path(),
            version.as_str(),
        ))
    })?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let moved = format!("{root}{below}{query}");
    let mut parts = mem::take(uri).into_parts();
    let invalid = |error: http::Error| Error::from_source(ErrorKind::InvalidRequest, error);
    parts.path_and_query = Some(moved.parse().map_err(|error: http::uri::InvalidUri| invalid(error.into()))?);
    *uri = Uri::from_parts(parts).map_err(|error| invalid(error.into()))?;
    Ok(())
}

/// `path`, which follows the template `from`, with its parameters where the template `to` has them.
fn carry_over(path: &str, from: &str, to: &str) -> Option<String> {
    let mut segments = path.split('/');
    let mut values = Vec::new();
    for template in from.split('/') {
        let segment = segments.next()?;
        match around(template) {
            Some((before, after)) => values.push(segment.strip_prefix(before)?.strip_suffix(after)?),
            None if template == segment => {}
            None => return None,
        }
    }
    if segments.next().is_some() {
        return None;
    }
    let mut values = values.into_iter();
    let moved: Option<Vec<_>> = to
        .split('/')
        .map(|template| match around(template) {
            Some((before, after)) => Some(format!("{before}{}{after}", values.next()?)),
            None => Some(template.to_owned()),
        })
        .collect();
    moved.map(|segments| segments.join("/"))
}

/// What stands around the parameter of a template's segment, if it has one.
fn around(template: &str) -> Option<(&str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (_, after) = rest.split_once('}')?;
    Some((before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: OperationInfo =
        OperationInfo::new("settings.list", "settings_list", "GET", "/groupSettings")
            .beta_template("/settings");
    static GET: OperationInfo =
        OperationInfo::new("settings.get", "settings_get", "GET", "/groupSettings/{groupSetting-id}")
            .beta_template("/settings/{directorySetting-id}");
    static SAME: OperationInfo =
        OperationInfo::new("x.get", "x_get", "GET", "/groups/{group-id}/settings/{groupSetting-id}");

    fn in_beta(operation: &OperationInfo, address: &str) -> String {
        let mut uri = address.parse().unwrap();
        let moved = move_to(ApiVersion::Beta, operation, &mut uri);
        moved.map_or_else(|error| error.message().to_owned(), |()| uri.to_string())
    }

    #[test]
    fn only_the_template_changes() {
        for (operation, address, expected) in [
            (&LIST, "/beta/groupSettings", "/beta/settings"),
            (
                &LIST,
                "https://h/beta/groupSettings?$top=1&$filter=a%20eq%20'/x'",
                "https://h/beta/settings?$top=1&$filter=a%20eq%20'/x'",
            ),
            (&GET, "/beta/groupSettings/a%2Fb%7Bc'=+", "/beta/settings/a%2Fb%7Bc'=+"),
            (&GET, "/beta/groupSettings/groupSettings", "/beta/settings/groupSettings"),
            (&SAME, "/beta/groups/g/settings/s", "/beta/groups/g/settings/s"),
        ] {
            assert_eq!(in_beta(operation, address), expected);
        }
        let mut stays: Uri = "/v1.0/groupSettings".parse().unwrap();
        move_to(ApiVersion::V1, &LIST, &mut stays).unwrap();
        assert_eq!(stays, "/v1.0/groupSettings");
    }

    #[test]
    fn what_does_not_follow_the_template_is_refused() {
        for address in
            ["/beta/groupSettings", "/beta/groupSettings/a/b", "/beta/settings/a", "/v1.0/groupSettings/a"]
        {
            let said = in_beta(&GET, address);
            assert!(
                said.contains("doesn't follow the template `/groupSettings/{groupSetting-id}`"),
                "{said}"
            );
        }
    }

    #[test]
    fn keys_keep_their_quotes() {
        let moved = carry_over(
            "/p/1/contents(id='a''b')/$ref",
            "/p/{x}/contents(id='{y}')/$ref",
            "/q/{z}/c(key='{w}')",
        );
        assert_eq!(moved.as_deref(), Some("/q/1/c(key='a''b')"));
    }
}
