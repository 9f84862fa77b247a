//! What the workloads of a project run, and how current it is.

mod known_images;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::{MAX_SHOWN_WORKLOADS, ProjectWorkloads, UsageScope, UseKind, WorkloadRecord};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::RowLimit;
use crate::index::Snapshot;
use crate::openshift::{AllowedSubjects, ApiError};
use known_images::{KnownImages, StreamKey, known_streams};
use registry_model::{
    Digest, ImagePart, ImageStreamName, ObjectName, Project, ProjectName, TagName, WorkloadId,
};

/// How many image streams of other projects are read for a table, and how many images.
const MAX_READ_STREAMS: usize = 64;
const MAX_CONCURRENT_READS: usize = 8;

/// The service account of pods that name none.
const DEFAULT_SERVICE_ACCOUNT: &str = "default";

/// The workloads of a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkloadTable {
    pub project: Project,
    /// By kind and name. At most 500.
    pub rows: Vec<WorkloadRow>,
    pub more_rows: usize,
    /// How many of all workloads have a newer image behind the tag that they run.
    pub outdated: usize,
    /// How many of all workloads have an image that can no longer be pulled.
    pub unpullable: usize,
    pub scope: UsageScope,
}

/// A workload.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkloadRow {
    pub workload: WorkloadId,
    pub is_paused: bool,
    /// The number of pods that it keeps, if it has one and it is known.
    pub replicas: Option<u32>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<DateTime<Utc>>,
    /// At most 50.
    pub images: Vec<WorkloadImageRow>,
    pub more_images: usize,
}

/// An image of a workload.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkloadImageRow {
    pub part: ImagePart,
    pub kind: UseKind,
    /// The reference, as the workload has it.
    pub reference: String,
    /// The image stream that it names. `None`: the image is in another registry.
    pub stream: Option<(ProjectName, ImageStreamName)>,
    /// The tag that it names or follows by a trigger. If neither, the tag that points to the image
    /// or pointed to it last, if there is one.
    pub tag: Option<TagName>,
    /// The image that is running or would be started, if it is known.
    pub digest: Option<Digest>,
    /// Since when a tag of the image stream has pointed to that image.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub image_since: Option<DateTime<Utc>>,
    /// Other tags of the image stream that point to that image: often its version.
    pub versions: Vec<TagName>,
    /// The image that the tag points to now, if it is another one.
    pub newer: Option<Digest>,
    /// Other tags that point to `newer`.
    pub newer_versions: Vec<TagName>,
    pub pullability: Pullability,
    /// The number of running pods.
    pub pods: usize,
    /// Since when the oldest pod runs, or the workload exists.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<DateTime<Utc>>,
}

/// Whether an image can be pulled again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pullability {
    /// The image stream has it, and nothing is known that prevents pulling it.
    Pullable,
    /// The image is in another registry.
    Elsewhere,
    /// The image stream does not exist.
    NoStream,
    /// The image stream has no such tag, or the tag points to no image.
    NoTag,
    /// No tag of the image stream has the image in its history.
    NoImage,
    /// The service account of the workload may not pull from the image stream's project.
    NotAllowed,
    /// The user may not see the image stream.
    Unknown,
}

impl Pullability {
    /// Whether pods that start later fail to pull the image.
    #[must_use]
    pub fn is_broken(self) -> bool {
        matches!(
            self,
            Self::NoStream | Self::NoTag | Self::NoImage | Self::NotAllowed
        )
    }
}

