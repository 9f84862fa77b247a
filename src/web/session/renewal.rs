//! The renewal of sessions whose token expires before they do: the ID tokens of an OIDC provider.
//!
//! The token and its refresh token are in the browser's cookies, so the first request after (or
//! shortly before) the token expires renews it, and its response sets the new cookies. A browser sends
//! several requests at once, all with the same cookies, and a provider may accept a refresh token
//! only once (rotation). Therefore:
//!
//! * In one process, a refresh token is sent once. All requests that have it wait for the same
//!   result, and those that arrive within two minutes, still with the old cookies, share it.
//!   Each of their responses sets the new cookies, so that a lost response loses nothing.
//! * The request to the provider belongs to no request of the browser: a browser that closes its
//!   connection does not end it, and the result is kept.
//! * Several replicas know nothing of each other. Tokens are renewed a minute before they expire, and
//!   while the old token is valid, a refused renewal ends nothing: by the time it expires, the browser
//!   has the cookies that the other replica set.
//! * If the provider does not answer, nothing is remembered: the next request tries again.
//!
//! A renewal changes neither the end of the session (`SESSION_MAX`) nor its last use
//! (`SESSION_IDLE`). A session that cannot be renewed is over when its token expires, which is what
//! happens to the session of any expired token: the user signs in again and returns to the page, and
//! a form is kept.
//!
//! Event streams end within a minute and connect again, with a request that renews the session. A job
//! keeps the token that it was started with, which is valid for at least a minute then; if it expires
//! before the job ends, the job ends and says so.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::{OidcSession, Session};
use crate::config::AUDIT_TARGET;
use crate::openshift::oidc::OidcTokens;
use crate::web::{AppState, assets, links};
use chrono::{DateTime, TimeDelta, Utc};

/// How long before its end a token is renewed.
const RENEWAL_MARGIN: TimeDelta = TimeDelta::seconds(60);

/// How long a result is shared with requests that have the old cookies.
const RESULT_TTL: Duration = Duration::from_secs(120);

/// How many results are kept. Each is as large as a session, so a few megabytes in all.
const MAX_RESULTS: u64 = 1_000;

/// How long a request waits for a renewal, which itself continues: shorter while the old token can be
/// used, so that a slow provider does not slow down pages. The deadline of the page begins afterwards.
const EARLY_RENEWAL_TIMEOUT: Duration = Duration::from_secs(2);
const RENEWAL_TIMEOUT: Duration = Duration::from_secs(5);

/// The renewals in progress and their results. In the memory of this process only.
pub(in crate::web) struct Renewals(moka::sync::Cache<RenewalKey, PendingRenewal>);

/// The hash of a session's id, its refresh token and the end of its token: a provider may accept
/// the same refresh token again, and what it was used for before has expired by then.
type RenewalKey = [u8; 32];

type PendingRenewal = Shared<BoxFuture<'static, Renewal>>;

#[derive(Clone)]
enum Renewal {
    Renewed(Arc<OidcTokens>),
    /// The provider does not renew this session, now or later.
    Refused,
    /// The provider did not answer, or not with a token.
    Failed,
}

impl Renewals {
    pub(in crate::web) fn new() -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(MAX_RESULTS)
                .eviction_policy(moka::policy::EvictionPolicy::lru())
                .time_to_live(RESULT_TTL)
                .build(),
        )
    }
}

/// The session of a request with these headers, and whether it was renewed: then the response sets
/// its cookies.
pub(in crate::web) async fn current_session(
    app: &AppState,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<(Session, bool)> {
    let session = app.sessions.read(headers, app.clock.now())?;
    let Some(oidc) = session.oidc.as_ref().filter(|_| needs_token(uri)) else {
        return Some((session, false));
    };
    if oidc.token_expires_at - app.clock.now() > RENEWAL_MARGIN {
        return Some((session, false));
    }
    let renewal = match &oidc.refresh_token {
        Some(refresh_token) => renew(app, &session, oidc, refresh_token).await,
        None => Renewal::Refused,
    };
    let now = app.clock.now();
    let session = match renewal {
        Renewal::Renewed(tokens) if tokens.expires_at > now => {
            (session.with_tokens(OidcTokens::clone(&tokens)), true)
        }
        _ if session.token_expires_at() > now => (session, false),
        _ => return None,
    };
    // The user may have signed out meanwhile.
    (!app.sessions.has_ended(&session.0, now)).then_some(session)
}

/// Whether a request needs a valid token: not for what is the same for everybody, nor for signing
/// in and out, which work with any session.
fn needs_token(uri: &Uri) -> bool {
    let path = uri.path();
    !path.starts_with(assets::PREFIX)
        && !matches!(
            path,
            links::SIGN_OUT | links::SIGN_IN | links::OAUTH_CALLBACK | links::SIGNED_OUT
        )
}

async fn renew(
    app: &AppState,
    session: &Session,
    oidc: &OidcSession,
    refresh_token: &SecretString,
) -> Renewal {
    let mut hash = Sha256::new_with_prefix(session.id.as_bytes());
    hash.update(oidc.token_expires_at.timestamp().to_be_bytes());
    hash.update(refresh_token.expose_secret().as_bytes());
    let key: RenewalKey = hash.finalize().into();
    let start = || {
        let task = request_renewal(
            app.clone(),
            key,
            session.clone(),
            refresh_token.clone(),
            oidc.subject.clone(),
        );
        tokio::spawn(task)
            .map(|ended| ended.unwrap_or(Renewal::Failed))
            .boxed()
            .shared()
    };
    let now = app.clock.now();
    let pending = app
        .renewals
        .0
        .entry(key)
        .or_insert_with_if(start, |known| is_outdated(known, now))
        .into_value();
    let timeout = if session.token_expires_at() > now {
        EARLY_RENEWAL_TIMEOUT
    } else {
        RENEWAL_TIMEOUT
    };
    tokio::time::timeout(timeout, pending)
        .await
        .unwrap_or(Renewal::Failed)
}

/// Whether the result is a token that has expired since. A token that lasts less than a minute is
/// renewed at once, and the next one may expire in the same second: if the refresh token is the same
/// as well, both have one key.
fn is_outdated(known: &PendingRenewal, now: DateTime<Utc>) -> bool {
    matches!(known.peek(), Some(Renewal::Renewed(tokens)) if tokens.expires_at <= now)
}

async fn request_renewal(
    app: AppState,
    key: RenewalKey,
    session: Session,
    refresh_token: SecretString,
    subject: String,
) -> Renewal {
    let Some(client) = app.oidc() else {
        return Renewal::Refused;
    };
    let error = match client.refresh(&refresh_token, &subject).await {
        Ok(tokens) => {
            tracing::debug!(session_id = session.id, "session renewed");
            return Renewal::Renewed(Arc::new(tokens));
        }
        Err(error) => error,
    };
    tracing::warn!(
        target: AUDIT_TARGET,
        event = "renewal-failed",
        user = session.user.name,
        session_id = session.id,
        reason = %error.fault,
        "session not renewed"
    );
    if error.fault.is_temporary() {
        app.renewals.0.invalidate(&key);
        Renewal::Failed
    } else {
        Renewal::Refused
    }
}
