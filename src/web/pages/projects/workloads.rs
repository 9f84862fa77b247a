//! `/projects/{project}/workloads`: what the workloads of a project run, and how current it is.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ProjectFrame;
use crate::app::lists::RowLimit;
use crate::app::usage::{
    Pullability, USAGE_PAGE_TIMEOUT, UseKind, WorkloadImageRow, WorkloadRow, WorkloadTable,
};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::links;
use crate::web::pages::image_streams::list::StateLink;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::ProjectTab;
use crate::web::usage;
use registry_model::{Digest, ImagePart, TagName, WorkloadKind};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/workloads.html")]
pub(super) struct ProjectWorkloadsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: WorkloadTable,
    #[serde(skip)]
    frame: ProjectFrame,
    /// How many workloads there are, in any state.
    #[serde(skip)]
    all: usize,
    /// Only workloads in this state.
    #[serde(skip)]
    state: Option<WorkloadState>,
}

/// A state that the list of workloads can be reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum WorkloadState {
    /// The tag points to a newer image than the one that is running.
    Outdated,
    /// An image can no longer be pulled.
    Unpullable,
}

impl WorkloadState {
    pub(in crate::web) const ALL: [Self; 2] = [Self::Outdated, Self::Unpullable];

    /// The form used in URLs.
    pub(in crate::web) fn as_str(self) -> &'static str {
        match self {
            Self::Outdated => "outdated",
            Self::Unpullable => "unpullable",
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    fn includes(self, row: &WorkloadRow) -> bool {
        row.images.iter().any(|image| match self {
            Self::Outdated => image.newer.is_some(),
            Self::Unpullable => image.pullability.is_broken(),
        })
    }
}

impl ProjectWorkloadsPage {
    /// The links to all states: any first. None where no workload is in a state.
    fn states(&self) -> Vec<StateLink> {
        let (lang, view) = (self.chrome.lang, &self.view);
        if view.outdated + view.unpullable == 0 {
            return Vec::new();
        }
        let states = [
            (
                None,
                lang.msg("state-all"),
                lang.msg("workload-state-all"),
                self.all,
            ),
            (
                Some(WorkloadState::Outdated),
                lang.msg("workload-state-outdated"),
                lang.msg("workload-state-outdated-meaning"),
                view.outdated,
            ),
            (
                Some(WorkloadState::Unpullable),
                lang.msg("workload-state-unpullable"),
                lang.msg("workload-state-unpullable-meaning"),
                view.unpullable,
            ),
        ];
        states
            .into_iter()
            .map(|(state, text, meaning, count)| StateLink {
                href: links::project_workloads_in(
                    &view.project.name,
                    state.map(WorkloadState::as_str),
                ),
                text: text.to_string(),
                meaning: meaning.to_string(),
                count: Some(count),
                is_current: self.state == state,
            })
            .collect()
    }

    /// The images of a workload that a reader looks for: what runs or, where nothing runs, what
    /// would be started. Earlier revisions only where there is nothing else.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn images<'v>(&self, row: &'v WorkloadRow) -> Vec<&'v WorkloadImageRow> {
        shown_images(&row.images)
    }

