//! `/images/{project}/{stream}`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::console::{Presence, Section, StreamView, TagSort};
use crate::model::{ImageStreamName, ProjectName, TagSource};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::Asked;
use crate::web::filters;
use crate::web::links;
use crate::web::parts::{Column, Pager};
use crate::web::render::{Area, Chrome, page};

#[derive(Template, Serialize)]
#[template(path = "stream.html")]
struct StreamPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: StreamView,
}

impl StreamPage {
    fn column(&self, sort: TagSort) -> Column {
        let view = &self.view;
        let order = (view.query.sort == sort).then_some(view.query.order);
        Column::new(links::tag_list_by(&view.project, &view.name, &view.query, sort), order)
    }

    fn pager(&self) -> Pager {
        let view = &self.view;
        Pager::new(&view.paging, |page| links::tag_list_page(&view.project, &view.name, &view.query, page))
    }
}

/// One image stream.
pub(super) async fn stream(who: &SignedIn, project: &ProjectName, name: &ImageStreamName, asked: Asked) -> Result<Response, Refused> {
    let view = who.console().stream(project, name, asked.of_tags()).await?;
    Ok(page(&who.context, &StreamPage { chrome: who.chrome(Area::Images, format!("{project}/{name}")), view }))
}
