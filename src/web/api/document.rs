//! The OpenAPI document.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::server::Server;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    InfoBuilder, License, LicenseBuilder, OpenApi, OpenApiBuilder, Paths, Required,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::description::clean_descriptions;
use super::operation::{ApiContent, ApiOperation, ApiTag, NamedSchemas};
use super::parameter::ApiParameter;
use super::parameters::FORMAT;
use super::responses::{self, PROBLEM};
use super::schema::{members_of, schemas_of};
use crate::i18n::Lang;
use crate::web::api_lists::{CsvTable, with_page_links};
use crate::web::errors::Problem;
use crate::web::links;
use crate::web::routes::ROUTES;
use crate::web::session::SESSION_COOKIE;
use registry_model::Digest;

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

/// The members of the body that an operation takes.
pub(in crate::web) fn body_members(operation: &ApiOperation) -> &'static [String] {
    named_members(operation).map_or(&[], |(body, _)| body.as_slice())
}

/// The members of the answer of an operation.
pub(in crate::web) fn answer_members(operation: &ApiOperation) -> &'static [String] {
    named_members(operation).map_or(&[], |(_, answer)| answer.as_slice())
}

type MemberNames = (Vec<String>, Vec<String>);

fn named_members(operation: &ApiOperation) -> Option<&'static MemberNames> {
    static MEMBERS: LazyLock<HashMap<&'static str, MemberNames>> = LazyLock::new(|| {
        let schemas = schemas_of(operations());
        let names = |content: &ApiContent| members_of(&(content.reference)(), &schemas);
        let members = |operation: &'static ApiOperation| {
            let body: BTreeSet<String> = operation.request.iter().flat_map(names).collect();
            let answers = operation.answers();
            let answer: BTreeSet<String> =
                answers.flat_map(|(_, content)| names(content)).collect();
            let members = (body.into_iter().collect(), answer.into_iter().collect());
            (operation.id, members)
        };
        operations().map(members).collect()
    });
    MEMBERS.get(operation.id)
}

/// The operations of the routes, each with its table if it is a list with a form in CSV.
fn operations_with_tables()
-> impl Iterator<Item = (&'static ApiOperation, Option<&'static CsvTable>)> {
    ROUTES.iter().flat_map(|route| {
        let pattern = format!("{}{}", links::API_ROOT, route.path());
        route.operations().iter().map(move |operation| {
            let is_read = operation.method == HttpMethod::Get;
            let table = CsvTable::of_route(&pattern, operation.path).filter(|_| is_read);
            (operation, table)
        })
    })
}

/// All operations, in the order of the routes.
pub(in crate::web) fn operations() -> impl Iterator<Item = &'static ApiOperation> {
    ROUTES.iter().flat_map(|route| route.operations())
}

fn document() -> OpenApi {
    let mut paths = Paths::new();
    for (operation, table) in operations_with_tables() {
        paths.add_path_operation(
            operation.path,
            vec![operation.method.clone()],
            describe_operation(operation, table.is_some()),
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
        .schema(PROBLEM, Problem::schema());
    let mut problem = NamedSchemas::new();
    Problem::schemas(&mut problem);
    for (name, schema) in schemas_of(operations()).into_iter().chain(problem) {
        components = {
            let described = with_page_links(&name, schema);
            components.schema(name, described)
        };
    }
    for (name, response) in responses::of_errors() {
        components = components.response(name, response);
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
                    "What the pages of the console show, as JSON, and the changes that are made on \
                     them. The owner of the token sees and changes what their rights allow.",
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

fn describe_operation(operation: &ApiOperation, has_csv: bool) -> Operation {
    let path = operation
        .path_parameters()
        .map(|parameter| (ParameterIn::Path, parameter));
    let query = operation
        .parameters
        .iter()
        .copied()
        .chain(has_csv.then_some(&FORMAT))
        .map(|parameter| (ParameterIn::Query, parameter));
    let headers = operation.headers.iter().copied();
    let headers = headers.map(|parameter| (ParameterIn::Header, parameter));
    let mut described = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(operation.tag.as_str())
        .summary(Some((operation.summary)(Lang::English).to_string()))
        .request_body(operation.request.as_ref().map(|content| {
            RequestBodyBuilder::new()
                .required(Some(if operation.is_body_optional {
                    Required::False
                } else {
                    Required::True
                }))
                .content(content.media_type, content.to_content())
                .build()
        }));
    for (location, parameter) in path.chain(query).chain(headers) {
        described = described.parameter(describe_parameter(location, parameter));
    }
    let security = if operation.is_public {
        Vec::new()
    } else if operation.method != HttpMethod::Get {
        vec!["bearer"]
    } else {
        vec!["bearer", "session"]
    };
    let requirements = security
        .into_iter()
        .map(|scheme| SecurityRequirement::new(scheme, [""; 0]));
    described = described.securities(Some(requirements));
    for (status, response) in responses::of_operation(operation, has_csv) {
        described = described.response(status.to_string(), response);
    }
    described.build()
}

fn describe_parameter(location: ParameterIn, parameter: &ApiParameter) -> Parameter {
    let required = if location == ParameterIn::Path || parameter.is_required {
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
