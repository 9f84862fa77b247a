//! Why the registry says no, and how it puts that.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::answer;
use crate::cluster::Version;

/// One right that a request needs, as the registry names it in a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Need {
    r#type: &'static str,
    class: &'static str,
    pub(super) name: String,
    pub(super) action: &'static str,
}

impl Need {
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

/// A request that is not served.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No token came along.
    TokenRequired(Vec<Need>),
    /// The token is dead, or its owner lacks the right: the registry says the same to both, and
    /// never 403 (A8).
    Denied(Vec<Need>),
    /// The master could not be asked, or not about this name: 400 with an empty body (A8).
    CannotAsk,
    /// An error of the distribution specification.
    Errors(StatusCode, Vec<Problem>),
}

/// One entry of an error answer (distribution specification, "Error Codes").
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    code: &'static str,
    message: &'static str,
    detail: Value,
}

impl Problem {
    pub(super) fn new(code: &'static str, message: &'static str, detail: impl Into<Value>) -> Self {
        Self {
            code,
            message,
            detail: detail.into(),
        }
    }
}

impl Refusal {
    pub(super) fn one(
        status: StatusCode,
        code: &'static str,
        message: &'static str,
        detail: impl Into<Value>,
    ) -> Self {
        Self::Errors(status, vec![Problem::new(code, message, detail)])
    }

    pub(super) fn blob_unknown(digest: &str) -> Self {
        Self::one(
            StatusCode::NOT_FOUND,
            "BLOB_UNKNOWN",
            "blob unknown to registry",
            digest,
        )
    }

    pub(super) fn name_unknown(name: &str) -> Self {
        Self::one(
            StatusCode::NOT_FOUND,
            "NAME_UNKNOWN",
            "repository name not known to registry",
            json!({ "name": name }),
        )
    }

    pub(super) fn manifest_unknown(detail: Value) -> Self {
        Self::one(
            StatusCode::NOT_FOUND,
            "MANIFEST_UNKNOWN",
            "manifest unknown",
            detail,
        )
    }

    pub(super) fn manifest_invalid(detail: impl Into<Value>) -> Self {
        Self::one(
            StatusCode::BAD_REQUEST,
            "MANIFEST_INVALID",
            "manifest invalid",
            detail,
        )
    }

    pub(super) fn digest_invalid() -> Self {
        Self::one(
            StatusCode::BAD_REQUEST,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
            Value::Null,
        )
    }

    pub(super) fn unsupported() -> Self {
        Self::one(
            StatusCode::METHOD_NOT_ALLOWED,
            "UNSUPPORTED",
            "The operation is unsupported.",
            Value::Null,
        )
    }

    /// The answer, for a registry that was asked as `host`.
    pub(super) fn respond(self, version: Version, host: &str) -> Response {
        match self {
            Self::CannotAsk => {
                (StatusCode::BAD_REQUEST, [(header::CONTENT_LENGTH, "0")]).into_response()
            }
            Self::TokenRequired(needs) => challenge(
                version,
                &format!("Bearer realm=\"https://{host}/openshift/token\""),
                &needs,
            ),
            Self::Denied(needs) => challenge(
                version,
                "Basic realm=openshift,error=\"access denied\"",
                &needs,
            ),
            Self::Errors(status, problems) => errors(version, status, &problems),
        }
    }
}

fn challenge(version: Version, how: &str, needs: &[Need]) -> Response {
    let detail = if needs.is_empty() {
        Value::Null
    } else {
        json!(needs)
    };
    let mut response = errors(
        version,
        StatusCode::UNAUTHORIZED,
        &[Problem::new(
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

fn errors(version: Version, status: StatusCode, problems: &[Problem]) -> Response {
    // The order of the fields is the recorded one; `json!` would sort them.
    #[derive(Serialize)]
    struct Body<'a> {
        errors: &'a [Problem],
    }
    answer::json(version, status, &Body { errors: problems })
}
