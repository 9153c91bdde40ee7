//! Names: from the document's to Rust's.

/// The namespace that most of Graph's types are in.
pub const NAMESPACE: &str = "microsoft.graph.";

/// `microsoft.graph.community` → `community`.
pub fn short(component: &str) -> &str {
    component.strip_prefix(NAMESPACE).unwrap_or(component)
}

/// `community` → `microsoft.graph.community`.
pub fn full(short: &str) -> String {
    format!("{NAMESPACE}{short}")
}

/// Splits at everything that is no letter or digit, and where the case rises: `iCalUId` → `i`, `Cal`, `U`, `Id`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = name.chars().collect();
    let mut fresh = true;
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            fresh = true;
            continue;
        }
        let before = index.checked_sub(1).map(|before| chars[before]);
        let rises = c.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || before.is_some_and(|b| b.is_ascii_uppercase())
                    && chars.get(index + 1).is_some_and(char::is_ascii_lowercase));
        match words.last_mut() {
            Some(word) if !fresh && !rises => word.push(c),
            _ => words.push(c.to_string()),
        }
        fresh = false;
    }
    words
}

/// `displayName` → `display_name`, `communities.create` → `communities_create`.
pub fn snake(name: &str) -> String {
    words(name).iter().map(|word| word.to_lowercase()).collect::<Vec<_>>().join("_")
}

/// `communityPrivacy` → `CommunityPrivacy`, `ODataErrors.InnerError` → `ODataErrorsInnerError`.
pub fn pascal(name: &str) -> String {
    words(name)
        .iter()
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

/// `communities.create` → `COMMUNITIES_CREATE`.
pub fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// What the raw client has besides the methods of operations.
const OF_THE_CLIENT: [&str; 8] =
    ["api_version", "baseurl", "client", "exec", "inner", "new_with_client", "post", "pre"];

/// The name of an operation's method: snake case, never a keyword, never a method that the raw client has anyway.
pub fn method(id: &str) -> String {
    let name = snake(id);
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else if OF_THE_CLIENT.contains(&name.as_str()) {
        name + "_call"
    } else if syn::parse_str::<syn::Ident>(&name).is_err() {
        name + "_"
    } else {
        name
    }
}

/// A field's name: snake case, never a keyword, never the name of the bag of unknown properties.
pub fn field(property: &str) -> String {
    let name = snake(property);
    let taken = name == "extra" || syn::parse_str::<syn::Ident>(&name).is_err();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else if taken {
        name + "_"
    } else {
        name
    }
}

/// An enum variant's name. `Unknown` is taken by the variant for unknown members.
pub fn variant(member: &str) -> String {
    let name = pascal(member);
    match name.as_str() {
        "" => "Empty".to_owned(),
        "Unknown" | "Self" => name + "Member",
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("N{name}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_document_become_names_of_rust() {
        let cases = [
            ("displayName", "display_name", "DisplayName"),
            ("iCalUId", "i_cal_u_id", "ICalUId"),
            ("@odata.type", "odata_type", "OdataType"),
            ("communities.create", "communities_create", "CommunitiesCreate"),
            ("ODataErrors.InnerError", "o_data_errors_inner_error", "ODataErrorsInnerError"),
            (
                "engagement_async_operations.get",
                "engagement_async_operations_get",
                "EngagementAsyncOperationsGet",
            ),
            ("category10", "category10", "Category10"),
            ("request-id", "request_id", "RequestId"),
        ];
        for (name, snake_case, pascal_case) in cases {
            assert_eq!((snake(name).as_str(), pascal(name).as_str()), (snake_case, pascal_case), "{name}");
        }
    }

    #[test]
    fn fields_and_variants_never_collide_with_what_rust_or_we_have() {
        assert_eq!(field("type"), "type_");
        assert_eq!(field("extra"), "extra_");
        assert_eq!(field("self"), "self_");
        assert_eq!(method("match"), "match_");
        assert_eq!(method("post"), "post_call");
        assert_eq!(method("2fa.list"), "n2fa_list");
        assert_eq!(variant("unknown"), "UnknownMember");
        assert_eq!(variant("2fa"), "N2fa");
    }
}
