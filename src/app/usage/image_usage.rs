//! The workloads that use an image, a tag or any image of an image stream.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::load::FoundWorkloads;
use super::matching::{Match, Matcher, Wanted};
use super::tracking::{TrackingTag, tracking_tags};
use super::{MAX_SHOWN_WORKLOADS, RecordedImage, UsageScope, WorkloadRecord};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::Failure;
use crate::app::lists::RowLimit;
use registry_model::{
    Digest, Image, ImagePart, ImageStream, ImageStreamName, ProjectName, StreamReference, TagName,
    WorkloadId,
};

/// How many uses of one workload are shown. Further ones are counted.
const MAX_SHOWN_USES: usize = 50;

/// Of how many images the platforms are read, and how many concurrently.
const MAX_READ_IMAGES: usize = 32;
const MAX_CONCURRENT_IMAGES: usize = 8;

/// What the use is looked for of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum UsageTarget {
    /// Every image of an image stream.
    Stream {
        project: ProjectName,
        stream: ImageStreamName,
    },
    /// A tag, and the image that it points to.
    Tag {
        project: ProjectName,
        stream: ImageStreamName,
        tag: TagName,
    },
    /// An image of an image stream; of an index, also its images.
    Image {
        project: ProjectName,
        stream: ImageStreamName,
        digest: Digest,
    },
}

/// How a workload uses an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UseKind {
    /// Pods run it now.
    Running,
    /// The pods that the workload starts run it.
    Starts,
    /// An earlier revision of the workload names it: a rollback would start it.
    EarlierRevision,
    /// A change of the tag makes the workload start anew.
    Trigger,
    /// A build that is in progress uses it.
    Building,
    /// Builds start from it or copy files from it.
    Builds,
    /// Builds push it.
    Pushes,
}

/// The workloads that use an image.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsageView {
    pub target: UsageTarget,
    /// The image of a tag or digest and, of an index, its images. Empty for an image stream.
    pub digests: Vec<Digest>,
    /// The workloads by project, at most 500 in all. The project of the image stream comes first.
    pub projects: Vec<ProjectUses>,
    /// How many workloads there are in all.
    pub workload_count: usize,
    /// How many workloads are not in `projects`.
    pub more_workloads: usize,
    /// How many pods run the image now.
    pub running_pods: usize,
    /// Tags of any image stream that track the tag, or a tag of the image stream. At most 500.
    pub tracking_tags: Vec<TrackingTag>,
    pub more_tracking_tags: usize,
    /// Whether the image streams of all projects could be read, so that `tracking_tags` is complete.
    pub is_tracking_known: bool,
    /// Workloads that run the same image from another repository, for which the image stream is not
    /// needed. At most 500.
    pub same_image: Vec<ProjectUses>,
    pub more_same_image: usize,
    pub scope: UsageScope,
}

/// The workloads of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectUses {
    pub project: ProjectName,
    /// By kind and name.
    pub workloads: Vec<WorkloadUse>,
}

/// A workload and how it uses the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkloadUse {
    pub workload: WorkloadId,
    /// Whether changes do not lead to new pods at present.
    pub is_paused: bool,
    /// The number of pods that it keeps, if it has one and it is known.
    pub replicas: Option<u32>,
    /// At most 50.
    pub uses: Vec<ImageUse>,
    pub more_uses: usize,
}

/// A use of an image by a part of a workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct ImageUse {
    pub kind: UseKind,
    pub part: ImagePart,
    /// The tag or digest by which it is referenced. `None`: by a digest without a repository.
    pub reference: Option<StreamReference>,
    /// Whether the trigger does nothing at present. Only of the kind `trigger`.
    pub is_trigger_paused: bool,
    /// The number of pods. Only of the kind `running`.
    pub pods: usize,
    /// Since when the oldest pod runs, or the workload exists.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<DateTime<Utc>>,
}

impl WorkloadUse {
    /// Whether it makes the image and does not use it.
    #[must_use]
    pub fn only_pushes(&self) -> bool {
        self.more_uses == 0 && self.uses.iter().all(|one| one.kind == UseKind::Pushes)
    }
}

impl UsageTarget {
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        match self {
            Self::Stream { project, .. }
            | Self::Tag { project, .. }
            | Self::Image { project, .. } => project,
        }
    }

    #[must_use]
    pub fn stream(&self) -> &ImageStreamName {
        match self {
            Self::Stream { stream, .. } | Self::Tag { stream, .. } | Self::Image { stream, .. } => {
                stream
            }
        }
    }
}

