//! OAuth access tokens: how they are issued, looked up and deleted, and how long deleted ones still
//! work.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::{Cluster, ClusterState, IdTokenUser, ObjectMetadata, Version};

/// The prefix of tokens of OpenShift 4, and of the names of their objects.
const HASHED_TOKEN_PREFIX: &str = "sha256~";

/// The lifetime of a token.
const TOKEN_TTL: TimeDelta = TimeDelta::hours(24);

/// An access token, by the name of its object.
#[derive(Clone)]
pub(crate) struct TokenObject {
    pub(crate) meta: ObjectMetadata,
    pub(crate) user: String,
    pub(crate) client: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    /// The name of the code for which it was issued: invented, as codes are not stored.
    pub(crate) code: String,
    /// When it was deleted: it is kept until no server caches it any more.
    deleted: Option<DateTime<Utc>>,
}

/// The user of a request's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenHolder {
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    /// The user of an ID token, which has no scopes of its own.
    pub(crate) id_token: Option<IdTokenUser>,
}

impl Cluster {
    /// Issues an access token to `user` for an OAuth client. On 3.9 it is 43 base64url characters,
    /// on 4 the same after `sha256~`.
    #[must_use]
    pub fn issue_token(
        &self,
        user: &str,
        client_id: &str,
        scopes: &[String],
        redirect_uri: &str,
    ) -> String {
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let token = match self.version() {
            Version::V3_9 => secret,
            Version::V4 => format!("{HASHED_TOKEN_PREFIX}{secret}"),
        };
        self.write(|state| state.put_token(&token, user, client_id, scopes, redirect_uri));
        token
    }

    /// Makes `token` a token of `user`, whatever its format: for tests with fixed tokens.
    pub fn adopt_token(&self, token: &str, user: &str) {
        self.write(|state| {
            state.put_token(
                token,
                user,
                "openshift-challenging-client",
                &["user:full".to_owned()],
                "",
            )
        });
    }

    /// The user of this token: `None` if it is unknown, expired, or was deleted long enough ago. A
    /// deleted token works while servers cache its review: two minutes on 4, seconds on 3.9
    /// (recorded in `oauth-after-logout`).
    #[must_use]
    pub fn authenticate(&self, bearer: &str) -> Option<String> {
        self.token_holder(bearer).map(|holder| holder.user)
    }

    /// Like [`Cluster::authenticate`], with the scopes.
    pub(crate) fn token_holder(&self, bearer: &str) -> Option<TokenHolder> {
        let with_all_rights = |user| TokenHolder {
            user,
            scopes: vec!["user:full".to_owned()],
            id_token: None,
        };
        let holder = self.read(|state| {
            if let Some(user) = state.service_account_of(bearer) {
                return Some(with_all_rights(user));
            }
            let token = state.tokens.get(&object_name(bearer))?;
            state.is_usable(token).then(|| TokenHolder {
                user: token.user.clone(),
                scopes: token.scopes.clone(),
                id_token: None,
            })
        });
        holder.or_else(|| {
            let user = self.user_of_id_token(bearer)?;
            Some(TokenHolder {
                id_token: Some(user.clone()),
                ..with_all_rights(user.name)
            })
        })
    }
}

impl ClusterState {
    fn put_token(
        &mut self,
        token: &str,
        user: &str,
        client: &str,
        scopes: &[String],
        redirect_uri: &str,
    ) {
        let name = object_name(token);
        let meta = self.new_meta(None, &name);
        let token = TokenObject {
            meta,
            user: user.to_owned(),
            client: client.to_owned(),
            scopes: scopes.to_vec(),
            redirect_uri: redirect_uri.to_owned(),
            code: format!(
                "{HASHED_TOKEN_PREFIX}{}",
                URL_SAFE_NO_PAD.encode(Sha256::digest(&name))
            ),
            deleted: None,
        };
        self.tokens.insert(name, token);
    }

    fn is_usable(&self, token: &TokenObject) -> bool {
        let now = self.now();
        let remembered = match self.version() {
            Version::V3_9 => TimeDelta::seconds(10),
            Version::V4 => TimeDelta::minutes(2),
        };
        now < token.meta.created + TOKEN_TTL
            && token
                .deleted
                .is_none_or(|deleted| now < deleted + remembered)
    }

    /// The token objects that exist. Deleted ones do not, even while they still work.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &TokenObject> {
        self.tokens.values().filter(|token| token.deleted.is_none())
    }

    /// Deletes the token object called `name` if `may_delete` returns true; `None` if there is
    /// none.
    pub(crate) fn delete_token(
        &mut self,
        name: &str,
        may_delete: impl FnOnce(&TokenObject) -> bool,
    ) -> Option<TokenObject> {
        let now = self.now();
        let token = self
            .tokens
            .get_mut(name)
            .filter(|token| token.deleted.is_none())?;
        if !may_delete(token) {
            return None;
        }
        token.deleted = Some(now);
        let token = token.clone();
        self.next_revision();
        Some(token)
    }
}

/// The name of a token's object: the token itself, or on 4 the hash of what follows the prefix.
pub(crate) fn object_name(token: &str) -> String {
    match token.strip_prefix(HASHED_TOKEN_PREFIX) {
        Some(secret) => format!(
            "{HASHED_TOKEN_PREFIX}{}",
            URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
        ),
        None => token.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tests::{cluster, standing_clock};

    #[test]
    fn token_format_follows_the_version() {
        let (old, new) = (cluster(Version::V3_9), cluster(Version::V4));
        let (short, long) = (
            old.issue_token("dev", "console", &[], ""),
            new.issue_token("dev", "console", &[], ""),
        );
        assert_eq!(short.len(), 43);
        assert_eq!(long.strip_prefix("sha256~").map(str::len), Some(43));
        assert_eq!(old.authenticate(&short).as_deref(), Some("dev"));
        assert_eq!(new.authenticate(&long).as_deref(), Some("dev"));
        assert_eq!(new.authenticate("not-a-token"), None);
    }

    #[test]
    fn openshift_4_token_object_is_named_by_hash() {
        let cluster = cluster(Version::V4);
        let token = cluster.issue_token("dev", "console", &[], "");
        let name = cluster
            .read(|state| state.tokens().next().map(|token| token.meta.name.clone()))
            .unwrap();
        assert_eq!(name, object_name(&token));
        assert_ne!(name, token);
        assert_eq!(cluster.authenticate(&name), None);
    }

    #[test]
    fn deleted_token_is_cached_for_the_time_of_its_version() {
        for (version, seconds) in [(Version::V4, 120), (Version::V3_9, 10)] {
            let clock = standing_clock();
            let cluster = crate::cluster::tests::cluster_at(version, &clock);
            let token = cluster.issue_token("dev", "console", &[], "");
            assert!(
                cluster
                    .write(|state| state.delete_token(&object_name(&token), |_| true))
                    .is_some()
            );
            assert!(
                cluster
                    .write(|state| state.delete_token(&object_name(&token), |_| true))
                    .is_none()
            );
            clock.advance(TimeDelta::seconds(seconds - 1));
            assert!(cluster.authenticate(&token).is_some());
            clock.advance(TimeDelta::seconds(1));
            assert_eq!(cluster.authenticate(&token), None);
        }
    }

    #[test]
    fn token_expires_after_a_day() {
        let clock = standing_clock();
        let cluster = crate::cluster::tests::cluster_at(Version::V3_9, &clock);
        let token = cluster.issue_token("dev", "console", &[], "");
        clock.advance(TOKEN_TTL);
        assert_eq!(cluster.authenticate(&token), None);
    }
}
