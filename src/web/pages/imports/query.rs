//! The query of the list of imports, in a URL or in the hidden fields of its form.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app::imports::{ImportState, ImportsQuery};
use crate::app::lists::WHOLE_LIST;
use crate::web::extractors::{is_export, parse_page};
use crate::web::forms::FormData;

/// Longer than any host name with a port.
const MAX_HOST_CHARS: usize = 270;

const MAX_TEXT_CHARS: usize = 200;

/// The query of a request. Invalid parameters are ignored.
#[derive(Debug)]
pub(in crate::web) struct ImportsParams(pub(super) ImportsQuery);

impl<S: Sync> FromRequestParts<S> for ImportsParams {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let mut query = parse_pairs(url::form_urlencoded::parse(query.as_bytes()));
        if is_export(parts) {
            query.page = WHOLE_LIST;
        }
        Ok(Self(query))
    }
}

/// The query that a form of the list repeats.
pub(super) fn query_of_form(form: &FormData) -> ImportsQuery {
    let names = ["q", "project", "host", "state", "page"];
    parse_pairs(
        names
            .into_iter()
            .map(|name| (Cow::Borrowed(name), Cow::Borrowed(form.text(name)))),
    )
}

fn parse_pairs<'a>(pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> ImportsQuery {
    let mut query = ImportsQuery {
        page: 1,
        ..ImportsQuery::default()
    };
    for (name, value) in pairs {
        let value = value.trim();
        match &*name {
            "q" => query.text = value.chars().take(MAX_TEXT_CHARS).collect(),
            "project" => query.project = value.parse().ok(),
            "host" if !value.is_empty() => {
                query.host = Some(value.chars().take(MAX_HOST_CHARS).collect())
            }
            "state" => {
                query.state = ImportState::ALL
                    .into_iter()
                    .find(|state| state.as_str() == value)
            }
            "page" => query.page = parse_page(value),
            _ => {}
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::links;

    #[test]
    fn link_of_a_query_has_its_values() {
        let query = ImportsQuery {
            text: "a b".to_owned(),
            project: Some("shop".parse().unwrap()),
            host: Some("quay.io:443".to_owned()),
            state: Some(ImportState::Failing),
            page: 3,
        };
        let link = links::imports(&query);
        let (_, text) = link.split_once('?').unwrap();
        assert_eq!(
            parse_pairs(url::form_urlencoded::parse(text.as_bytes())),
            query
        );
        let odd = parse_pairs(url::form_urlencoded::parse(
            b"state=odd&page=0&project=A&host=",
        ));
        assert_eq!(links::imports(&odd), "/imports");
    }
}
