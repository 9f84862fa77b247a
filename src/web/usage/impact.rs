//! What a change of tags would do to workloads, on the page that asks for confirmation.

use serde::Serialize;

use super::is_worth_mentioning;
use crate::app::section::{Section, Unavailable};
use crate::app::usage::{
    AffectedWorkload, AlsoAffected, ChangeImpact, TagChange, USAGE_SECTION_TIMEOUT,
};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::links;
use registry_model::{ImageStreamName, ProjectName};

/// How many workloads of a group are shown at first.
const MAX_INITIAL_WORKLOADS: usize = 12;

/// What a change of tags of an image stream would do to workloads.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct ImpactSection {
    #[serde(flatten)]
    impact: Section<ChangeImpact>,
    #[serde(skip)]
    project: ProjectName,
    #[serde(skip)]
    stream: ImageStreamName,
    /// Whether the rows name the tags, because the change concerns several.
    #[serde(skip)]
    names_tags: bool,
}

/// Workloads that a change affects in the same way.
#[derive(Clone, Debug)]
pub(in crate::web) struct ImpactRow<'v> {
    pub(in crate::web) title: Message,
    /// What the title means, for a tooltip.
    pub(in crate::web) meaning: Message,
    /// Whether workloads of the row stop working.
    pub(in crate::web) is_dangerous: bool,
    /// Whether the title says that pods run the image.
    is_running: bool,
    pub(in crate::web) first: &'v [AffectedWorkload],
    pub(in crate::web) others: &'v [AffectedWorkload],
    /// How many more there are than those that are listed.
    pub(in crate::web) more: usize,
}

/// What `change` of an image stream would do, as far as it is known within the time of a section.
pub(in crate::web) async fn load_impact(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    change: TagChange,
) -> ImpactSection {
    let app = caller.app();
    // Boxed, because a page polls it deep in its stack.
    let impact = Box::pin(app.change_impact(project, stream, &change, USAGE_SECTION_TIMEOUT));
    ImpactSection {
        impact: Section::from(impact.await),
        project: project.clone(),
        stream: stream.clone(),
        names_tags: match change {
            TagChange::DeleteStream => true,
            TagChange::Remove(tags) | TagChange::Move(tags) => tags.len() > 1,
        },
    }
}

impl ImpactSection {
    /// What is known.
    pub(in crate::web) fn known(&self) -> Option<&ChangeImpact> {
        self.impact.ready()
    }

    /// Why nothing is known, unless the rest of the page says so.
    pub(in crate::web) fn missing(&self) -> Option<&Unavailable> {
        self.impact
            .missing()
            .filter(|missing| is_worth_mentioning(missing))
    }

    /// The page with everything that uses the image stream.
    pub(in crate::web) fn href(&self) -> String {
        links::stream_used_by(&self.project, &self.stream)
    }

    pub(in crate::web) fn is_own_project(&self, project: &ProjectName) -> bool {
        *project == self.project
    }

    pub(in crate::web) fn names_tags(&self) -> bool {
        self.names_tags
    }

    /// The groups of workloads that there are, those first that stop working. A workload is in one.
    pub(in crate::web) fn rows(&self, lang: &Lang) -> Vec<ImpactRow<'_>> {
        let Some(known) = self.known() else {
            return Vec::new();
        };
        let rows = [
            (
                &known.broken,
                lang.msg("impact-broken"),
                lang.msg("impact-broken-meaning"),
            ),
            (
                &known.redeploys,
                lang.msg("impact-redeploys"),
                lang.msg("impact-redeploys-meaning"),
            ),
            (
                &known.rebuilds,
                lang.msg("impact-rebuilds"),
                lang.msg("impact-rebuilds-meaning"),
            ),
            (
                &known.at_next_start,
                lang.msg("impact-next-start"),
                lang.msg("impact-next-start-meaning"),
            ),
            (
                &known.paused,
                lang.msg("impact-paused"),
                lang.msg("impact-paused-meaning"),
            ),
            (
                &known.earlier_revisions,
                lang.msg("impact-earlier-revisions"),
                lang.msg("impact-earlier-revisions-meaning"),
            ),
            (
                &known.running,
                lang.msg("impact-running"),
                lang.msg("impact-running-meaning"),
            ),
            (
                &known.pushing,
                lang.msg("impact-pushing"),
                lang.msg("impact-pushing-meaning"),
            ),
        ];
        rows.into_iter()
            .filter(|(group, ..)| !group.is_empty())
            .map(|(group, title, meaning)| {
                let (first, others) = group
                    .workloads
                    .split_at(group.workloads.len().min(MAX_INITIAL_WORKLOADS));
                ImpactRow {
                    title,
                    meaning,
                    is_dangerous: std::ptr::eq(group, &known.broken),
                    is_running: std::ptr::eq(group, &known.running),
                    first,
                    others,
                    more: group.more,
                }
            })
            .collect()
    }
}

impl ImpactRow<'_> {
    /// What else concerns a workload of the row than its title says, in a few words each.
    pub(in crate::web) fn additions(
        &self,
        lang: &Lang,
        affected: &AffectedWorkload,
    ) -> Vec<Message> {
        let pods = (affected.pods > 0).then(|| {
            let message = if self.is_running {
                lang.msg("used-by-pods")
            } else {
                lang.msg("impact-also-running")
            };
            message.arg("count", affected.pods)
        });
        let also = affected.also.iter().map(|also| match also {
            AlsoAffected::Paused => lang.msg("impact-also-paused"),
            AlsoAffected::EarlierRevision => lang.msg("impact-also-earlier-revision"),
            AlsoAffected::Pushes => lang.msg("impact-also-pushes"),
        });
        pods.into_iter().chain(also).collect()
    }
}
