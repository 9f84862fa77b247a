//! The errors of RFC 6749 and OpenID Connect Core 1.0, with their texts, and where they are sent.

use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde::Serialize;

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OauthErrorCode {
    InvalidRequest,
    UnauthorizedClient,
    AccessDenied,
    UnsupportedResponseType,
    InvalidScope,
    UnsupportedGrantType,
    InvalidGrant,
    InvalidClient,
    LoginRequired,
    RequestNotSupported,
}

impl OauthErrorCode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidClient => "invalid_client",
            Self::LoginRequired => "login_required",
            Self::RequestNotSupported => "request_not_supported",
        }
    }

    /// The sentence of RFC 6749 (4.1.2.1 and 5.2) or OpenID Connect Core (3.1.2.6) that goes with the
    /// code.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest => {
                "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed."
            }
            Self::UnauthorizedClient => {
                "The client is not authorized to request a token using this method."
            }
            Self::AccessDenied => "The resource owner or authorization server denied the request.",
            Self::UnsupportedResponseType => {
                "The authorization server does not support obtaining a token using this method."
            }
            Self::InvalidScope => "The requested scope is invalid, unknown, or malformed.",
            Self::UnsupportedGrantType => {
                "The authorization grant type is not supported by the authorization server."
            }
            Self::InvalidGrant => {
                "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."
            }
            Self::InvalidClient => "Client authentication failed.",
            Self::LoginRequired => "The Authorization Server requires End-User authentication.",
            Self::RequestNotSupported => "The OP does not support use of the request parameter.",
        }
    }

    /// A plain JSON response: the only error that the user sees on the OAuth server itself (A4).
    pub(crate) fn json(self, state: Option<&str>) -> Response {
        #[derive(Serialize)]
        struct OauthErrorBody<'a> {
            error: &'static str,
            error_description: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            state: Option<&'a str>,
        }
        let state = state.filter(|state| !state.is_empty());
        json(
            StatusCode::BAD_REQUEST,
            &OauthErrorBody {
                error: self.as_str(),
                error_description: self.description(),
                state,
            },
        )
    }
}

/// A JSON response that must not be stored.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut text = serde_json::to_string(body).expect("these bodies have text keys only");
    text.push('\n');
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CACHE_CONTROL,
            "no-cache, no-store, max-age=0, must-revalidate",
        ),
        (header::PRAGMA, "no-cache"),
        (header::EXPIRES, "Fri, 01 Jan 1990 00:00:00 GMT"),
    ];
    (status, headers, text).into_response()
}
