//! The images of other image streams that a user sees: what layers are shared with.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::load::StreamImages;
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::visibility::listable_projects;
use crate::app::section::Unavailable;
use registry_model::space::{
    ImageObjectFacts, SpaceIndex, SpaceIndexBuilder, SpaceView, VisibleProjects,
};
use registry_model::{Digest, ImageStream, ProjectName, Tag, TagEvent};

/// How many other projects are read. Each takes a list of its image streams, and each image stream
/// that is not remembered a request.
const MAX_OTHER_PROJECTS: usize = 40;

/// How many other projects are read concurrently.
const MAX_CONCURRENT_PROJECTS: usize = 4;

/// How long a page waits for other projects, after it has the images that it is about.
const OTHER_PROJECTS_TIMEOUT: Duration = Duration::from_millis(3_000);

/// What was read for a page about space, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpaceScope {
    /// The images that the page is about and that could not be read: they are in no total.
    pub unread_images: usize,
    /// Why they could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Unavailable>,
    /// How many image streams were left out because they are malformed.
    pub malformed: usize,
    /// The other projects with which layers were compared.
    pub other_projects: usize,
    /// The projects that the user sees and whose images could not all be read.
    pub unread_projects: usize,
    /// Whether the images of all projects of the cluster were compared.
    pub whole_cluster: bool,
}

/// The images of other image streams, as far as they could be read.
#[derive(Debug, Default)]
pub(super) struct OtherImages {
    streams: Vec<StreamImages>,
    read: BTreeSet<ProjectName>,
    unread_projects: usize,
    sees_all: bool,
}

/// The images that a page is about together with all others, for questions about space.
#[derive(Debug)]
pub(super) struct VisibleImages {
    index: SpaceIndex,
    projects: BTreeSet<ProjectName>,
    pub(super) scope: SpaceScope,
}

impl AppForUser<'_> {
    /// The images of the projects that the user sees, `first` first, without the project `except`.
    /// A failure to list the projects leaves them unread.
    pub(super) async fn other_images(
        &self,
        first: Option<&ProjectName>,
        except: Option<&ProjectName>,
        deadline: Instant,
    ) -> Result<OtherImages, Failure> {
        let deadline = deadline.min(Instant::now() + OTHER_PROJECTS_TIMEOUT);
        let listed = match timeout_at(deadline, self.projects_and_cluster_right()).await {
            Ok(Err(Failure::SignInRequired)) => return Err(Failure::SignInRequired),
            Ok(Ok(listed)) => listed,
            Ok(Err(_)) | Err(_) => {
                return Ok(OtherImages {
                    unread_projects: 1,
                    ..OtherImages::default()
                });
            }
        };
        let (projects, everywhere) = listed;
        let mut names = listable_projects(&projects);
        let sees_all = everywhere && names.len() == projects.len();
        names.retain(|name| Some(name) != except);
        if let Some(at) = first.and_then(|first| names.iter().position(|name| name == first)) {
            names[..=at].rotate_right(1);
        }
        let mut other = OtherImages {
            unread_projects: names.len().saturating_sub(MAX_OTHER_PROJECTS),
            ..OtherImages::default()
        };
        names.truncate(MAX_OTHER_PROJECTS);
        let mut loads = stream::iter(names)
            .map(|name| async move {
                let images = if Instant::now() < deadline {
                    self.project_images(&name, deadline).await
                } else {
                    Err(Failure::DeadlineExceeded)
                };
                (name, images)
            })
            .buffer_unordered(MAX_CONCURRENT_PROJECTS);
        while let Some((name, images)) = loads.next().await {
            match images {
                Err(Failure::SignInRequired) => return Err(Failure::SignInRequired),
                Err(_) => other.unread_projects += 1,
                Ok(images) => {
                    let is_partial = images.unread_count() > 0 || images.malformed > 0;
                    other.unread_projects += usize::from(is_partial);
                    other.read.insert(name);
                    other.streams.extend(images.streams);
                }
            }
        }
        drop(loads);
        other.sees_all = sees_all && other.unread_projects == 0;
        Ok(other)
    }
}

