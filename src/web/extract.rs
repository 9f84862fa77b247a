//! Typed paths and lenient queries.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::errors::Refused;
use crate::console::{Failure, ListQuery, ListSort, Order, ShownReference, Subject, TagQuery, TagSort};
use crate::model::{ImageStreamName, ProjectName};

/// A project in the path. What is no name of a project is not found, and no upstream hears of it (S33).
#[derive(Debug)]
pub(super) struct InProject(pub(super) ProjectName);

/// An image stream, or one of its images, in the path: `stream`, `stream:tag`, `stream@digest`.
#[derive(Debug)]
pub(super) struct OfStream {
    pub(super) project: ProjectName,
    pub(super) stream: ImageStreamName,
    pub(super) reference: Option<ShownReference>,
}

async fn segments<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<String>, Refused> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let params = params.map_err(|_| Refused::from(Failure::NotFound(Subject::Page)))?;
    Ok(params.iter().map(|(_, value)| value.to_owned()).collect())
}

impl<S: Send + Sync> FromRequestParts<S> for InProject {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let segments = segments(parts, state).await?;
        let name = segments.first().and_then(|text| text.parse().ok());
        name.map(Self).ok_or_else(|| Failure::NotFound(Subject::Project).into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OfStream {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let segments = segments(parts, state).await?;
        let [project, image] = segments.as_slice() else {
            return Err(Failure::NotFound(Subject::Page).into());
        };
        let project = project.parse().map_err(|_| Failure::NotFound(Subject::Project))?;
        let (stream, reference) = split(image).ok_or(Failure::NotFound(Subject::Image))?;
        Ok(Self { project, stream, reference })
    }
}

fn split(text: &str) -> Option<(ImageStreamName, Option<ShownReference>)> {
    if let Some((stream, digest)) = text.split_once('@') {
        return Some((stream.parse().ok()?, Some(ShownReference::Digest(digest.parse().ok()?))));
    }
    if let Some((stream, tag)) = text.split_once(':') {
        return Some((stream.parse().ok()?, Some(ShownReference::Tag(tag.parse().ok()?))));
    }
    Some((text.parse().ok()?, None))
}

/// The query of a list. What makes no sense is as if it were not there.
#[derive(Debug, Default)]
pub(super) struct Asked {
    text: String,
    project: Option<ProjectName>,
    sort: String,
    order: String,
    page: usize,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut asked = Self::default();
        for (name, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "q" => asked.text = value.trim().chars().take(200).collect(),
                "project" => asked.project = value.parse().ok(),
                "sort" => asked.sort = value.into_owned(),
                "order" => asked.order = value.into_owned(),
                "page" => asked.page = value.parse().unwrap_or(1),
                _ => {}
            }
        }
        Ok(asked)
    }
}

impl Asked {
    /// What to find and which page.
    pub(super) fn text_and_page(self) -> (String, usize) {
        (self.text, self.page.max(1))
    }

    /// The project that a filter form sends as a field: it belongs into the path.
    pub(super) fn project(&self) -> Option<&ProjectName> {
        self.project.as_ref()
    }

    pub(super) fn of_images(self, project: Option<ProjectName>) -> ListQuery {
        let sort = match self.sort.as_str() {
            "pushed" => ListSort::Pushed,
            "tags" => ListSort::Tags,
            _ => ListSort::Name,
        };
        let order = order(&self.order, sort.usual_order());
        ListQuery { text: self.text, project, sort, order, page: self.page.max(1) }
    }

    pub(super) fn of_tags(self) -> TagQuery {
        let sort = if self.sort == "name" { TagSort::Name } else { TagSort::Updated };
        TagQuery { text: self.text, sort, order: order(&self.order, sort.usual_order()), page: self.page.max(1) }
    }
}

fn order(text: &str, usual: Order) -> Order {
    match text {
        "asc" => Order::Ascending,
        "desc" => Order::Descending,
        _ => usual,
    }
}