    /// The running image, by its version if it has one.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn version(&self, versions: &[TagName], image: &Digest) -> String {
        versions
            .first()
            .map_or_else(|| image.short(), ToString::to_string)
    }

    /// The reference, with a digest cut to its first digits.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn short_reference(&self, image: &WorkloadImageRow) -> String {
        let parts = image.reference.split_once('@');
        match parts.and_then(|(name, digest)| Some((name, digest.parse::<Digest>().ok()?))) {
            Some((name, digest)) => format!("{name}@{}", digest.short()),
            None => image.reference.clone(),
        }
    }

    /// That the tag points to a newer image than the one that runs.
    fn outdated_text(&self, image: &WorkloadImageRow) -> Option<Message> {
        let (running, newer) = (image.digest.as_ref()?, image.newer.as_ref()?);
        let key = if image.kind == UseKind::Running {
            self.chrome.lang.msg("workload-outdated")
        } else {
            self.chrome.lang.msg("workload-outdated-start")
        };
        Some(
            key.arg("running", self.version(&image.versions, running))
                .arg("newer", self.version(&image.newer_versions, newer)),
        )
    }

    fn compare_link(&self, image: &WorkloadImageRow) -> Option<String> {
        let (project, stream) = image.stream.as_ref()?;
        let (running, newer) = (image.digest.as_ref()?, image.newer.as_ref()?);
        Some(links::compare_images(
            project,
            stream,
            &running.to_string(),
            &newer.to_string(),
        ))
    }

    /// Why the image can no longer be pulled.
    fn broken_text(&self, image: &WorkloadImageRow) -> Option<Message> {
        let lang = self.chrome.lang;
        match image.pullability {
            Pullability::NoStream => Some(lang.msg("workload-no-stream")),
            Pullability::NoTag => Some(lang.msg("workload-no-tag")),
            Pullability::NoImage => Some(lang.msg("workload-no-image")),
            Pullability::NotAllowed => {
                let project = image
                    .stream
                    .as_ref()
                    .map(|(project, _)| project.to_string());
                Some(
                    lang.msg("workload-pull-not-allowed")
                        .arg("project", project.unwrap_or_default()),
                )
            }
            Pullability::Pullable | Pullability::Elsewhere | Pullability::Unknown => None,
        }
    }

    /// Whether there is no page about what the workload names.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn is_gone(&self, image: &WorkloadImageRow) -> bool {
        matches!(
            image.pullability,
            Pullability::NoStream | Pullability::NoTag
        )
    }

    /// What the workload does with the image, unless its containers run it.
    fn role_text(&self, image: &WorkloadImageRow) -> Option<Message> {
        let lang = self.chrome.lang;
        usage::build_part(&lang, &image.part).or_else(|| {
            (image.kind == UseKind::EarlierRevision).then(|| lang.msg("use-earlier-revision"))
        })
    }

    /// Since when the oldest pod runs, or else the workload exists.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn since(&self, row: &WorkloadRow) -> Option<DateTime<Utc>> {
        let running = row
            .images
            .iter()
            .filter(|image| image.kind == UseKind::Running);
        running
            .filter_map(|image| image.since)
            .min()
            .or(row.created)
    }

    /// The number of pods that run, of those that the workload keeps if that is known.
    fn pods_text(&self, row: &WorkloadRow) -> Option<Message> {
        let lang = self.chrome.lang;
        if row.workload.kind.is_build() {
            let is_building = row
                .images
                .iter()
                .any(|image| image.kind == UseKind::Building);
            return is_building.then(|| lang.msg("use-building"));
        }
        // The containers of a pod run together.
        let mut pods: BTreeMap<&ImagePart, usize> = BTreeMap::new();
        for image in row.images.iter().filter(|it| it.kind == UseKind::Running) {
            *pods.entry(&image.part).or_default() += image.pods;
        }
        let running = pods.into_values().max().unwrap_or_default();
        if running == 0 && matches!(row.workload.kind, WorkloadKind::CronJob | WorkloadKind::Job) {
            return None;
        }
        Some(match row.replicas {
            Some(replicas) => lang
                .msg("workload-pods-of")
                .arg("count", running)
                .arg("all", replicas),
            None => lang.msg("use-pod-count").arg("count", running),
        })
    }
}

fn shown_images(all: &[WorkloadImageRow]) -> Vec<&WorkloadImageRow> {
    let has = |part: &ImagePart, kinds: &[UseKind]| {
        all.iter()
            .any(|image| image.part == *part && kinds.contains(&image.kind))
    };
    let is_shown = |image: &&WorkloadImageRow| match image.kind {
        UseKind::Running | UseKind::Pushes | UseKind::Builds => true,
        // A build uses the images of its configuration.
        UseKind::Building => !has(&image.part, &[UseKind::Builds, UseKind::Pushes]),
        // A rollout that is under way, or that failed: the pods still run another image.
        UseKind::Starts => {
            !has(&image.part, &[UseKind::Running])
                || image.digest.is_some()
                    && all.iter().all(|other| {
                        other.part != image.part
                            || other.kind != UseKind::Running
                            || other.digest != image.digest
                    })
        }
        UseKind::Trigger => !has(
            &image.part,
            &[UseKind::Running, UseKind::Starts, UseKind::Builds],
        ),
        UseKind::EarlierRevision => !has(
            &image.part,
            &[UseKind::Running, UseKind::Starts, UseKind::Trigger],
        ),
    };
    all.iter().filter(is_shown).collect()
}

pub(in crate::web) async fn show_project_workloads(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    params: ListParams,
    limit: RowLimit,
) -> Result<Response, WebError> {
    let console = caller.app();
    let (view, frame) = tokio::join!(
        Box::pin(console.workload_table(&name, USAGE_PAGE_TIMEOUT, limit)),
        ProjectFrame::load(&caller, &name, ProjectTab::Workloads)
    );
    let mut view = view?;
    let all = view.rows.len() + view.more_rows;
    let state = WorkloadState::from_text(params.state());
    if let Some(state) = state {
        view.rows.retain(|row| state.includes(row));
    }
    let title = format!("{} · {name}", caller.context.lang.msg("workloads"));
    Ok(render(
        &caller.context,
        &ProjectWorkloadsPage {
            chrome: caller.chrome(Area::Projects, title),
            view,
            frame,
            all,
            state,
        },
    ))
}
