//! `/images` and `/images/{project}`

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::app::lists::{ImageList, ListQuery, ListSort};
use crate::app::live::Scope;
use crate::i18n::Message;
use crate::web::context::{Format, SignedIn};
use crate::web::errors::Refused;
use crate::web::extract::{Asked, InProject};
use crate::web::filters;
use crate::web::links;
use crate::web::parts::{Column, Pager};
use crate::web::render::{Area, Chrome, page};

#[derive(Template, Serialize)]
#[template(path = "images.html")]
struct ImagesPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: ImageList,
    /// Whether the person may create image streams in the project of the list, or in a list of all,
    /// in any of them.
    #[serde(skip)]
    may_create: bool,
}

impl ImagesPage {
    fn by_name(&self) -> Column {
        self.column(ListSort::Name)
    }

    fn by_tags(&self) -> Column {
        self.column(ListSort::Tags)
    }

    fn by_push(&self) -> Column {
        self.column(ListSort::Pushed)
    }

    fn column(&self, sort: ListSort) -> Column {
        let query = &self.list.query;
        Column::new(
            links::image_list_by(query, sort),
            (query.sort == sort).then_some(query.order),
        )
    }

    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::image_list_page(&self.list.query, page)
        })
    }

    /// What the filter form must not forget: the order, where it is not the usual one.
    fn kept(&self) -> Vec<(&'static str, &'static str)> {
        let ListQuery { sort, order, .. } = self.list.query;
        let sorted = (sort != ListSort::Name).then_some(("sort", sort.as_str()));
        let ordered = (order != sort.usual_order()).then_some(("order", links::order(order)));
        let state = self.list.query.state.map(|state| ("state", state.as_str()));
        state.into_iter().chain(sorted).chain(ordered).collect()
    }

    /// How many there are; how many of all, where a filter leaves some out.
    fn summary(&self) -> Message {
        let lang = self.chrome.lang;
        if self.list.query.text.is_empty() && self.list.query.state.is_none() {
            return lang.msg("count-streams").arg("count", self.list.visible);
        }
        lang.msg("count-streams-of")
            .arg("count", self.list.paging.total)
            .arg("all", self.list.visible)
    }

    fn without_text(&self) -> String {
        links::image_list(&ListQuery {
            text: String::new(),
            page: 1,
            ..self.list.query.clone()
        })
    }

    /// The same list with streams in any state.
    fn in_any_state(&self) -> String {
        links::image_list(&ListQuery {
            state: None,
            page: 1,
            ..self.list.query.clone()
        })
    }

    fn everywhere(&self) -> String {
        links::image_list(&ListQuery {
            project: None,
            page: 1,
            ..self.list.query.clone()
        })
    }
}

/// All image streams that the person may see.
pub(in crate::web) async fn images(who: SignedIn, asked: Asked) -> Result<Response, Refused> {
    if let Some(project) = asked.project().cloned()
        && who.context.format == Format::Html
    {
        return Ok(
            Redirect::to(&links::image_list(&asked.of_images(Some(project)))).into_response(),
        );
    }
    show(&who, asked.of_images(None)).await
}

/// Those of one project.
pub(in crate::web) async fn images_of_project(
    who: SignedIn,
    InProject(project): InProject,
    asked: Asked,
) -> Result<Response, Refused> {
    show(&who, asked.of_images(Some(project))).await
}

async fn show(who: &SignedIn, query: ListQuery) -> Result<Response, Refused> {
    let project = query.project.clone();
    let console = who.console();
    let offers = async {
        match &project {
            Some(project) => console.offers(project).await.create,
            None => false,
        }
    };
    let (list, may_create_here) = tokio::join!(console.images(query), offers);
    let list = list?;
    let may_create =
        may_create_here || project.is_none() && console.may_create_in_any(&list.projects).await;
    let lang = who.context.lang;
    let title = match &list.query.project {
        Some(project) => lang
            .msg("images-title-project")
            .arg("project", project.as_str())
            .to_string(),
        None => lang.msg("images").to_string(),
    };
    let scope = project.map_or(Scope::All, Scope::Project);
    let chrome = who
        .chrome(Area::Images, title)
        .following(&scope, list.mark.as_ref());
    Ok(page(
        &who.context,
        &ImagesPage {
            chrome,
            list,
            may_create,
        },
    ))
}
