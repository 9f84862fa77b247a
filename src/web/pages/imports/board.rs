//! `/imports`: lists everything that image streams import from other registries.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::ImportsParams;
use crate::app::imports::{
    HostGroup, HostHealth, INVALID_SOURCE_HOST, ImportRow, ImportState, ImportTarget, ImportsQuery,
    ImportsView, StateCounts,
};
use crate::app::live::ChangeScope;
use crate::i18n::{Lang, Message};
use crate::web::charts::import_health::HealthStrip;
use crate::web::components::Pager;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::import_results::failure_text;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::image_streams::list::StateLink;
use crate::web::render::{Area, Chrome, render};

/// How many registries the filter offers.
const MAX_HOST_OPTIONS: usize = 200;

/// The name of a state.
pub(super) fn state_name(lang: Lang, state: ImportState) -> Message {
    match state {
        ImportState::Failing => lang.msg("import-state-failing"),
        ImportState::Never => lang.msg("import-state-never"),
        ImportState::Stale => lang.msg("import-state-stale"),
        ImportState::Importing => lang.msg("import-state-importing"),
        ImportState::Ok => lang.msg("import-state-ok"),
    }
}

fn state_meaning(lang: Lang, state: ImportState) -> Message {
    match state {
        ImportState::Failing => lang.msg("import-state-failing-meaning"),
        ImportState::Never => lang.msg("import-state-never-meaning"),
        ImportState::Stale => lang.msg("import-state-stale-meaning"),
        ImportState::Importing => lang.msg("import-state-importing-meaning"),
        ImportState::Ok => lang.msg("import-state-ok-meaning"),
    }
}

/// The name of a registry.
pub(in crate::web) fn host_name(lang: Lang, host: &str) -> String {
    if host == INVALID_SOURCE_HOST {
        lang.msg("imports-invalid-source").to_string()
    } else {
        host.to_owned()
    }
}

#[derive(Template, Serialize, ToSchema)]
#[template(path = "imports/board.html")]
pub(super) struct ImportsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ImportsView,
    #[serde(skip)]
    running: Vec<RunningImports>,
}

/// A job of the user that is importing tags.
struct RunningImports {
    href: String,
    text: Message,
}