impl UsageView {
    /// Whether nothing that the user may see uses the image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.workload_count == 0 && self.tracking_tags.is_empty()
    }
}

impl AppForUser<'_> {
    /// The workloads that use `target`, as far as they are known within `time_limit`: what has not
    /// arrived until then is in [`UsageScope::missing`].
    ///
    /// # Errors
    ///
    /// The image stream cannot be read, or the user's projects cannot be listed.
    pub async fn image_usage(
        &self,
        target: UsageTarget,
        time_limit: Duration,
        limit: RowLimit,
    ) -> Result<UsageView, Failure> {
        let read = self.stream_of_registry(target.project(), target.stream());
        self.image_usage_in(read, target.clone(), time_limit, limit)
            .await
    }

    /// The same, in the image stream that another part of the page reads. Where it cannot, the image
    /// stream is read here.
    ///
    /// # Errors
    ///
    /// As [`Self::image_usage`].
    pub async fn image_usage_in_shown(
        &self,
        shown: oneshot::Receiver<ImageStream>,
        target: UsageTarget,
        time_limit: Duration,
    ) -> Result<UsageView, Failure> {
        let read = self.shown_stream_of_registry(shown, target.project(), target.stream());
        self.image_usage_in(read, target.clone(), time_limit, RowLimit::Page)
            .await
    }

    async fn image_usage_in(
        &self,
        read: impl Future<Output = Result<ImageStream, Failure>>,
        target: UsageTarget,
        time_limit: Duration,
        limit: RowLimit,
    ) -> Result<UsageView, Failure> {
        let deadline = Instant::now() + time_limit;
        let (matcher, found, visible) = tokio::join!(
            self.target_matcher(read, &target, deadline),
            self.visible_workloads(Some(target.project()), deadline),
            timeout_at(deadline, self.visible_streams()),
        );
        let (matcher, own_stream) = matcher?;
        let found = found?;
        let visible = visible.ok().and_then(Result::ok);
        let wanted = |tag: &TagName| match &matcher.wanted {
            Wanted::Stream => true,
            Wanted::Tags(tags) => tags.contains(tag),
        };
        let mut tracking_tags =
            tracking_tags(visible.as_deref(), &own_stream, |(project, stream, tag)| {
                project == target.project() && stream == target.stream() && wanted(tag)
            });
        let more_tracking_tags = truncate_counting(&mut tracking_tags, MAX_SHOWN_WORKLOADS);
        let (uses, same) = collect_uses(&found, &matcher);
        let workload_count = uses.iter().map(|project| project.workloads.len()).sum();
        let running_pods = uses
            .iter()
            .flat_map(|project| &project.workloads)
            .map(WorkloadUse::running_pods)
            .sum();
        let (projects, more_workloads) = bounded(uses, target.project(), limit);
        let (same_image, more_same_image) = bounded(same, target.project(), limit);
        let mut digests: Vec<Digest> = match target {
            UsageTarget::Stream { .. } => Vec::new(),
            _ => matcher.digests.into_iter().collect(),
        };
        digests.sort_unstable();
        Ok(UsageView {
            target,
            digests,
            projects,
            workload_count,
            more_workloads,
            running_pods,
            tracking_tags,
            more_tracking_tags,
            is_tracking_known: visible.is_some_and(|visible| visible.missing.is_empty()),
            same_image,
            more_same_image,
            scope: found.scope,
        })
    }

    async fn target_matcher(
        &self,
        read: impl Future<Output = Result<ImageStream, Failure>>,
        target: &UsageTarget,
        deadline: Instant,
    ) -> Result<(Matcher, ImageStream), Failure> {
        let stream = read.await?;
        let (wanted, digests) = match target {
            UsageTarget::Stream { .. } => (Wanted::Stream, Vec::new()),
            UsageTarget::Tag { tag, .. } => {
                let current = stream.tags.iter().find(|found| found.name == *tag);
                let current = current
                    .and_then(|tag| tag.current()?.image.clone())
                    .map(|digest| (digest, Some(tag.clone())));
                let tags = HashSet::from([tag.clone()]);
                (Wanted::Tags(tags), current.into_iter().collect())
            }
            UsageTarget::Image { digest, .. } => {
                (Wanted::Tags(HashSet::new()), vec![(digest.clone(), None)])
            }
        };
        let matcher = self.matcher(&stream, wanted, digests, deadline).await;
        Ok((matcher, stream))
    }

    /// What finds uses of `stream`: of all its images, or of `digests`, each with a tag that points
    /// to it. Of these, the images of an index and the configs are added, as far as the API server
    /// answers until `deadline`.
    pub(super) async fn matcher(
        &self,
        stream: &ImageStream,
        wanted: Wanted,
        digests: Vec<(Digest, Option<TagName>)>,
        deadline: Instant,
    ) -> Matcher {
        let mut matcher = Matcher {
            project: stream.project.clone(),
            stream: stream.name.clone(),
            local_lookup: stream.local_lookup,
            hosts: self.app.known_hosts.hosts(),
            wanted,
            digests: digests.iter().map(|(digest, _)| digest.clone()).collect(),
            configs: HashSet::new(),
        };
        if matcher.wanted == Wanted::Stream {
            let events = stream.tags.iter().flat_map(|tag| &tag.history);
            matcher
                .digests
                .extend(events.filter_map(|event| event.image.clone()));
        }
        let images = stream::iter(digests.into_iter().take(MAX_READ_IMAGES))
            .map(async |(digest, tag)| {
                let (project, name) = (&stream.project, &stream.name);
                let image = self.image_by_digest_or_tag(project, name, &digest, tag.as_ref());
                timeout_at(deadline, image).await.ok()?.ok()
            })
            .buffer_unordered(MAX_CONCURRENT_IMAGES);
        let images: Vec<Option<Image>> = images.collect().await;
        for image in images.into_iter().flatten() {
            let platforms = image.platforms.into_iter();
            matcher
                .digests
                .extend(platforms.map(|platform| platform.digest));
            matcher.configs.extend(image.config);
        }
        matcher
    }
}

