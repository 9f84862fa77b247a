//! Whose bearer token it is, asked once for all requests that come with it.
//!
//! A page may be dozens of requests to the API server. Before the first of them it must be known
//! that the token is one: a token that was made up costs one small request, and for a few seconds
//! no other.

use std::sync::Arc;
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

use super::PATIENCE;
use crate::app::Console;
use crate::app::failure::Failure;
use crate::outbound::UserToken;

/// How long it is believed that a token is somebody's. Each request is still decided by the API
/// server.
const CONFIRMED_FOR: Duration = Duration::from_secs(60);
/// How long it is believed that it is nobody's.
const REFUSED_FOR: Duration = Duration::from_secs(5);
/// How many tokens are remembered: by their hash.
const TOKENS: u64 = 10_000;
/// How many unknown tokens are asked about at once.
const AT_ONCE: usize = 16;

/// What was said of a token, and when. Locked while it is being asked.
type Slot = Arc<Mutex<Option<(Instant, Option<String>)>>>;

/// What is known of bearer tokens.
pub(super) struct Bearers {
    tokens: Cache<[u8; 32], Slot>,
    asking: Semaphore,
}

/// What is known of one of them.
pub(super) enum Confirmation {
    /// It belongs to the user of this name.
    User(String),
    /// The API server does not say.
    Unknown,
    /// It belongs to nobody.
    Refused(Failure),
    /// Too many tokens are being asked about.
    Overload,
}

impl Bearers {
    pub(super) fn new() -> Self {
        // The oldest make room: made-up tokens, however many, must not keep a real one out.
        let tokens = Cache::builder()
            .max_capacity(TOKENS)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(CONFIRMED_FOR)
            .build();
        Self {
            tokens,
            asking: Semaphore::new(AT_ONCE),
        }
    }

    /// Whose token it is, as the API server said within the last minute, or else says now.
    pub(super) async fn confirm(&self, console: &Console, token: &UserToken) -> Confirmation {
        let hash: [u8; 32] = Sha256::digest(token.expose()).into();
        let slot = self.tokens.get_with(hash, Arc::default);
        let mut slot = slot.lock().await;
        match &*slot {
            Some((when, Some(name))) if when.elapsed() < CONFIRMED_FOR => {
                return Confirmation::User(name.clone());
            }
            Some((when, None)) if when.elapsed() < REFUSED_FOR => {
                return Confirmation::Refused(Failure::SignInRequired);
            }
            _ => *slot = None,
        }
        let Ok(Ok(_asking)) = timeout(PATIENCE, self.asking.acquire()).await else {
            return Confirmation::Overload;
        };
        match console.as_user(token).whoami().await {
            Ok(user) => {
                *slot = Some((Instant::now(), Some(user.name.clone())));
                Confirmation::User(user.name)
            }
            Err(failure @ Failure::SignInRequired) => {
                *slot = Some((Instant::now(), None));
                Confirmation::Refused(failure)
            }
            Err(_) => Confirmation::Unknown,
        }
    }
}
