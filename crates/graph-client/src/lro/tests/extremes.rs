//! Lengths and moments that no clock can add up: from callers, from saved texts, from headers.

use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::{LOCATION, Script, accepted, create, status};
use crate::testing::start_time;
use crate::{OperationSet, SavedOperation, Update, Visibility};
use graph_things::models::Thing;

const HOUR: Duration = Duration::from_secs(60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[tokio::test(start_paused = true)]
async fn the_longest_interval_is_waited_out_and_a_deadline_polls_before() {
    let script = Script::new([accepted(), status("running")]);
    let longest = Duration::MAX;
    let mut operation = create(&script.client()).await.unwrap().with_interval(longest);
    assert!(operation.next_poll_at() > start_time() + 90 * YEAR);
    assert!(matches!(operation.poll().await.unwrap(), Update::Pending(_)));
    timeout(HOUR, operation.wait().timeout(Duration::MAX)).await.unwrap_err();
    assert_eq!(script.requests().len(), 1, "nothing was asked");
    operation.wait_timeout(HOUR).await.unwrap_err();
    assert_eq!(script.requests().len(), 2, "but at the deadline");
}

#[tokio::test(start_paused = true)]
async fn a_set_waits_out_the_longest_interval() {
    let script = Script::new([accepted()]);
    let longest = Duration::MAX;
    let mut set = OperationSet::new();
    set.insert("pilots", create(&script.client()).await.unwrap().with_interval(longest));
    timeout(HOUR, set.next()).await.unwrap_err();
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn times_of_a_saved_text_that_are_far_off_are_taken_as_now_or_long_past() {
    for (accepted_at, last_poll_at, next) in [
        (u64::MAX, "null".to_owned(), 31),
        (u64::MAX, u64::MAX.to_string(), 31),
        (0, u64::MAX.to_string(), 31),
        (0, "0".to_owned(), 0),
        (u64::MAX / 2, (u64::MAX / 2).to_string(), 31),
    ] {
        let text = format!(
            r#"{{"version": 1, "operation": "things.create", "location": "{LOCATION}",
            "root": "https://graph.microsoft.com", "cloud": "global", "api_version": "v1.0",
            "accepted_at": {accepted_at}, "last_poll_at": {last_poll_at}, "client_request_id": "1"}}"#
        );
        let saved: SavedOperation = text.parse().unwrap();
        assert_eq!(saved.to_string().parse::<SavedOperation>().unwrap(), saved);
        let script = Script::new([status("running"), status("running")]);
        let client = script.client();
        let mut operation = crate::Operation::<Thing>::resume(&client, saved).unwrap();
        let wait = operation.next_poll_at().duration_since(start_time()).unwrap_or_default();
        assert_eq!(wait, Duration::from_secs(next), "{text}");
        operation.wait_timeout(Duration::from_secs(40)).await.unwrap_err();
        assert_eq!(script.requests().len(), if next == 0 { 2 } else { 1 }, "{text}");
        assert!(operation.save().accepted_at() >= SystemTime::UNIX_EPOCH);

        let mut set = OperationSet::new();
        set.insert((), operation);
        timeout(Duration::from_secs(1), set.next()).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_be_left_alone_for_ever_is_kept() {
    let never = u64::MAX.to_string();
    let script = Script::new([accepted(), status("running").header("Retry-After", &never)]);
    let mut operation = create(&script.client()).await.unwrap();
    operation.wait_timeout(HOUR).await.unwrap_err();
    assert_eq!(script.requests().len(), 2);
    let endless = Visibility::default().every(Duration::MAX).within(Duration::MAX);
    let wait = operation.wait().timeout(Duration::MAX).visible(endless);
    timeout(HOUR, wait).await.unwrap_err();
    assert_eq!(script.requests().len(), 2);
}
