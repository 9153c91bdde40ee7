use graph_runtime::ApiVersion;
use http::Uri;
use proptest::prelude::*;
use url::Url;

use super::{InvalidRoot, Root};

fn global() -> Root {
    Root::new("https://graph.microsoft.com", ApiVersion::V1).unwrap()
}

#[test]
fn a_root_is_an_https_origin_or_loopback() {
    for good in
        ["https://graph.microsoft.us/", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:1"]
    {
        assert!(Root::new(good, ApiVersion::V1).is_ok(), "{good}");
    }
    for (bad, expected) in [
        ("graph.microsoft.com", "no absolute URL"),
        ("http://graph.microsoft.com", "in the clear"),
        ("ftp://graph.microsoft.com", "in the clear"),
        ("http://localhost.evil.example", "in the clear"),
        ("https://user@graph.microsoft.com", "more than an origin"),
        ("https://graph.microsoft.com/v1.0", "more than an origin"),
        ("https://graph.microsoft.com?x=1", "more than an origin"),
    ] {
        let error: InvalidRoot = Root::new(bad, ApiVersion::V1).unwrap_err();
        assert!(error.to_string().contains(expected), "{bad}: {error}");
    }
}

#[test]
fn only_addresses_below_the_root_are_admitted() {
    let root = global();
    for foreign in [
        "https://graph.microsoft.com.evil.example/v1.0/groups",
        "https://graph.microsoft.com@evil.example/v1.0/groups",
        "https://user:pass@graph.microsoft.com/v1.0/groups",
        "http://graph.microsoft.com/v1.0/groups",
        "https://graph.microsoft.com:8443/v1.0/groups",
        "https://graph.microsoft.us/v1.0/groups",
        "https://graph.microsoft.com/$metadata",
        "https://graph.microsoft.com/v1.0x/groups",
        "//evil.example/v1.0/groups",
        "file:///v1.0/groups",
        "javascript:alert(1)",
        "v1.0:groups",
        "../evil",
        "/\\evil.example/v1.0/groups",
        "https:\\\\graph.microsoft.com\\v1.0\\groups",
        "https://graph.microsoft.com/v1.0/gro\tups",
        "/v1.0/groups\r\nHost: evil.example",
    ] {
        assert!(root.resolve(foreign).is_err(), "{foreign}: {:?}", root.resolve(foreign));
    }
}

#[test]
fn addresses_of_every_documented_form_resolve() {
    let root = global();
    let absolute = "https://graph.microsoft.com/v1.0/employeeExperience/engagementAsyncOperations('1')";
    for address in [
        absolute,
        "https://GRAPH.microsoft.com:443/v1.0/employeeExperience/engagementAsyncOperations('1')",
        "/v1.0/employeeExperience/engagementAsyncOperations('1')",
        "/employeeExperience/engagementAsyncOperations('1')",
        "employeeExperience/engagementAsyncOperations('1')",
    ] {
        assert_eq!(root.resolve(address).unwrap().as_str(), absolute, "{address}");
    }
    let beta = root.resolve("/beta/teams('1')/operations('2')").unwrap();
    assert_eq!(beta.path(), "/beta/teams('1')/operations('2')");
}

#[test]
fn what_a_foreign_address_reveals_has_no_query() {
    let error = global().resolve("https://evil.example/v1.0/groups?$skiptoken=private").unwrap_err();
    assert_eq!(error.address, "https://evil.example/v1.0/groups");
}

fn plainly(address: &str) -> bool {
    address.parse::<Uri>().is_ok_and(|uri| global().plainly_holds(&uri))
}

#[test]
fn what_is_below_the_root_letter_by_letter_need_not_be_parsed() {
    for plain in [
        "https://graph.microsoft.com/v1.0/groups/a%2Fb?$filter=x",
        "https://graph.microsoft.com/beta/groups/$count",
        "https://graph.microsoft.com/v1.0",
    ] {
        assert!(plainly(plain), "{plain}");
    }
    for doubtful in [
        "https://graph.microsoft.com:443/v1.0/groups",
        "https://GRAPH.microsoft.com/v1.0/groups",
        "https://graph.microsoft.com@evil.example/v1.0/groups",
        "https://graph.microsoft.com.evil.example/v1.0/groups",
        "http://graph.microsoft.com/v1.0/groups",
        "https://graph.microsoft.com/v1.0/../secrets",
        "https://graph.microsoft.com/v1.0/%2E%2e/secrets",
        "https://graph.microsoft.com/v1.0\\..\\secrets",
        "https://graph.microsoft.com/v1.0x/groups",
        "/v1.0/groups",
    ] {
        assert!(!plainly(doubtful), "{doubtful}");
    }
}

proptest! {
    /// The short way may be taken only where the long one comes to the same.
    #[test]
    fn what_is_plainly_below_the_root_is_admitted(
        authority in "(user@)?graph\\.microsoft\\.com(:443|:80|@evil|\\.evil)?",
        path in "/?/(v1\\.0|beta)([/.%25eE\\\\a@:;]|\\.\\.|%2e){0,12}(\\?[/.a@]{0,4})?",
    ) {
        let address = format!("https://{authority}{path}");
        if plainly(&address) {
            let url = Url::parse(&address).unwrap();
            prop_assert_eq!(global().admit(&url), Ok(()), "{}", address);
            prop_assert_eq!(url.as_str(), address);
        }
    }
}
