//! Why a sign-in through an OIDC provider failed.

use std::time::Duration;

use http::StatusCode;
use openidconnect::core::{CoreErrorResponseType, CoreRequestTokenError};
use openidconnect::{ClaimsVerificationError, DiscoveryError, SignatureVerificationError};

use crate::openshift::oauth_http::OauthHttpError;
use crate::outbound::{CertificateFault, TransportError};
use registry_model::json;

/// What is wrong. Contains no text of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcFault {
    /// No connection, or one that broke off.
    #[error("the provider cannot be reached")]
    Unreachable,
    #[error("the provider does not answer in time")]
    TimedOut,
    #[error("the provider's certificate is not trusted")]
    Untrusted(CertificateFault),
    /// A status of 500 or above.
    #[error("the provider answered {0}")]
    ServerError(u16),
    /// 429, and how long the provider asks clients to wait.
    #[error("the provider is busy")]
    Busy(Option<Duration>),
    /// No discovery document, or one with missing or insecure endpoints.
    #[error("there is no usable discovery document at the issuer URL")]
    NotAProvider,
    /// The discovery document names another issuer.
    #[error("the discovery document is that of another issuer")]
    WrongIssuer,
    /// The key set cannot be read.
    #[error("the provider's keys cannot be read")]
    NoKeys,
    /// `invalid_client` or `unauthorized_client`.
    #[error("the provider does not accept the client or its secret")]
    ClientRefused,
    /// `invalid_grant`: a code or refresh token that has expired, was used before, or belongs to
    /// another request.
    #[error("the provider does not accept this code or refresh token")]
    GrantRefused,
    /// `invalid_request`: most often because of the redirect URI.
    #[error("the provider finds the request invalid")]
    RequestRefused,
    /// `invalid_scope`.
    #[error("the provider does not grant the scopes")]
    ScopeRefused,
    /// A response that is no token response.
    #[error("the provider's answer is no token response")]
    InvalidResponse,
    /// A token response without an ID token.
    #[error("the provider sent no ID token")]
    NoIdToken,
    /// An ID token that must not be used.
    #[error("the ID token is refused: {0}")]
    IdToken(IdTokenFault),
}

/// Why an ID token is refused (OpenID Connect Core, sections 3.1.3.7 and 12.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFault {
    #[error("it is of another issuer")]
    Issuer,
    /// `aud` does not contain the console's client, or `azp` is another client.
    #[error("it is for another client")]
    Audience,
    #[error("it has expired")]
    Expired,
    #[error("it was issued in the future")]
    NotYetIssued,
    /// It answers another sign-in.
    #[error("it belongs to another sign-in")]
    Nonce,
    /// None of the provider's keys made the signature.
    #[error("its signature is not the provider's")]
    Signature,
    /// `none`, a shared secret such as HS256, or a curve that no crate verifies, such as that of ES512.
    #[error("it is not signed with a public key of an accepted kind")]
    Algorithm,
    /// A refreshed token is of another user.
    #[error("it is of another user")]
    Subject,
    #[error("it cannot be read")]
    Malformed,
}

/// A fault of an OIDC provider, with its cause.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct OidcError {
    pub fault: OidcFault,
    #[source]
    source: Option<TransportError>,
}

impl OidcFault {
    /// Whether the same request may succeed soon.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        !matches!(
            self,
            Self::ClientRefused
                | Self::GrantRefused
                | Self::RequestRefused
                | Self::ScopeRefused
                | Self::NoIdToken
                | Self::IdToken(_)
        )
    }
}

impl From<OidcFault> for OidcError {
    fn from(fault: OidcFault) -> Self {
        Self {
            fault,
            source: None,
        }
    }
}

impl From<IdTokenFault> for OidcError {
    fn from(fault: IdTokenFault) -> Self {
        OidcFault::IdToken(fault).into()
    }
}

