//! How the writer treats temporary and permanent refusals.

use std::time::Duration;

use tokio::time::sleep;

use super::{api_server_with_streams, start_index, wait_until_idle};
use crate::index::state::NotReadyReason;
use crate::index::tests::fake_api_server::FakeFault;

/// An API server 4.x that has just started refuses rights that it grants a moment later.
#[tokio::test(start_paused = true)]
async fn refused_list_is_retried_soon_then_rarely() {
    let api_server = api_server_with_streams();
    api_server.set_forbidden(true);
    let (_running, reader) = start_index(&api_server);
    sleep(Duration::from_secs(240)).await;
    api_server.set_forbidden(false);
    sleep(Duration::from_secs(31)).await;
    assert!(reader.current_snapshot().is_some(), "{:?}", reader.state());

    let api_server = api_server_with_streams();
    api_server.set_forbidden(true);
    let (_running, reader) = start_index(&api_server);
    sleep(Duration::from_secs(400)).await;
    let before = api_server.review_count();
    assert!(before > 10, "{before}");
    sleep(Duration::from_secs(1800)).await;
    assert!(
        (3..=7).contains(&(api_server.review_count() - before)),
        "{} in half an hour",
        api_server.review_count() - before
    );
    assert!(reader.current_snapshot().is_none());
}

#[tokio::test(start_paused = true)]
async fn unloaded_roles_are_not_a_missing_right() {
    let api_server = api_server_with_streams();
    api_server.set_starting(true);
    let (_running, reader) = start_index(&api_server);
    sleep(Duration::from_secs(1200)).await;
    assert_eq!(
        reader.state().reason(),
        Some(NotReadyReason::RolesNotLoaded)
    );
    api_server.set_starting(false);
    sleep(Duration::from_secs(31)).await;
    assert!(reader.current_snapshot().is_some(), "{:?}", reader.state());
}

#[tokio::test(start_paused = true)]
async fn stale_index_has_an_age_and_is_dropped_with_the_right() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_index(&api_server);
    wait_until_idle().await;
    assert!(reader.stale_snapshot().is_none(), "it is up to date");
    api_server.set_starting(true);
    api_server.inject_fault(FakeFault::WatchBreaks);
    api_server.push("team-a/api", "during");
    sleep(Duration::from_secs(40)).await;
    let (snapshot, as_of) = reader.stale_snapshot().expect("the roles come back");
    assert_eq!((snapshot.len(), Some(as_of)), (3, reader.state().since()));
    assert!(reader.current_snapshot().is_none());
    api_server.set_starting(false);
    api_server.set_forbidden(true);
    api_server.inject_fault(FakeFault::EventsExpired);
    wait_until_idle().await;
    assert_eq!(reader.state().reason(), Some(NotReadyReason::NotAllowed));
    assert!(
        reader.stale_snapshot().is_none(),
        "the console itself may not have it"
    );
}
