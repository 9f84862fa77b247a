//! What the OAuth server said lately about sign-ins that would lead back here.
//!
//! Each visit of the sign-in page may make the console ask; so it asks once for all visits that
//! wait, every two seconds on average whatever comes in (a few addresses may be asked about at
//! once), and remembers the answer for some seconds. Without an answer the sign-in page says so: a
//! browser is not sent to a dead host.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::openshift::oauth::{self, Preflight};
use crate::outbound::{CertificateFault, Failed};
use crate::web::App;

/// How long a good answer holds: the OAuth server, or what it knows of the client, may be gone the
/// next moment.
const GOOD: TimeDelta = TimeDelta::seconds(10);
/// How long a bad one, or none, holds: after a repair people want to see that.
const BAD: TimeDelta = TimeDelta::seconds(5);
/// The least time between two questions on average.
const APART: TimeDelta = TimeDelta::seconds(2);
/// How many questions may be asked at once after a pause: a console that takes its address from
/// browsers may have several.
const AT_ONCE: i32 = 3;
/// How long a person waits for the answer before the page says that there is none. A slow OAuth
/// server is still one that people can sign in at.
const PATIENCE: Duration = Duration::from_secs(4);
/// How many redirect URIs are remembered: there is one, but where browsers say which (`Host`).
const REMEMBERED: usize = 32;

/// What came of asking whether a sign-in would begin well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// The OAuth server said this.
    Answered(Preflight),
    /// It gave no answer that an OAuth server gives.
    Failed(OauthFault),
}

/// Why the OAuth server gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OauthFault {
    /// No connection, or one that broke.
    Unreachable,
    /// No answer within [`PATIENCE`].
    Late,
    /// A certificate that is not trusted.
    Untrusted(CertificateFault),
    /// This status, 500 or above.
    ServerError(u16),
    /// 429, and how long it wants to be left alone.
    Busy(Option<Duration>),
    /// An answer that no OAuth server gives.
    NoOauthAnswer,
}

impl Checked {
    fn of(result: Result<Preflight, oauth::Error>) -> Self {
        match result {
            Ok(preflight) => Self::Answered(preflight),
            Err(oauth::Error::Unreachable(failed)) => {
                Self::Failed(match (&failed, failed.certificate_fault()) {
                    (_, Some(fault)) => OauthFault::Untrusted(fault),
                    (Failed::Timeout { .. } | Failed::Silent { .. }, None) => OauthFault::Late,
                    (Failed::TooLarge { .. }, None) => OauthFault::NoOauthAnswer,
                    _ => OauthFault::Unreachable,
                })
            }
            Err(oauth::Error::Unusable(_)) => Self::Failed(OauthFault::Unreachable),
            Err(oauth::Error::ServerError(status)) => {
                Self::Failed(OauthFault::ServerError(status.as_u16()))
            }
            Err(oauth::Error::Busy(wait)) => Self::Failed(OauthFault::Busy(wait)),
            Err(_) => Self::Failed(OauthFault::NoOauthAnswer),
        }
    }

    fn is_good(self) -> bool {
        self == Self::Answered(Preflight::Good)
    }
}

