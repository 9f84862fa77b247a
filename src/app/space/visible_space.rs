//! The images of all projects that a user sees, as far as they were read, for questions about space.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::load::{ProjectImages, StreamImages};
use crate::app::section::Unavailable;
use registry_model::space::{
    ImageObjectFacts, SpaceIndex, SpaceIndexBuilder, SpaceView, VisibleProjects,
};
use registry_model::{ImageStream, ImageStreamName, ProjectName, Tag, TagEvent};

/// The memory of the images that one user sees; 10,000 image streams of 20 tags take less. What is
/// beyond it stays unread.
const MAX_SPACE_BYTES: usize = 90 << 20;

/// What was read for a page about space, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpaceScope {
    /// The images that the page is about and that could not be read: they are in no total.
    pub unread_images: usize,
    /// Why they could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub missing: Option<Unavailable>,
    /// How many image streams were left out because they are malformed.
    pub malformed: usize,
    /// The other projects with which layers were compared.
    pub other_projects: usize,
    /// The projects that the user sees and whose images could not all be read.
    pub unread_projects: usize,
    /// Whether the images of all projects of the cluster were compared.
    pub whole_cluster: bool,
    /// When the API server sent the oldest of the sizes that were remembered, of the images that the
    /// page is about. Absent if it has just sent all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, format = DateTime)]
    pub sizes_as_of: Option<DateTime<Utc>>,
}

/// How many of the projects that a user sees were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadProjects {
    pub read: usize,
    /// `None`: the projects could not be listed in time.
    pub all: Option<usize>,
}

/// What could not be read of a project, or of one of its image streams.
#[derive(Clone, Debug, Default)]
struct Gaps {
    unread_images: usize,
    missing: Option<Unavailable>,
    malformed: usize,
    /// When the oldest of the records that were remembered was read.
    sizes_as_of: Option<DateTime<Utc>>,
}

/// Images that are being read, project after project.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct SpaceCollector {
    builder: SpaceIndexBuilder,
    read: BTreeMap<ProjectName, Gaps>,
    /// The project of which only one image stream was read, and what could not be read of it.
    partly_read: Option<(ProjectName, Gaps)>,
    /// How many projects the user sees.
    pub(super) project_count: Option<usize>,
    /// Whether these are all projects of the cluster.
    pub(super) sees_all: bool,
}

/// The images of all projects that were read.
#[derive(Debug)]
pub(in crate::app) struct VisibleSpace {
    index: SpaceIndex,
    read: BTreeMap<ProjectName, Gaps>,
    partly_read: Option<(ProjectName, Gaps)>,
    visible: BTreeSet<ProjectName>,
    project_count: Option<usize>,
    sees_all: bool,
}

impl Gaps {
    fn of<'a>(streams: impl IntoIterator<Item = &'a StreamImages>, malformed: usize) -> Self {
        let mut gaps = Self {
            malformed,
            ..Self::default()
        };
        for images in streams {
            gaps.unread_images += images.unread.len();
            if gaps.missing.is_none() {
                gaps.missing.clone_from(&images.missing);
            }
            let read = images.images.values().filter_map(|record| record.read_at);
            gaps.sizes_as_of = read.chain(gaps.sizes_as_of).min();
        }
        gaps
    }

    fn is_empty(&self) -> bool {
        self.unread_images == 0 && self.malformed == 0
    }
}

impl SpaceCollector {
    pub(super) fn has_project(&self, project: &ProjectName) -> bool {
        self.read.contains_key(project)
    }

    pub(super) fn add_project(&mut self, project: &ProjectName, images: &ProjectImages) {
        if self.has_project(project) || self.builder.memory_bytes() > MAX_SPACE_BYTES {
            return;
        }
        for stream in &images.streams {
            self.add_images(stream);
        }
        let gaps = Gaps::of(&images.streams, images.malformed);
        self.read.insert(project.clone(), gaps);
    }

    /// Adds an image stream that a page is about, unless its project was read.
    pub(super) fn add_stream(&mut self, images: &StreamImages) {
        let stream = &images.stream;
        if !self.builder.has_stream(&stream.project, &stream.name) {
            self.add_images(images);
        }
        self.partly_read = Some((stream.project.clone(), Gaps::of([images], 0)));
    }

    /// Whether all images of all projects were read.
    pub(super) fn is_complete(&self) -> bool {
        is_complete(&self.read, self.project_count)
    }

    /// Notes that the user may not list the image streams of a project.
    pub(super) fn leave_out_project(&mut self) {
        self.sees_all = false;
        self.project_count = self.project_count.map(|count| count.saturating_sub(1));
    }

    pub(super) fn build(self) -> VisibleSpace {
        let partly = self.partly_read.iter().map(|(project, _)| project);
        VisibleSpace {
            visible: self.read.keys().chain(partly).cloned().collect(),
            index: self.builder.build(),
            read: self.read,
            partly_read: self.partly_read,
            project_count: self.project_count,
            sees_all: self.sees_all,
        }
    }

