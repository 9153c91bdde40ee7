//! Names: from the document's to Rust's.

use std::collections::{BTreeMap, BTreeSet};

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
///
/// A letter outside of ASCII is written by its code point, since a module's name can't have it; so is every character of a
/// name that has nothing else.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = name.chars().collect();
    let nothing_else = !chars.iter().any(|c| c.is_alphanumeric());
    let mut fresh = true;
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() && !nothing_else {
            fresh = true;
            continue;
        }
        let before = index.checked_sub(1).map(|before| chars[before]);
        let rises = c.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || before.is_some_and(|b| b.is_ascii_uppercase())
                    && chars.get(index + 1).is_some_and(char::is_ascii_lowercase));
        let written = if c.is_ascii_alphanumeric() { c.to_string() } else { format!("u{:x}", u32::from(c)) };
        match words.last_mut() {
            Some(word) if !fresh && !rises => word.push_str(&written),
            _ => words.push(written),
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
    let name = snake(name).to_uppercase();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// What the raw client has besides the methods of operations.
const CONSTRUCTOR: &str = "new";

/// The name of an operation's method: snake case, never a keyword, never a method that the raw client has anyway.
pub fn method(id: &str) -> String {
    let name = snake(id);
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else if name == CONSTRUCTOR {
        name + "_call"
    } else {
        not_a_keyword(name)
    }
}

/// Names that mean something else in a generated file: the prelude's, our support types', and those inside of our macros.
const USED: &str = "AsMut AsRef Box Clone Copy Debug Default DoubleEndedIterator Drop Eq Err ExactSizeIterator Extend Fn \
    FnMut FnOnce From FromIterator Future Hash Into IntoFuture IntoIterator Iterator None Ok Option Ord PartialEq \
    PartialOrd Result Self Send Sized Some String Sync ToOwned ToString TryFrom TryInto Unpin Vec \
    Collection Extra Field GraphDateTime Id Identify InvalidDateTime InvalidId Key OpenMap Other Reference Unknown \
    UnknownValue UnmodelledObject \
    Deserialize Deserializer Error Known MapAccess Member Name Names Object Property Serialize SerializeMap Serializer \
    Visitor";

/// The longest name of a type: its file has to have one too, and file systems end at 255 bytes.
const LONGEST: usize = 120;

/// A type's name: Pascal case, never one that generated code uses otherwise, and short enough for a file.
pub fn type_name(component: &str) -> String {
    let mut name = pascal(component);
    if name.len() > LONGEST {
        // The end tells two long names apart as well as the beginning does, and a sum of all of it tells apart the rest.
        let sum = component.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        name = format!("{}{}H{sum:016x}", &name[..LONGEST / 2], &name[name.len() - LONGEST / 4..]);
    }
    match name.as_str() {
        "" => "Empty".to_owned(),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("N{name}"),
        _ if USED.split_whitespace().any(|used| used == name) => name + "Type",
        _ => name,
    }
}

/// The name of the module, and of the file, that a type is in.
pub fn module(type_name: &str) -> String {
    let name = not_a_keyword(snake(type_name));
    if is_device(&name) { name + "_" } else { name }
}

/// Whether Windows takes a file of this name for a device, whatever its ending.
pub fn is_device(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().find_map(|port| name.strip_prefix(port));
    matches!(name.as_str(), "aux" | "con" | "nul" | "prn" | "conin$" | "conout$")
        || numbered.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
}

/// A field's name: snake case, never a keyword, never the name of the bag of unknown properties.
pub fn field(property: &str) -> String {
    let name = snake(property);
    match name.as_str() {
        "" => "empty".to_owned(),
        "extra" => name + "_",
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("n{name}"),
        _ => not_a_keyword(name),
    }
}

fn not_a_keyword(name: String) -> String {
    // The edition's latest keyword is not among those that syn knows.
    let keyword = name == "gen" || syn::parse_str::<syn::Ident>(&name).is_err();
    if keyword { name + "_" } else { name }
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

/// How far `name` is from its Rust names: of two that would be called the same, the plainer one is.
pub fn oddity(name: &str) -> (usize, bool) {
    let separators = name.chars().filter(|c| !c.is_ascii_alphanumeric()).count();
    (separators, pascal(name) != name && snake(name) != name)
}

/// The Rust name of each of `names`, all different: one that is a Rust name already keeps it, or else the
/// plainest does; the next ones are numbered from 2.
pub fn distinct<'a>(
    names: impl Iterator<Item = &'a str>,
    rust_name: fn(&str) -> String,
) -> BTreeMap<String, String> {
    let mut order: Vec<_> = names.collect();
    order.sort_by_key(|name| (rust_name(name) != *name, oddity(name), *name));
    let mut taken = Taken::default();
    order.into_iter().map(|name| (name.to_owned(), taken.claim(&rust_name(name), str::to_owned))).collect()
}

/// The names that are in use.
#[derive(Default)]
pub struct Taken(BTreeSet<String>);

impl Taken {
    /// `name`, or with the first number after it that makes it differ from all before, as `told_apart_by` sees them.
    pub fn claim(&mut self, name: &str, told_apart_by: impl Fn(&str) -> String) -> String {
        let mut free = name.to_owned();
        for count in 2.. {
            if self.0.insert(told_apart_by(&free)) {
                break;
            }
            let gap = if name.ends_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
            free = format!("{name}{gap}{count}");
        }
        free
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
        assert_eq!(method("new"), "new_call");
        assert_eq!(method("2fa.list"), "n2fa_list");
        assert_eq!(variant("unknown"), "UnknownMember");
        assert_eq!(variant("2fa"), "N2fa");
    }
}
