//! The operations of the API.

use percent_encoding::percent_decode_str;
use utoipa::ToSchema;
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder};
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Schema};

use super::link::ApiLink;
use super::parameter::ApiParameter;
use super::parameters::path_parameter;
use crate::i18n::{Lang, Message};

/// The media type of requests and answers.
const JSON: &str = "application/json";

/// What an operation is about. The document and the page about the API are grouped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::web) enum ApiTag {
    Overview,
    ImageStreams,
    Images,
    Imports,
    Projects,
    Space,
    Access,
    Users,
    Registry,
}

impl ApiTag {
    /// In the order in which they are listed.
    pub(in crate::web) const ALL: [Self; 9] = [
        Self::Overview,
        Self::ImageStreams,
        Self::Images,
        Self::Imports,
        Self::Projects,
        Self::Space,
        Self::Access,
        Self::Users,
        Self::Registry,
    ];

    /// The form used in the document.
    pub(in crate::web) const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::ImageStreams => "image-streams",
            Self::Images => "images",
            Self::Imports => "imports",
            Self::Projects => "projects",
            Self::Space => "space",
            Self::Access => "access",
            Self::Users => "users",
            Self::Registry => "registry",
        }
    }

    pub(in crate::web) fn text(self, lang: Lang) -> Message {
        match self {
            Self::Overview => lang.msg("api-tag-overview"),
            Self::ImageStreams => lang.msg("api-tag-image-streams"),
            Self::Images => lang.msg("api-tag-images"),
            Self::Imports => lang.msg("api-tag-imports"),
            Self::Projects => lang.msg("api-tag-projects"),
            Self::Space => lang.msg("api-tag-space"),
            Self::Access => lang.msg("api-tag-access"),
            Self::Users => lang.msg("api-tag-users"),
            Self::Registry => lang.msg("api-tag-registry"),
        }
    }
}

/// A text of the contract. The document has it in English, the page in the language of the user.
pub(in crate::web) type ApiText = fn(Lang) -> Message;

/// One operation: a method of a path.
pub(in crate::web) struct ApiOperation {
    /// Unique in the document, such as `listProjects`.
    pub(in crate::web) id: &'static str,
    pub(in crate::web) method: HttpMethod,
    /// Below [`API_ROOT`](crate::web::links::API_ROOT), with parameters in braces. It is not the
    /// pattern of the router where one route has several operations:
    /// `/images/{project}/{stream}:{tag}`.
    pub(in crate::web) path: &'static str,
    pub(in crate::web) tag: ApiTag,
    pub(in crate::web) summary: ApiText,
    /// The parameters of the query.
    pub(in crate::web) parameters: &'static [&'static ApiParameter],
    /// Headers with conditions.
    pub(in crate::web) headers: &'static [&'static ApiParameter],
    /// The body of the request.
    pub(in crate::web) request: Option<ApiContent>,
    /// Whether the request can do without a body.
    pub(in crate::web) is_body_optional: bool,
    /// The status of success.
    pub(in crate::web) status: u16,
    /// The body of the answer.
    pub(in crate::web) answer: Option<ApiContent>,
    /// Other statuses of success, each with its body.
    pub(in crate::web) other_answers: &'static [(u16, ApiContent)],
    /// Whether the operation needs no token.
    pub(in crate::web) is_public: bool,
}

impl ApiOperation {
    /// An operation that reads, for the members that it does not set.
    pub(in crate::web) const READ: Self = Self {
        id: "",
        method: HttpMethod::Get,
        path: "",
        tag: ApiTag::Overview,
        summary: |lang| lang.msg("api"),
        parameters: &[],
        headers: &[],
        request: None,
        is_body_optional: false,
        status: 200,
        answer: None,
        other_answers: &[],
        is_public: false,
    };

