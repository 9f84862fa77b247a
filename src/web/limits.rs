//! How many requests of one user, and of all users, may be active (R10, R28).
//!
//! A request over a limit waits for three seconds at most, and is then answered with 429 or 503 and
//! the time after which to try again. Each user has a limit of their own, so no request waits
//! behind those of another user.

mod bearer_tokens;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::AppState;
use super::api_writes::ApiWrite;
use super::context::RequestContext;
use super::errors::WebError;
use super::links;
use crate::outbound::RequestOrigin;
use bearer_tokens::{BearerTokens, TokenReview};

/// How many requests of one user are processed concurrently.
const MAX_REQUESTS_PER_USER: usize = 16;
/// How many sign-ins are finished concurrently: each is a request to the OAuth server and two to
/// the API server.
const MAX_CONCURRENT_SIGN_INS: usize = 32;
/// How long a request waits for its turn.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(3);
/// How many requests of one user, or sign-ins, may wait.
const MAX_QUEUED_REQUESTS: usize = 256;

/// The limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overload {
    /// The requests of this user.
    User,
    /// The sign-ins of all users. This one can continue: its code was not redeemed.
    SignIns,
    /// Bearer tokens that have not been reviewed yet.
    UnknownTokens,
}

impl Overload {
    /// A fixed name: the label of the metric.
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::SignIns => "sign-ins",
            Self::UnknownTokens => "unknown-tokens",
        }
    }
}

/// The active requests.
pub(super) struct RequestLimits {
    users: Mutex<HashMap<String, Arc<Semaphore>>>,
    sign_ins: Arc<Semaphore>,
    queued_sign_ins: Arc<Semaphore>,
    bearer_tokens: BearerTokens,
}

/// An active request. Ends when dropped.
#[derive(Debug)]
pub(super) struct LimitPermit {
    _permit: OwnedSemaphorePermit,
}

impl RequestLimits {
    pub(super) fn new() -> Self {
        Self {
            users: Mutex::default(),
            sign_ins: Arc::new(Semaphore::new(MAX_CONCURRENT_SIGN_INS)),
            queued_sign_ins: Arc::new(Semaphore::new(MAX_QUEUED_REQUESTS)),
            bearer_tokens: BearerTokens::new(),
        }
    }

    /// Waits until fewer than 16 requests of `user` are active.
    async fn acquire_for_user(&self, user: &str) -> Result<LimitPermit, Overload> {
        let semaphore = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            // Removes users without active or waiting requests.
            if users.len() >= 64 && users.len() == users.capacity() {
                users.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
            }
            Arc::clone(
                users
                    .entry(user.to_owned())
                    .or_insert_with(|| Arc::new(Semaphore::new(MAX_REQUESTS_PER_USER))),
            )
        };
        // One reference is the map's, one this request's, and one belongs to each of the others.
        if Arc::strong_count(&semaphore) > 2 + MAX_REQUESTS_PER_USER + MAX_QUEUED_REQUESTS {
            return Err(count_overload(Overload::User));
        }
        acquire_or_overload(semaphore, Overload::User).await
    }

    /// Waits until fewer than 32 sign-ins are being finished. Nothing of this one is used up until
    /// then.
    pub(super) async fn acquire_for_sign_in(&self) -> Result<LimitPermit, Overload> {
        let Ok(_waiting) = self.queued_sign_ins.try_acquire() else {
            return Err(count_overload(Overload::SignIns));
        };
        acquire_or_overload(Arc::clone(&self.sign_ins), Overload::SignIns).await
    }
}

async fn acquire_or_overload(
    semaphore: Arc<Semaphore>,
    overload: Overload,
) -> Result<LimitPermit, Overload> {
    match timeout(QUEUE_TIMEOUT, semaphore.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(LimitPermit { _permit: permit }),
        _ => Err(count_overload(overload)),
    }
}

fn count_overload(overload: Overload) -> Overload {
    metrics::counter!("registry_console_rate_limited_total", "reason" => overload.as_str())
        .increment(1);
    overload
}

