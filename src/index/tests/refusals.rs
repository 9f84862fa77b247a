//! How the writer treats temporary and permanent refusals.

use std::time::Duration;

use tokio::time::sleep;

use super::{api_server_with_streams, start_index, wait_until_idle};
use crate::index::state::NotReadyReason;
use crate::index::tests::fake_api_server::FakeFault;

/// An API server 4.x that has just started refuses rights that it grants a moment later.
#[tokio::test(start_paused = true)]
async fn refused_list_is_retried_soon_then_rarely() {
    let play = api_server_with_streams();
    play.set_forbidden(true);
    let (_running, reader) = start_index(&play);
    sleep(Duration::from_secs(240)).await;
    play.set_forbidden(false);
    sleep(Duration::from_secs(31)).await;
    assert!(reader.current_snapshot().is_some(), "{:?}", reader.state());

    let play = api_server_with_streams();
    play.set_forbidden(true);
    let (_running, reader) = start_index(&play);
    sleep(Duration::from_secs(400)).await;
    let before = play.review_count();
    assert!(before > 10, "{before}");
    sleep(Duration::from_secs(1800)).await;
    assert!(
        (3..=7).contains(&(play.review_count() - before)),
        "{} in half an hour",
        play.review_count() - before
    );
    assert!(reader.current_snapshot().is_none());
}

#[tokio::test(start_paused = true)]
async fn unloaded_roles_are_not_a_missing_right() {
    let play = api_server_with_streams();
    play.set_starting(true);
    let (_running, reader) = start_index(&play);
    sleep(Duration::from_secs(1200)).await;
    assert_eq!(
        reader.state().reason(),
        Some(NotReadyReason::RolesNotLoaded)
    );
    play.set_starting(false);
    sleep(Duration::from_secs(31)).await;
    assert!(reader.current_snapshot().is_some(), "{:?}", reader.state());
}

#[tokio::test(start_paused = true)]
async fn stale_index_has_an_age_and_is_dropped_with_the_right() {
    let play = api_server_with_streams();
    let (_running, reader) = start_index(&play);
    wait_until_idle().await;
    assert!(reader.stale_snapshot().is_none(), "it is up to date");
    play.set_starting(true);
    play.inject_fault(FakeFault::WatchBreaks);
    play.push("team-a/api", "during");
    sleep(Duration::from_secs(40)).await;
    let (snapshot, as_of) = reader.stale_snapshot().expect("the roles come back");
    assert_eq!((snapshot.len(), Some(as_of)), (3, reader.state().since()));
    assert!(reader.current_snapshot().is_none());
    play.set_starting(false);
    play.set_forbidden(true);
    play.inject_fault(FakeFault::EventsExpired);
    wait_until_idle().await;
    assert_eq!(reader.state().reason(), Some(NotReadyReason::NotAllowed));
    assert!(
        reader.stale_snapshot().is_none(),
        "the console itself may not have it"
    );
}
