//! Errors below [`API_ROOT`](crate::web::links::API_ROOT): problem details (RFC 9457).

use std::time::Duration;

use axum::Extension;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::WebError;
use crate::app::change::{ExceededLimit, Refusal};
use crate::app::usage::AffectedWorkload;
use crate::outbound::may_have_changed;
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::forms::{FieldErrors, SubmitError};
use crate::web::remediation::SignInRemediation;
use crate::web::render::ErrorPageRendered;

/// The media type of problem details.
pub(in crate::web) const PROBLEM_JSON: &str = "application/problem+json";

/// An error, as the API answers it. Programs read `status` and `kind`; `detail` and `hint` are texts
/// for users.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct Problem {
    /// Always `about:blank`: the problem is described by `status` and `kind`.
    #[serde(rename = "type")]
    pub(in crate::web) problem_type: &'static str,
    /// The reason phrase of the status.
    pub(in crate::web) title: &'static str,
    pub(in crate::web) status: u16,
    /// What happened, in the language of the request.
    pub(in crate::web) detail: String,
    /// The path of the request.
    pub(in crate::web) instance: String,
    /// What happened, as a fixed word.
    #[schema(example = "not-found")]
    pub(in crate::web) kind: String,
    /// What to do next, in the language of the request.
    pub(in crate::web) hint: String,
    /// The ID of the request in the log.
    pub(in crate::web) request_id: String,
    /// Values of the request that are not valid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::web) errors: Vec<FieldProblem>,
    /// The message of the API server, unchanged. Untrusted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::web) server_message: String,
    /// The quota or limit that prevents the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::web) exceeded: Option<ExceededLimit>,
    /// The image that the tag points to, where the request expected another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::web) current_digest: Option<String>,
    /// The workloads that the change would affect, as far as the user may list them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::web) workloads: Vec<AffectedBy>,
    /// How many more workloads there are than `workloads` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::web) more_workloads: Option<usize>,
    /// The request may have changed something nevertheless.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::web) may_have_changed: bool,
    #[serde(skip)]
    pub(in crate::web) retry_after: Option<Duration>,
}

/// A value of the request that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::web) struct FieldProblem {
    /// The member of the body, as a JSON Pointer (RFC 6901); for a parameter, its name.
    #[schema(example = "/image")]
    pub(in crate::web) pointer: String,
    /// What is wrong with it.
    pub(in crate::web) detail: String,
}

/// A workload that a change would affect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::web) struct AffectedBy {
    pub(in crate::web) project: String,
    /// The kind in the API of the cluster, such as `Deployment`.
    pub(in crate::web) kind: String,
    pub(in crate::web) name: String,
    /// What the change does to it: `broken`, `redeploys`, `rebuilds`, `other-image-at-next-start`,
    /// `rollback-fails`, or `deleted` with its project.
    pub(in crate::web) effect: &'static str,
}

impl Problem {
    /// A problem of this kind. Where it occurred is added when it is rendered.
    pub(in crate::web) fn new(
        status: StatusCode,
        kind: impl Into<String>,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            problem_type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            instance: String::new(),
            kind: kind.into(),
            hint: hint.into(),
            request_id: String::new(),
            errors: Vec::new(),
            server_message: String::new(),
            exceeded: None,
            current_digest: None,
            workloads: Vec::new(),
            more_workloads: None,
            may_have_changed: false,
            retry_after: None,
        }
    }

    /// Values that are not valid. `errors` has the members of the body, by name.
    pub(in crate::web) fn from_field_errors(
        errors: &FieldErrors,
        context: &RequestContext,
    ) -> Self {
        let lang = context.lang;
        Self {
            errors: FieldProblem::from_field_errors(errors),
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-value",
                lang.msg("api-invalid-value"),
                lang.msg("api-invalid-value-hint"),
            )
        }
    }

    /// A refused change. `fields` maps the API server's field names to members of the body.
    pub(in crate::web) fn from_refusal(
        refusal: Refusal,
        fields: &[(&str, &'static str)],
        context: &RequestContext,
    ) -> Self {
        let mut field_errors = FieldErrors::default();
        let (kind, retry_after) = (refusal.why.to_string(), refusal.retry_after);
        let (is_uncertain, exceeded) = (refusal.is_uncertain(), refusal.exceeded.clone());
        let error =
            SubmitError::from_change_error(refusal, context.lang, fields, &mut field_errors);
        Self {
            errors: FieldProblem::from_field_errors(&field_errors),
            server_message: error.detail.clone(),
            exceeded: exceeded.map(|exceeded| *exceeded),
            may_have_changed: is_uncertain,
            retry_after,
            ..Self::new(error.status(), kind, &error.title, &error.hint)
        }
    }

    pub(super) fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn with_request(self, context: &RequestContext) -> Self {
        let path = context.path.split('?').next().unwrap_or_default();
        Self {
            instance: path.to_owned(),
            request_id: context.request_id.clone(),
            ..self
        }
    }
}

impl FieldProblem {
    pub(in crate::web) fn from_field_errors(errors: &FieldErrors) -> Vec<Self> {
        let problem = |(member, detail): (&str, &str)| Self {
            pointer: format!("/{member}"),
            detail: detail.to_owned(),
        };
        errors.iter().map(problem).collect()
    }
}

impl AffectedBy {
    pub(in crate::web) fn new(affected: &AffectedWorkload, effect: &'static str) -> Self {
        Self {
            project: affected.project.to_string(),
            kind: affected.workload.kind.as_str().to_owned(),
            name: affected.workload.name.to_string(),
            effect,
        }
    }
}

impl From<Problem> for WebError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// Renders an error as problem details. `reads`: the request could not have changed anything.
pub(super) fn render(
    app: &AppState,
    context: &RequestContext,
    refused: &WebError,
    reads: bool,
) -> Response {
    let problem = match refused {
        WebError::Problem(problem) => Problem::clone(problem),
        _ => {
            let text = refused.error_text(context.lang, &SignInRemediation::new(app, context));
            Problem {
                may_have_changed: !reads && may_have_changed(),
                ..Problem::new(refused.status(), refused.kind(), text.text, text.hint)
            }
        }
    };
    respond(problem.status_code(), &problem.with_request(context))
}

/// Renders a page with an error status: the values of the page are members of the problem.
pub(in crate::web) fn render_page<P: Serialize>(
    status: StatusCode,
    context: &RequestContext,
    page: &P,
) -> Response {
    let lang = context.lang;
    let kind = if status == StatusCode::UNPROCESSABLE_ENTITY {
        "invalid-value"
    } else {
        "refused"
    };
    let (detail, hint) = (
        lang.msg("api-invalid-value"),
        lang.msg("api-invalid-value-hint"),
    );
    let problem = Problem::new(status, kind, detail, hint).with_request(context);
    let mut members = to_value(page);
    if let (Value::Object(members), Value::Object(problem)) = (&mut members, to_value(&problem)) {
        members.extend(problem);
    }
    respond(status, &members)
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn respond(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = (status, Extension(ErrorPageRendered), axum::Json(body)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    response
}