/// The latest answers, and the question under way. Remembered by the process alone.
#[derive(Debug, Default)]
pub(in crate::web) struct Preflights(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Answered>,
    /// Those that are under way, one for each redirect URI; others may have ended.
    questions: Vec<Question>,
    /// When the questions so far would have ended if each had taken [`APART`].
    busy_until: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct Answered {
    redirect_uri: Url,
    checked: Checked,
    at: DateTime<Utc>,
}

#[derive(Debug)]
struct Question {
    redirect_uri: Url,
    /// How long people wait for it.
    until: Instant,
    /// Closed when it is answered.
    answered: watch::Receiver<()>,
}

/// What is to be done to find out.
enum Next {
    /// Nothing: this is known.
    Known(Checked),
    /// Nothing: there were too many questions lately.
    NotNow,
    /// Wait for the question under way.
    Wait(watch::Receiver<()>, Instant),
    /// Ask; the others wait until this is dropped.
    Ask(watch::Sender<()>),
}

/// What the OAuth server makes of a sign-in that leads back to `redirect_uri`. None if it is not to
/// be asked just now: made-up host names do not make the console ask more often.
pub(super) async fn find(app: &App, redirect_uri: &Url) -> Option<Checked> {
    let (mut answered, until) = match app.preflights.next(redirect_uri, app.clock.now()) {
        Next::Known(checked) => return Some(checked),
        Next::NotNow => return None,
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
    Some(
        app.preflights
            .known(redirect_uri, app.clock.now())
            .unwrap_or(Checked::Failed(OauthFault::Late)),
    )
}

async fn ask(app: App, redirect_uri: Url, asking: watch::Sender<()>) {
    let found = app
        .oauth
        .preflight(&redirect_uri)
        .await
        .inspect_err(|error| {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "the OAuth server does not say whether a sign-in would begin well"
            );
        });
    let checked = Checked::of(found);
    if let Checked::Answered(trouble) = checked
        && !checked.is_good()
    {
        let (client, redirect_uri) = (app.oauth.client_id(), redirect_uri.as_str());
        let reason = match trouble {
            Preflight::NoSuchClient => "there is no such OAuth client",
            Preflight::RedirectNotRegistered => "the OAuth client has no such redirect URI",
            Preflight::NoOauthServer => "there is no OAuth server",
            Preflight::Good => "none",
        };
        tracing::warn!(reason, client, redirect_uri, "nobody can sign in");
    }
    app.preflights.keep(redirect_uri, checked, app.clock.now());
    drop(asking);
}

impl Preflights {
    fn next(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Next {
        let mut state = self.lock();
        if let Some(checked) = state.known(redirect_uri, now) {
            return Next::Known(checked);
        }
        state
            .questions
            .retain(|question| question.answered.has_changed().is_ok());
        if let Some(question) = state
            .questions
            .iter()
            .find(|question| question.redirect_uri == *redirect_uri)
        {
            return Next::Wait(question.answered.clone(), question.until);
        }
        if !state.may_ask(now) {
            return state
                .fault(now)
                .map_or(Next::NotNow, |fault| Next::Known(Checked::Failed(fault)));
        }
        let (asking, answered) = watch::channel(());
        let question = Question {
            redirect_uri: redirect_uri.clone(),
            until: Instant::now() + PATIENCE,
            answered,
        };
        state.questions.push(question);
        Next::Ask(asking)
    }

    fn known(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Option<Checked> {
        self.lock().known(redirect_uri, now)
    }

    fn keep(&self, redirect_uri: Url, checked: Checked, at: DateTime<Utc>) {
        let mut state = self.lock();
        state
            .answers
            .retain(|answer| answer.redirect_uri != redirect_uri);
        if state.answers.len() == REMEMBERED {
            // Made-up hosts do not push out the right one.
            let bad = state
                .answers
                .iter()
                .position(|answer| !answer.checked.is_good());
            state.answers.remove(bad.unwrap_or(0));
        }
        state.answers.push_back(Answered {
            redirect_uri,
            checked,
            at,
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether it is time for one more question, which then counts.
    fn may_ask(&mut self, now: DateTime<Utc>) -> bool {
        // Further away than questions can make it: the clock was set back.
        let busy = self
            .busy_until
            .filter(|until| *until > now && *until - now <= APART * AT_ONCE)
            .unwrap_or(now);
        let may = busy - now <= APART * (AT_ONCE - 1);
        if may && self.questions.len() < AT_ONCE as usize {
            self.busy_until = Some(busy + APART);
            return true;
        }
        false
    }

    fn known(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Option<Checked> {
        let answer = self
            .answers
            .iter()
            .find(|answer| answer.redirect_uri == *redirect_uri)?;
        let long = if answer.checked.is_good() { GOOD } else { BAD };
        holds(answer.at, long, now).then_some(answer.checked)
    }

    /// What is wrong with the OAuth server itself, whatever the redirect URI, if the latest answer
    /// says so.
    fn fault(&self, now: DateTime<Utc>) -> Option<OauthFault> {
        match self
            .answers
            .back()
            .filter(|answer| holds(answer.at, BAD, now))?
            .checked
        {
            Checked::Failed(fault) => Some(fault),
            Checked::Answered(_) => None,
        }
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

    const GOOD_ANSWER: Checked = Checked::Answered(Preflight::Good);
    const NOT_REGISTERED: Checked = Checked::Answered(Preflight::RedirectNotRegistered);
    const UNREACHABLE: Checked = Checked::Failed(OauthFault::Unreachable);

    fn uri(host: &str) -> Url {
        Url::parse(&format!("https://{host}/oauth/callback")).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap()
    }

    /// Asks and answers at once, if it is time to ask.
    fn asked(preflights: &Preflights, host: &str, checked: Checked, now: i64) -> bool {
        let asking = matches!(preflights.next(&uri(host), at(now)), Next::Ask(_));
        if asking {
            preflights.keep(uri(host), checked, at(now));
        }
        asking
    }

    #[test]
    fn a_good_answer_holds_for_ten_seconds_and_any_other_for_five() {
        for (checked, holds, over) in [
            (GOOD_ANSWER, 9, 10),
            (Checked::Answered(Preflight::NoSuchClient), 4, 5),
            (NOT_REGISTERED, 4, 5),
            (Checked::Answered(Preflight::NoOauthServer), 4, 5),
            (UNREACHABLE, 4, 5),
        ] {
            let preflights = Preflights::default();
            assert!(asked(&preflights, "console", checked, 0));
            assert!(
                matches!(preflights.next(&uri("console"), at(holds)), Next::Known(known) if known == checked),
                "{checked:?}"
            );
            assert!(asked(&preflights, "console", checked, over), "{checked:?}");
        }
    }

    #[test]
    fn made_up_hosts_cost_three_questions_and_then_one_every_two_seconds_and_push_no_good_answer_out()
     {
        let preflights = Preflights::default();
        assert!(asked(&preflights, "console", GOOD_ANSWER, 0));
        let questions = (0..9)
            .map(|now| {
                (0..100)
                    .filter(|n| asked(&preflights, &format!("host-{now}-{n}"), NOT_REGISTERED, now))
                    .count()
            })
            .collect::<Vec<_>>();
        assert_eq!(questions, [2, 0, 1, 0, 1, 0, 1, 0, 1]);
        assert!(matches!(
            preflights.next(&uri("console"), at(9)),
            Next::Known(GOOD_ANSWER)
        ));
        for n in 0..100 {
            preflights.keep(uri(&format!("more-{n}")), NOT_REGISTERED, at(9));
        }
        assert!(matches!(
            preflights.next(&uri("console"), at(9)),
            Next::Known(GOOD_ANSWER)
        ));
        assert_eq!(preflights.lock().answers.len(), REMEMBERED);
    }

    #[test]
    fn while_a_check_is_under_way_the_same_address_waits_for_it_and_a_few_others_are_checked_beside_it()
     {
        let preflights = Preflights::default();
        let ask = |host: &str, now| match preflights.next(&uri(host), at(now)) {
            Next::Ask(asking) => asking,
            _ => panic!("{host} is not checked"),
        };
        let first = ask("console", 0);
        assert!(matches!(
            preflights.next(&uri("console"), at(9)),
            Next::Wait(..)
        ));
        let _others = (ask("second", 0), ask("third", 0));
        assert!(matches!(
            preflights.next(&uri("fourth"), at(0)),
            Next::NotNow
        ));
        assert!(
            matches!(preflights.next(&uri("fourth"), at(9)), Next::NotNow),
            "three are still under way"
        );
        drop(first);
        ask("fourth", 9);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_put_questions_off() {
        let preflights = Preflights::default();
        assert!(asked(&preflights, "console", NOT_REGISTERED, 3600));
        assert!(asked(&preflights, "console", NOT_REGISTERED, 0));
    }

    #[test]
    fn an_oauth_server_that_is_down_is_down_for_every_address() {
        let preflights = Preflights::default();
        for host in ["console", "second", "third"] {
            assert!(asked(&preflights, host, UNREACHABLE, 0), "{host}");
        }
        assert!(matches!(
            preflights.next(&uri("other"), at(1)),
            Next::Known(UNREACHABLE)
        ));
        let other = Preflights::default();
        for host in ["console", "second", "third"] {
            assert!(asked(&other, host, NOT_REGISTERED, 0), "{host}");
        }
        assert!(
            matches!(other.next(&uri("other"), at(1)), Next::NotNow),
            "what is wrong with one address says nothing of another"
        );
    }
}
