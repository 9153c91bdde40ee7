//! Groups as the service sends them, and what a person would write by hand to read them.

#![allow(dead_code, reason = "nobody reads the fields, and no benchmark uses all of it")]

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a person would write by hand for the same properties, as serde derives it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plain {
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
pub(crate) struct Page<T> {
    pub(crate) value: Vec<T>,
}

/// 40 known properties, as the service sends them with everything selected; `unknown` adds six more.
pub(crate) fn group(index: usize, unknown: bool) -> Value {
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

/// Page `number` of groups, 100 of them, with the address of the next one.
pub(crate) fn page(number: usize, unknown: bool, next: Option<&str>) -> Vec<u8> {
    let groups: Vec<_> = (0..100).map(|index| group(100 * number + index, unknown)).collect();
    let mut page = json!({ "value": groups });
    if let Some(next) = next {
        page["@odata.nextLink"] = next.into();
    }
    serde_json::to_vec(&page).unwrap()
}