impl ImportsPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title)
    }

    /// All states, with the number of imports in each. States without imports are left out.
    fn state_filters(&self) -> Vec<StateLink> {
        let lang = self.chrome.lang;
        let query = &self.view.query;
        let filter = |state: Option<ImportState>, text: Message, count| StateLink {
            href: links::imports(&ImportsQuery {
                state,
                page: 1,
                ..query.clone()
            }),
            text: text.to_string(),
            meaning: state.map_or_else(String::new, |state| state_meaning(lang, state).to_string()),
            count: Some(count),
            is_current: query.state == state,
        };
        let all = filter(
            None,
            lang.msg("imports-any-state"),
            self.view.counts.total(),
        );
        let states = ImportState::ALL
            .into_iter()
            .map(|state| (state, self.view.counts.of(state)))
            .filter(|(state, count)| *count > 0 || query.state == Some(*state));
        std::iter::once(all)
            .chain(states.map(|(state, count)| filter(Some(state), state_name(lang, state), count)))
            .collect()
    }

    /// The states of a registry's imports as text.
    fn counts_text(&self, counts: &StateCounts) -> String {
        let lang = self.chrome.lang;
        ImportState::ALL
            .into_iter()
            .filter(|state| counts.of(*state) > 0)
            .map(|state| {
                let count = counts.of(state);
                match state {
                    ImportState::Failing => lang.msg("imports-count-failing"),
                    ImportState::Never => lang.msg("imports-count-never"),
                    ImportState::Stale => lang.msg("imports-count-stale"),
                    ImportState::Importing => lang.msg("imports-count-importing"),
                    ImportState::Ok => lang.msg("imports-count-ok"),
                }
                .arg("count", count)
                .to_string()
            })
            .collect::<Vec<_>>()
            .join(" · ")
    }

    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn strip(&self, counts: &StateCounts) -> HealthStrip {
        HealthStrip::new(counts)
    }

    /// Whether the page does not show the imports of all registries in question, so that the
    /// registries need an overview.
    fn has_other_hosts(&self) -> bool {
        self.view.paging.pages > 1 || self.view.query.host.is_some()
    }

    /// The states of a registry's imports, unless the overview or the only row shows them.
    fn group_counts(&self, group: &HostGroup) -> Option<&StateCounts> {
        let host = self
            .view
            .hosts
            .iter()
            .find(|host| host.host == group.host)?;
        (!self.has_other_hosts() && host.counts.total() > 1).then_some(&host.counts)
    }

    fn retry_shown_text(&self) -> Message {
        let lang = self.chrome.lang;
        let text = if self.view.paging.pages > 1 {
            lang.msg("imports-retry-shown")
        } else {
            lang.msg("imports-retry-all")
        };
        text.arg("count", self.importable().len())
    }

    fn host_name(&self, host: &str) -> String {
        host_name(self.chrome.lang, host)
    }

    fn host_link(&self, host: &HostHealth) -> String {
        links::imports(&ImportsQuery {
            host: Some(host.host.clone()),
            page: 1,
            ..self.view.query.clone()
        })
    }

    /// The registries that the filter offers.
    fn host_options(&self) -> impl Iterator<Item = &HostHealth> {
        let shown = |(at, host): &(usize, &HostHealth)| {
            *at < MAX_HOST_OPTIONS || self.is_current_host(host)
        };
        let hosts = self.view.hosts.iter().enumerate();
        hosts.filter(shown).map(|(_, host)| host)
    }

    fn is_current_host(&self, host: &HostHealth) -> bool {
        self.view.query.host.as_ref() == Some(&host.host)
    }

    fn state_name(&self, state: &ImportState) -> Message {
        state_name(self.chrome.lang, *state)
    }

    /// What failed, in a few words: by its kind, otherwise the API's reason.
    fn failure_name(&self, row: &ImportRow) -> String {
        let Some(failure) = &row.failure else {
            return String::new();
        };
        failure_text(self.chrome.lang, failure.kind, &failure.reason)
    }

    fn pager(&self) -> Pager {
        Pager::new(&self.view.paging, |page| {
            links::imports(&ImportsQuery {
                page,
                ..self.view.query.clone()
            })
        })
    }

    /// The query, as hidden fields of the form.
    fn query_fields(&self) -> Vec<(&'static str, String)> {
        links::imports_fields(&self.view.query)
    }

    fn importable(&self) -> Vec<ImportTarget> {
        self.view.importable()
    }

    /// Whether a button for all imports that match would do more than the one for those shown.
    fn offers_all(&self) -> bool {
        self.view.paging.pages > 1 && self.view.groups.iter().any(HostGroup::may_import)
    }

    /// Whether a button for all imports of the registry would do more than those of its rows.
    fn offers_host(&self, group: &HostGroup) -> bool {
        group.may_import() && group.matching > 1
    }

    /// Whether the query restricts the list.
    fn is_filtered(&self) -> bool {
        links::imports(&ImportsQuery {
            page: 1,
            ..self.view.query.clone()
        }) != links::IMPORTS
    }

    fn summary(&self) -> Message {
        let lang = self.chrome.lang;
        if self.is_filtered() {
            return lang
                .msg("imports-summary-of")
                .arg("count", self.view.paging.total)
                .arg("all", self.view.visible);
        }
        lang.msg("imports-summary").arg("count", self.view.visible)
    }
}

pub(in crate::web) async fn list_imports(
    caller: SignedIn,
    ImportsParams(query): ImportsParams,
) -> Result<Response, WebError> {
    let view = caller.app().imports(query).await?;
    let chrome = caller
        .chrome(
            Area::Imports,
            caller.context.lang.msg("imports").to_string(),
        )
        .with_live_updates(&ChangeScope::All, view.page_revision.as_ref());
    let lang = caller.context.lang;
    let running = caller
        .running_import_jobs()
        .into_iter()
        .map(|(id, state)| RunningImports {
            href: links::import_job(&id, 1),
            text: lang
                .msg("imports-running")
                .arg("count", state.total)
                .arg("done", state.processed),
        });
    let running = running.collect();
    let page = ImportsPage {
        chrome,
        view,
        running,
    };
    Ok(render(&caller.context, &page))
}
