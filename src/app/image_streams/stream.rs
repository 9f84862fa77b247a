//! The page of an image stream: its tags, their sources and their history.

mod attachments;
mod bounds;
mod image_brief;
mod platforms;
mod pull_targets;
mod query;
mod rows;
mod same_image;
pub(super) mod timeline;

pub use attachments::AttachedTag;
pub(in crate::app) use bounds::bound_tags;
pub use image_brief::ImageBrief;
pub use platforms::PlatformBrief;
pub use pull_targets::{PullTarget, PullTargets};
pub use query::{TagQuery, TagSort};
pub use same_image::SameImage;
pub use timeline::{LaneEvent, LaneEventKind, TimelineLane};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use super::facts::StreamFacts;
use super::import_advice::ImportAdvice;
use crate::app::AppForUser;
use crate::app::connect::commands::{CommandRepository, PullCommands};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::lists::UseAnswer;
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::{Paging, WHOLE_LIST};
use crate::app::live::PageRevision;
use crate::app::projects::PushLimits;
use crate::app::section::{REGISTRY_TIMEOUT, Section, with_timeout};
use crate::app::usage::{USAGE_SECTION_TIMEOUT, UsageScope, UsageState};
use crate::openshift::AccessRight;
use registry_model::{
    Attachment, Digest, ImageStream, ImageStreamName, ImportFailure, ImportMode,
    InternalRepository, ProjectName, Tag, TagName, TagSource,
};

/// An image stream with a page of its tags.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StreamView {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// When it was created.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<DateTime<Utc>>,
    /// Annotations. Untrusted.
    pub annotations: BTreeMap<String, String>,
    /// How many more annotations there are.
    pub more_annotations: usize,
    /// Its pull spec inside the cluster.
    #[schema(value_type = Option<String>)]
    pub internal_repository: InternalRepository,
    /// Its pull spec from outside.
    pub public_repository: Option<String>,
    /// The remote repository that it tracks. Untrusted.
    pub follows: Option<String>,
    /// Whether pods of the project may use the image stream's name as a pull spec
    /// (`lookupPolicy.local`).
    pub local_lookup: bool,
    /// Whether there is anything to import: a tracked repository, or a tag with a source elsewhere.
    pub imports: bool,
    /// Of which projects the workloads were read, for `usage` of the tags. Absent: of none in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub usage_scope: Option<UsageScope>,
    /// Whether the filter by use has an answer. `None`: the use could not be read.
    #[serde(skip)]
    pub use_answer: Option<UseAnswer>,
    /// The query that was answered.
    pub query: TagQuery,
    /// The tags of this page.
    pub tags: Vec<TagRow>,
    /// The position of the page among all tags that match.
    pub paging: Paging,
    /// The position of the page in the history of the one tag that the query names.
    pub history_paging: Option<Paging>,
    /// How many tags there are in all.
    pub tag_count: usize,
    /// How many tags failed to import.
    pub failing: usize,
    /// Why the last import of the whole tracked repository failed. Untrusted.
    pub repository_failure: Option<String>,
    /// How many tags were left out because their names are invalid.
    pub unreadable_tags: usize,
    /// How many tags the registry lists.
    pub registry: Section<usize>,
    /// Whether the user may push.
    pub can_push: Section<bool>,
    /// Whether the user may set tags.
    pub can_tag: bool,
    /// Whether the user may remove tags.
    pub can_untag: bool,
    pub commands: PullCommands,
    /// What the limits of the project mean for a push. Empty for users who may not push or may not
    /// read the limits.
    #[serde(skip_serializing_if = "PushLimits::has_none")]
    pub push_limits: PushLimits,
    #[serde(skip)]
    pub facts: StreamFacts,
    /// What can be pulled.
    #[serde(skip)]
    pub pull_targets: PullTargets,
    /// When the tags changed. Empty if there is nothing to compare.
    #[serde(skip)]
    pub timeline: Vec<TimelineLane>,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are, where the API server could not be reached. Then everything is
    /// missing that the index does not contain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

