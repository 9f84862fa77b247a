//! What the OAuth server said lately about sign-ins that would lead back here.
//!
//! Whoever opens the sign-in page makes the console ask; so it asks once for everybody who waits, no more often than every few seconds whatever
//! comes in, and remembers the answer. Who gets no answer soon is sent on: the OAuth server then tells them itself.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::openshift::oauth::Preflight;
use crate::web::App;

/// How long a good answer holds.
const GOOD: TimeDelta = TimeDelta::minutes(5);
/// How long a bad one, or none, holds: whoever has just mended it wants to see that.
const BAD: TimeDelta = TimeDelta::seconds(5);
/// The least time between two questions.
const APART: TimeDelta = TimeDelta::seconds(2);
/// How long a person waits for the answer before they are sent on without one.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many redirect URIs are remembered: there is one, but where browsers say which (`Host`).
const REMEMBERED: usize = 32;

/// The latest answers, and the question under way. Remembered by the process alone.
#[derive(Debug, Default)]
pub(in crate::web) struct Preflights(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The oldest first.
    answers: VecDeque<Answered>,
    last: Option<Question>,
}

#[derive(Debug)]
struct Answered {
    redirect_uri: Url,
    /// Nothing: the OAuth server did not say.
    found: Option<Preflight>,
    at: DateTime<Utc>,
}

/// The latest question: at most one is under way.
#[derive(Debug)]
struct Question {
    redirect_uri: Url,
    asked: DateTime<Utc>,
    /// How long people wait for it.
    until: Instant,
    /// Closed when it is answered.
    answered: watch::Receiver<()>,
}

/// What is to be done to find out.
enum Next {
    /// Nothing: this is known, or that there is no answer.
    Known(Option<Preflight>),
    /// Wait for the question under way.
    Wait(watch::Receiver<()>, Instant),
    /// Ask; the others wait until this is dropped.
    Ask(watch::Sender<()>),
}

/// What the OAuth server makes of a sign-in that leads back to `redirect_uri`, as far as it says so soon.
pub(super) async fn find(app: &App, redirect_uri: &Url) -> Option<Preflight> {
    let (mut answered, until) = match app.preflights.next(redirect_uri, app.clock.now()) {
        Next::Known(found) => return found,
        Next::Wait(answered, until) => (answered, until),
        Next::Ask(asking) => {
            let (answered, until) = (asking.subscribe(), Instant::now() + PATIENCE);
            // Goes on for the next one who asks, whoever leaves.
            tokio::spawn(ask(app.clone(), redirect_uri.clone(), asking));
            (answered, until)
        }
    };
    // An error here is the end of the question: what was waited for.
    let _ended = tokio::time::timeout_at(until, answered.changed()).await;
    app.preflights.known(redirect_uri, app.clock.now()).flatten()
}

async fn ask(app: App, redirect_uri: Url, asking: watch::Sender<()>) {
    let found = app.oauth.preflight(&redirect_uri).await;
    let found = found.inspect_err(|error| {
        tracing::warn!(error = error as &dyn std::error::Error, "the OAuth server does not say whether a sign-in would begin well");
    });
    if let Ok(trouble @ (Preflight::NoSuchClient | Preflight::RedirectNotRegistered)) = found {
        let (client, redirect_uri) = (app.oauth.client_id(), redirect_uri.as_str());
        tracing::warn!(?trouble, client, redirect_uri, "the OAuth server would refuse every sign-in");
    }
    app.preflights.keep(redirect_uri, found.ok(), app.clock.now());
    drop(asking);
}

