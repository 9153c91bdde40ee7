//! Which conditions the directory answers by default, and which in advanced queries alone: as its documentation lists them, by property.

use crate::call::Call;
use crate::error::Refusal;
use crate::filter::{Filter, Operator};
use crate::order;

/// A property's row: a letter each for `eq` and `in`, `startswith`, comparisons by order, and `eq null`. `D` works in either kind of query, `A` in
/// advanced ones, `O` in the others; of `O`, an example of the
/// documentation shows the contrary, and it is taken in both. Of `-`, the list says that it doesn't work and some pages of the types say that it does: it is taken. A property of a collection's items stands behind the collection's name.
type Row = (&'static str, &'static str);

const GROUPS: [Row; 29] = [
    ("assignedLicenses/skuId", "D---"),
    ("classification", "DD--"),
    ("createdDateTime", "--AA"),
    ("deletedDateTime", "--AA"),
    ("description", "AA-A"),
    ("displayName", "DD-A"),
    ("expirationDateTime", "--A-"),
    ("groupTypes", "D---"),
    ("hasMembersWithLicenseErrors", "O--O"),
    ("id", "DDAA"),
    ("isAssignableToRole", "D---"),
    ("mail", "DD-A"),
    ("mailEnabled", "D---"),
    ("mailNickname", "DD-A"),
    ("membershipRule", "DD--"),
    ("membershipRuleProcessingState", "D---"),
    ("onPremisesLastSyncDateTime", "--D-"),
    ("onPremisesProvisioningErrors/category", "D---"),
    ("onPremisesProvisioningErrors/propertyCausingError", "D---"),
    ("onPremisesSamAccountName", "AA--"),
    ("onPremisesSecurityIdentifier", "D--A"),
    ("onPremisesSyncEnabled", "D--A"),
    ("preferredLanguage", "A--A"),
    ("proxyAddresses", "DD--"),
    ("renewedDateTime", "--D-"),
    ("resourceBehaviorOptions", "D---"),
    ("resourceProvisioningOptions", "D---"),
    ("securityEnabled", "D---"),
    ("uniqueName", "DD--"),
];

const USERS: [Row; 15] = [
    ("accountEnabled", "D---"),
    ("businessPhones", "AA--"),
    ("department", "DD-A"),
    ("displayName", "DD-A"),
    ("givenName", "DD-A"),
    ("id", "DDAA"),
    ("jobTitle", "DD-A"),
    ("mail", "DD-A"),
    ("mailNickname", "DD-A"),
    ("mobilePhone", "AA-A"),
    ("officeLocation", "AA-A"),
    ("preferredLanguage", "A--A"),
    ("surname", "DD-A"),
    ("userPrincipalName", "DD--"),
    ("userType", "D--A"),
];

/// By which properties lists are sorted, and whether that takes an advanced query.
const ORDERS: [(&str, bool); 4] = [
    ("displayName", false),
    ("userPrincipalName", false),
    ("createdDateTime", true),
    ("deletedDateTime", true),
];

/// Refuses what the directory doesn't answer in a query like this one.
pub(super) fn check(call: &Call<'_>, filter: Option<&Filter>) -> Result<(), Refusal> {
    let is_advanced = call.is_advanced() && call.wants_count();
    let needs = |feature: &str| {
        let needs = format!("'{feature}' needs the header 'ConsistencyLevel: eventual' and '$count=true'.");
        Err(Refusal::unsupported_query(needs))
    };
    if let Some(filter) = filter {
        if let Some(feature) = filter.advanced().filter(|_| !is_advanced) {
            return needs(feature);
        }
        if is_relationship(call) && !is_advanced {
            return needs("$filter of a relationship");
        }
        for (path, operator) in filter.uses() {
            match letter(call, &path, operator) {
                Some('D' | 'O' | '-') => {}
                Some('A') if is_advanced => {}
                Some('A') => return needs(&format!("{} on {path}", operator.name())),
                _ => return Err(unsupported(&path)),
            }
        }
    }
    let Some(order) = call.query.get("$orderby") else { return Ok(()) };
    let mut is_needed = filter.is_some() || is_relationship(call);
    for path in order::paths(order) {
        let known = ORDERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(path));
        let (_, needs_advanced) = known
            .ok_or_else(|| Refusal::unsupported_query(format!("Sorting by '{order}' is not supported.")))?;
        is_needed |= needs_advanced;
    }
    if is_needed && !is_advanced { needs("$orderby") } else { Ok(()) }
}

/// The letter of an operator in a property's row; `D` for those that were held against the query already.
fn letter(call: &Call<'_>, path: &str, operator: Operator) -> Option<char> {
    let column = match operator {
        Operator::Equal => 0,
        Operator::StartsWith => 1,
        Operator::Order => 2,
        Operator::EqualNull => 3,
        Operator::Advanced => return Some('D'),
    };
    let tables: &[&[Row]] = match call.declared {
        "microsoft.graph.group" => &[&GROUPS],
        "microsoft.graph.user" => &[&USERS],
        _ => &[&GROUPS, &USERS],
    };
    let rows = tables.iter().flat_map(|table| table.iter());
    let rows = rows.filter(|(name, _)| name.eq_ignore_ascii_case(path));
    // Where objects of either kind may be, what one of them takes.
    rows.filter_map(|(_, letters)| letters.chars().nth(column)).min_by_key(|letter| "D-OA".find(*letter))
}

/// Whether the objects are those that another is related to.
fn is_relationship(call: &Call<'_>) -> bool {
    !call.parameters.get("group-id").is_empty()
}

fn unsupported(property: &str) -> Refusal {
    Refusal::unsupported_query(format!(
        "Unsupported or invalid query filter clause specified for property '{property}'."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn every_row_is_a_property_of_its_type() {
        let types = &Spec::shared().types;
        for (of, rows) in [("microsoft.graph.group", GROUPS.as_slice()), ("microsoft.graph.user", &USERS)] {
            for (path, letters) in rows {
                assert_eq!(letters.len(), 4, "{path}");
                let name = path.split('/').next().unwrap();
                let is_known = types.property(of, name).is_some() || types.is_left_out(of, name);
                assert!(is_known, "{of} has no {name}");
            }
        }
    }
}