/// A tag of a stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TagRow {
    pub name: TagName,
    /// Its source. Absent for a tag that only the registry has.
    pub source: Option<TagSource>,
    /// Whether an image was pushed to the tag after `source` was set. Then the tag does not point
    /// to what `source` names.
    pub pushed_since: bool,
    /// Whether imports are repeated on a schedule.
    pub scheduled: bool,
    /// Whether imports may skip TLS verification.
    pub insecure: bool,
    /// Whether the tag is never imported and only a reference.
    pub reference: bool,
    /// Whether pulls go through this registry, wherever the image is stored (`referencePolicy.type`
    /// is `Local`).
    pub local: bool,
    /// What an import of an index keeps. Absent: the API server has no import modes.
    pub import_mode: Option<ImportMode>,
    /// The image that it points to now.
    pub digest: Option<Digest>,
    /// Since when it points to that image.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated: Option<DateTime<Utc>>,
    /// Size and architectures of that image. Absent if the tag points to none.
    pub image: Option<Section<ImageBrief>>,
    /// The earlier and current images of the tag, newest first.
    pub history: Vec<HistoryRow>,
    /// How many newer entries are on earlier pages of the history.
    pub newer_history: usize,
    /// How many older entries there are.
    pub more_history: usize,
    /// Why the last import failed.
    pub import_failure: Option<ImportFailure>,
    /// Which other tags point to the same image.
    #[serde(skip)]
    pub same_image: Option<SameImage>,
    /// Whether the image stream and the registry agree about the tag.
    pub presence: Presence,
    /// The tags that attach a signature, an attestation or an SBOM to its images.
    pub attachments: Vec<AttachedTag>,
    /// The image that the tag itself is attached to by its name, if no tag of the image stream
    /// points to that image or has pointed to it.
    pub attached_to: Option<Attachment>,
    /// Whether workloads use the tag or its image. Absent: that is not known.
    pub usage: Option<UsageState>,
}

/// An item of a tag's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryRow {
    /// Since when the tag points to this image.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<DateTime<Utc>>,
    pub image: Option<Digest>,
    /// The pull spec that the API server would use.
    pub pull_spec: String,
    /// The generation of the tag spec that caused it.
    pub generation: Option<i64>,
}

/// Where a tag exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// In the image stream and in the registry.
    Both,
    /// In the image stream only; the registry does not list it.
    OnlyStream,
    /// In the registry only; the image stream does not have it.
    OnlyRegistry,
    /// In the image stream, but it points to no image yet.
    Unresolved,
    /// In the image stream, as a reference to another registry that is never imported.
    ReferenceOnly,
    /// The registry could not be reached.
    Unknown,
}

impl StreamView {
    /// The advice on the failed import of the whole repository, for failures of a known kind.
    #[must_use]
    pub fn repository_import_advice(&self) -> Option<ImportAdvice> {
        ImportAdvice::new(
            "",
            self.repository_failure.as_ref()?,
            self.project.as_str(),
            self.follows.as_deref(),
        )
    }
}

impl TagRow {
    /// The advice on the failed import, for failures of a known kind.
    #[must_use]
    pub fn import_advice(&self, project: &ProjectName) -> Option<ImportAdvice> {
        let failure = self.import_failure.as_ref()?;
        let source = if let Some(TagSource::External(source)) = &self.source {
            Some(source.as_str())
        } else {
            None
        };
        ImportAdvice::new(&failure.reason, &failure.message, project.as_str(), source)
    }
}

