//! A cache of preflights: whether the OAuth server would accept a sign-in that redirects back to
//! the console.
//!
//! Each visit of the sign-in page may need a preflight. The console makes one for all visits that
//! wait, every two seconds on average whatever the load is (a few redirect URIs may be checked at
//! once), and caches the result for some seconds. If there is no answer, the sign-in page says so:
//! a browser is not redirected to a host that does not answer.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::openshift::oauth::{self, PreflightResult};
use crate::outbound::{CertificateFault, TransportError};
use crate::web::AppState;

/// How long a good result is used: the OAuth server, or its configuration of the client, may change
/// at any time.
const GOOD_RESULT_TTL: TimeDelta = TimeDelta::seconds(10);
/// How long a bad result, or none, is used: after a repair users want to see that.
const BAD_RESULT_TTL: TimeDelta = TimeDelta::seconds(5);
/// The least time between two preflights, on average.
const MIN_PREFLIGHT_INTERVAL: TimeDelta = TimeDelta::seconds(2);
/// How many preflights may be made at once after a pause: a console that takes its address from
/// browsers may have several.
const MAX_PREFLIGHT_BURST: i32 = 3;
/// How long a user waits for the result before the page says that there is none. Users can still
/// sign in at a slow OAuth server.
const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(4);
/// How many redirect URIs are cached: there is one, unless browsers determine it (`Host`).
const MAX_CACHED_REDIRECT_URIS: usize = 32;

/// The outcome of a preflight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PreflightOutcome {
    /// The OAuth server answered.
    Completed(PreflightResult),
    /// There was no valid response of an OAuth server.
    Failed(OauthFault),
}

/// Why there was no valid response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OauthFault {
    /// No connection, or one that broke off.
    Unreachable,
    /// No response within [`PREFLIGHT_TIMEOUT`].
    TimedOut,
    /// A certificate that is not trusted.
    Untrusted(CertificateFault),
    /// This HTTP status, 500 or above.
    ServerError(u16),
    /// 429, and how long the OAuth server asks clients to wait.
    Busy(Option<Duration>),
    /// A response that no OAuth server sends.
    NotOauthServer,
}

impl PreflightOutcome {
    fn from_result(result: Result<PreflightResult, oauth::OauthError>) -> Self {
        match result {
            Ok(preflight) => Self::Completed(preflight),
            Err(oauth::OauthError::Transport(failed)) => {
                Self::Failed(match (&failed, failed.certificate_fault()) {
                    (_, Some(fault)) => OauthFault::Untrusted(fault),
                    (TransportError::Timeout { .. } | TransportError::IdleTimeout { .. }, None) => {
                        OauthFault::TimedOut
                    }
                    (TransportError::TooLarge { .. }, None) => OauthFault::NotOauthServer,
                    _ => OauthFault::Unreachable,
                })
            }
            Err(oauth::OauthError::Setup(_)) => Self::Failed(OauthFault::Unreachable),
            Err(oauth::OauthError::ServerError(status)) => {
                Self::Failed(OauthFault::ServerError(status.as_u16()))
            }
            Err(oauth::OauthError::Busy(wait)) => Self::Failed(OauthFault::Busy(wait)),
            Err(_) => Self::Failed(OauthFault::NotOauthServer),
        }
    }

    fn is_good(self) -> bool {
        self == Self::Completed(PreflightResult::Good)
    }
}

/// The latest results, and the preflights in progress. Kept only by this process.
#[derive(Debug, Default)]
pub(in crate::web) struct PreflightCache(Mutex<PreflightCacheState>);