impl AppForUser<'_> {
    /// The workloads of a project and what they run, as far as it is known within `time_limit`.
    ///
    /// # Errors
    ///
    /// The project cannot be read.
    pub async fn workload_table(
        &self,
        project: &ProjectName,
        time_limit: Duration,
        limit: RowLimit,
    ) -> Result<WorkloadTable, Failure> {
        let deadline = Instant::now() + time_limit;
        let (found, workloads, own) = tokio::join!(
            self.api_server.get_project(project),
            self.project_workloads(project, deadline),
            timeout_at(deadline, self.project_streams(project)),
        );
        let found = found.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let workloads = workloads?;
        let own = own.ok().and_then(Result::ok).map(|own| own.streams);
        let any = own
            .as_ref()
            .and_then(|own| own.streams().next())
            .map(|entry| (&entry.stream.project, &entry.stream.name));
        let hosts = self.known_registry_hosts(any).await;
        let mut images = KnownImages {
            project: project.clone(),
            hosts,
            streams: own.as_ref().map_or_else(HashMap::new, known_streams),
            is_own_project_known: false,
            indexes: HashMap::new(),
            not_allowed: HashSet::new(),
        };
        images.is_own_project_known = !images.streams.is_empty();
        self.add_streams(&mut images, &workloads, deadline).await;
        self.add_indexes(&mut images, &workloads, deadline).await;
        self.add_pull_rights(&mut images, &workloads, deadline)
            .await;
        let rows = workloads
            .workloads
            .iter()
            .map(|record| images.row(record, limit))
            .collect();
        let scope = UsageScope::of(&[workloads], Vec::new());
        Ok(WorkloadTable::new(found, rows, scope, limit))
    }

    /// Reads the image streams of other projects that the workloads name.
    async fn add_streams(
        &self,
        images: &mut KnownImages,
        workloads: &ProjectWorkloads,
        deadline: Instant,
    ) {
        let mut named: BTreeSet<StreamKey> = images.named_streams(workloads).collect();
        named.retain(|key| !images.streams.contains_key(key));
        let reads = stream::iter(named.into_iter().take(MAX_READ_STREAMS))
            .map(async |(project, name)| {
                let read = self.api_server.get_stream(&project, &name);
                (timeout_at(deadline, read).await, (project, name))
            })
            .buffer_unordered(MAX_CONCURRENT_READS);
        let reads: Vec<_> = reads.collect().await;
        for (read, key) in reads {
            let known = match read {
                Ok(Ok(stream)) => {
                    self.app.known_hosts.learn(&stream);
                    let snapshot = Snapshot::from_streams(vec![stream]);
                    snapshot.stream(&key.0, &key.1).cloned()
                }
                Ok(Err(ApiError::NotFound)) => None,
                _ => continue,
            };
            images.streams.insert(key, known);
        }
    }

    /// Reads the images of the indexes whose images may be running: a container of an index can have
    /// the digest of the index or that of its platform.
    async fn add_indexes(
        &self,
        images: &mut KnownImages,
        workloads: &ProjectWorkloads,
        deadline: Instant,
    ) {
        let reads = stream::iter(
            images
                .images_to_read(workloads)
                .into_iter()
                .take(MAX_READ_STREAMS),
        )
        .map(async |((project, name), tag, digest)| {
            let image = self.image_by_digest_or_tag(&project, &name, &digest, Some(&tag));
            let image = timeout_at(deadline, image).await.ok()?.ok()?;
            let digests = image.platforms.into_iter().map(|platform| platform.digest);
            Some((digest, digests.chain(image.config).collect()))
        })
        .buffer_unordered(MAX_CONCURRENT_READS);
        let reads: Vec<Option<(Digest, HashSet<Digest>)>> = reads.collect().await;
        images.indexes = reads.into_iter().flatten().collect();
    }

    /// Reads who may pull from the other projects whose image streams the workloads name, as far as
    /// the user may know it.
    async fn add_pull_rights(
        &self,
        images: &mut KnownImages,
        workloads: &ProjectWorkloads,
        deadline: Instant,
    ) {
        let named = images.named_streams(workloads);
        let mut projects: BTreeSet<ProjectName> = named.map(|(project, _)| project).collect();
        projects.remove(&images.project);
        let reads = stream::iter(projects.into_iter().take(MAX_CONCURRENT_READS))
            .map(async |project| {
                let review = self.api_server.review_pull_access(&project);
                let allowed = timeout_at(deadline, review).await.ok()?.ok()?;
                Some((project, allowed))
            })
            .buffer_unordered(MAX_CONCURRENT_READS);
        let reads: Vec<Option<(ProjectName, AllowedSubjects)>> = reads.collect().await;
        for (project, allowed) in reads.into_iter().flatten() {
            for record in &workloads.workloads {
                let account = record.pulling_account();
                if !record.has_pull_secrets && !may_pull(&allowed, &images.project, account) {
                    images
                        .not_allowed
                        .insert((project.clone(), account.to_owned()));
                }
            }
        }
    }
}

impl WorkloadTable {
    fn new(
        project: Project,
        mut rows: Vec<WorkloadRow>,
        scope: UsageScope,
        limit: RowLimit,
    ) -> Self {
        let count = |is_meant: fn(&WorkloadImageRow) -> bool| {
            rows.iter()
                .filter(|row| row.images.iter().any(is_meant))
                .count()
        };
        let outdated = count(|image| image.newer.is_some());
        let unpullable = count(|image| image.pullability.is_broken());
        let more_rows = truncate_counting(&mut rows, limit.rows(MAX_SHOWN_WORKLOADS));
        Self {
            project,
            rows,
            more_rows,
            outdated,
            unpullable,
            scope,
        }
    }
}

impl WorkloadRecord {
    /// The service account whose rights decide what its pods can pull.
    fn pulling_account(&self) -> &str {
        let named = self.service_account.as_ref();
        named.map_or(DEFAULT_SERVICE_ACCOUNT, ObjectName::as_str)
    }
}

/// Whether a service account of `project` is among the subjects that may pull.
fn may_pull(allowed: &AllowedSubjects, project: &ProjectName, account: &str) -> bool {
    let user = format!("system:serviceaccount:{project}:{account}");
    let groups = [
        format!("system:serviceaccounts:{project}"),
        "system:serviceaccounts".to_owned(),
        "system:authenticated".to_owned(),
        "system:unauthenticated".to_owned(),
    ];
    allowed.users.contains(&user) || groups.iter().any(|group| allowed.groups.contains(group))
}
