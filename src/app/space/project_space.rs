//! The space of a project.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use tokio::time::Instant;

use super::load::ProjectImages;
use super::untagged::UntaggedImages;
use super::visible_images::{SpaceScope, VisibleImages};
use super::{MAX_ROWS, MAX_TOP, SPACE_PAGE_TIMEOUT};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::SortOrder;
use registry_model::space::{LayerSpace, SharedSpace, SpaceSize, SpaceUse};
use registry_model::{ByteSize, Digest, ImageStreamName, ProjectName};

/// How many image streams of a layer are named.
const MAX_NAMED_STREAMS: usize = 4;

/// The space of a project.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectSpace {
    pub project: ProjectName,
    pub space: SpaceUse,
    /// The part of the total that other projects have too.
    pub shared: SpaceSize,
    /// The projects with which it has the most bytes in common. At most 10.
    pub shares_with: Vec<SharedSpace<ProjectName>>,
    /// In the order of the query. At most 200.
    pub streams: Vec<StreamSpaceRow>,
    pub more_streams: usize,
    /// The biggest layers of the project. At most 10.
    pub biggest_layers: Vec<LayerSpaceRow>,
    /// The layers that several image streams of the project have. At most 10.
    pub shared_layers: Vec<LayerSpaceRow>,
    pub untagged: UntaggedImages,
    pub scope: SpaceScope,
    #[serde(skip)]
    pub query: SpaceQuery,
}

/// An image stream and its space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamSpaceRow {
    pub stream: ImageStreamName,
    #[serde(flatten)]
    pub space: SpaceUse,
}

/// A layer and the image streams of the project that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerSpaceRow {
    pub digest: Digest,
    pub size: ByteSize,
    /// By name. At most 4.
    pub streams: Vec<ImageStreamName>,
    pub more_streams: usize,
}

/// The order of the image streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpaceQuery {
    pub sort: SpaceSort,
    pub order: SortOrder,
}

/// A column by which image streams are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpaceSort {
    Name,
    Total,
    /// What no other image stream has.
    Own,
    /// What no tag points to any more.
    History,
    Images,
}

impl SpaceSort {
    pub const ALL: [Self; 5] = [
        Self::Name,
        Self::Total,
        Self::Own,
        Self::History,
        Self::Images,
    ];

    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Total => "total",
            Self::Own => "own",
            Self::History => "history",
            Self::Images => "images",
        }
    }

    #[must_use]
    pub fn default_order(self) -> SortOrder {
        match self {
            Self::Name => SortOrder::Ascending,
            Self::Total | Self::Own | Self::History | Self::Images => SortOrder::Descending,
        }
    }
}

impl Default for SpaceQuery {
    /// What takes the most first.
    fn default() -> Self {
        Self {
            sort: SpaceSort::Total,
            order: SortOrder::Descending,
        }
    }
}

impl AppForUser<'_> {
    /// The space of a project, as far as it is known within 8 seconds.
    ///
    /// # Errors
    ///
    /// The project, or the list of its image streams, cannot be read.
    pub async fn project_space(
        &self,
        project: &ProjectName,
        query: SpaceQuery,
    ) -> Result<ProjectSpace, Failure> {
        let deadline = Instant::now() + SPACE_PAGE_TIMEOUT;
        let (own, visible) = self.images_with_others(project, deadline).await?;
        let view = visible.view();
        let space = view.project(project).unwrap_or_default();
        let mut streams: Vec<StreamSpaceRow> = view
            .biggest_streams(usize::MAX)
            .into_iter()
            .filter(|row| row.project == *project)
            .map(|row| StreamSpaceRow {
                stream: row.stream,
                space: row.space,
            })
            .collect();
        sort_streams(&mut streams, query);
        let more_streams = truncate_counting(&mut streams, MAX_ROWS);
        let own_view = visible.view_of(project);
        Ok(ProjectSpace {
            project: project.clone(),
            shared: difference(&space.total, &space.own),
            space,
            shares_with: view.project_shares_with(project, MAX_TOP),
            streams,
            more_streams,
            biggest_layers: layer_rows(&own_view.biggest_layers(MAX_TOP), &own),
            shared_layers: layer_rows(&own_view.most_shared_layers(MAX_TOP), &own),
            untagged: UntaggedImages::of(&own.streams),
            scope: visible.scope.clone(),
            query,
        })
    }

    /// The images of a project, and together with those of other projects.
    pub(super) async fn images_with_others(
        &self,
        project: &ProjectName,
        deadline: Instant,
    ) -> Result<(ProjectImages, VisibleImages), Failure> {
        let (found, own) = tokio::join!(
            self.api_server.get_project(project),
            self.project_images(project, deadline)
        );
        found.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let own = own?;
        let other = self.other_images(None, Some(project), deadline).await?;
        let visible = VisibleImages::new(project, &own.streams, own.malformed, &other);
        Ok((own, visible))
    }
}

/// What is in `total` and not in `part` of it.
pub(super) fn difference(total: &SpaceSize, part: &SpaceSize) -> SpaceSize {
    let rest = |total: ByteSize, part: ByteSize| ByteSize(total.0.saturating_sub(part.0));
    SpaceSize {
        bytes: rest(total.bytes, part.bytes),
        imported: rest(total.imported, part.imported),
        at_least: total.at_least || part.at_most,
        at_most: false,
    }
}

fn sort_streams(streams: &mut [StreamSpaceRow], query: SpaceQuery) {
    streams.sort_by(|a, b| a.stream.cmp(&b.stream));
    let key = |row: &StreamSpaceRow| match query.sort {
        SpaceSort::Name => 0,
        SpaceSort::Total => row.space.total.sum().0,
        SpaceSort::Own => row.space.own.sum().0,
        SpaceSort::History => row.space.own_history.sum().0,
        SpaceSort::Images => u64::try_from(row.space.images).unwrap_or(u64::MAX),
    };
    match (query.sort, query.order) {
        (SpaceSort::Name, SortOrder::Ascending) => {}
        (SpaceSort::Name, SortOrder::Descending) => streams.reverse(),
        (_, SortOrder::Ascending) => streams.sort_by_key(key),
        (_, SortOrder::Descending) => streams.sort_by_key(|row| Reverse(key(row))),
    }
}

/// The layers, with the image streams of `own` that have them.
fn layer_rows(layers: &[LayerSpace], own: &ProjectImages) -> Vec<LayerSpaceRow> {
    let mut streams: BTreeMap<&Digest, Vec<ImageStreamName>> = layers
        .iter()
        .map(|layer| (&layer.digest, Vec::new()))
        .collect();
    for images in &own.streams {
        for layer in images.layers().flat_map(|image| &image.layers) {
            if let Some(names) = streams.get_mut(&layer.digest)
                && names.last() != Some(&images.stream.name)
            {
                names.push(images.stream.name.clone());
            }
        }
    }
    layers
        .iter()
        .map(|layer| {
            let mut names = streams.get(&layer.digest).cloned().unwrap_or_default();
            let more_streams = truncate_counting(&mut names, MAX_NAMED_STREAMS);
            LayerSpaceRow {
                digest: layer.digest.clone(),
                size: layer.size,
                streams: names,
                more_streams,
            }
        })
        .collect()
}
