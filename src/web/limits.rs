//! How much one person, and everybody together, may have under way (R10, R28).
//!
//! Whoever is over a limit waits for three seconds at the most, and is then answered 429 or 503
//! with the time after which to try again. Nobody waits in a line behind the requests of somebody
//! else: each person has a limit of their own.

mod bearers;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::App;
use super::context::Context;
use super::errors::Refused;
use super::links;
use bearers::{Bearers, Confirmation};

/// How many requests of one person are worked on at once.
const PER_PERSON: usize = 16;
/// How many sign-ins are finished at once: each is a request to the OAuth server and two to the API
/// server.
const SIGN_INS: usize = 32;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many requests of one person, or sign-ins, wait at once.
const MOST_WAITING: usize = 256;

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overload {
    /// Requests of this person.
    Person,
    /// Sign-ins of everybody. What was begun can go on: no code was redeemed.
    SignIns,
    /// Tokens that nobody has confirmed yet.
    UnknownTokens,
}

impl Overload {
    /// One fixed word: the label of its metric.
    fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::SignIns => "sign-ins",
            Self::UnknownTokens => "unknown-tokens",
        }
    }
}

/// What is under way.
pub(super) struct RequestLimits {
    people: Mutex<HashMap<String, Arc<Semaphore>>>,
    sign_ins: Arc<Semaphore>,
    waiting_sign_ins: Arc<Semaphore>,
    bearers: Bearers,
}

/// Something under way; over when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl RequestLimits {
    pub(super) fn new() -> Self {
        Self {
            people: Mutex::default(),
            sign_ins: Arc::new(Semaphore::new(SIGN_INS)),
            waiting_sign_ins: Arc::new(Semaphore::new(MOST_WAITING)),
            bearers: Bearers::new(),
        }
    }

    /// Waits until fewer than 16 requests of `person` are under way.
    async fn of_person(&self, person: &str) -> Result<Turn, Overload> {
        let semaphore = {
            let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
            // Those of whom nothing is under way and nothing waits.
            if people.len() >= 64 && people.len() == people.capacity() {
                people.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
            }
            Arc::clone(
                people
                    .entry(person.to_owned())
                    .or_insert_with(|| Arc::new(Semaphore::new(PER_PERSON))),
            )
        };
        // One count is the map's, one this request's, and one each of the others'.
        if Arc::strong_count(&semaphore) > 2 + PER_PERSON + MOST_WAITING {
            return Err(overloaded(Overload::Person));
        }
        wait(semaphore, Overload::Person).await
    }

    /// Waits until fewer than 32 sign-ins are being finished. Nothing of this one is used up until
    /// then.
    pub(super) async fn of_sign_in(&self) -> Result<Turn, Overload> {
        let Ok(_waiting) = self.waiting_sign_ins.try_acquire() else {
            return Err(overloaded(Overload::SignIns));
        };
        wait(Arc::clone(&self.sign_ins), Overload::SignIns).await
    }
}

async fn wait(semaphore: Arc<Semaphore>, of: Overload) -> Result<Turn, Overload> {
    match timeout(PATIENCE, semaphore.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
        _ => Err(overloaded(of)),
    }
}

fn overloaded(of: Overload) -> Overload {
    metrics::counter!("registry_console_overload_total", "of" => of.as_str()).increment(1);
    of
}

/// Lets 16 requests of one person through at once, and a bearer token only once the API server has
/// said whose it is. Signing out never waits.
pub(super) async fn one_person(
    State(app): State<App>,
    context: Context,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::POST
        && matches!(request.uri().path(), links::LOGOUT | links::PREFERENCES)
    {
        return next.run(request).await;
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let person = match (&context.bearer, &context.session) {
        // The JSON API is read-only: it ends in 405 whatever the token is, so the API server is not
        // asked.
        (Some(_), _) if !reads => return next.run(request).await,
        (Some(token), _) => match app.limits.bearers.confirm(&app.console, token).await {
            Confirmation::User(name) => name,
            // The pages say what is wrong. All of these together are as one person.
            Confirmation::Unknown => String::new(),
            Confirmation::Refused(failure) => return Refused::from(failure).into_response(),
            Confirmation::Overload => {
                return Refused::from(overloaded(Overload::UnknownTokens)).into_response();
            }
        },
        (None, Some(session)) => session.user.name.clone(),
        (None, None) => return next.run(request).await,
    };
    match app.limits.of_person(&person).await {
        Ok(_turn) => next.run(request).await,
        Err(overload) => Refused::from(overload).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    async fn turns(limits: &RequestLimits, person: &str, count: usize) -> Vec<Turn> {
        let mut turns = Vec::new();
        for _ in 0..count {
            turns.push(limits.of_person(person).await.unwrap());
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn the_seventeenth_request_of_a_person_waits_and_those_of_others_do_not() {
        let (limits, started) = (RequestLimits::new(), Instant::now());
        let mut mine = turns(&limits, "dev", PER_PERSON).await;
        drop(turns(&limits, "viewer", PER_PERSON).await);
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(limits.of_person("dev").await.unwrap_err(), Overload::Person);
        assert_eq!(started.elapsed(), PATIENCE);
        let (turn, ()) = tokio::join!(limits.of_person("dev"), async { drop(mine.pop()) });
        assert!(turn.is_ok(), "as soon as another one is over");
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_that_none_of_them_could_have_its_turn_are_refused_at_once() {
        let limits = RequestLimits::new();
        let _mine = turns(&limits, "dev", PER_PERSON).await;
        let started = Instant::now();
        let more = (0..MOST_WAITING + 10).map(|_| async {
            let refused = limits.of_person("dev").await.is_err();
            (refused, started.elapsed())
        });
        let answers = futures_util::future::join_all(more).await;
        assert!(answers.iter().all(|(refused, _)| *refused));
        assert!(answers.iter().filter(|(_, after)| after.is_zero()).count() >= 9);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sign_in_waits_for_its_turn_and_is_then_put_off() {
        let limits = RequestLimits::new();
        let mut others = Vec::new();
        for _ in 0..SIGN_INS {
            others.push(limits.of_sign_in().await.unwrap());
        }
        assert_eq!(limits.of_sign_in().await.unwrap_err(), Overload::SignIns);
        let (turn, ()) = tokio::join!(limits.of_sign_in(), async { drop(others.pop()) });
        assert!(turn.is_ok());
    }

    #[tokio::test]
    async fn people_who_have_left_take_no_memory() {
        let limits = RequestLimits::new();
        for person in 0..10_000 {
            drop(limits.of_person(&person.to_string()).await.unwrap());
        }
        assert!(limits.people.lock().unwrap().len() <= 256);
    }
}
