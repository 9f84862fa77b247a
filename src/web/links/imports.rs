//! The list of imports.

use super::{IMPORTS, with_query};
use crate::app::imports::ImportsQuery;

/// The names and values of a query. Default values are left out, so that each list has one URL.
#[must_use]
pub fn imports_fields(query: &ImportsQuery) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.clone()));
    }
    pairs.extend(
        query
            .state
            .map(|state| ("state", state.as_str().to_owned())),
    );
    pairs.extend(
        query
            .project
            .as_ref()
            .map(|project| ("project", project.to_string())),
    );
    pairs.extend(query.host.as_ref().map(|host| ("host", host.clone())));
    if query.page > 1 {
        pairs.push(("page", query.page.to_string()));
    }
    pairs
}

/// A list of imports.
#[must_use]
pub fn imports(query: &ImportsQuery) -> String {
    let fields = imports_fields(query);
    let pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    with_query(IMPORTS, &pairs)
}

/// A page of the results of a job that imports tags. The query says what the job is for a console
/// that does not know it.
#[must_use]
pub fn import_job(id: &str, page: usize) -> String {
    let path = format!("/jobs/{id}");
    if page > 1 {
        with_query(&path, &[("list", "imports"), ("page", &page.to_string())])
    } else {
        with_query(&path, &[("list", "imports")])
    }
}
