//! Addresses of objects, as bodies name them: in `@odata.id`, in `…@odata.bind`, in the container of a plan.

use percent_encoding::percent_decode_str;

/// Where Graph is, in each of its clouds. Clients name objects by these hosts whatever host they talk to.
const ROOTS: [&str; 5] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://graph.microsoft.de",
];

/// The collections of the directory whose objects a reference can name.
const COLLECTIONS: [&str; 7] =
    ["directoryObjects", "users", "groups", "devices", "servicePrincipals", "applications", "contacts"];

/// What an address says: the collection, in the contract's spelling, and the key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) collection: &'static str,
    pub(crate) key: String,
}

impl Address {
    /// Reads an address of a directory object below `own`, the simulator's root, or one of Graph's.
    ///
    /// Either version will do, and none if the address is relative to it: `users/ID`. Keys may stand in brackets. What a client
    /// read from a complete answer is an address too: `…/v2/{tenant}/directoryObjects/{id}/Microsoft.DirectoryServices.User`.
    pub(crate) fn parse(own: &str, address: &str) -> Option<Self> {
        let path = below(own, address)?;
        let (collection, rest) = COLLECTIONS.iter().find_map(|collection| {
            let (start, rest) = path.split_at_checked(collection.len())?;
            start.eq_ignore_ascii_case(collection).then_some((*collection, rest))
        })?;
        let key = match rest.strip_prefix('/') {
            Some(key) => key.strip_suffix('/').unwrap_or(key),
            None => rest.strip_prefix("('")?.strip_suffix("')")?,
        };
        let key = key.split_once("/Microsoft.DirectoryServices.").map_or(key, |(key, _)| key);
        let is_one = !key.is_empty() && !key.contains(['/', '?', '#', '\'', '(', ')']);
        let key = percent_decode_str(key).decode_utf8().ok().filter(|_| is_one)?;
        Some(Self { collection, key: key.into_owned() })
    }
}

/// The part of an address after the version.
fn below<'a>(own: &str, address: &'a str) -> Option<&'a str> {
    let root = ROOTS.iter().copied().chain([own]).find_map(|root| strip(address, root));
    let path = match root {
        Some(path) => path.strip_prefix('/')?,
        None if address.contains("://") => return None,
        None => address.strip_prefix('/').unwrap_or(address),
    };
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    match first.to_ascii_lowercase().as_str() {
        "v1.0" | "beta" => Some(rest),
        "v2" => rest.split_once('/').map(|(_, rest)| rest),
        // Only what has no host of its own is relative to a version.
        _ => root.is_none().then_some(path),
    }
}

fn strip<'a>(address: &'a str, root: &str) -> Option<&'a str> {
    let (start, rest) = address.split_at_checked(root.len())?;
    start.eq_ignore_ascii_case(root).then_some(rest)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Every form in which an object of a collection may be named.
    pub(crate) fn forms(own: &str, collection: &str, key: &str) -> Vec<String> {
        let (slash, brackets) = (format!("{collection}/{key}"), format!("{collection}('{key}')"));
        let absolute = ROOTS.iter().copied().chain([own]).flat_map(|root| {
            [&slash, &brackets].map(|path| [format!("{root}/v1.0/{path}"), format!("{root}/beta/{path}")])
        });
        let relative = [format!("/v1.0/{slash}"), format!("/{slash}"), slash.clone(), brackets.clone()];
        absolute.flatten().chain(relative).collect()
    }

    #[test]
    fn every_form_of_every_collection_is_read() {
        for collection in COLLECTIONS {
            for form in forms("http://127.0.0.1:8080", collection, "7") {
                let found = Address::parse("http://127.0.0.1:8080", &form);
                assert_eq!(found, Some(Address { collection, key: "7".to_owned() }), "{form}");
            }
        }
    }

    #[test]
    fn spellings() {
        for (address, expected) in [
            ("https://host/v1.0/users/ada@contoso.example", Some("ada@contoso.example")),
            ("https://host/v1.0/users/ada%40contoso.example", Some("ada@contoso.example")),
            ("HTTPS://Graph.Microsoft.com/V1.0/DirectoryObjects/7/", Some("7")),
            ("https://host/v2/t/directoryObjects/7/Microsoft.DirectoryServices.User", Some("7")),
            ("https://host/users/7", None),
            ("https://other/v1.0/users/7", None),
            ("https://graph.microsoft.com.evil.example/v1.0/users/7", None),
            ("http://graph.microsoft.com/v1.0/users/7", None),
            ("https://host/v1.0/users/", None),
            ("https://host/v1.0/users/7/manager", None),
            ("https://host/v1.0/usersets/7", None),
            ("https://host/v1.0/planets/7", None),
            ("https://host/v1.0/users/7?$select=id", None),
            ("7", None),
            ("", None),
        ] {
            let found = Address::parse("https://host", address);
            assert_eq!(found.map(|it| it.key).as_deref(), expected, "{address}");
        }
    }
}
