//! Tokens that the API server has refused lately.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::outbound::UserToken;
use registry_model::Clock;

/// For how long a refused token is not used again. Longer than anything that the API server said of
/// its owner before is kept, but no longer: while oauth-apiserver is down or rolling, a 4.x API
/// server refuses every token (401), and afterwards each is good again.
pub const REFUSED_FOR: TimeDelta = TimeDelta::seconds(60);
/// For how long it is known when a token was refused: longer than any of that is kept during an
/// outage.
const KNOWN_FOR: Duration = Duration::from_secs(20 * 60);
/// How many tokens are kept.
const TOKENS: u64 = 10_000;

/// When each token was last refused. By its hash, so that it is no memory of tokens. Cheap to
/// clone; clones share it.
#[derive(Clone)]
pub(super) struct RefusedTokens {
    tokens: moka::sync::Cache<[u8; 32], DateTime<Utc>>,
    clock: Clock,
}

impl RefusedTokens {
    pub(super) fn new(clock: Clock) -> Self {
        // The least recently used goes first: a flood of made-up tokens does not keep a real one
        // out.
        let tokens = moka::sync::Cache::builder()
            .max_capacity(TOKENS)
            .time_to_live(KNOWN_FOR)
            .eviction_policy(moka::policy::EvictionPolicy::lru());
        Self {
            tokens: tokens.build(),
            clock,
        }
    }

    pub(super) fn note(&self, token: &UserToken) {
        self.tokens.insert(hash(token), self.clock.now());
    }

    pub(super) fn last_refusal(&self, token: &UserToken) -> Option<DateTime<Utc>> {
        self.tokens.get(&hash(token))
    }

    pub(super) fn is_refused(&self, token: &UserToken) -> bool {
        self.last_refusal(token)
            .is_some_and(|when| self.clock.now() - when < REFUSED_FOR)
    }
}

impl fmt::Debug for RefusedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedTokens")
            .field("tokens", &self.tokens.entry_count())
            .finish_non_exhaustive()
    }
}

fn hash(token: &UserToken) -> [u8; 32] {
    Sha256::digest(token.expose()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_is_refused_for_a_minute_and_its_refusal_known_for_longer() {
        let clock = Clock::standing_at(DateTime::UNIX_EPOCH);
        let refused = RefusedTokens::new(clock.clone());
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        refused.note(&dev);
        clock.advance(TimeDelta::seconds(59));
        assert!(refused.is_refused(&dev) && !refused.is_refused(&viewer));
        clock.advance(TimeDelta::seconds(1));
        assert!(!refused.is_refused(&dev));
        assert_eq!(refused.last_refusal(&dev), Some(DateTime::UNIX_EPOCH));
    }

    #[test]
    fn a_flood_of_other_tokens_does_not_keep_a_refusal_from_being_known() {
        let refused = RefusedTokens::new(Clock::standing_at(DateTime::UNIX_EPOCH));
        for made_up in 0..TOKENS * 2 {
            refused.note(&UserToken::from(&*made_up.to_string()));
        }
        refused.tokens.run_pending_tasks();
        let dev = UserToken::from("dev");
        refused.note(&dev);
        refused.tokens.run_pending_tasks();
        assert!(refused.is_refused(&dev));
    }
}