/// Lets 16 requests of a user through concurrently, and a bearer token only once the API server has
/// confirmed its user. Signing out never waits.
pub(super) async fn limit_requests_per_user(
    State(app): State<AppState>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::POST
        && matches!(request.uri().path(), links::SIGN_OUT | links::PREFERENCES)
    {
        return next.run(request).await;
    }
    let is_handled = matches!(*request.method(), Method::GET | Method::HEAD)
        || request.extensions().get::<ApiWrite>().is_some();
    let user = match (&context.bearer, &context.session) {
        // Such a request ends in 405 whatever the token is, so the API server is not called.
        (Some(_), _) if !is_handled => return next.run(request).await,
        (Some(token), _) => match app
            .request_limits
            .bearer_tokens
            .review(&app.app, token)
            .await
        {
            TokenReview::User(name) => name,
            // The page reports the error. All of these tokens together count as one user.
            TokenReview::Unknown => String::new(),
            TokenReview::Refused(failure) => return WebError::from(failure).into_response(),
            TokenReview::Overload => {
                return WebError::from(count_overload(Overload::UnknownTokens)).into_response();
            }
        },
        (None, Some(session)) => session.user.name.clone(),
        (None, None) => return next.run(request).await,
    };
    match app.request_limits.acquire_for_user(&user).await {
        // The audit log names the user of a bearer token as well.
        Ok(_turn) if context.bearer.is_some() && !user.is_empty() => {
            RequestOrigin::of_user(&user).scope(next.run(request)).await
        }
        Ok(_turn) => next.run(request).await,
        Err(overload) => WebError::from(overload).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    async fn turns(limits: &RequestLimits, user: &str, count: usize) -> Vec<LimitPermit> {
        let mut turns = Vec::new();
        for _ in 0..count {
            turns.push(limits.acquire_for_user(user).await.unwrap());
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn seventeenth_request_of_one_user_waits() {
        let (limits, started) = (RequestLimits::new(), Instant::now());
        let mut permits = turns(&limits, "dev", MAX_REQUESTS_PER_USER).await;
        drop(turns(&limits, "viewer", MAX_REQUESTS_PER_USER).await);
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(
            limits.acquire_for_user("dev").await.unwrap_err(),
            Overload::User
        );
        assert_eq!(started.elapsed(), QUEUE_TIMEOUT);
        let (turn, ()) = tokio::join!(limits.acquire_for_user("dev"), async {
            drop(permits.pop())
        });
        assert!(turn.is_ok(), "as soon as another one is over");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_over_the_queue_limit_are_refused() {
        let limits = RequestLimits::new();
        let _mine = turns(&limits, "dev", MAX_REQUESTS_PER_USER).await;
        let started = Instant::now();
        let more = (0..MAX_QUEUED_REQUESTS + 10).map(|_| async {
            let refused = limits.acquire_for_user("dev").await.is_err();
            (refused, started.elapsed())
        });
        let answers = futures_util::future::join_all(more).await;
        assert!(answers.iter().all(|(refused, _)| *refused));
        assert!(answers.iter().filter(|(_, after)| after.is_zero()).count() >= 9);
    }

    #[tokio::test(start_paused = true)]
    async fn excess_sign_in_waits_and_is_then_refused() {
        let limits = RequestLimits::new();
        let mut others = Vec::new();
        for _ in 0..MAX_CONCURRENT_SIGN_INS {
            others.push(limits.acquire_for_sign_in().await.unwrap());
        }
        assert_eq!(
            limits.acquire_for_sign_in().await.unwrap_err(),
            Overload::SignIns
        );
        let (turn, ()) = tokio::join!(limits.acquire_for_sign_in(), async { drop(others.pop()) });
        assert!(turn.is_ok());
    }

    #[tokio::test]
    async fn idle_users_take_no_memory() {
        let limits = RequestLimits::new();
        for user in 0..10_000 {
            drop(limits.acquire_for_user(&user.to_string()).await.unwrap());
        }
        assert!(limits.users.lock().unwrap().len() <= 256);
    }
}