impl Preflights {
    fn next(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Next {
        let mut state = self.lock();
        if let Some(found) = state.known(redirect_uri, now) {
            return Next::Known(found);
        }
        if let Some(last) = &state.last {
            let open = last.answered.has_changed().is_ok();
            if open && last.redirect_uri == *redirect_uri {
                return Next::Wait(last.answered.clone(), last.until);
            }
            if open || holds(last.asked, APART, now) {
                return Next::Known(None);
            }
        }
        let (asking, answered) = watch::channel(());
        state.last = Some(Question { redirect_uri: redirect_uri.clone(), asked: now, until: Instant::now() + PATIENCE, answered });
        Next::Ask(asking)
    }

    fn known(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Option<Option<Preflight>> {
        self.lock().known(redirect_uri, now)
    }

    fn keep(&self, redirect_uri: Url, found: Option<Preflight>, at: DateTime<Utc>) {
        let mut state = self.lock();
        state.answers.retain(|answer| answer.redirect_uri != redirect_uri);
        if state.answers.len() == REMEMBERED {
            // Made-up hosts do not push out the right one.
            let bad = state.answers.iter().position(|answer| answer.found != Some(Preflight::Good));
            state.answers.remove(bad.unwrap_or(0));
        }
        state.answers.push_back(Answered { redirect_uri, found, at });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn known(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Option<Option<Preflight>> {
        let answer = self.answers.iter().find(|answer| answer.redirect_uri == *redirect_uri)?;
        let long = if answer.found == Some(Preflight::Good) { GOOD } else { BAD };
        holds(answer.at, long, now).then_some(answer.found)
    }
}

/// A clock that was set back does not make anything hold for longer.
fn holds(since: DateTime<Utc>, long: TimeDelta, now: DateTime<Utc>) -> bool {
    let age = now - since;
    age >= TimeDelta::zero() && age < long
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(host: &str) -> Url {
        Url::parse(&format!("https://{host}/oauth/callback")).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap()
    }

    /// Asks and answers at once, if it is time to ask.
    fn asked(preflights: &Preflights, host: &str, found: Option<Preflight>, now: i64) -> bool {
        let asking = matches!(preflights.next(&uri(host), at(now)), Next::Ask(_));
        if asking {
            preflights.keep(uri(host), found, at(now));
        }
        asking
    }

    #[test]
    fn a_good_answer_holds_for_minutes_and_a_bad_one_or_none_for_seconds() {
        for (found, holds, over) in [
            (Some(Preflight::Good), 299, 300),
            (Some(Preflight::NoSuchClient), 4, 5),
            (Some(Preflight::RedirectNotRegistered), 4, 5),
            (None, 4, 5),
        ] {
            let preflights = Preflights::default();
            assert!(asked(&preflights, "console", found, 0));
            assert!(matches!(preflights.next(&uri("console"), at(holds)), Next::Known(known) if known == found), "{found:?}");
            assert!(asked(&preflights, "console", found, over), "{found:?}");
        }
    }

    #[test]
    fn made_up_hosts_cost_one_question_every_two_seconds_and_push_no_good_answer_out() {
        let preflights = Preflights::default();
        assert!(asked(&preflights, "console", Some(Preflight::Good), 0));
        let questions = (0..200).filter(|now| {
            (0..10).filter(|n| asked(&preflights, &format!("host-{now}-{n}"), Some(Preflight::RedirectNotRegistered), *now)).count() > 0
        });
        assert_eq!(questions.count(), 99, "at 2, 4, 6 ...");
        assert!(matches!(preflights.next(&uri("console"), at(200)), Next::Known(Some(Preflight::Good))));
        assert!(preflights.lock().answers.len() <= REMEMBERED);
    }

    #[test]
    fn whoever_comes_while_a_question_is_under_way_waits_for_that_one_or_goes_on() {
        let preflights = Preflights::default();
        let Next::Ask(asking) = preflights.next(&uri("console"), at(0)) else { panic!("nothing is known") };
        assert!(matches!(preflights.next(&uri("console"), at(9)), Next::Wait(..)));
        assert!(matches!(preflights.next(&uri("other"), at(9)), Next::Known(None)));
        drop(asking);
        assert!(matches!(preflights.next(&uri("other"), at(9)), Next::Ask(_)));
    }
}