impl AppForUser<'_> {
    /// One image stream, which is also sent to the part of the page that waits for it.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream itself, or [`Failure::NotFound`]: it does not have the
    /// tag that the query names.
    pub async fn stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        query: TagQuery,
        waiting: oneshot::Sender<ImageStream>,
    ) -> Result<StreamView, Failure> {
        let push = AccessRight::push_to(project.clone());
        let rights = self.review_access([
            AccessRight::update_tags(project),
            AccessRight::delete_tags(project),
        ]);
        let (stream, listed, can_push, [can_tag, can_untag], limits, usage) = tokio::join!(
            self.shown_stream_for_parts(project, name, waiting),
            with_timeout(
                REGISTRY_TIMEOUT,
                Upstream::Registry,
                self.registry.list_tags(project, name)
            ),
            self.review_right(&push),
            rights,
            Box::pin(self.recent_image_limits(project)),
            Box::pin(self.usage_summary(USAGE_SECTION_TIMEOUT)),
        );
        let shown = stream?;
        let (stream, confirmed) = (shown.stream(), shown.confirmed());
        let mut rows = attachments::fold_attachments(rows::tag_rows(stream, listed.ready()));
        if confirmed.is_none() {
            // The index does not contain the sources of tags.
            rows.iter_mut().for_each(TagRow::clear_source);
        }
        let usage = usage.ok();
        if let Some(usage) = usage.as_ref().filter(|usage| usage.scope.searched > 0) {
            for row in &mut rows {
                let state = usage.tag_state(project, name, &row.name, row.digest.as_ref());
                row.usage = Some(state);
            }
        }
        same_image::mark_same_images(&mut rows);
        let tag_count = rows.len();
        let repository = CommandRepository::from_stream(
            Some(stream),
            project,
            name,
            self.app.registry_host.as_deref(),
            listed.ready().is_some(),
        );
        let mut pull_targets = PullTargets::new(&rows, &repository);
        let (mut tags, paging) = query.apply(
            rows,
            usage.as_ref().map(|usage| usage.is_meaningful_for(project)),
        );
        let use_answer = usage
            .as_ref()
            .map(|usage| UseAnswer::new(usage, Some(project)));
        if query.history.is_some() && tags.is_empty() {
            return Err(Failure::NotFound(PageSubject::Image));
        }
        // An export has no images: reading those of all tags would take too long.
        let has_images = query.page != WHOLE_LIST;
        if has_images {
            self.add_images(project, name, confirmed, &mut tags).await;
        }
        if let Some(confirmed) = confirmed.filter(|_| has_images) {
            platforms::add_platform_sizes(confirmed, &mut tags).await;
        }
        let newest = newest_pullable(&tags, &repository);
        pull_targets.add_images(&tags, newest.map(|tag| &tag.name));
        let commands = pull_commands(repository, newest);
        let (stream, stale) = shown.into_parts();
        let may_push = can_push.ready().copied().unwrap_or(false);
        let push_limits = limits
            .ready()
            .filter(|_| may_push && stale.is_none())
            .map(|limits| PushLimits::for_stream(limits, stream.usage()))
            .unwrap_or_default();
        let revision = stream
            .resource_version
            .as_deref()
            .and_then(|version| version.parse().ok());
        let view = StreamView {
            page_revision: self.page_revision_at(revision),
            stale,
            commands: if may_push {
                commands.with_push(None)
            } else {
                commands
            },
            push_limits,
            facts: StreamFacts::from_stream(&stream),
            pull_targets,
            timeline: timeline::timeline_lanes(&stream.tags),
            tag_count,
            failing: stream
                .tags
                .iter()
                .filter(|tag| tag.import_failure.is_some())
                .count(),
            repository_failure: stream.repository_import_failure().map(str::to_owned),
            unreadable_tags: stream.unreadable_tags,
            registry: listed.map(|tags| tags.len()),
            project: stream.project,
            name: stream.name,
            created: stream.created,
            annotations: stream.annotations,
            more_annotations: 0,
            internal_repository: stream.internal_repository,
            public_repository: stream.public_repository,
            imports: stream.follows.is_some() || stream.tags.iter().any(Tag::is_imported),
            follows: stream.follows,
            local_lookup: stream.local_lookup,
            usage_scope: usage.map(|usage| usage.scope),
            use_answer,
            query,
            tags,
            paging,
            history_paging: None,
            can_push,
            can_tag,
            can_untag,
        };
        Ok(view.bounded())
    }
}

/// The tag whose commands the page shows: an image rather than an artifact, the one that was
/// updated last.
fn newest_pullable<'t>(tags: &'t [TagRow], repository: &CommandRepository) -> Option<&'t TagRow> {
    let can_be_pulled = |tag: &&TagRow| {
        tag.digest.is_some()
            && tag.attached_to.is_none()
            && (!matches!(repository, CommandRepository::NoRegistry)
                || matches!(tag.source, Some(TagSource::External(_))))
    };
    tags.iter()
        .filter(can_be_pulled)
        .max_by_key(|tag| (tag.is_image(), tag.updated, tag.name.as_str() == "latest"))
}

/// The commands that pull a tag.
fn pull_commands(repository: CommandRepository, tag: Option<&TagRow>) -> PullCommands {
    let imported = tag
        .and_then(|tag| tag.history.first())
        .map(|event| event.pull_spec.as_str());
    let commands = PullCommands::new(
        repository,
        tag.map(|tag| &tag.name),
        tag.and_then(|tag| tag.digest.as_ref()),
    )
    .with_source(tag.and_then(|tag| tag.source.as_ref()), imported);
    let is_runnable = tag
        .and_then(|tag| tag.image.as_ref()?.ready())
        .is_none_or(|image| image.kind.is_runnable());
    if is_runnable {
        commands
    } else {
        commands.without_pull()
    }
}
