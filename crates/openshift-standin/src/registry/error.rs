//! Errors of the registry, and their responses.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::answer;
use crate::cluster::Version;

/// One right that a request needs, as the registry names it in a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RequiredAccess {
    r#type: &'static str,
    class: &'static str,
    pub(super) name: String,
    pub(super) action: &'static str,
}

impl RequiredAccess {
    pub(super) fn repository(name: &str, action: &'static str) -> Self {
        Self {
            r#type: "repository",
            class: "",
            name: name.to_owned(),
            action,
        }
    }

    pub(super) fn catalog() -> Self {
        Self {
            r#type: "registry",
            class: "",
            name: "catalog".to_owned(),
            action: "*",
        }
    }

    pub(super) fn is_catalog(&self) -> bool {
        self.r#type == "registry"
    }
}

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum DistributionError {
    /// The request has no token.
    TokenRequired(Vec<RequiredAccess>),
    /// The token is invalid, or its user lacks the right: the registry does not distinguish the
    /// two, and never answers 403 (A8).
    Denied(Vec<RequiredAccess>),
    /// The API server could not be asked, or not for this name: 400 with an empty body (A8).
    AuthorizationUnavailable,
    /// An error of the distribution specification.
    Errors(StatusCode, Vec<DistributionErrorEntry>),
}

/// One entry of an error response (distribution specification, "Error Codes").
#[derive(Debug, Serialize)]
pub(super) struct DistributionErrorEntry {
    code: &'static str,
    message: &'static str,
    detail: Value,
}

impl DistributionErrorEntry {
    pub(super) fn new(code: &'static str, message: &'static str, detail: impl Into<Value>) -> Self {
        Self {
            code,
            message,
            detail: detail.into(),
        }
    }
}

impl DistributionError {
    pub(super) fn single(
        status: StatusCode,
        code: &'static str,
        message: &'static str,
        detail: impl Into<Value>,
    ) -> Self {
        Self::Errors(
            status,
            vec![DistributionErrorEntry::new(code, message, detail)],
        )
    }

    pub(super) fn blob_unknown(digest: &str) -> Self {
        Self::single(
            StatusCode::NOT_FOUND,
            "BLOB_UNKNOWN",
            "blob unknown to registry",
            digest,
        )
    }

    pub(super) fn name_unknown(name: &str) -> Self {
        Self::single(
            StatusCode::NOT_FOUND,
            "NAME_UNKNOWN",
            "repository name not known to registry",
            json!({ "name": name }),
        )
    }

    pub(super) fn manifest_unknown(detail: Value) -> Self {
        Self::single(
            StatusCode::NOT_FOUND,
            "MANIFEST_UNKNOWN",
            "manifest unknown",
            detail,
        )
    }

    pub(super) fn manifest_invalid(detail: impl Into<Value>) -> Self {
        Self::single(
            StatusCode::BAD_REQUEST,
            "MANIFEST_INVALID",
            "manifest invalid",
            detail,
        )
    }

    pub(super) fn digest_invalid() -> Self {
        Self::single(
            StatusCode::BAD_REQUEST,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
            Value::Null,
        )
    }

    pub(super) fn unsupported() -> Self {
        Self::single(
            StatusCode::METHOD_NOT_ALLOWED,
            "UNSUPPORTED",
            "The operation is unsupported.",
            Value::Null,
        )
    }

    /// The response, for a registry that was requested as `host`.
    pub(super) fn into_response(self, version: Version, host: &str) -> Response {
        match self {
            Self::AuthorizationUnavailable => {
                (StatusCode::BAD_REQUEST, [(header::CONTENT_LENGTH, "0")]).into_response()
            }
            Self::TokenRequired(needs) => unauthorized(
                version,
                &format!("Bearer realm=\"https://{host}/openshift/token\""),
                &needs,
            ),
            Self::Denied(needs) => unauthorized(
                version,
                "Basic realm=openshift,error=\"access denied\"",
                &needs,
            ),
            Self::Errors(status, problems) => errors(version, status, &problems),
        }
    }
}

fn unauthorized(version: Version, how: &str, needs: &[RequiredAccess]) -> Response {
    let detail = if needs.is_empty() {
        Value::Null
    } else {
        json!(needs)
    };
    let mut response = errors(
        version,
        StatusCode::UNAUTHORIZED,
        &[DistributionErrorEntry::new(
            "UNAUTHORIZED",
            "authentication required",
            detail,
        )],
    );
    if let Ok(value) = HeaderValue::from_str(how) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

fn errors(version: Version, status: StatusCode, problems: &[DistributionErrorEntry]) -> Response {
    // The order of the fields is the recorded one; `json!` would sort them.
    #[derive(Serialize)]
    struct DistributionErrorBody<'a> {
        errors: &'a [DistributionErrorEntry],
    }
    answer::json(version, status, &DistributionErrorBody { errors: problems })
}
