//! Reviews of bearer tokens, made once for all requests with the same token.
//!
//! A page may be dozens of requests to the API server. Before the first of them, the token must be
//! known to be valid: an invented token costs one small request, and no further one for a few
//! seconds.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

use super::QUEUE_TIMEOUT;
use crate::app::App;
use crate::app::failure::Failure;
use crate::outbound::{Expiry, PerUserCache, UserToken};

/// How long a token is treated as valid. The API server still authorizes each request.
const ACCEPTED_TOKEN_TTL: Duration = Duration::from_secs(60);
/// How long a token is treated as invalid.
const REJECTED_TOKEN_TTL: Duration = Duration::from_secs(5);
/// How many unknown tokens are reviewed concurrently.
const MAX_CONCURRENT_REVIEWS: usize = 16;

/// The result of a review, and when it was made. Locked during the review.
type TokenReviewSlot = Arc<Mutex<Option<(Instant, Option<String>)>>>;

/// The reviews of bearer tokens.
pub(super) struct BearerTokens {
    tokens: PerUserCache<TokenReviewSlot>,
    in_flight: Semaphore,
}

/// The result of a review.
pub(super) enum TokenReview {
    /// It belongs to the user of this name.
    User(String),
    /// The API server did not answer.
    Unknown,
    /// It is not valid.
    Refused(Failure),
    /// Too many reviews are in progress.
    Overload,
}

impl BearerTokens {
    pub(super) fn new() -> Self {
        Self {
            tokens: PerUserCache::least_recently_used(Expiry::AfterLastUse(ACCEPTED_TOKEN_TTL)),
            in_flight: Semaphore::new(MAX_CONCURRENT_REVIEWS),
        }
    }

    /// The user of a token, as the API server said within the last minute, or says now.
    pub(super) async fn review(&self, console: &App, token: &UserToken) -> TokenReview {
        let slot = self.tokens.get_or_default(token);
        let mut slot = slot.lock().await;
        match &*slot {
            Some((when, Some(name))) if when.elapsed() < ACCEPTED_TOKEN_TTL => {
                return TokenReview::User(name.clone());
            }
            Some((when, None)) if when.elapsed() < REJECTED_TOKEN_TTL => {
                return TokenReview::Refused(Failure::SignInRequired);
            }
            _ => *slot = None,
        }
        let Ok(Ok(_asking)) = timeout(QUEUE_TIMEOUT, self.in_flight.acquire()).await else {
            return TokenReview::Overload;
        };
        match console.for_user(token).current_user().await {
            Ok(user) => {
                *slot = Some((Instant::now(), Some(user.name.clone())));
                TokenReview::User(user.name)
            }
            Err(failure @ Failure::SignInRequired) => {
                *slot = Some((Instant::now(), None));
                TokenReview::Refused(failure)
            }
            Err(_) => TokenReview::Unknown,
        }
    }
}
