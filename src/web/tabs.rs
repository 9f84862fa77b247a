//! The tabs of a page (`components/tabs.html`): links to pages about the same object.

use super::links;
use super::page_header::PageHeader;
use crate::app::space::SpaceQuery;
use crate::i18n::Lang;
use registry_model::{ImageStreamName, ProjectName};

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tab {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) is_current: bool,
}

/// The tabs of an object, of which one is current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tabs {
    /// The name of the row of tabs for screen readers: the object.
    pub(crate) label: String,
    pub(crate) tabs: Vec<Tab>,
}

/// What the pages about an object have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageFrame {
    pub(crate) header: PageHeader,
    pub(crate) tabs: Tabs,
}

/// The pages of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProjectTab {
    ImageStreams,
    Activity,
    Workloads,
    Space,
    Access,
    Credentials,
    Settings,
}

/// The pages of an image stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamTab {
    Tags,
    History,
    UsedBy,
    Space,
    Compare,
    Access,
    Settings,
}

/// The pages of the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdministrationTab {
    Users,
    Groups,
    Diagnostics,
}

impl Tabs {
    /// Tabs with these links, of which the `current`-th is current.
    fn new(label: String, links: Vec<(String, String, bool)>) -> Self {
        let tabs = links
            .into_iter()
            .map(|(href, text, is_current)| Tab {
                href,
                text,
                is_current,
            })
            .collect();
        Self { label, tabs }
    }

    /// The tabs of a project.
    pub(crate) fn for_project(lang: Lang, project: &ProjectName, current: ProjectTab) -> Self {
        use ProjectTab::{Access, Activity, Credentials, ImageStreams, Settings, Space, Workloads};
        let tabs = [
            (
                ImageStreams,
                links::project(project),
                lang.msg("image-streams"),
            ),
            (
                Activity,
                links::project_activity(project),
                lang.msg("activity"),
            ),
            (
                Workloads,
                links::project_workloads(project),
                lang.msg("workloads"),
            ),
            (
                Space,
                links::project_space(project, SpaceQuery::default()),
                lang.msg("space"),
            ),
            (
                Access,
                links::project_access(project),
                lang.msg("tab-access"),
            ),
            (
                Credentials,
                links::credentials(project),
                lang.msg("credentials"),
            ),
            (Settings, links::edit_project(project), lang.msg("settings")),
        ];
        Self::new(
            project.to_string(),
            tabs.into_iter()
                .map(|(tab, href, text)| (href, text.to_string(), tab == current))
                .collect(),
        )
    }

    /// The tabs of an image stream.
    pub(crate) fn for_stream(
        lang: Lang,
        project: &ProjectName,
        stream: &ImageStreamName,
        current: StreamTab,
    ) -> Self {
        use StreamTab::{Access, Compare, History, Settings, Space, Tags, UsedBy};
        let tabs = [
            (Tags, links::stream(project, stream), lang.msg("tags")),
            (
                History,
                links::stream_history(project, stream),
                lang.msg("history"),
            ),
            (
                UsedBy,
                links::stream_used_by(project, stream),
                lang.msg("used-by"),
            ),
            (
                Space,
                links::stream_space(project, stream),
                lang.msg("space"),
            ),
            (
                Compare,
                links::compare(project, stream),
                lang.msg("compare"),
            ),
            (
                Access,
                links::stream_access(project, stream),
                lang.msg("tab-access"),
            ),
            (
                Settings,
                links::stream_settings(project, stream),
                lang.msg("settings"),
            ),
        ];
        Self::new(
            format!("{project}/{stream}"),
            tabs.into_iter()
                .map(|(tab, href, text)| (href, text.to_string(), tab == current))
                .collect(),
        )
    }

    /// The tabs of the administration.
    pub(crate) fn for_administration(lang: Lang, current: AdministrationTab) -> Self {
        use AdministrationTab::{Diagnostics, Groups, Users};
        let tabs = [
            (Users, links::USERS, lang.msg("users")),
            (Groups, links::GROUPS, lang.msg("groups")),
            (Diagnostics, links::DOCTOR, lang.msg("doctor")),
        ];
        Self::new(
            lang.msg("administration").to_string(),
            tabs.into_iter()
                .map(|(tab, href, text)| (href.to_owned(), text.to_string(), tab == current))
                .collect(),
        )
    }
}
