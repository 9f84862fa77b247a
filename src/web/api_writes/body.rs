//! Bodies in JSON.

use std::fmt::Write as _;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::web::AppState;
use crate::web::api_writes::invalid_value;
use crate::web::context::RequestContext;
use crate::web::errors::{Problem, WebError};

/// The body of a request. An absent body is an empty object.
#[derive(Debug)]
pub(in crate::web) struct ApiJson<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for ApiJson<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, WebError> {
        let (mut parts, body) = request.into_parts();
        let Ok(context) = RequestContext::from_request_parts(&mut parts, app).await;
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| WebError::TooLarge)?;
        let body = if body.is_empty() { b"{}" } else { &*body };
        Ok(Self(parse(body, &context)?))
    }
}

/// Parses a body, at most 64 KiB. A body that is not JSON is that, whatever is in it besides.
fn parse<T: DeserializeOwned>(body: &[u8], context: &RequestContext) -> Result<T, Problem> {
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| syntax_problem(&error, context))?;
    let mut values = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut values).map_err(|error| {
        let pointer = pointer(error.path(), error.inner());
        match error.inner().classify() {
            Category::Data => invalid_value(pointer, error.inner().to_string(), context),
            Category::Io | Category::Syntax | Category::Eof => {
                syntax_problem(error.inner(), context)
            }
        }
    })
}

/// The text of the parser is in English and quotes names of the body.
fn syntax_problem(error: &serde_json::Error, context: &RequestContext) -> Problem {
    let lang = context.lang;
    let detail = lang
        .msg("api-invalid-json")
        .arg("line", error.line())
        .arg("column", error.column());
    Problem {
        server_message: error.to_string(),
        ..Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-json",
            detail,
            lang.msg("api-invalid-json-hint"),
        )
    }
}

/// The value that is not valid, as a JSON Pointer (RFC 6901). Of a member that is missing, the parser
/// knows the object only, and names the member in its text.
fn pointer(path: &Path, error: &serde_json::Error) -> String {
    let mut pointer = String::new();
    for segment in path {
        let _ = match segment {
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Map { key } => write!(pointer, "/{}", escape(key)),
            Segment::Enum { .. } | Segment::Unknown => Ok(()),
        };
    }
    let text = error.to_string();
    let missing = text.strip_prefix("missing field `");
    if let Some((name, _)) = missing.and_then(|rest| rest.split_once('`')) {
        let _ = write!(pointer, "/{}", escape(name));
    }
    pointer
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