#[derive(Debug, Default)]
struct PreflightCacheState {
    cached: VecDeque<CachedPreflight>,
    /// The preflights in progress, one for each redirect URI; some may have ended.
    in_flight: Vec<PreflightInFlight>,
    /// When the preflights so far would have ended if each had taken [`MIN_PREFLIGHT_INTERVAL`].
    busy_until: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct CachedPreflight {
    redirect_uri: Url,
    result: PreflightOutcome,
    checked_at: DateTime<Utc>,
}

#[derive(Debug)]
struct PreflightInFlight {
    redirect_uri: Url,
    /// How long users wait for it.
    deadline: Instant,
    /// Closed when the preflight has ended.
    done: watch::Receiver<()>,
}

/// How to get a result.
enum PreflightLookup {
    /// It is cached.
    Cached(PreflightOutcome),
    /// There were too many preflights lately.
    RateLimited,
    /// Wait for the preflight in progress.
    Wait(watch::Receiver<()>, Instant),
    /// Make a preflight; the others wait until this is dropped.
    Start(watch::Sender<()>),
}

/// Whether the OAuth server accepts a sign-in that redirects to `redirect_uri`. `None` if no
/// preflight may be made at the moment: invented host names do not make the console send more
/// requests.
pub(super) async fn lookup_preflight(
    app: &AppState,
    redirect_uri: &Url,
) -> Option<PreflightOutcome> {
    let (mut answered, deadline) = match app.preflight_cache.lookup(redirect_uri, app.clock.now()) {
        PreflightLookup::Cached(checked) => return Some(checked),
        PreflightLookup::RateLimited => return None,
        PreflightLookup::Wait(answered, deadline) => (answered, deadline),
        PreflightLookup::Start(done) => {
            let (answered, deadline) = (done.subscribe(), Instant::now() + PREFLIGHT_TIMEOUT);
            // Continues for the next caller if this one is canceled.
            tokio::spawn(run_preflight(app.clone(), redirect_uri.clone(), done));
            (answered, deadline)
        }
    };
    // An error is the end of the preflight, which was waited for.
    let _ended = tokio::time::timeout_at(deadline, answered.changed()).await;
    Some(
        app.preflight_cache
            .cached(redirect_uri, app.clock.now())
            .unwrap_or(PreflightOutcome::Failed(OauthFault::TimedOut)),
    )
}

async fn run_preflight(app: AppState, redirect_uri: Url, done: watch::Sender<()>) {
    let Some(oauth) = app.oauth() else {
        return;
    };
    let result = oauth.preflight(&redirect_uri).await.inspect_err(|error| {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "the preflight of a sign-in failed"
        );
    });
    let checked = PreflightOutcome::from_result(result);
    if let PreflightOutcome::Completed(result) = checked
        && !checked.is_good()
    {
        let (client, redirect_uri) = (oauth.client_id(), redirect_uri.as_str());
        let reason = match result {
            PreflightResult::NoSuchClient => "there is no such OAuth client",
            PreflightResult::RedirectNotRegistered => "the OAuth client has no such redirect URI",
            PreflightResult::NoOauthServer => "there is no OAuth server",
            PreflightResult::Good => "none",
        };
        tracing::warn!(
            reason,
            oauth_client = client,
            redirect_uri,
            "users cannot sign in"
        );
    }
    app.preflight_cache
        .store(redirect_uri, checked, app.clock.now());
    drop(done);
}

impl PreflightCache {
    fn lookup(&self, redirect_uri: &Url, now: DateTime<Utc>) -> PreflightLookup {
        let mut state = self.lock();
        if let Some(checked) = state.cached(redirect_uri, now) {
            return PreflightLookup::Cached(checked);
        }
        state
            .in_flight
            .retain(|preflight| preflight.done.has_changed().is_ok());
        if let Some(preflight) = state
            .in_flight
            .iter()
            .find(|preflight| preflight.redirect_uri == *redirect_uri)
        {
            return PreflightLookup::Wait(preflight.done.clone(), preflight.deadline);
        }
        if !state.try_start(now) {
            return state
                .server_fault(now)
                .map_or(PreflightLookup::RateLimited, |fault| {
                    PreflightLookup::Cached(PreflightOutcome::Failed(fault))
                });
        }
        let (done, answered) = watch::channel(());
        let preflight = PreflightInFlight {
            redirect_uri: redirect_uri.clone(),
            deadline: Instant::now() + PREFLIGHT_TIMEOUT,
            done: answered,
        };
        state.in_flight.push(preflight);
        PreflightLookup::Start(done)
    }

