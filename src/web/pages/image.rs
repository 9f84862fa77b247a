//! `/images/{project}/{stream}:{tag}` and `/images/{project}/{stream}@{digest}`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::console::{ImageView, Kind, Section, ShownReference};
use crate::model::manifest::What;
use crate::model::recipe::Pairing;
use crate::model::{ImageStreamName, ProjectName};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::render::{Area, Chrome, page};

#[derive(Template, Serialize)]
#[template(path = "image.html")]
struct ImagePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ImageView,
}

impl ImagePage {
    /// Stream and tag, or stream and the beginning of the digest: a heading that fits.
    fn heading(&self) -> String {
        match &self.view.reference {
            ShownReference::Tag(tag) => format!("{}:{tag}", self.view.stream),
            ShownReference::Digest(digest) => format!("{}@{}", self.view.stream, digest.short()),
        }
    }

    /// The last step of the way here.
    fn short_reference(&self) -> String {
        match &self.view.reference {
            ShownReference::Tag(tag) => tag.to_string(),
            ShownReference::Digest(digest) => digest.short(),
        }
    }
}

/// One image.
pub(super) async fn image(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    reference: ShownReference,
) -> Result<Response, Refused> {
    let title = format!("{project}/{stream}{reference}");
    let view = who.console().image(project, stream, reference).await?;
    Ok(page(&who.context, &ImagePage { chrome: who.chrome(Area::Images, title), view }))
}