    fn add_images(&mut self, images: &StreamImages) {
        let builder = &mut self.builder;
        builder.add_stream(&images.stream);
        for (digest, record) in &images.images {
            builder.add_layers(&record.blobs);
            let described = record.description.as_ref();
            let object = ImageObjectFacts {
                created: described.and_then(|description| description.registered),
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
        for tag in &images.stream.tags {
            for event in &tag.history {
                let Some(digest) = &event.image else { continue };
                if is_imported(&images.stream, tag, event) {
                    builder.mark_imported(digest);
                } else {
                    builder.mark_pushed(digest);
                }
            }
        }
    }
}

impl VisibleSpace {
    pub(super) fn has_project(&self, project: &ProjectName) -> bool {
        self.read.contains_key(project)
    }

    pub(super) fn has_stream(&self, project: &ProjectName, stream: &ImageStreamName) -> bool {
        self.has_project(project) && self.view_of(project).stream(project, stream).is_some()
    }

    /// Everything that was read.
    pub(super) fn view(&self) -> SpaceView<'_> {
        self.index.view(if self.is_whole_cluster() {
            VisibleProjects::All
        } else {
            VisibleProjects::Only(&self.visible)
        })
    }

    /// Only one project.
    pub(super) fn view_of(&self, project: &ProjectName) -> SpaceView<'_> {
        let only = BTreeSet::from([project.clone()]);
        self.index.view(VisibleProjects::Only(&only))
    }

    /// Whether all images of all projects were read.
    pub(super) fn is_complete(&self) -> bool {
        is_complete(&self.read, self.project_count)
    }

    pub(super) fn read_projects(&self) -> ReadProjects {
        ReadProjects {
            read: self.read.len(),
            all: self.project_count.map(|all| all.max(self.read.len())),
        }
    }

    /// The scope of a page about `project`, or about everything.
    pub(super) fn scope(&self, project: Option<&ProjectName>) -> SpaceScope {
        let is_own = |name: &ProjectName| project.is_none_or(|own| own == name);
        let mut scope = SpaceScope::default();
        let partly = self.partly_read.iter().map(|(name, gaps)| (name, gaps));
        let known = self.read.iter();
        let known = known.filter(|(name, _)| partly.clone().all(|(partly, _)| partly != *name));
        for (name, gaps) in partly.clone().chain(known) {
            if is_own(name) {
                scope.unread_images += gaps.unread_images;
                scope.malformed += gaps.malformed;
                let ages = [scope.sizes_as_of, gaps.sizes_as_of];
                scope.sizes_as_of = ages.into_iter().flatten().min();
                if scope.missing.is_none() {
                    scope.missing.clone_from(&gaps.missing);
                }
            } else {
                scope.other_projects += 1;
                scope.unread_projects += usize::from(!gaps.is_empty());
            }
        }
        // Where the projects could not be listed, that is one at least.
        let all = self.project_count.unwrap_or(self.read.len() + 1);
        scope.unread_projects += all.saturating_sub(self.read.len());
        scope.whole_cluster = self.sees_all && scope.unread_projects == 0 && scope.malformed == 0;
        scope
    }

    pub(in crate::app) fn memory_bytes(&self) -> usize {
        self.index.memory_bytes() + self.visible.len() * 256
    }

    /// Whether all projects of the cluster were read. Images that were not are unknown to the index.
    fn is_whole_cluster(&self) -> bool {
        self.sees_all
            && self.project_count == Some(self.read.len())
            && self.read.values().all(|gaps| gaps.malformed == 0)
    }
}

/// What is malformed stays so.
fn is_complete(read: &BTreeMap<ProjectName, Gaps>, project_count: Option<usize>) -> bool {
    project_count == Some(read.len()) && read.values().all(|gaps| gaps.unread_images == 0)
}

/// Whether a tag points to an image of another registry.
fn is_imported(stream: &ImageStream, tag: &Tag, event: &TagEvent) -> bool {
    let here = stream.internal_repository.name();
    let host = here.and_then(|name| Some(name.split_once('/')?.0));
    let event_host = event.pull_spec.split_once('/').map(|(host, _)| host);
    tag.is_imported() && host.is_some() && event_host != host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(collector: &mut SpaceCollector, name: &str, malformed: usize) {
        let images = ProjectImages {
            streams: Vec::new(),
            malformed,
        };
        collector.add_project(&name.parse().unwrap(), &images);
    }

    #[test]
    fn scope_says_what_was_not_read_of_the_page_and_of_others() {
        let mut collector = SpaceCollector {
            project_count: Some(4),
            sees_all: true,
            ..SpaceCollector::default()
        };
        project(&mut collector, "shop", 0);
        project(&mut collector, "tools", 2);
        assert!(!collector.is_complete());
        let space = collector.clone().build();
        let read = space.read_projects();
        assert_eq!((read.read, read.all), (2, Some(4)));
        let shop = space.scope(Some(&"shop".parse().unwrap()));
        assert_eq!((shop.malformed, shop.other_projects), (0, 1));
        assert_eq!(shop.unread_projects, 3, "two not at all, and one in part");
        let everything = space.scope(None);
        assert_eq!((everything.malformed, everything.unread_projects), (2, 2));
        assert!(!everything.whole_cluster);

        let mut complete = SpaceCollector {
            project_count: Some(1),
            sees_all: true,
            ..SpaceCollector::default()
        };
        project(&mut complete, "shop", 0);
        assert!(complete.is_complete());
        assert!(complete.build().scope(None).whole_cluster);
    }

    #[test]
    fn projects_that_could_not_be_listed_are_at_least_one() {
        let scope = SpaceCollector::default().build().scope(None);
        assert_eq!((scope.unread_projects, scope.whole_cluster), (1, false));
    }
}
