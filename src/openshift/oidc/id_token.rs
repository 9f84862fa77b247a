//! The validation of ID tokens (OpenID Connect Core, section 3.1.3.7).
//!
//! The API server validates the token again, with each request. This validation protects the
//! sign-in: it proves that the token is for this console, was made for this sign-in of this browser
//! (the nonce), and is of the same user after a refresh.

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, ClientId, Nonce, SignatureVerificationError};

use super::fault::IdTokenFault;
use super::provider::Provider;

/// How far the clocks of the console and the provider may differ. As long as that of the API server
/// (`nbf` in go-oidc).
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// The longest full name that is kept, in characters.
const MAX_NAME_CHARS: usize = 200;

/// Signatures that only the provider's private key can make. Never `none`, and never a shared secret
/// (HS256): the client's secret is known to whoever administers the console, and a public key taken
/// for a secret would be known to everyone.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What an ID token must contain besides the issuer and the audience.
#[derive(Clone, Copy)]
pub(super) enum Expected<'a> {
    /// The nonce of the sign-in.
    Nonce(&'a Nonce),
    /// The user of the session that is refreshed. Providers leave the nonce out of these tokens.
    Subject(&'a str),
}

/// The claims of a valid ID token that are used.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) subject: String,
    /// Untrusted text.
    pub(super) full_name: Option<String>,
    pub(super) expires_at: DateTime<Utc>,
}

/// Why a token was not accepted.
pub(super) struct IdTokenRefusal {
    pub(super) fault: IdTokenFault,
    /// Whether the key is unknown: the provider may have replaced its keys.
    pub(super) may_have_new_key: bool,
}

/// Validates `token`.
pub(super) fn verify(
    provider: &Provider,
    client_id: &ClientId,
    token: &CoreIdToken,
    expected: Expected<'_>,
    now: DateTime<Utc>,
) -> Result<Claims, IdTokenRefusal> {
    let metadata = &provider.metadata;
    // The verifier of a public client has no secret, so that it accepts no shared-secret signature.
    let verifier = CoreIdTokenVerifier::new_public_client(
        client_id.clone(),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    // The API server may be an audience of its own. `azp` says below whose token it is.
    .set_other_audience_verifier_fn(|_| true)
    .set_time_fn(move || now)
    .set_issue_time_verifier_fn(|_| Ok(()));
    let verified = match expected {
        Expected::Nonce(nonce) => token.claims(&verifier, nonce),
        Expected::Subject(_) => token.claims(&verifier, |_: Option<&Nonce>| Ok(())),
    };
    let claims = verified.map_err(|error| IdTokenRefusal::from(&error))?;
    let refuse = |fault| {
        Err(IdTokenRefusal {
            fault,
            may_have_new_key: false,
        })
    };
    // Steps 4 and 5, which the crate leaves out: a token with several audiences could have been
    // issued to any of them.
    let party = claims.authorized_party();
    if party.is_some_and(|party| party != client_id)
        || (party.is_none() && claims.audiences().len() > 1)
    {
        return refuse(IdTokenFault::Audience);
    }
    if claims.issue_time() > now + MAX_CLOCK_SKEW {
        return refuse(IdTokenFault::NotYetIssued);
    }
    let subject = claims.subject().as_str();
    if matches!(expected, Expected::Subject(known) if known != subject) {
        return refuse(IdTokenFault::Subject);
    }
    let full_name = claims.name().and_then(|name| name.get(None));
    Ok(Claims {
        subject: subject.to_owned(),
        full_name: full_name.map(|name| name.chars().take(MAX_NAME_CHARS).collect()),
        expires_at: claims.expiration(),
    })
}

impl From<&ClaimsVerificationError> for IdTokenRefusal {
    fn from(error: &ClaimsVerificationError) -> Self {
        Self {
            fault: error.into(),
            may_have_new_key: matches!(
                error,
                ClaimsVerificationError::SignatureVerification(
                    SignatureVerificationError::NoMatchingKey
                        | SignatureVerificationError::CryptoError(_)
                )
            ),
        }
    }
}
