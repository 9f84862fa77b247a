//! Whose bearer token it is, asked once for all requests that come with it.
//!
//! A page may be dozens of requests to the API server. Before the first of them it must be known
//! that the token is one: a token that was made up costs one small request, and for a few seconds
//! no other.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

use super::QUEUE_TIMEOUT;
use crate::app::App;
use crate::app::failure::Failure;
use crate::outbound::{Expiry, PerUserCache, UserToken};

/// How long it is believed that a token is somebody's. Each request is still decided by the API
/// server.
const ACCEPTED_TOKEN_TTL: Duration = Duration::from_secs(60);
/// How long it is believed that it is nobody's.
const REJECTED_TOKEN_TTL: Duration = Duration::from_secs(5);
/// How many unknown tokens are asked about at once.
const MAX_CONCURRENT_REVIEWS: usize = 16;

/// What was said of a token, and when. Locked while it is being asked.
type TokenReviewSlot = Arc<Mutex<Option<(Instant, Option<String>)>>>;

/// What is known of bearer tokens.
pub(super) struct BearerTokens {
    tokens: PerUserCache<TokenReviewSlot>,
    in_flight: Semaphore,
}

/// What is known of one of them.
pub(super) enum TokenReview {
    /// It belongs to the user of this name.
    User(String),
    /// The API server does not say.
    Unknown,
    /// It belongs to nobody.
    Refused(Failure),
    /// Too many tokens are being asked about.
    Overload,
}

impl BearerTokens {
    pub(super) fn new() -> Self {
        Self {
            tokens: PerUserCache::least_recently_used(Expiry::AfterLastUse(ACCEPTED_TOKEN_TTL)),
            in_flight: Semaphore::new(MAX_CONCURRENT_REVIEWS),
        }
    }

    /// Whose token it is, as the API server said within the last minute, or else says now.
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