    /// The method as requests write it.
    pub(in crate::web) fn method_name(&self) -> &'static str {
        match self.method {
            HttpMethod::Get => "GET",
            HttpMethod::Post => "POST",
            HttpMethod::Put => "PUT",
            HttpMethod::Delete => "DELETE",
            HttpMethod::Options => "OPTIONS",
            HttpMethod::Head => "HEAD",
            HttpMethod::Patch => "PATCH",
            HttpMethod::Trace => "TRACE",
        }
    }

    /// The operation that reads what is at `path`, below the root of the API.
    pub(super) fn of_read(path: &str) -> Option<&'static Self> {
        super::document::operations()
            .filter(|operation| operation.method == HttpMethod::Get && operation.fits(path))
            // The most specific one is that with the fewest parameters.
            .min_by_key(|operation| operation.path.matches('{').count())
    }

    /// Whether `path` is one of this operation.
    fn fits(&self, path: &str) -> bool {
        let (templates, segments) = (self.path.split('/'), path.split('/'));
        templates.clone().count() == segments.clone().count()
            && templates.zip(segments).all(|(template, segment)| {
                if !template.starts_with('{') {
                    return template == segment;
                }
                let segment = percent_decode_str(segment).decode_utf8_lossy();
                match template {
                    "{stream}" => !segment.contains([':', '@']),
                    "{stream}:{tag}" => segment.contains(':') && !segment.contains('@'),
                    "{stream}@{digest}" => segment.contains('@'),
                    _ => true,
                }
            })
    }

    /// The bodies of successful answers, by status.
    pub(super) fn answers(&self) -> impl Iterator<Item = (u16, &ApiContent)> {
        let answer = self.answer.iter().map(|content| (self.status, content));
        let others = self.other_answers.iter();
        answer.chain(others.map(|(status, content)| (*status, content)))
    }

    /// The names in the path, in its order.
    pub(in crate::web) fn path_parameters(&self) -> impl Iterator<Item = &'static ApiParameter> {
        self.path
            .split('{')
            .skip(1)
            .filter_map(|part| path_parameter(part.split('}').next()?))
    }
}

/// Schemas of types, by name.
pub(super) type NamedSchemas = Vec<(String, RefOr<Schema>)>;

/// The body of a request or an answer: a media type, and the type that is serialized.
#[derive(Clone, Copy)]
pub(in crate::web) struct ApiContent {
    pub(in crate::web) media_type: &'static str,
    /// A reference to the schema of the type.
    pub(super) reference: fn() -> RefOr<Schema>,
    /// Adds the schema of the type, and those of all types in it.
    pub(super) add_schemas: fn(&mut NamedSchemas),
    /// The operations that an answer leads to.
    pub(super) links: &'static [ApiLink],
}

impl ApiContent {
    /// JSON of this type.
    pub(in crate::web) const fn json<T: ToSchema>() -> Self {
        Self {
            media_type: JSON,
            reference: reference::<T>,
            add_schemas: add_schemas::<T>,
            links: &[],
        }
    }

    /// JSON of one of two types.
    pub(in crate::web) const fn json_one_of<A: ToSchema, B: ToSchema>() -> Self {
        Self {
            media_type: JSON,
            reference: || {
                let either = OneOfBuilder::new();
                either.item(reference::<A>()).item(reference::<B>()).into()
            },
            add_schemas: |schemas| {
                add_schemas::<A>(schemas);
                add_schemas::<B>(schemas);
            },
            links: &[],
        }
    }

    pub(in crate::web) const fn with_links(self, links: &'static [ApiLink]) -> Self {
        Self { links, ..self }
    }

    pub(super) fn to_content(self) -> Content {
        ContentBuilder::new()
            .schema(Some((self.reference)()))
            .build()
    }

    /// JSON of any form.
    pub(super) const fn any_json() -> Self {
        Self {
            media_type: JSON,
            reference: || ObjectBuilder::new().into(),
            add_schemas: |_| {},
            links: &[],
        }
    }
}

fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

fn add_schemas<T: ToSchema>(schemas: &mut NamedSchemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_is_found_by_the_path_of_a_request() {
        for (path, id) in [
            ("/images", Some("listImageStreams")),
            ("/images/shop/api", Some("getImageStream")),
            ("/images/shop/api:v1", Some("getTaggedImage")),
            ("/images/shop/api%3Av1", Some("getTaggedImage")),
            ("/images/shop/api@sha256:00", Some("getImage")),
            ("/images/shop/api:v1/used-by", Some("listTagUses")),
            ("/users/system:admin", Some("getUser")),
            ("/space/plan", Some("planPruning")),
            ("/images/shop/api:v1/delete", None),
            ("/nowhere", None),
        ] {
            let found = ApiOperation::of_read(path);
            assert_eq!(found.map(|operation| operation.id), id, "{path}");
        }
    }
}
