//! The state of the issuer between requests. All of it is bounded; the oldest is removed first.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};

use crate::oauth::pkce::PkceChallenge;
use crate::oauth::store::{BoundedStore, random_token};

/// How long a code can be redeemed.
pub(super) const CODE_TTL: TimeDelta = TimeDelta::minutes(1);
/// How long a user stays signed in, and can be refreshed.
pub(super) const SESSION_TTL: TimeDelta = TimeDelta::hours(12);

/// A user who has signed in.
#[derive(Clone)]
pub(super) struct SignIn {
    pub(super) user: String,
    /// `sid`: known to clients, and not the value of the cookie.
    pub(super) session: String,
    pub(super) time: DateTime<Utc>,
}

impl SignIn {
    pub(super) fn has_ended(&self, now: DateTime<Utc>) -> bool {
        now >= self.time + SESSION_TTL
    }
}

/// The grant behind a code.
#[derive(Clone)]
pub(super) struct CodeGrant {
    pub(super) sign_in: SignIn,
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    pub(super) challenge: PkceChallenge,
    pub(super) issued_at: DateTime<Utc>,
}

/// The grant behind a refresh token.
#[derive(Clone)]
pub(super) struct RefreshGrant {
    /// Common to all tokens that one code has led to.
    pub(super) family: String,
    pub(super) sign_in: SignIn,
    pub(super) client: String,
    pub(super) scope: String,
}

/// The grant behind an access token.
#[derive(Clone)]
pub(super) struct AccessGrant {
    pub(super) family: String,
    pub(super) sign_in: SignIn,
    pub(super) expires_at: DateTime<Utc>,
}

#[derive(Default)]
pub(super) struct Grants {
    /// By the value of the session cookie.
    pub(super) sessions: BoundedStore<SignIn>,
    pub(super) codes: BoundedStore<CodeGrant>,
    pub(super) refresh: BoundedStore<RefreshGrant>,
    pub(super) access: BoundedStore<AccessGrant>,
    /// The families of codes and refresh tokens that have been used.
    pub(super) used: BoundedStore<String>,
}

impl Grants {
    /// Revokes what a code, or a refresh token of it, has led to, if it has been used before
    /// (RFC 6749, 4.1.2; RFC 9700, 4.14.2).
    pub(super) fn revoke_reused(&self, secret: &str) {
        if let Some(family) = self.used.get(secret) {
            self.refresh.retain(|grant| grant.family != family);
            self.access.retain(|grant| grant.family != family);
        }
    }

    /// Ends the session with this `sid`.
    pub(super) fn end_session(&self, session: &str) {
        self.sessions.retain(|sign_in| sign_in.session != session);
        self.codes.retain(|grant| grant.sign_in.session != session);
        self.refresh
            .retain(|grant| grant.sign_in.session != session);
        self.access.retain(|grant| grant.sign_in.session != session);
    }

    pub(super) fn end_all(&self) {
        self.sessions.retain(|_| false);
        self.codes.retain(|_| false);
        self.refresh.retain(|_| false);
        self.access.retain(|_| false);
    }
}

/// An identifier that is no secret: 96 random bits.
pub(super) fn new_id() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>())
}

/// A code or a token: 256 random bits.
pub(super) fn new_secret() -> String {
    random_token()
}
