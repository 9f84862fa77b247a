//! Pages of projects.

pub(in crate::web) mod access;
pub(in crate::web) mod activity;
pub(in crate::web) mod api;
pub(in crate::web) mod create;
pub(in crate::web) mod delete;
pub(in crate::web) mod edit;
pub(in crate::web) mod list;
pub(in crate::web) mod prune_plan;
pub(in crate::web) mod show;
pub(in crate::web) mod space;
pub(in crate::web) mod workloads;

use crate::app::projects::ProjectFacts;
use crate::i18n::Lang;
use crate::openshift::AccessRight;
use crate::web::context::SignedIn;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::tabs::{ProjectTab, Tabs};
use registry_model::ProjectName;

/// What the header of a project's pages offers to the user.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct ProjectActions {
    /// Whether the user may create image streams in the project.
    pub(in crate::web) create_stream: bool,
    pub(in crate::web) edit: bool,
    pub(in crate::web) delete: bool,
}

impl ProjectActions {
    /// What the API server allows the user.
    pub(in crate::web) async fn load(caller: &SignedIn, project: &ProjectName) -> Self {
        let rights = [
            AccessRight::create_streams(project),
            AccessRight::update_project(project),
            AccessRight::delete_project(project),
        ];
        let [create_stream, edit, delete] = caller.app().review_access(rights).await;
        Self {
            create_stream,
            edit,
            delete,
        }
    }

    /// The header of the pages of a project, which differ in their tabs.
    pub(in crate::web) fn header(self, lang: Lang, project: &ProjectName) -> PageHeader {
        PageHeader::new(project)
            .with_kind(lang.msg("project"))
            .below_projects(lang)
            .when(self.create_stream, |header| {
                header.with_primary(links::new_stream_in(project), lang.msg("stream-new"))
            })
            .when(self.edit, |header| {
                header.with_menu_item(links::edit_project(project), lang.msg("edit-project"))
            })
            .when(self.delete, |header| {
                header
                    .with_dangerous_item(links::delete_project(project), lang.msg("delete-project"))
            })
    }

    /// The frame of the page of a project that `tab` leads to.
    fn frame(
        self,
        lang: Lang,
        project: &ProjectName,
        tab: ProjectTab,
        facts: Option<ProjectFacts>,
    ) -> ProjectFrame {
        let actions = Self {
            // That form is on the page of the settings.
            edit: self.edit && tab != ProjectTab::Settings,
            ..self
        };
        ProjectFrame {
            actions,
            header: actions.header(lang, project),
            facts,
            tabs: Tabs::for_project(lang, project, tab),
        }
    }
}

/// What the pages of a project have in common above their content.
#[derive(Clone, Debug)]
pub(in crate::web) struct ProjectFrame {
    pub(in crate::web) actions: ProjectActions,
    pub(in crate::web) header: PageHeader,
    /// `None` while the API server does not answer.
    pub(in crate::web) facts: Option<ProjectFacts>,
    pub(in crate::web) tabs: Tabs,
}

impl ProjectFrame {
    /// Loads the frame of the page that `tab` leads to.
    pub(in crate::web) async fn load(
        caller: &SignedIn,
        project: &ProjectName,
        tab: ProjectTab,
    ) -> Self {
        let console = caller.app();
        let (actions, facts) = tokio::join!(
            ProjectActions::load(caller, project),
            Box::pin(console.project_facts(project))
        );
        actions.frame(caller.context.lang, project, tab, facts.ok())
    }
}