impl From<TransportError> for OidcError {
    fn from(error: TransportError) -> Self {
        let fault = match (&error, error.certificate_fault()) {
            (_, Some(fault)) => OidcFault::Untrusted(fault),
            (TransportError::Timeout { .. } | TransportError::IdleTimeout { .. }, None) => {
                OidcFault::TimedOut
            }
            (TransportError::TooLarge { .. }, None) => OidcFault::InvalidResponse,
            _ => OidcFault::Unreachable,
        };
        Self {
            fault,
            source: Some(error),
        }
    }
}

impl From<OauthHttpError> for OidcError {
    fn from(error: OauthHttpError) -> Self {
        match error {
            OauthHttpError::Transport(error) => error.into(),
            OauthHttpError::Setup(_) => OidcFault::Unreachable.into(),
            OauthHttpError::InsecureEndpoint => OidcFault::NotAProvider.into(),
            OauthHttpError::ServerError(status) => OidcFault::ServerError(status.as_u16()).into(),
            OauthHttpError::Busy(wait) => OidcFault::Busy(wait).into(),
        }
    }
}

/// Drops the texts of these errors: they quote the response, which may contain a token.
impl From<CoreRequestTokenError<OauthHttpError>> for OidcError {
    fn from(error: CoreRequestTokenError<OauthHttpError>) -> Self {
        use CoreErrorResponseType as Kind;
        let refusal = match error {
            CoreRequestTokenError::Request(error) => return error.into(),
            CoreRequestTokenError::Parse(_, body) if has_tokens(&body) => {
                return IdTokenFault::Malformed.into();
            }
            CoreRequestTokenError::Parse(..) | CoreRequestTokenError::Other(_) => {
                return OidcFault::InvalidResponse.into();
            }
            CoreRequestTokenError::ServerResponse(refusal) => refusal,
        };
        let fault = match refusal.error() {
            Kind::UnauthorizedClient | Kind::InvalidClient => OidcFault::ClientRefused,
            Kind::InvalidGrant => OidcFault::GrantRefused,
            Kind::InvalidRequest | Kind::UnsupportedGrantType => OidcFault::RequestRefused,
            Kind::InvalidScope => OidcFault::ScopeRefused,
            Kind::Extension(_) => OidcFault::InvalidResponse,
        };
        fault.into()
    }
}

/// Whether `body` is a token response with an ID token, of whatever content: a claim of another type
/// than that of the standard makes all of it unreadable.
fn has_tokens(body: &[u8]) -> bool {
    json::from_slice::<serde_json::Value>(body).is_ok_and(|body| {
        ["access_token", "token_type", "id_token"]
            .iter()
            .all(|name| body[name].is_string())
    })
}

impl OidcError {
    /// The error of a request for the discovery document or, if `unreadable` says so, the keys.
    pub(super) fn from_discovery(
        error: DiscoveryError<OauthHttpError>,
        unreadable: OidcFault,
    ) -> Self {
        match error {
            DiscoveryError::Request(error) => match Self::from(error) {
                Self {
                    fault: OidcFault::InvalidResponse,
                    source,
                } => Self {
                    fault: unreadable,
                    source,
                },
                other => other,
            },
            _ => unreadable.into(),
        }
    }

    /// The error for a status that is not 200.
    pub(super) fn from_status(status: StatusCode) -> Option<Self> {
        (status != StatusCode::OK).then(|| OidcFault::NotAProvider.into())
    }
}

impl From<&ClaimsVerificationError> for IdTokenFault {
    fn from(error: &ClaimsVerificationError) -> Self {
        use SignatureVerificationError as Signature;
        match error {
            ClaimsVerificationError::Expired(_) => Self::Expired,
            ClaimsVerificationError::InvalidAudience(_) => Self::Audience,
            ClaimsVerificationError::InvalidIssuer(_) => Self::Issuer,
            ClaimsVerificationError::InvalidNonce(_) => Self::Nonce,
            ClaimsVerificationError::InvalidSubject(_) => Self::Subject,
            ClaimsVerificationError::SignatureVerification(
                Signature::DisallowedAlg(_) | Signature::NoSignature | Signature::UnsupportedAlg(_),
            ) => Self::Algorithm,
            ClaimsVerificationError::SignatureVerification(_) => Self::Signature,
            _ => Self::Malformed,
        }
    }
}