impl WorkloadUse {
    /// How many pods run the image: those of the container that has the most.
    fn running_pods(&self) -> usize {
        let mut pods: BTreeMap<&ImagePart, usize> = BTreeMap::new();
        for used in &self.uses {
            *pods.entry(&used.part).or_default() += used.pods;
        }
        pods.into_values().max().unwrap_or(0)
    }
}

/// The workloads that use what `matcher` looks for, and those that run the same image from another
/// repository.
fn collect_uses(found: &FoundWorkloads, matcher: &Matcher) -> (Vec<ProjectUses>, Vec<ProjectUses>) {
    let (mut uses, mut same) = (Vec::new(), Vec::new());
    for workloads in &found.projects {
        let (mut used, mut others) = (Vec::new(), Vec::new());
        for record in &workloads.workloads {
            let (mut own, mut elsewhere) = (Vec::new(), Vec::new());
            for image in &record.images {
                match matcher.find(&workloads.project, image) {
                    Some(Match::Use(reference)) => own.push(ImageUse::new(image, reference)),
                    Some(Match::SameImage) => elsewhere.push(ImageUse::new(image, None)),
                    None => {}
                }
            }
            used.extend(WorkloadUse::new(record, own));
            others.extend(WorkloadUse::new(record, elsewhere));
        }
        for (all, workloads_of_one) in [(&mut uses, used), (&mut same, others)] {
            if !workloads_of_one.is_empty() {
                all.push(ProjectUses {
                    project: workloads.project.clone(),
                    workloads: workloads_of_one,
                });
            }
        }
    }
    (uses, same)
}

impl WorkloadUse {
    fn new(record: &WorkloadRecord, mut uses: Vec<ImageUse>) -> Option<Self> {
        uses.sort();
        let more_uses = truncate_counting(&mut uses, MAX_SHOWN_USES);
        (!uses.is_empty()).then(|| Self {
            workload: record.workload.clone(),
            is_paused: record.is_paused,
            replicas: record.replicas,
            uses,
            more_uses,
        })
    }
}

impl ImageUse {
    fn new(image: &RecordedImage, reference: Option<StreamReference>) -> Self {
        Self {
            kind: image.kind,
            part: image.part.clone(),
            reference,
            is_trigger_paused: image.is_trigger_paused,
            pods: image.pods,
            since: image.since,
        }
    }
}

/// The projects with `first` at the start, and at most 500 workloads in all unless `limit` says
/// otherwise; how many more there are.
fn bounded(
    mut projects: Vec<ProjectUses>,
    first: &ProjectName,
    limit: RowLimit,
) -> (Vec<ProjectUses>, usize) {
    projects.sort_by(|a, b| {
        let order = |uses: &ProjectUses| uses.project != *first;
        order(a)
            .cmp(&order(b))
            .then_with(|| a.project.cmp(&b.project))
    });
    let (mut left, mut more) = (limit.rows(MAX_SHOWN_WORKLOADS), 0);
    for project in &mut projects {
        more += truncate_counting(&mut project.workloads, left);
        left -= project.workloads.len();
    }
    projects.retain(|project| !project.workloads.is_empty());
    (projects, more)
}
