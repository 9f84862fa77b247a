//! Changes below [`API_ROOT`](super::links::API_ROOT), made with a bearer token.
//!
//! The handlers call the same functions of [`crate::app`] as the forms of the pages. A session cookie
//! is never accepted: a page of another site can make a browser send it, but not a bearer token. So
//! there is no form token here.

mod body;
mod credentials;
mod expected;
mod groups;
mod image_streams;
mod impact;
mod imports;
mod members;
pub(super) mod operations;
mod projects;
mod results;
mod tag_removals;
mod tags;
mod users;

pub(super) use credentials::{create_credential, revoke_credential};
pub(super) use groups::{add_group_users, create_group, delete_group, remove_group_user};
pub(super) use image_streams::{change_stream, create_stream, delete_stream_or_tag, put_tag};
pub(super) use imports::import_now;
pub(super) use members::{add_member, change_member, put_access, remove_member};
pub(super) use projects::{change_project, create_project, delete_project};
pub(super) use tag_removals::remove_tags;
pub(super) use tags::roll_back;
pub(super) use users::{change_user, create_user, delete_user};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::context::RequestContext;
use super::errors::{FieldProblem, Problem, WebError};
use super::forms::FieldErrors;
use super::guard::read_body;
use super::links;

/// Marks a request that a handler of this module answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApiWrite;

/// Lets requests with a bearer token through, and reads their body of bounded size. A session cookie
/// does not take its place.
pub(super) async fn accept_bearer_token(
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let lang = context.lang;
    if context.bearer.is_none() {
        let (detail, hint) = (
            lang.msg("api-bearer-needed"),
            lang.msg("api-bearer-needed-hint"),
        );
        let problem = Problem::new(
            StatusCode::UNAUTHORIZED,
            "bearer-token-needed",
            detail,
            hint,
        );
        return WebError::from(problem).into_response();
    }
    let (mut parts, body) = request.into_parts();
    let body = match read_body(&parts.headers, body).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(is_json);
    if !body.is_empty() && !is_json {
        let (detail, hint) = (lang.msg("api-not-json"), lang.msg("api-not-json-hint"));
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let problem = Problem::new(status, "unsupported-media-type", detail, hint);
        return WebError::from(problem).into_response();
    }
    parts.extensions.insert(ApiWrite);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn is_json(content_type: &HeaderValue) -> bool {
    let content_type = content_type.to_str().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The parameters of a change without a body.
#[derive(Debug, Default)]
struct WriteParams {
    /// The change is made although workloads are affected.
    force: bool,
    expected_digest: Option<String>,
}

impl WriteParams {
    fn parse(uri: &Uri, context: &RequestContext) -> Result<Self, Problem> {
        let mut params = Self::default();
        let query = uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*name, &*value) {
                ("force", "true") => params.force = true,
                ("force", "false") => {}
                ("expected_digest", digest) => params.expected_digest = Some(digest.to_owned()),
                _ => return Err(unknown_parameter(&name, context)),
            }
        }
        Ok(params)
    }
}

/// The parameters of a change that are `true` or, by default, `false`. The change has no others.
fn parse_flags<const N: usize>(
    uri: &Uri,
    names: [&str; N],
    context: &RequestContext,
) -> Result<[bool; N], Problem> {
    let mut flags = [false; N];
    let query = uri.query().unwrap_or_default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let at = names.iter().position(|known| *known == name);
        match (at, &*value) {
            (Some(at), "true") => flags[at] = true,
            (Some(at), "false") => flags[at] = false,
            _ => return Err(unknown_parameter(&name, context)),
        }
    }
    Ok(flags)
}

/// A parameter that the request does not have, or whose value is not valid.
fn unknown_parameter(name: &str, context: &RequestContext) -> Problem {
    let lang = context.lang;
    let detail = lang.msg("api-invalid-parameter").arg("name", name);
    invalid_value(name.to_owned(), detail.to_string(), context)
}

/// A value that is not valid. `pointer` is that of a member of the body, or the name of a parameter.
fn invalid_value(pointer: String, detail: String, context: &RequestContext) -> Problem {
    Problem {
        errors: vec![FieldProblem { pointer, detail }],
        ..Problem::from_field_errors(&FieldErrors::default(), context)
    }
}

/// The answer about an object that was created, with its address.
fn created(path: &str, answer: &impl Serialize) -> Response {
    let location = format!("{}{path}", links::API_ROOT);
    let location = HeaderValue::from_str(&location).expect("our own path is a header");
    let mut response = (StatusCode::CREATED, axum::Json(answer)).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// The value of a header with one entity tag: `"sha256:…"`.
fn entity_tag<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    let value = headers.get(name)?.to_str().unwrap_or_default();
    Some(value.trim().trim_matches('"'))
}
