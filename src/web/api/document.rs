//! The OpenAPI document.

use std::collections::HashMap;
use std::sync::LazyLock;

use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::server::Server;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Content, ContentBuilder, InfoBuilder, License, LicenseBuilder, OpenApi, OpenApiBuilder, Paths,
    Ref, RefOr, Required, Response, ResponseBuilder, Schema,
};

use super::description::clean_descriptions;
use super::operation::{ApiContent, ApiOperation, ApiTag};
use super::parameters::ApiParameter;
use super::schema::{members_of, schemas_of};
use crate::i18n::Lang;
use crate::web::links;
use crate::web::routes::ROUTES;
use crate::web::session::SESSION_COOKIE;
use registry_model::Digest;

/// The media type of an error.
const PROBLEM_JSON: &str = "application/problem+json";

/// The name of the schema of an error.
const PROBLEM: &str = "Problem";

/// The statuses of errors, with the name of the shared response and its description.
const ERRORS: [(u16, &str, &str); 8] = [
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
];

/// The document, as it is sent.
pub(in crate::web) struct ApiDocument {
    pub(in crate::web) json: Vec<u8>,
    /// A weak entity tag: the answer may be compressed.
    pub(in crate::web) entity_tag: String,
}

impl ApiDocument {
    /// It depends on nothing but the program.
    pub(in crate::web) fn get() -> &'static Self {
        static DOCUMENT: LazyLock<ApiDocument> = LazyLock::new(|| {
            let mut document = serde_json::to_value(document()).unwrap_or_default();
            clean_descriptions(&mut document);
            let json = serde_json::to_vec(&document).unwrap_or_default();
            let entity_tag = format!("\"{}\"", Digest::sha256(&json).short());
            ApiDocument { json, entity_tag }
        });
        &DOCUMENT
    }
}

/// The members of the answer of an operation.
pub(in crate::web) fn answer_members(operation: &ApiOperation) -> &'static [String] {
    static MEMBERS: LazyLock<HashMap<&'static str, Vec<String>>> = LazyLock::new(|| {
        let schemas = schemas_of(operations());
        let members = |operation: &'static ApiOperation| {
            let answer = operation.answer.as_ref()?;
            let members = members_of(&(answer.reference)(), &schemas);
            Some((operation.id, members.into_iter().collect()))
        };
        operations().filter_map(members).collect()
    });
    MEMBERS.get(operation.id).map_or(&[], Vec::as_slice)
}

/// All operations, in the order of the routes.
pub(in crate::web) fn operations() -> impl Iterator<Item = &'static ApiOperation> {
    ROUTES.iter().flat_map(|route| route.operations())
}

fn document() -> OpenApi {
    let mut paths = Paths::new();
    for operation in operations() {
        paths.add_path_operation(
            operation.path,
            vec![operation.method.clone()],
            describe_operation(operation),
        );
    }
    let mut components = ComponentsBuilder::new()
        .security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some("A token that the API server of the cluster accepts."))
                    .build(),
            ),
        )
        .security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                SESSION_COOKIE,
                "The session of the console. It is accepted for reading only.",
            ))),
        )
        .schema(PROBLEM, problem_schema());
    for (name, schema) in schemas_of(operations()) {
        components = components.schema(name, schema);
    }
    for (_, name, description) in ERRORS {
        components = components.response(name, error_response(description));
    }
    let tags = ApiTag::ALL.map(|tag| {
        TagBuilder::new()
            .name(tag.as_str())
            .description(Some(tag.text(Lang::English).to_string()))
            .build()
    });
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Registry console")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "What the pages of the console show, as JSON. The answers hold what the owner \
                     of the token may see.",
                ))
                .license(Some(license())),
        )
        .servers(Some([Server::new(links::API_ROOT)]))
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn license() -> License {
    LicenseBuilder::new()
        .name(env!("CARGO_PKG_LICENSE"))
        .identifier(Some(env!("CARGO_PKG_LICENSE")))
        .build()
}

fn describe_operation(operation: &ApiOperation) -> Operation {
    let path = operation
        .path_parameters()
        .map(|parameter| (ParameterIn::Path, parameter));
    let query = operation
        .parameters
        .iter()
        .map(|parameter| (ParameterIn::Query, *parameter));
    let mut described = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(operation.tag.as_str())
        .summary(Some((operation.summary)(Lang::English).to_string()))
        .request_body(operation.request.as_ref().map(|content| {
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content(content.media_type, content_of(content))
                .build()
        }));
    for (location, parameter) in path.chain(query) {
        described = described.parameter(describe_parameter(location, parameter));
    }
    let security = if operation.is_public {
        Vec::new()
    } else if operation.request.is_some() {
        vec!["bearer"]
    } else {
        vec!["bearer", "session"]
    };
    let requirements = security
        .into_iter()
        .map(|scheme| SecurityRequirement::new(scheme, [""; 0]));
    described = described.securities(Some(requirements));
    let mut success = ResponseBuilder::new().description("The answer.");
    if let Some(content) = &operation.answer {
        success = success.content(content.media_type, content_of(content));
    }
    described = described.response(operation.status.to_string(), success.build());
    for (status, name, _) in ERRORS {
        let response = RefOr::<Response>::Ref(Ref::from_response_name(name));
        described = described.response(status.to_string(), response);
    }
    described.build()
}

fn describe_parameter(location: ParameterIn, parameter: &ApiParameter) -> Parameter {
    let required = if location == ParameterIn::Path {
        Required::True
    } else {
        Required::False
    };
    ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(location)
        .required(required)
        .description(Some((parameter.description)(Lang::English).to_string()))
        .schema(Some(parameter.schema()))
        .build()
}

fn content_of(content: &ApiContent) -> Content {
    ContentBuilder::new()
        .schema(Some((content.reference)()))
        .build()
}

fn error_response(description: &str) -> Response {
    let schema = RefOr::<Schema>::Ref(Ref::from_schema_name(PROBLEM));
    ResponseBuilder::new()
        .description(description)
        .content(
            PROBLEM_JSON,
            ContentBuilder::new().schema(Some(schema)).build(),
        )
        .build()
}

/// An error: problem details (RFC 9457) with some members of its own.
fn problem_schema() -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    ObjectBuilder::new()
        .property("type", text())
        .property("title", text())
        .property("status", ObjectBuilder::new().schema_type(Type::Integer))
        .property("detail", text())
        .property("instance", text())
        .property("kind", text())
        .property("hint", text())
        .property("request_id", text())
        .into()
}
