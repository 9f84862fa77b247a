//! What lists below [`API_ROOT`](super::links::API_ROOT) have besides the values of their page: links
//! to their other pages, and a form in CSV.

mod csv_form;
mod csv_tables;

pub(super) use csv_form::{is_csv_requested, requested_format};
pub(super) use csv_tables::CsvTable;

use axum::Extension;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema as _, ToSchema};

use super::context::RequestContext;
use super::errors::WebError;
use super::render::ErrorPageRendered;
use crate::app::failure::Failure;
use crate::app::lists::Paging;

/// The member of a page that has its position in a list.
#[derive(Deserialize)]
struct PagedBody<'b> {
    #[serde(borrow, default)]
    paging: Option<&'b RawValue>,
}

#[derive(Deserialize)]
struct PageNumbers {
    page: usize,
    pages: usize,
}

/// The pages of a list: relative references with all other parameters of the request.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct PageLinks {
    first: String,
    previous: Option<String>,
    next: Option<String>,
    last: String,
}

/// Renders the values of a page as JSON or, for a list of which this is requested, as CSV.
pub(super) fn render<P: Serialize>(
    status: StatusCode,
    context: &RequestContext,
    page: &P,
) -> Response {
    let Ok(json) = serde_json::to_string(page) else {
        return WebError::from(Failure::Internal("a page could not be serialized")).into_response();
    };
    if let Some(table) = context.csv {
        return csv_form::render(context, table, &json);
    }
    let (json, link) = add_page_links(json, &context.path);
    let mut response = (
        status,
        Extension(ErrorPageRendered),
        [(header::CONTENT_TYPE, "application/json")],
        json,
    )
        .into_response();
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// The schema of the type of this name, as it is sent: the position of a page has links.
pub(super) fn with_page_links(name: &str, schema: RefOr<Schema>) -> RefOr<Schema> {
    match (schema, PageLinks::schema()) {
        (RefOr::T(Schema::Object(mut paging)), RefOr::T(Schema::Object(links)))
            if name == Paging::name() =>
        {
            paging.properties.extend(links.properties);
            RefOr::T(Schema::Object(paging))
        }
        (schema, _) => schema,
    }
}

/// The JSON of a page with links in its `paging`, and the header `Link` (RFC 8288). `path` is path
/// and query of the request. Only the place of `paging` is looked for: the rest is not read again.
fn add_page_links(json: String, path: &str) -> (String, Option<HeaderValue>) {
    let found = serde_json::from_str::<PagedBody<'_>>(&json).ok();
    let Some(paging) = found.and_then(|body| body.paging) else {
        return (json, None);
    };
    let Ok(numbers) = serde_json::from_str::<PageNumbers>(paging.get()) else {
        return (json, None);
    };
    let links = PageLinks::new(&numbers, path);
    let Ok(members) = serde_json::to_string(&links) else {
        return (json, None);
    };
    // The value is a part of `json`. It has members, so that a comma comes before further ones.
    let start = paging.get().as_ptr().addr() - json.as_ptr().addr();
    let end = start + paging.get().len() - 1;
    let linked = format!(
        "{},{}{}",
        &json[..end],
        &members[1..members.len() - 1],
        &json[end..]
    );
    (linked, HeaderValue::from_str(&links.header()).ok())
}

impl PageLinks {
    fn new(numbers: &PageNumbers, path: &str) -> Self {
        let link = |page| page_reference(path, page);
        Self {
            first: link(1),
            previous: (numbers.page > 1).then(|| link(numbers.page - 1)),
            next: (numbers.page < numbers.pages).then(|| link(numbers.page + 1)),
            last: link(numbers.pages),
        }
    }

    fn header(&self) -> String {
        let links = [
            ("first", Some(&self.first)),
            ("prev", self.previous.as_ref()),
            ("next", self.next.as_ref()),
            ("last", Some(&self.last)),
        ];
        let links = links.into_iter();
        links
            .filter_map(|(relation, link)| Some(format!("<{}>; rel=\"{relation}\"", link?)))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The reference to another page of the list at `path`, which may have a query.
fn page_reference(path: &str, page: usize) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let kept = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "page");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("page", &page.to_string())
        .finish();
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn linked(page: usize, pages: usize, path: &str) -> (Value, Option<String>) {
        let body = json!({ "rows": [{ "paging": 1 }], "paging": { "page": page, "pages": pages }, "z": 1 });
        let (json, link) = add_page_links(body.to_string(), path);
        let link = link.map(|link| link.to_str().unwrap().to_owned());
        (serde_json::from_str(&json).unwrap(), link)
    }

    #[test]
    fn page_links_keep_the_other_parameters() {
        let (body, link) = linked(2, 3, "/api/v1/images?q=a%26b&page=2&sort=tags");
        let reference = |page| format!("/api/v1/images?q=a%26b&sort=tags&page={page}");
        assert_eq!(
            body["paging"],
            json!({ "page": 2, "pages": 3, "first": reference(1), "previous": reference(1),
                "next": reference(3), "last": reference(3) })
        );
        assert_eq!(
            (&body["z"], &body["rows"]),
            (&json!(1), &json!([{ "paging": 1 }]))
        );
        assert_eq!(
            link.unwrap(),
            format!(
                "<{0}>; rel=\"first\", <{0}>; rel=\"prev\", <{1}>; rel=\"next\", <{1}>; rel=\"last\"",
                reference(1),
                reference(3)
            )
        );
    }

    #[test]
    fn ends_of_a_list_have_no_further_page() {
        let (body, link) = linked(1, 1, "/api/v1/images");
        let paging = &body["paging"];
        assert_eq!(
            (&paging["previous"], &paging["next"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(paging["last"], "/api/v1/images?page=1");
        assert!(!link.unwrap().contains("prev"));
        let (unpaged, link) = add_page_links("{\"paging\":null}".to_owned(), "/api/v1/");
        assert_eq!((unpaged.as_str(), link), ("{\"paging\":null}", None));
    }
}
