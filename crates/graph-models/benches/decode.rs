//! What it costs to read a page of 100 groups and keep what is not known, beside a plain serde struct that drops it.
//!
//! `cargo bench -p graph-models --bench decode`. Rounds of both in turn; each figure is a median.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, reason = "a benchmark may stop where it can't measure")]
#![allow(missing_docs, reason = "nobody reads the fields")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use graph_models::Collection;
use graph_models::models::Group;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const ROUNDS: usize = 1000;

/// What a person would write by hand for the same properties, as serde derives it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    id: Option<String>,
    deleted_date_time: Option<String>,
    allow_external_senders: Option<bool>,
    assigned_labels: Option<Vec<Label>>,
    assigned_licenses: Option<Vec<License>>,
    auto_subscribe_new_members: Option<bool>,
    classification: Option<String>,
    created_date_time: Option<String>,
    description: Option<String>,
    display_name: Option<String>,
    expiration_date_time: Option<String>,
    group_types: Option<Vec<String>>,
    has_members_with_license_errors: Option<bool>,
    hide_from_address_lists: Option<bool>,
    hide_from_outlook_clients: Option<bool>,
    is_archived: Option<bool>,
    is_assignable_to_role: Option<bool>,
    is_favorite: Option<bool>,
    is_management_restricted: Option<bool>,
    is_subscribed_by_mail: Option<bool>,
    license_processing_state: Option<State>,
    mail: Option<String>,
    mail_enabled: Option<bool>,
    mail_nickname: Option<String>,
    membership_rule: Option<String>,
    membership_rule_processing_state: Option<String>,
    on_premises_last_sync_date_time: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    preferred_data_location: Option<String>,
    preferred_language: Option<String>,
    proxy_addresses: Option<Vec<String>>,
    renewed_date_time: Option<String>,
    resource_behavior_options: Option<Vec<String>>,
    resource_provisioning_options: Option<Vec<String>>,
    security_enabled: Option<bool>,
    security_identifier: Option<String>,
    theme: Option<String>,
    unique_name: Option<String>,
    unseen_count: Option<i32>,
    visibility: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Label {
    label_id: Option<String>,
    display_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct License {
    sku_id: Option<String>,
    disabled_plans: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct State {
    state: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Page<T> {
    value: Vec<T>,
}

/// 40 known properties, as the service sends them with everything selected; `unknown` adds six more.
fn group(index: usize, unknown: bool) -> Value {
    let id = format!("{index:08}-07e2-4810-8459-485f84f8f204");
    let mut group = json!({
        "id": id, "deletedDateTime": null, "allowExternalSenders": false,
        "assignedLabels": [{ "labelId": id, "displayName": "Internal" }],
        "assignedLicenses": [{ "skuId": id, "disabledPlans": [] }],
        "autoSubscribeNewMembers": false, "classification": null, "createdDateTime": "2025-03-01T08:00:00Z",
        "description": "Everybody who flies", "displayName": format!("Pilots {index}"), "expirationDateTime": null,
        "groupTypes": ["Unified"], "hasMembersWithLicenseErrors": null, "hideFromAddressLists": false,
        "hideFromOutlookClients": false, "isArchived": null, "isAssignableToRole": null, "isFavorite": null,
        "isManagementRestricted": null, "isSubscribedByMail": true, "licenseProcessingState": { "state": "ProcessingComplete" },
        "mail": format!("pilots{index}@contoso.com"), "mailEnabled": true, "mailNickname": format!("pilots{index}"),
        "membershipRule": null, "membershipRuleProcessingState": null, "onPremisesLastSyncDateTime": null,
        "onPremisesSyncEnabled": null, "preferredDataLocation": null, "preferredLanguage": null,
        "proxyAddresses": [format!("SMTP:pilots{index}@contoso.com"), format!("SPO:SPO_{id}@SPO_{id}")],
        "renewedDateTime": "2025-03-01T08:00:00Z", "resourceBehaviorOptions": ["WelcomeEmailDisabled"],
        "resourceProvisioningOptions": ["Team"], "securityEnabled": false,
        "securityIdentifier": "S-1-12-1-1753967289-1089078214-514403720-674033823", "theme": null, "uniqueName": null,
        "unseenCount": 0, "visibility": "Private",
    });
    if unknown {
        for index in 0..6 {
            group[format!("futureProperty{index}")] = json!("a value of tomorrow");
        }
    }
    group
}

fn page(unknown: bool) -> Vec<u8> {
    let groups: Vec<_> = (0..100).map(|index| group(index, unknown)).collect();
    serde_json::to_vec(&json!({ "value": groups })).unwrap()
}

fn main() {
    let (with_unknown, known_only) = (page(true), page(false));
    let plain = |page: &[u8]| drop(black_box(serde_json::from_slice::<Page<Plain>>(page).unwrap()));
    // What the raw client's methods read their answers with.
    let ours = |page: &[u8]| drop(black_box(graph_runtime::read::<Collection<Group>>(page).unwrap()));
    let works: [&dyn Fn(); 4] =
        [&|| plain(&with_unknown), &|| ours(&with_unknown), &|| plain(&known_only), &|| ours(&known_only)];
    let [base, kept, base_known, kept_known] = medians(works);
    println!("page of 100 groups, 6 unknown properties each");
    println!("  plain serde struct, from_slice, unknown dropped  {} µs", base.as_micros());
    println!("  Group, unknown kept                              {} µs", kept.as_micros());
    println!("page of 100 groups, nothing unknown");
    println!("  plain serde struct, from_slice                   {} µs", base_known.as_micros());
    println!("  Group                                            {} µs", kept_known.as_micros());
    target("decode-unknown-kept/plain", kept, base, 0.95);
    target("decode-known/plain", kept_known, base_known, 1.05);
}

fn target(name: &str, measured: Duration, base: Duration, bound: f64) {
    let ratio = measured.as_secs_f64() / base.as_secs_f64();
    let verdict = if ratio <= bound { "ok" } else { "missed" };
    println!("target {name}: {ratio:.2} (bound {bound}) {verdict}");
}

/// The works in turn, so that whatever else the machine does hits all alike.
fn medians<const N: usize>(works: [&dyn Fn(); N]) -> [Duration; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (work, times) in works.iter().zip(&mut times) {
            let start = Instant::now();
            work();
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}
