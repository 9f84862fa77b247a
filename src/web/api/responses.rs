//! The answers of the operations in the document: success and errors, with their headers.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};

use super::document::answer_members;
use super::operation::ApiOperation;
use crate::web::errors::PROBLEM_JSON;

/// The name of the schema of an error.
pub(super) const PROBLEM: &str = "Problem";

/// The statuses of errors, with the name of the shared response and its description.
const ERRORS: [(u16, &str, &str); 10] = [
    (400, "BadRequest", "The request is not valid."),
    (
        401,
        "Unauthorized",
        "There is no token, or the API server of the cluster does not accept it.",
    ),
    (403, "Forbidden", "The user may not see or change this."),
    (404, "NotFound", "There is no such object or path."),
    (
        429,
        "TooManyRequests",
        "The user has too many requests at a time. `Retry-After` says when to try again.",
    ),
    (
        502,
        "BadGateway",
        "A server of the cluster answered in a way that the console does not understand.",
    ),
    (
        503,
        "ServiceUnavailable",
        "A server of the cluster cannot be used, or the console is busy. `Retry-After` says when to \
         try again.",
    ),
    (
        504,
        "GatewayTimeout",
        "A server of the cluster did not answer in time.",
    ),
    (
        422,
        "InvalidValue",
        "A value of the request is not valid, or the cluster does not allow it.",
    ),
    (
        501,
        "NotServed",
        "The API server of the cluster does not have what this needs.",
    ),
];

/// The statuses that only changes have.
const WRITE_ERRORS: [(u16, &str, &str); 4] = [
    (
        409,
        "Conflict",
        "The object is not as expected, or the change needs `force`.",
    ),
    (
        412,
        "PreconditionFailed",
        "A condition in the headers is not met.",
    ),
    (413, "TooLarge", "The body is larger than 64 KiB."),
    (415, "UnsupportedMediaType", "The body is not JSON."),
];

/// The answer to headers that are too large, before the request is read: it is text.
const HEADERS_TOO_LARGE: (u16, &str, &str) = (
    431,
    "HeadersTooLarge",
    "The path, the parameters and the headers are too large together.",
);

/// The answers of an operation, by status.
pub(super) fn of_operation(
    operation: &ApiOperation,
    has_csv: bool,
) -> impl Iterator<Item = (u16, RefOr<Response>)> {
    let success = operation
        .answers()
        .map(|(status, content)| {
            let response = ResponseBuilder::new()
                .description(success_text(status))
                .content(content.media_type, content.to_content());
            let response = content.links.iter().fold(response, |response, link| {
                response.link(link.name(), link.to_link())
            });
            (
                status,
                with_success_headers(response, status, operation, has_csv).into(),
            )
        })
        .collect::<Vec<_>>();
    let is_write = operation.method != HttpMethod::Get;
    let errors = ERRORS
        .into_iter()
        .chain(WRITE_ERRORS.into_iter().filter(move |_| is_write))
        .chain([HEADERS_TOO_LARGE]);
    let errors = errors.map(|(status, name, _)| (status, Ref::from_response_name(name).into()));
    success.into_iter().chain(errors)
}

/// The shared answers about errors, by name.
pub(super) fn of_errors() -> impl Iterator<Item = (&'static str, Response)> {
    let errors = ERRORS.into_iter().chain(WRITE_ERRORS);
    let (_, name, description) = HEADERS_TOO_LARGE;
    let early = ResponseBuilder::new()
        .description(description)
        .content("text/plain", text())
        .build();
    errors
        .map(|(status, name, description)| (name, error_response(status, description)))
        .chain([(name, early)])
}

fn text() -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String);
    ContentBuilder::new()
        .schema(Some(RefOr::<Schema>::from(text)))
        .build()
}

fn success_text(status: u16) -> &'static str {
    match status {
        201 => "It was created.",
        202 => "A job was started, which makes the change.",
        _ => "The answer.",
    }
}

fn with_success_headers(
    mut response: ResponseBuilder,
    status: u16,
    operation: &ApiOperation,
    has_csv: bool,
) -> Response {
    if [201, 202].contains(&status) {
        let text = "The path of what was created, or of the job.";
        response = response.header("Location", header(Type::String, text));
    }
    if answer_members(operation)
        .iter()
        .any(|member| member == "paging")
    {
        let text = "The first, previous, next and last page of the list (RFC 8288). Only of JSON.";
        response = response.header("Link", header(Type::String, text));
    }
    if has_csv {
        response = response
            .content("text/csv", text())
            .header(
                "X-Row-Count",
                header(Type::Integer, "The number of rows. Only of CSV."),
            )
            .header(
                "X-Total-Count",
                header(
                    Type::Integer,
                    "The number of entries of the list. Only of CSV.",
                ),
            );
    }
    response.build()
}

fn error_response(status: u16, description: &str) -> Response {
    let schema = RefOr::<Schema>::Ref(Ref::from_schema_name(PROBLEM));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content);
    let response = match status {
        401 => response.header(
            "WWW-Authenticate",
            header(Type::String, "The scheme `Bearer`."),
        ),
        429 | 503 => response.header(
            "Retry-After",
            header(
                Type::Integer,
                "After how many seconds to try again, where that is known.",
            ),
        ),
        _ => response,
    };
    response.build()
}

fn header(kind: Type, description: &str) -> Header {
    let value = ObjectBuilder::new().schema_type(kind);
    HeaderBuilder::new()
        .schema(Some(RefOr::<Schema>::from(value)))
        .description(Some(description))
        .build()
}
