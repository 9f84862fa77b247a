//! Tokens that the API server refused recently.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::outbound::{Expiry, PerUserCache, UserToken};
use registry_model::Clock;

/// How long a refused token is not used again. Longer than any cached data of its user is kept, but
/// no longer: while oauth-apiserver is down or is being updated, a 4.x API server refuses every
/// token (401), and afterwards the tokens are valid again.
pub const REFUSED_TOKEN_TTL: TimeDelta = TimeDelta::seconds(60);
/// How long the time of a refusal is kept: longer than any cached data is kept during an outage.
const LAST_REFUSAL_TTL: Duration = Duration::from_secs(20 * 60);

/// When each token was last refused. Clones share the records and are cheap.
#[derive(Clone, Debug)]
pub(super) struct RefusedTokens {
    tokens: PerUserCache<DateTime<Utc>>,
    clock: Clock,
}

impl RefusedTokens {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            tokens: PerUserCache::least_recently_used(Expiry::AfterInsertion(LAST_REFUSAL_TTL)),
            clock,
        }
    }

    pub(super) fn record(&self, token: &UserToken) {
        self.tokens.insert(token, self.clock.now());
    }

    pub(super) fn last_refusal(&self, token: &UserToken) -> Option<DateTime<Utc>> {
        self.tokens.get(token)
    }

    pub(super) fn is_refused(&self, token: &UserToken) -> bool {
        self.last_refusal(token)
            .is_some_and(|when| self.clock.now() - when < REFUSED_TOKEN_TTL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::MAX_CACHED_USERS;

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
        for made_up in 0..MAX_CACHED_USERS * 2 {
            refused.record(&UserToken::from(&*made_up.to_string()));
        }
        refused.tokens.run_pending_tasks();
        let dev = UserToken::from("dev");
        refused.record(&dev);
        refused.tokens.run_pending_tasks();
        assert!(refused.is_refused(&dev));
    }
}