impl VisibleImages {
    /// The image streams `own` of `project`, which a page is about, and others, among which `own`
    /// can be too.
    pub(super) fn new(
        project: &ProjectName,
        own: &[StreamImages],
        malformed: usize,
        other: &OtherImages,
    ) -> Self {
        let is_other = |stream: &&StreamImages| {
            own.iter().all(|own| {
                (&own.stream.project, &own.stream.name)
                    != (&stream.stream.project, &stream.stream.name)
            })
        };
        let others = other.streams.iter().filter(is_other);
        let mut builder = SpaceIndexBuilder::default();
        let all = own.iter().chain(others);
        for images in all.clone() {
            add_images(&mut builder, images);
        }
        mark_imported(&mut builder, all);
        let mut projects = other.read.clone();
        let other_projects = projects.iter().filter(|name| *name != project).count();
        projects.insert(project.clone());
        let unread_images = own.iter().map(|images| images.unread.len()).sum();
        let missing = own.iter().find_map(|images| images.missing.clone());
        Self {
            index: builder.build(),
            projects,
            scope: SpaceScope {
                unread_images,
                missing,
                malformed,
                other_projects,
                unread_projects: other.unread_projects,
                whole_cluster: other.sees_all && malformed == 0,
            },
        }
    }

    pub(super) fn view(&self) -> SpaceView<'_> {
        self.index.view(if self.scope.whole_cluster {
            VisibleProjects::All
        } else {
            VisibleProjects::Only(&self.projects)
        })
    }

    /// Only one project.
    pub(super) fn view_of(&self, project: &ProjectName) -> SpaceView<'_> {
        let only = BTreeSet::from([project.clone()]);
        self.index.view(VisibleProjects::Only(&only))
    }
}

fn add_images(builder: &mut SpaceIndexBuilder, images: &StreamImages) {
    builder.add_stream(&images.stream);
    for (digest, record) in &images.images {
        builder.add_layers(&record.blobs);
        let created = record.description.as_ref();
        let object = ImageObjectFacts {
            created: created.and_then(|description| description.registered),
            ..ImageObjectFacts::default()
        };
        builder.add_image_object(digest, &object);
    }
    for digest in &images.deleted {
        let object = ImageObjectFacts {
            is_missing: true,
            ..ImageObjectFacts::default()
        };
        builder.add_image_object(digest, &object);
    }
}

/// Marks the images that were imported. One that was also pushed counts as pushed.
fn mark_imported<'a>(
    builder: &mut SpaceIndexBuilder,
    streams: impl Iterator<Item = &'a StreamImages> + Clone,
) {
    let mut pushed: HashSet<&Digest> = HashSet::new();
    let mut imported: HashSet<&Digest> = HashSet::new();
    for images in streams.clone() {
        for tag in &images.stream.tags {
            for event in &tag.history {
                let found = if is_imported(&images.stream, tag, event) {
                    &mut imported
                } else {
                    &mut pushed
                };
                found.extend(&event.image);
            }
        }
    }
    for images in streams {
        for (digest, record) in &images.images {
            if imported.contains(digest) && !pushed.contains(digest) {
                for image in std::iter::once(digest).chain(&record.blobs.children) {
                    if pushed.contains(image) || images.deleted.contains(image) {
                        continue;
                    }
                    let object = ImageObjectFacts {
                        is_managed: Some(false),
                        ..ImageObjectFacts::default()
                    };
                    builder.add_image_object(image, &object);
                }
            }
        }
    }
}

/// Whether a tag points to an image of another registry.
fn is_imported(stream: &ImageStream, tag: &Tag, event: &TagEvent) -> bool {
    let here = stream.internal_repository.name();
    let host = here.and_then(|name| Some(name.split_once('/')?.0));
    let event_host = event.pull_spec.split_once('/').map(|(host, _)| host);
    tag.is_imported() && host.is_some() && event_host != host
}
