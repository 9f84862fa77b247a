//! Refuses requests to read whose parameters the contract does not allow, before anything is loaded
//! for them. The pages ignore such values.

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::operation::ApiOperation;
use super::parameter::ApiParameter;
use crate::i18n::Lang;
use crate::web::api_lists::requested_format;
use crate::web::context::{RequestContext, ResponseFormat};
use crate::web::errors::{FieldProblem, Problem, WebError};
use crate::web::links;
use registry_model::safe_text;

/// How much of a value that is not accepted the answer repeats.
const MAX_QUOTED_CHARS: usize = 100;

pub(in crate::web) async fn check_query(
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_route = request.extensions().get::<MatchedPath>().is_some();
    if is_read && is_route && context.format == ResponseFormat::Json {
        let (path, query) = (request.uri().path(), request.uri().query());
        let problem = query.and_then(|query| check(path, query, &context));
        if let Some(problem) = problem {
            return WebError::from(problem).into_response();
        }
    }
    next.run(request).await
}

/// Whether the list at `path`, below the root of the API, accepts this value. It ignores a parameter
/// that it does not have.
pub(in crate::web) fn accepts(path: &str, name: &str, value: &str) -> bool {
    let operation = ApiOperation::of_read(path);
    let mut parameters = operation.iter().flat_map(|operation| operation.parameters);
    parameters.all(|parameter| parameter.name != name || parameter.accepts(value))
}

fn check(path: &str, query: &str, context: &RequestContext) -> Option<Problem> {
    if let Some(format) = requested_format(query)
        && !(format == "json" || format == "csv" && context.csv.is_some())
    {
        return Some(unknown_format(&format, context.lang));
    }
    let path = path.strip_prefix(links::API_ROOT)?;
    let path = if path.is_empty() { links::HOME } else { path };
    let operation = ApiOperation::of_read(path)?;
    let mut errors = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let mut parameters = operation.parameters.iter();
        let found = parameters.find(|parameter| parameter.name == name);
        if let Some(parameter) = found.filter(|parameter| !parameter.accepts(&value)) {
            errors.push(FieldProblem {
                pointer: name.into_owned(),
                detail: not_accepted(parameter, &value, context.lang),
            });
        }
    }
    let first = errors.first()?;
    let lang = context.lang;
    let detail = lang
        .msg("api-invalid-query")
        .arg("name", &first.pointer)
        .arg("reason", &first.detail);
    let hint = lang.msg("api-invalid-query-hint");
    Some(Problem {
        errors,
        ..Problem::new(StatusCode::BAD_REQUEST, "invalid-parameter", detail, hint)
    })
}

fn unknown_format(format: &str, lang: Lang) -> Problem {
    let detail = lang.msg("api-unknown-format").arg("format", format);
    let hint = lang.msg("api-unknown-format-hint");
    Problem::new(StatusCode::BAD_REQUEST, "unknown-format", detail, hint)
}

/// What the value is, and which values the parameter has.
fn not_accepted(parameter: &ApiParameter, value: &str, lang: Lang) -> String {
    let (quoted, _) = safe_text::truncate(value, MAX_QUOTED_CHARS);
    let (values, _) = parameter.values.shown(lang);
    let accepted = match parameter.values.pattern() {
        Some(pattern) => lang
            .msg("api-text-pattern")
            .arg("pattern", pattern)
            .to_string(),
        None => values.join(lang.list_separator()),
    };
    lang.msg("api-not-accepted")
        .arg("value", quoted)
        .arg("accepted", accepted)
        .to_string()
}
