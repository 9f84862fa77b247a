//! The space of a project.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::layer_rows::{LayerSpaceRow, layer_rows};
use super::space_loads::ArrivedSpace;
use super::untagged::UntaggedImages;
use super::visible_space::{SpaceCollector, SpaceScope, VisibleSpace};
use super::{MAX_ROWS, MAX_TOP, SPACE_PAGE_TIMEOUT};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::{RowLimit, SortOrder};
use registry_model::space::{SharedSpace, SpaceSize, SpaceUse, StreamSelection, TagTotal};
use registry_model::{ByteSize, ImageStreamName, ProjectName};

/// How long a page waits for other projects, after it has the images that it is about.
pub(super) const OTHER_PROJECTS_TIMEOUT: Duration = Duration::from_millis(3_000);

/// The space of a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectSpace {
    pub project: ProjectName,
    pub space: SpaceUse,
    /// The part of the total that other projects have too.
    pub shared: SpaceSize,
    /// The projects with which it has the most bytes in common. At most 10.
    pub shares_with: Vec<SharedSpace<ProjectName>>,
    /// How many others share layers with it.
    pub more_sharing: usize,
    /// In the order of the query. At most 200.
    pub streams: Vec<StreamSpaceRow>,
    pub more_streams: usize,
    /// The tags that point to the biggest images. At most 10.
    pub biggest_tags: Vec<TagTotal>,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamSpaceRow {
    pub stream: ImageStreamName,
    #[serde(flatten)]
    pub space: SpaceUse,
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
        limit: RowLimit,
    ) -> Result<ProjectSpace, Failure> {
        let deadline = Instant::now() + SPACE_PAGE_TIMEOUT;
        let visible = self.space_with_project(project, deadline).await?;
        let view = visible.view();
        let selection = StreamSelection::Project(project);
        let space = view.project(project).unwrap_or_default();
        let mut streams: Vec<StreamSpaceRow> = view
            .biggest_streams(selection, usize::MAX)
            .into_iter()
            .map(|row| StreamSpaceRow {
                stream: row.stream,
                space: row.space,
            })
            .collect();
        sort_rows(&mut streams, query, |row| (&row.stream, &row.space));
        let more_streams = truncate_counting(&mut streams, limit.rows(MAX_ROWS));
        let own_view = visible.view_of(project);
        let mut shares_with = view.project_shares_with(project, usize::MAX);
        let more_sharing = truncate_counting(&mut shares_with, MAX_TOP);
        Ok(ProjectSpace {
            project: project.clone(),
            shared: difference(&space.total, &space.own),
            space,
            shares_with,
            more_sharing,
            streams,
            more_streams,
            biggest_tags: own_view.biggest_tags(selection, MAX_TOP),
            biggest_layers: layer_rows(&own_view, own_view.biggest_layers(MAX_TOP)),
            shared_layers: layer_rows(&own_view, own_view.most_shared_layers(MAX_TOP)),
            untagged: UntaggedImages::of(&view, selection, MAX_ROWS),
            scope: visible.scope(Some(project)),
            query,
        })
    }

    /// The images of a project together with those of other projects, as far as they arrive.
    pub(super) async fn space_with_project(
        &self,
        project: &ProjectName,
        deadline: Instant,
    ) -> Result<Arc<VisibleSpace>, Failure> {
        if let Some(known) = self.known_space()
            && known.has_project(project)
        {
            return Ok(known);
        }
        let (found, own) = tokio::join!(
            self.api_server.get_project(project),
            self.project_images(project, deadline)
        );
        found.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let own = Arc::new(own?);
        let first = (project.clone(), Arc::clone(&own));
        let others_by = deadline.min(Instant::now() + OTHER_PROJECTS_TIMEOUT);
        let mut collected = match self.arrived_space(Some(first), others_by).await? {
            ArrivedSpace::Complete(space) if space.has_project(project) => return Ok(space),
            // A project that is too new, or is being deleted.
            ArrivedSpace::Complete(_) => SpaceCollector::default(),
            ArrivedSpace::Partial(collected) => *collected,
        };
        collected.add_project(project, &own);
        Ok(Arc::new(collected.build()))
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

/// Sorts rows of which `parts` gives the name and the space.
pub(super) fn sort_rows<R, N: Ord>(
    rows: &mut [R],
    query: SpaceQuery,
    parts: impl Fn(&R) -> (&N, &SpaceUse),
) {
    rows.sort_by(|a, b| parts(a).0.cmp(parts(b).0));
    let key = |row: &R| {
        let space = parts(row).1;
        match query.sort {
            SpaceSort::Name => 0,
            SpaceSort::Total => space.total.sum().0,
            SpaceSort::Own => space.own.sum().0,
            SpaceSort::History => space.own_history.sum().0,
            SpaceSort::Images => u64::try_from(space.images).unwrap_or(u64::MAX),
        }
    };
    match (query.sort, query.order) {
        (SpaceSort::Name, SortOrder::Ascending) => {}
        (SpaceSort::Name, SortOrder::Descending) => rows.reverse(),
        (_, SortOrder::Ascending) => rows.sort_by_key(key),
        (_, SortOrder::Descending) => rows.sort_by_key(|row| Reverse(key(row))),
    }
}
