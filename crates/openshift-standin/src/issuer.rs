//! An OIDC issuer for the users of the embedded cluster: discovery, keys, sign-in form, ID tokens,
//! refresh tokens, logout.
//!
//! It follows OpenID Connect Core 1.0, Discovery 1.0 and RP-Initiated Logout 1.0, with RFC 7636
//! (required, `S256` only) and RFC 9207, and refuses what these do not allow. Two rules are stricter
//! than required, as with many issuers: an unknown scope is refused, and a refresh token can be used
//! once, unless [`RefreshTokenPolicy::Reusable`] says otherwise. It signs with `ES256` only; Discovery demands `RS256` from issuers for the public.

mod authorize;
mod claims;
mod client;
mod discovery;
mod end_session;
mod error;
mod keys;
mod sign_in;
mod store;
mod token;
mod user_info;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use axum::Router;
use axum::routing::{get, post};
use chrono::TimeDelta;

use crate::cluster::Cluster;
use crate::sign_in_form;
pub use client::OidcClient;
use keys::KeyRing;
use store::Grants;

/// The path of the issuer on its host. An issuer need not be at the root.
pub(crate) const ISSUER_PATH: &str = "/oidc";

/// What can be changed while it runs.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// How long ID tokens and access tokens are valid.
    pub token_lifetime: TimeDelta,
    /// When refresh tokens are issued.
    pub refresh_tokens: RefreshTokenPolicy,
    /// How many groups, of 36 bytes each, are in each ID token besides the user's own: 80 make it
    /// larger than 4 KiB, 200 larger than 8 KiB.
    pub additional_groups: usize,
    /// Whether a session ends only with an ID token in the request, as with Okta and Glewlwyd.
    /// RP-Initiated Logout recommends one, and does not demand it.
    pub requires_id_token_hint: bool,
    /// Whether the client must send its secret by HTTP Basic, the way that is registered for it
    /// (Dynamic Client Registration, section 2), although the issuer knows other ways too.
    pub requires_basic_authentication: bool,
    pub fault: Option<IssuerFault>,
}

impl Default for IssuerSettings {
    fn default() -> Self {
        Self {
            token_lifetime: TimeDelta::hours(1),
            refresh_tokens: RefreshTokenPolicy::WithOfflineAccess,
            additional_groups: 0,
            requires_id_token_hint: false,
            requires_basic_authentication: false,
            fault: None,
        }
    }
}

/// When refresh tokens are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokenPolicy {
    /// To those who ask for the scope `offline_access`.
    WithOfflineAccess,
    Always,
    /// Always, and they can be used again: a refresh sends no new one, as with some real issuers.
    Reusable,
    Never,
}

/// What the issuer does wrong, on purpose. Faults of its host are those of
/// [`Endpoint::Issuer`](crate::faults::Endpoint::Issuer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerFault {
    /// The discovery document names another issuer.
    OtherIssuerInDiscovery,
    /// The discovery document has only the challenge method `plain`.
    NoS256,
    /// The discovery document has only the implicit flow.
    NoCodeFlow,
    /// The discovery document has no `end_session_endpoint`.
    NoEndSession,
    /// The key set is empty.
    NoKeys,
    /// `iss` of ID tokens is another issuer.
    WrongIssuer,
    /// `aud` of ID tokens is another client.
    WrongAudience,
    /// `nonce` of ID tokens is another one.
    WrongNonce,
    /// ID tokens have expired an hour ago.
    ExpiredIdToken,
    /// The signature of ID tokens is that of another key.
    WrongSignature,
    /// ID tokens are not signed: `alg` is `none`.
    Unsigned,
    /// Token responses have no ID token.
    NoIdToken,
    /// `updated_at` is a date and `email_verified` a text, as with Auth0 and Amazon Cognito.
    ClaimsOfOtherTypes,
    /// `email` is a list, as it can be in a directory.
    UnreadableClaims,
}

/// The issuer, for tests. Cheap to clone; clones share the state.
#[derive(Clone)]
pub struct Issuer(Arc<IssuerInner>);

struct IssuerInner {
    cluster: Cluster,
    url: String,
    settings: RwLock<IssuerSettings>,
    client: RwLock<OidcClient>,
    keys: RwLock<KeyRing>,
    grants: Grants,
}

impl Issuer {
    /// An issuer on `host` (`host:port`), whose ID tokens `cluster` trusts once
    /// [`Cluster::trust_issuer`] names it.
    pub(crate) fn new(cluster: Cluster, host: &str, client: OidcClient) -> Self {
        Self(Arc::new(IssuerInner {
            cluster,
            url: format!("https://{host}{ISSUER_PATH}"),
            settings: RwLock::default(),
            client: RwLock::new(client),
            keys: RwLock::new(KeyRing::new()),
            grants: Grants::default(),
        }))
    }

    pub(crate) fn router(&self) -> Router {
        let routes = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(discovery::document),
            )
            .route("/keys", get(discovery::key_set))
            .route(
                "/authorize",
                get(authorize::from_query).post(authorize::from_form),
            )
            .route("/login", get(sign_in::show_sign_in).post(sign_in::sign_in))
            .route("/login/style.css", get(sign_in_form::stylesheet))
            .route("/token", post(token::exchange))
            .route("/userinfo", get(user_info::show).post(user_info::show))
            .route(
                "/end-session",
                get(end_session::from_query).post(end_session::from_form),
            );
        Router::new()
            .nest(ISSUER_PATH, routes)
            .with_state(self.clone())
    }

    /// `iss` of its ID tokens, and where its discovery document is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The one client that is registered.
    #[must_use]
    pub fn client(&self) -> OidcClient {
        read(&self.0.client).clone()
    }

    /// Replaces the registered client.
    pub fn register_client(&self, client: OidcClient) {
        *write(&self.0.client) = client;
    }

    #[must_use]
    pub fn settings(&self) -> IssuerSettings {
        read(&self.0.settings).clone()
    }

    pub fn change_settings(&self, change: impl FnOnce(&mut IssuerSettings)) {
        change(&mut write(&self.0.settings));
    }

    /// Signs with a new key from now on. The earlier keys remain published.
    pub fn rotate_keys(&self) {
        write(&self.0.keys).rotate();
        self.publish_keys();
    }

    /// No longer publishes the earlier keys: what they signed is invalid now, as if it had expired.
    pub fn withdraw_earlier_keys(&self) {
        write(&self.0.keys).withdraw_earlier();
        self.publish_keys();
    }

    /// Ends all sessions of users, and with them all refresh tokens.
    pub fn end_sessions(&self) {
        self.0.grants.end_all();
    }

    /// An ID token for the registered client, as if this user had just signed in.
    #[must_use]
    pub fn issue_id_token(&self, user: &str) -> String {
        let now = self.0.cluster.clock().now();
        let sign_in = store::SignIn {
            user: user.to_owned(),
            session: store::new_id(),
            time: now,
        };
        self.id_token(&sign_in, &self.client().id, None, &store::new_id())
    }

    /// Gives the API server the keys, which a real one fetches.
    pub(crate) fn publish_keys(&self) {
        let keys = read(&self.0.keys).key_set();
        self.0.cluster.set_issuer_keys(&keys);
    }

    fn fault(&self) -> Option<IssuerFault> {
        read(&self.0.settings).fault
    }

    fn has_fault(&self, fault: IssuerFault) -> bool {
        self.fault() == Some(fault)
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
