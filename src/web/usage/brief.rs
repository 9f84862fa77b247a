//! What uses an image, as a section of a page about something else.

use std::collections::BTreeSet;

use serde::Serialize;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use crate::app::failure::Failure;
use crate::app::images::ImageReference;
use crate::app::lists::RowLimit;
use crate::app::section::Section;
use crate::app::usage::{
    TrackingTag, USAGE_SECTION_TIMEOUT, UsageScope, UsageTarget, UsageView, WorkloadUse,
};
use crate::web::context::SignedIn;
use crate::web::links;
use registry_model::{ImageStream, ProjectName, WorkloadId};

/// How many workloads the section of another page names.
const MAX_NAMED_WORKLOADS: usize = 6;

/// What uses an image, as a section of a page about something else.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct UsageBrief {
    /// How many workloads use it.
    pub(in crate::web) workload_count: usize,
    /// How many pods run it now.
    pub(in crate::web) running_pods: usize,
    /// In how many projects the workloads are.
    pub(in crate::web) project_count: usize,
    /// The first few workloads. The project of the image stream comes first.
    pub(in crate::web) workloads: Vec<WorkloadInProject>,
    /// How many more workloads there are.
    pub(in crate::web) more_workloads: usize,
    /// The first few build configurations that only push to it, which is not a use.
    pub(in crate::web) pushed_by: Vec<WorkloadInProject>,
    /// How many tags track it; of an image stream, tags of other image streams.
    pub(in crate::web) tracking_tag_count: usize,
    pub(in crate::web) scope: UsageScope,
    /// The page with all of it.
    #[serde(skip)]
    pub(in crate::web) href: String,
    /// The project of the image stream, which the names of workloads do not repeat.
    #[serde(skip)]
    own_project: ProjectName,
}

/// A workload with its project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::web) struct WorkloadInProject {
    pub(in crate::web) project: ProjectName,
    pub(in crate::web) workload: WorkloadId,
}

impl UsageBrief {
    fn new(view: &UsageView) -> Self {
        let all = view.projects.iter().flat_map(|uses| {
            let workloads = uses.workloads.iter();
            workloads.map(|used| (&uses.project, used))
        });
        let (pushing, using): (Vec<_>, Vec<_>) = all.partition(|(_, used)| used.only_pushes());
        let named = |found: &[(&ProjectName, &WorkloadUse)]| {
            let first = found.iter().take(MAX_NAMED_WORKLOADS);
            let in_project = first.map(|(project, used)| WorkloadInProject {
                project: (*project).clone(),
                workload: used.workload.clone(),
            });
            in_project.collect::<Vec<_>>()
        };
        let projects: BTreeSet<&ProjectName> = using.iter().map(|(project, _)| *project).collect();
        let workload_count = view.workload_count.saturating_sub(pushing.len());
        let workloads = named(&using);
        // Within an image stream, tags track each other without anything else using it.
        let is_use = |tag: &&TrackingTag| match &view.target {
            UsageTarget::Stream { project, stream } => {
                (&tag.project, &tag.stream) != (project, stream)
            }
            UsageTarget::Tag { .. } | UsageTarget::Image { .. } => true,
        };
        let tracking_tags = view.tracking_tags.iter().filter(is_use).count();
        Self {
            workload_count,
            running_pods: view.running_pods,
            project_count: projects.len(),
            more_workloads: workload_count.saturating_sub(workloads.len()),
            workloads,
            pushed_by: named(&pushing),
            tracking_tag_count: tracking_tags + view.more_tracking_tags,
            scope: view.scope.clone(),
            href: used_by_link(&view.target),
            own_project: view.target.project().clone(),
        }
    }

    pub(in crate::web) fn is_own_project(&self, project: &ProjectName) -> bool {
        *project == self.own_project
    }
}

/// The address of the page with everything that uses `target`.
fn used_by_link(target: &UsageTarget) -> String {
    match target {
        UsageTarget::Stream { project, stream } => links::stream_used_by(project, stream),
        UsageTarget::Tag {
            project,
            stream,
            tag,
        } => links::image_used_by(project, stream, &ImageReference::Tag(tag.clone())),
        UsageTarget::Image {
            project,
            stream,
            digest,
        } => links::image_used_by(project, stream, &ImageReference::Digest(digest.clone())),
    }
}

/// What uses `target`, as far as it is known within the time of a section.
pub(in crate::web) async fn load_brief(
    caller: &SignedIn,
    target: UsageTarget,
) -> Section<UsageBrief> {
    let app = caller.app();
    // Boxed, because a page polls it deep in its stack.
    let usage = Box::pin(app.image_usage(target, USAGE_SECTION_TIMEOUT, RowLimit::Page)).await;
    brief_section(usage)
}

/// The same on the page of the image stream, which has sent it or will do so.
pub(in crate::web) async fn load_brief_in_shown(
    caller: &SignedIn,
    shown: oneshot::Receiver<ImageStream>,
    target: UsageTarget,
) -> Section<UsageBrief> {
    let app = caller.app();
    let usage = app.image_usage_in_shown(shown, target, USAGE_SECTION_TIMEOUT);
    brief_section(Box::pin(usage).await)
}

fn brief_section(usage: Result<UsageView, Failure>) -> Section<UsageBrief> {
    match Section::from(usage) {
        Section::Ready(view) => Section::Ready(UsageBrief::new(&view)),
        Section::Missing { missing } => Section::Missing { missing },
    }
}