    fn cached(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Option<PreflightOutcome> {
        self.lock().cached(redirect_uri, now)
    }

    fn store(&self, redirect_uri: Url, checked: PreflightOutcome, at: DateTime<Utc>) {
        let mut state = self.lock();
        state
            .cached
            .retain(|answer| answer.redirect_uri != redirect_uri);
        if state.cached.len() == MAX_CACHED_REDIRECT_URIS {
            // Invented hosts do not evict the right one.
            let bad = state
                .cached
                .iter()
                .position(|answer| !answer.result.is_good());
            state.cached.remove(bad.unwrap_or(0));
        }
        state.cached.push_back(CachedPreflight {
            redirect_uri,
            result: checked,
            checked_at: at,
        });
    }

    fn lock(&self) -> MutexGuard<'_, PreflightCacheState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PreflightCacheState {
    /// Whether another preflight may be made, which is then counted.
    fn try_start(&mut self, now: DateTime<Utc>) -> bool {
        // Later than preflights can make it: the clock was set back.
        let busy = self
            .busy_until
            .filter(|deadline| {
                *deadline > now && *deadline - now <= MIN_PREFLIGHT_INTERVAL * MAX_PREFLIGHT_BURST
            })
            .unwrap_or(now);
        let may = busy - now <= MIN_PREFLIGHT_INTERVAL * (MAX_PREFLIGHT_BURST - 1);
        if may && self.in_flight.len() < MAX_PREFLIGHT_BURST as usize {
            self.busy_until = Some(busy + MIN_PREFLIGHT_INTERVAL);
            return true;
        }
        false
    }

    fn cached(&self, redirect_uri: &Url, now: DateTime<Utc>) -> Option<PreflightOutcome> {
        let answer = self
            .cached
            .iter()
            .find(|answer| answer.redirect_uri == *redirect_uri)?;
        let long = if answer.result.is_good() {
            GOOD_RESULT_TTL
        } else {
            BAD_RESULT_TTL
        };
        is_fresh(answer.checked_at, long, now).then_some(answer.result)
    }

    /// What is wrong with the OAuth server itself, independently of the redirect URI, if the latest
    /// result says so.
    fn server_fault(&self, now: DateTime<Utc>) -> Option<OauthFault> {
        match self
            .cached
            .back()
            .filter(|answer| is_fresh(answer.checked_at, BAD_RESULT_TTL, now))?
            .result
        {
            PreflightOutcome::Failed(fault) => Some(fault),
            PreflightOutcome::Completed(_) => None,
        }
    }
}

/// If the clock was set back, nothing is used for longer.
fn is_fresh(since: DateTime<Utc>, long: TimeDelta, now: DateTime<Utc>) -> bool {
    let age = now - since;
    age >= TimeDelta::zero() && age < long
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD_ANSWER: PreflightOutcome = PreflightOutcome::Completed(PreflightResult::Good);
    const NOT_REGISTERED: PreflightOutcome =
        PreflightOutcome::Completed(PreflightResult::RedirectNotRegistered);
    const UNREACHABLE: PreflightOutcome = PreflightOutcome::Failed(OauthFault::Unreachable);

    fn uri(host: &str) -> Url {
        Url::parse(&format!("https://{host}/oauth/callback")).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap()
    }

    /// Makes a preflight with this outcome, if one may be made.
    fn asked(preflights: &PreflightCache, host: &str, checked: PreflightOutcome, now: i64) -> bool {
        let done = matches!(
            preflights.lookup(&uri(host), at(now)),
            PreflightLookup::Start(_)
        );
        if done {
            preflights.store(uri(host), checked, at(now));
        }
        done
    }

    #[test]
    fn preflight_success_is_cached_for_ten_seconds_else_five() {
        for (checked, holds, over) in [
            (GOOD_ANSWER, 9, 10),
            (
                PreflightOutcome::Completed(PreflightResult::NoSuchClient),
                4,
                5,
            ),
            (NOT_REGISTERED, 4, 5),
            (
                PreflightOutcome::Completed(PreflightResult::NoOauthServer),
                4,
                5,
            ),
            (UNREACHABLE, 4, 5),
        ] {
            let preflights = PreflightCache::default();
            assert!(asked(&preflights, "console", checked, 0));
            assert!(
                matches!(preflights.lookup(&uri("console"), at(holds)), PreflightLookup::Cached(known) if known == checked),
                "{checked:?}"
            );
            assert!(asked(&preflights, "console", checked, over), "{checked:?}");
        }
    }

    #[test]
    fn unknown_hosts_are_rate_limited_and_evict_no_success() {
        let preflights = PreflightCache::default();
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
            preflights.lookup(&uri("console"), at(9)),
            PreflightLookup::Cached(GOOD_ANSWER)
        ));
        for n in 0..100 {
            preflights.store(uri(&format!("more-{n}")), NOT_REGISTERED, at(9));
        }
        assert!(matches!(
            preflights.lookup(&uri("console"), at(9)),
            PreflightLookup::Cached(GOOD_ANSWER)
        ));
        assert_eq!(preflights.lock().cached.len(), MAX_CACHED_REDIRECT_URIS);
    }

    #[test]
    fn concurrent_preflights_of_one_address_share_a_request() {
        let preflights = PreflightCache::default();
        let ask = |host: &str, now| match preflights.lookup(&uri(host), at(now)) {
            PreflightLookup::Start(done) => done,
            _ => panic!("{host} is not checked"),
        };
        let first = ask("console", 0);
        assert!(matches!(
            preflights.lookup(&uri("console"), at(9)),
            PreflightLookup::Wait(..)
        ));
        let _others = (ask("second", 0), ask("third", 0));
        assert!(matches!(
            preflights.lookup(&uri("fourth"), at(0)),
            PreflightLookup::RateLimited
        ));
        assert!(
            matches!(
                preflights.lookup(&uri("fourth"), at(9)),
                PreflightLookup::RateLimited
            ),
            "three are still under way"
        );
        drop(first);
        ask("fourth", 9);
    }

    #[test]
    fn clock_set_back_does_not_delay_preflights() {
        let preflights = PreflightCache::default();
        assert!(asked(&preflights, "console", NOT_REGISTERED, 3600));
        assert!(asked(&preflights, "console", NOT_REGISTERED, 0));
    }

    #[test]
    fn unavailable_oauth_server_applies_to_every_address() {
        let preflights = PreflightCache::default();
        for host in ["console", "second", "third"] {
            assert!(asked(&preflights, host, UNREACHABLE, 0), "{host}");
        }
        assert!(matches!(
            preflights.lookup(&uri("other"), at(1)),
            PreflightLookup::Cached(UNREACHABLE)
        ));
        let other = PreflightCache::default();
        for host in ["console", "second", "third"] {
            assert!(asked(&other, host, NOT_REGISTERED, 0), "{host}");
        }
        assert!(
            matches!(
                other.lookup(&uri("other"), at(1)),
                PreflightLookup::RateLimited
            ),
            "what is wrong with one address says nothing of another"
        );
    }
}
