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
use registry_model::{ImageStreamName, ProjectName, TagName};

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
    #[serde(skip)]
    change: ChangeKind,
    /// Whether the rows name the tags, because the change concerns several.
    #[serde(skip)]
    names_tags: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeKind {
    DeleteStream,
    Remove,
    Move,
}

/// Workloads that a change affects in the same way.
#[derive(Clone, Debug)]
pub(in crate::web) struct ImpactRow<'v> {
    kind: RowKind,
    pub(in crate::web) title: Message,
    /// What happens to the workloads.
    pub(in crate::web) meaning: Message,
    names_tags: bool,
    pub(in crate::web) first: &'v [AffectedWorkload],
    pub(in crate::web) others: &'v [AffectedWorkload],
    /// How many more there are than those that are listed.
    pub(in crate::web) more: usize,
}

/// How a change affects the workloads of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowKind {
    Broken,
    Redeploys,
    Rebuilds,
    AtNextStart,
    Paused,
    EarlierRevisions,
    Kept,
    Running,
    Pushing,
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
        change: match change {
            TagChange::DeleteStream => ChangeKind::DeleteStream,
            TagChange::Remove(_) => ChangeKind::Remove,
            TagChange::Move(_) => ChangeKind::Move,
        },
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

    /// What precedes the tags that track what is changed.
    pub(in crate::web) fn tracking_title(&self, lang: &Lang) -> Message {
        match self.change {
            ChangeKind::DeleteStream => lang.msg("impact-tracking-tags-of-stream"),
            ChangeKind::Remove | ChangeKind::Move => lang.msg("impact-tracking-tags"),
        }
    }

    /// The groups of workloads that there are, those first that stop working. A workload is in one.
    pub(in crate::web) fn rows(&self, lang: &Lang) -> Vec<ImpactRow<'_>> {
        let Some(known) = self.known() else {
            return Vec::new();
        };
        let rows = [
            (RowKind::Broken, &known.broken),
            (RowKind::Redeploys, &known.redeploys),
            (RowKind::Rebuilds, &known.rebuilds),
            (RowKind::AtNextStart, &known.at_next_start),
            (RowKind::Paused, &known.paused),
            (RowKind::EarlierRevisions, &known.earlier_revisions),
            (RowKind::Pushing, &known.pushing),
            (RowKind::Kept, &known.kept),
            (RowKind::Running, &known.running),
        ];
        rows.into_iter()
            .filter(|(_, group)| !group.is_empty())
            .map(|(kind, group)| {
                let (first, others) = group
                    .workloads
                    .split_at(group.workloads.len().min(MAX_INITIAL_WORKLOADS));
                let (title, meaning) = self.texts(lang, kind, known);
                ImpactRow {
                    kind,
                    title,
                    meaning,
                    names_tags: self.names_tags,
                    first,
                    others,
                    more: group.more,
                }
            })
            .collect()
    }

    /// The title of a row, and what happens to its workloads.
    fn texts(&self, lang: &Lang, kind: RowKind, known: &ChangeImpact) -> (Message, Message) {
        match kind {
            RowKind::Broken => (lang.msg("impact-broken"), lang.msg("impact-broken-meaning")),
            RowKind::Redeploys => (
                lang.msg("impact-redeploys"),
                lang.msg("impact-redeploys-meaning"),
            ),
            RowKind::Rebuilds => (
                lang.msg("impact-rebuilds"),
                lang.msg("impact-rebuilds-meaning"),
            ),
            RowKind::AtNextStart => (
                lang.msg("impact-next-start"),
                lang.msg("impact-next-start-meaning"),
            ),
            RowKind::Paused => (lang.msg("impact-paused"), lang.msg("impact-paused-meaning")),
            RowKind::EarlierRevisions => (
                lang.msg("impact-earlier-revisions"),
                lang.msg("impact-earlier-revisions-meaning"),
            ),
            RowKind::Running => (
                lang.msg("impact-running"),
                lang.msg("impact-running-meaning"),
            ),
            RowKind::Kept => {
                let tags: Vec<&str> = known.kept_by.iter().map(TagName::as_str).collect();
                let meaning = lang.msg("impact-kept-meaning");
                (
                    lang.msg("impact-kept"),
                    meaning.arg("tags", tags.join(lang.list_separator())),
                )
            }
            RowKind::Pushing => match self.change {
                ChangeKind::DeleteStream => (
                    lang.msg("impact-pushing-fails"),
                    lang.msg("impact-pushing-fails-meaning"),
                ),
                ChangeKind::Remove => {
                    (lang.msg("impact-pushing"), lang.msg("impact-pushing-again"))
                }
                ChangeKind::Move => (
                    lang.msg("impact-pushing"),
                    lang.msg("impact-pushing-overwrites"),
                ),
            },
        }
    }
}

impl ImpactRow<'_> {
    /// Whether workloads of the row stop working.
    pub(in crate::web) fn is_dangerous(&self) -> bool {
        self.kind == RowKind::Broken
    }

    /// The tags to name beside a workload: where the change concerns several, or where they are others
    /// than those that change.
    pub(in crate::web) fn tags<'v>(&self, affected: &'v AffectedWorkload) -> &'v [TagName] {
        if self.names_tags || self.kind == RowKind::Kept {
            &affected.tags
        } else {
            &[]
        }
    }

    /// What else concerns a workload of the row than its title says, in a few words each.
    pub(in crate::web) fn additions(
        &self,
        lang: &Lang,
        affected: &AffectedWorkload,
    ) -> Vec<Message> {
        let pods = (affected.pods > 0).then(|| {
            let message = if self.kind == RowKind::Running {
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
        let is_by_digest = affected.tags.is_empty()
            && matches!(self.kind, RowKind::Broken | RowKind::Kept)
            && !affected.also.contains(&AlsoAffected::EarlierRevision);
        let by_digest = is_by_digest.then(|| lang.msg("use-by-digest"));
        by_digest.into_iter().chain(pods).chain(also).collect()
    }
}
