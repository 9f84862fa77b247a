//! `/projects` and `/projects/{project}`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::live::Scope;
use crate::app::projects::{Member, ProjectList, ProjectView};
use crate::openshift::Access;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, InProject};
use crate::web::filters;
use crate::web::links;
use crate::web::parts::{Lacking, Pager};
use crate::web::render::{Area, Chrome, page};

#[derive(Template, Serialize)]
#[template(path = "projects.html")]
struct ProjectsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: ProjectList,
    #[serde(skip)]
    may_request: bool,
    #[serde(skip)]
    may_see_users: bool,
    #[serde(skip)]
    may_see_groups: bool,
}

#[derive(Template, Serialize)]
#[template(path = "project.html")]
struct ProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectView,
    /// Whether the person may change members and access.
    #[serde(skip)]
    may_manage: bool,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_delete: bool,
    /// Whether the person may create image streams here.
    #[serde(skip)]
    may_create: bool,
}

impl ProjectsPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::project_list(&self.list.text, page)
        })
    }

    fn access_lacking(&self) -> Option<Lacking> {
        Lacking::among(self.list.rows.iter().map(|row| &row.access))
    }

    fn streams_lacking(&self) -> Option<Lacking> {
        Lacking::among(self.list.rows.iter().map(|row| &row.streams))
    }
}

impl ProjectPage {
    fn people_and_system(&self) -> (Vec<&Member>, Vec<&Member>) {
        self.view
            .members
            .ready()
            .into_iter()
            .flatten()
            .partition(|member| !member.is_of_the_system())
    }

    /// Whether it is known that the person may push: commands that would fail help nobody.
    fn may_push(&self) -> bool {
        self.view.can_push.ready().is_some_and(|may| *may)
    }
}

/// The projects of the person.
pub(in crate::web) async fn projects(who: SignedIn, asked: Asked) -> Result<Response, Refused> {
    let (text, number) = asked.text_and_page();
    let console = who.console();
    let wanted = [
        Access::request_projects(),
        Access::on_users("list"),
        Access::on_groups("list"),
    ];
    let (list, [may_request, may_see_users, may_see_groups]) =
        tokio::join!(console.projects(&text, number), console.allowed(wanted));
    let chrome = who.chrome(Area::Projects, who.context.lang.msg("projects").to_string());
    Ok(page(
        &who.context,
        &ProjectsPage {
            chrome,
            list: list?,
            may_request,
            may_see_users,
            may_see_groups,
        },
    ))
}

pub(in crate::web) async fn project(
    who: SignedIn,
    InProject(name): InProject,
) -> Result<Response, Refused> {
    let console = who.console();
    let wanted = [
        Access::change_bindings(&name),
        Access::update_project(&name),
        Access::delete_project(&name),
        Access::create_streams(&name),
    ];
    let (view, rights) = tokio::join!(
        console.project(&name, who.user_name()),
        console.allowed(wanted)
    );
    let [may_manage, may_edit, may_delete, may_create] = rights;
    let view = view?;
    let chrome = who
        .chrome(Area::Projects, name.as_str())
        .following(&Scope::Project(name), view.mark.as_ref());
    Ok(page(
        &who.context,
        &ProjectPage {
            chrome,
            view,
            may_manage,
            may_edit,
            may_delete,
            may_create,
        },
    ))
}
