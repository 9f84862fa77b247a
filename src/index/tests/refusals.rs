//! What the writer makes of refusals that pass, and of those that do not.

use std::time::Duration;

use tokio::time::sleep;

use super::play::Fault;
use super::{filled, settle, start};
use crate::index::state::Why;

/// A 4.x API server that has just started refuses rights that it knows a moment later.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_asked_again_within_seconds_and_only_after_five_minutes_of_refusals_rarely() {
    let play = filled();
    play.forbid(true);
    let (_running, reader) = start(&play);
    sleep(Duration::from_secs(240)).await;
    play.forbid(false);
    sleep(Duration::from_secs(31)).await;
    assert!(reader.ready().is_some(), "{:?}", reader.state());

    let play = filled();
    play.forbid(true);
    let (_running, reader) = start(&play);
    sleep(Duration::from_secs(400)).await;
    let before = play.reviews();
    assert!(before > 10, "{before}");
    sleep(Duration::from_secs(1800)).await;
    assert!(
        (3..=7).contains(&(play.reviews() - before)),
        "{} in half an hour",
        play.reviews() - before
    );
    assert!(reader.ready().is_none());
}

#[tokio::test(start_paused = true)]
async fn roles_that_are_not_loaded_are_never_taken_for_a_missing_right() {
    let play = filled();
    play.be_cold(true);
    let (_running, reader) = start(&play);
    sleep(Duration::from_secs(1200)).await;
    assert_eq!(reader.state().why(), Some(Why::RolesNotLoaded));
    play.be_cold(false);
    sleep(Duration::from_secs(31)).await;
    assert!(reader.ready().is_some(), "{:?}", reader.state());
}

#[tokio::test(start_paused = true)]
async fn what_is_held_in_an_outage_has_an_age_and_goes_when_the_right_does() {
    let play = filled();
    let (_running, reader) = start(&play);
    settle().await;
    assert!(reader.held().is_none(), "it is up to date");
    play.be_cold(true);
    play.fail(Fault::WatchBreaks);
    play.push("team-a/api", "during");
    sleep(Duration::from_secs(40)).await;
    let (snapshot, as_of) = reader.held().expect("the roles come back");
    assert_eq!((snapshot.len(), Some(as_of)), (3, reader.state().since()));
    assert!(reader.ready().is_none());
    play.be_cold(false);
    play.forbid(true);
    play.fail(Fault::Forgets);
    settle().await;
    assert_eq!(reader.state().why(), Some(Why::NotAllowed));
    assert!(
        reader.held().is_none(),
        "the console itself may not have it"
    );
}
