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
pub const REFUSED_TOKEN_TTL: TimeDelta = TimeDelta::seconds(60);
/// For how long it is known when a token was refused: longer than any of that is kept during an
/// outage.
const LAST_REFUSAL_TTL: Duration = Duration::from_secs(20 * 60);
/// How many tokens are kept.
const MAX_TOKENS: u64 = 10_000;

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
            .max_capacity(MAX_TOKENS)
            .time_to_live(LAST_REFUSAL_TTL)
            .eviction_policy(moka::policy::EvictionPolicy::lru());
        Self {
            tokens: tokens.build(),
            clock,
        }
    }

    pub(super) fn record(&self, token: &UserToken) {
        self.tokens.insert(hash(token), self.clock.now());
    }

    pub(super) fn last_refusal(&self, token: &UserToken) -> Option<DateTime<Utc>> {
        self.tokens.get(&hash(token))
    }

    pub(super) fn is_refused(&self, token: &UserToken) -> bool {
        self.last_refusal(token)
            .is_some_and(|when| self.clock.now() - when < REFUSED_TOKEN_TTL)
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
    fn refused_token_is_rejected_for_a_minute_and_remembered() {
        let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
        let refused = RefusedTokens::new(clock.clone());
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        refused.record(&dev);
        clock.advance(TimeDelta::seconds(59));
        assert!(refused.is_refused(&dev) && !refused.is_refused(&viewer));
        clock.advance(TimeDelta::seconds(1));
        assert!(!refused.is_refused(&dev));
        assert_eq!(refused.last_refusal(&dev), Some(DateTime::UNIX_EPOCH));
    }

    #[test]
    fn flood_of_tokens_does_not_evict_a_refusal() {
        let refused = RefusedTokens::new(Clock::fixed_at(DateTime::UNIX_EPOCH));
        for made_up in 0..MAX_TOKENS * 2 {
            refused.record(&UserToken::from(&*made_up.to_string()));
        }
        refused.tokens.run_pending_tasks();
        let dev = UserToken::from("dev");
        refused.record(&dev);
        refused.tokens.run_pending_tasks();
        assert!(refused.is_refused(&dev));
    }
}
