//! Bodies in JSON.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

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
        let parsed = serde_json::from_slice(body);
        Ok(Self(
            parsed.map_err(|error| body_problem(&error, &context))?,
        ))
    }
}

/// What is wrong with a body. The text of the parser is in English and quotes names of the body.
fn body_problem(error: &serde_json::Error, context: &RequestContext) -> Problem {
    let lang = context.lang;
    match error.classify() {
        Category::Data => invalid_value(String::new(), error.to_string(), context),
        Category::Io | Category::Syntax | Category::Eof => {
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
    }
}
