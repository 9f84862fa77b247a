//! `/projects` and `/projects/{project}`: lists the user's projects, and displays one.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::live::ChangeScope;
use crate::app::projects::{Member, ProjectList, ProjectView};
use crate::openshift::AccessRight;
use crate::web::components::{MissingSections, Pager};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize)]
#[template(path = "projects/list.html")]
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
#[template(path = "projects/show.html")]
struct ProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectView,
    /// Whether the user may change members and access.
    #[serde(skip)]
    may_manage: bool,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_delete: bool,
    /// Whether the user may create image streams here.
    #[serde(skip)]
    may_create: bool,
}

impl ProjectsPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::project_list(&self.list.text, page)
        })
    }

    fn missing_access(&self) -> Option<MissingSections> {
        MissingSections::from_sections(self.list.rows.iter().map(|row| &row.access))
    }

    fn missing_streams(&self) -> Option<MissingSections> {
        MissingSections::from_sections(self.list.rows.iter().map(|row| &row.streams))
    }
}

impl ProjectPage {
    fn members_by_origin(&self) -> (Vec<&Member>, Vec<&Member>) {
        self.view
            .members
            .ready()
            .into_iter()
            .flatten()
            .partition(|member| !member.is_system_subject())
    }

    /// Whether it is known that the user may push. Otherwise, commands that push are not displayed.
    fn may_push(&self) -> bool {
        self.view.can_push.ready().is_some_and(|may| *may)
    }
}

pub(in crate::web) async fn list_projects(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let (text, number) = asked.text_and_page();
    let console = caller.app();
    let wanted = [
        AccessRight::request_projects(),
        AccessRight::for_users("list"),
        AccessRight::for_groups("list"),
    ];
    let (list, [may_request, may_see_users, may_see_groups]) = tokio::join!(
        console.project_list(&text, number),
        console.review_access(wanted)
    );
    let chrome = caller.chrome(
        Area::Projects,
        caller.context.lang.msg("projects").to_string(),
    );
    Ok(render(
        &caller.context,
        &ProjectsPage {
            chrome,
            list: list?,
            may_request,
            may_see_users,
            may_see_groups,
        },
    ))
}

pub(in crate::web) async fn show_project(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
) -> Result<Response, WebError> {
    let console = caller.app();
    let wanted = [
        AccessRight::update_role_bindings(&name),
        AccessRight::update_project(&name),
        AccessRight::delete_project(&name),
        AccessRight::create_streams(&name),
    ];
    let (view, rights) = tokio::join!(
        console.project(&name, caller.user_name()),
        console.review_access(wanted)
    );
    let [may_manage, may_edit, may_delete, may_create] = rights;
    let view = view?;
    let chrome = caller
        .chrome(Area::Projects, name.as_str())
        .with_live_updates(&ChangeScope::Project(name), view.page_revision.as_ref());
    Ok(render(
        &caller.context,
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
