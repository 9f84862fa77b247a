//! Errors of the endpoints, and where they are sent.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::oauth::error::{self, OauthErrorCode};

/// A refusal of the token endpoint (RFC 6749, 5.2).
pub(super) struct TokenError {
    code: OauthErrorCode,
    description: &'static str,
    uses_basic: bool,
}

impl TokenError {
    pub(super) fn new(code: OauthErrorCode, description: &'static str) -> Self {
        Self {
            code,
            description,
            uses_basic: false,
        }
    }

    pub(super) fn invalid_grant(description: &'static str) -> Self {
        Self::new(OauthErrorCode::InvalidGrant, description)
    }

    /// The client is unknown, or its authentication failed.
    pub(super) fn unknown_client(uses_basic: bool) -> Self {
        Self {
            uses_basic,
            ..Self::new(
                OauthErrorCode::InvalidClient,
                "client authentication failed",
            )
        }
    }

    pub(super) fn into_response(self) -> Response {
        let status = if self.code == OauthErrorCode::InvalidClient {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        let body = json!({"error": self.code.as_str(), "error_description": self.description});
        let mut response = error::json(status, &body);
        if self.uses_basic {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"oidc\""),
            );
        }
        response
    }
}

/// A page for the user, for requests that must not be redirected.
pub(super) fn page(text: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Error · OpenShift demonstration</title>\n<h1>The request is not valid</h1>\n<p>{text}</p>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ];
    (StatusCode::BAD_REQUEST, headers, page).into_response()
}
