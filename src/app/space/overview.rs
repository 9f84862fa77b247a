//! The space of everything that a user sees.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use super::layer_rows::{LayerSpaceRow, layer_rows};
use super::project_space::{SpaceQuery, sort_rows};
use super::untagged::UntaggedImages;
use super::unused_streams::{StreamPath, UnusedAge, UnusedStreams};
use super::visible_space::{ReadProjects, SpaceScope, VisibleSpace};
use super::{MAX_ROWS, MAX_TOP, SPACE_PAGE_TIMEOUT, compute};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::Failure;
use crate::app::lists::RowLimit;
use crate::app::lists::visible_streams::VisibleStreams;
use crate::app::section::Section;
use crate::app::usage::UsageSummary;
use crate::openshift::RegistryStorage;
use registry_model::space::{
    ProjectTotal, SpaceSize, SpaceUse, StreamSelection, StreamSpace, TagTotal,
};

/// How long the page waits at first. What arrives later is shown the next time.
const FIRST_TIMEOUT: Duration = Duration::from_millis(2_500);

/// What the page shows, and how long it waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OverviewQuery {
    /// The order of the projects.
    pub order: SpaceQuery,
    pub unused: UnusedAge,
    /// Whether the page waits for 8 seconds, and not for 2.5.
    pub waits: bool,
    /// How many projects are returned.
    pub limit: RowLimit,
}

/// The space of all projects that a user sees.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SpaceOverview {
    pub space: SpaceUse,
    pub read: ReadProjects,
    /// The projects that have image streams, in the order of the query. At most 200.
    pub projects: Vec<ProjectTotal>,
    pub more_projects: usize,
    /// Those with the most bytes of their own first. At most 10.
    pub biggest_streams: Vec<StreamSpace>,
    /// The tags that point to the biggest images. At most 10.
    pub biggest_tags: Vec<TagTotal>,
    /// At most 10.
    pub biggest_layers: Vec<LayerSpaceRow>,
    /// The layers that several image streams have. At most 10.
    pub shared_layers: Vec<LayerSpaceRow>,
    /// The biggest. At most 10.
    pub untagged: UntaggedImages,
    pub unused: UnusedStreams,
    /// Where the registry stores its blobs, for those who may read its configuration.
    pub storage: Section<Option<RegistryStorage>>,
    pub scope: SpaceScope,
    #[serde(skip)]
    pub query: OverviewQuery,
}

/// What the images of all projects took when they were last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastSpace {
    pub total: SpaceSize,
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
}

impl AppForUser<'_> {
    /// The space of all projects that the user sees, as far as it is known in time.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`].
    pub async fn space_overview(&self, query: OverviewQuery) -> Result<SpaceOverview, Failure> {
        let wait = if query.waits {
            SPACE_PAGE_TIMEOUT
        } else {
            FIRST_TIMEOUT
        };
        let (arrived, usage, visible, storage) = tokio::join!(
            self.arrived_space(None, Instant::now() + wait),
            Box::pin(self.usage_summary(wait)),
            Box::pin(timeout(wait, self.visible_streams())),
            self.registry_storage()
        );
        let usage = match usage {
            Err(Failure::SignInRequired) => return Err(Failure::SignInRequired),
            usage => usage.ok(),
        };
        let space = arrived?.into_space().await;
        let tracked = visible
            .ok()
            .and_then(Result::ok)
            .map(|visible| tracked_streams(&visible));
        let now = self.app.clock.now();
        let is_complete = space.is_complete();
        let overview = compute(move || {
            let used = usage.as_ref().zip(tracked.as_ref());
            overview(&space, used, storage, query, now)
        })
        .await;
        if is_complete {
            let last = LastSpace {
                total: overview.space.total,
                as_of: now,
            };
            self.app.user_caches.last_space.insert(self.token, last);
        }
        Ok(overview)
    }

    /// What the user's images took when all were last read, within the last minutes. Sends no request.
    #[must_use]
    pub fn last_space(&self) -> Option<LastSpace> {
        self.app.user_caches.last_space.get(self.token)
    }
}

/// The image streams of which tags of other image streams track a tag.
fn tracked_streams(visible: &VisibleStreams) -> HashSet<StreamPath> {
    let streams = visible.streams.streams();
    streams
        .flat_map(|entry| {
            let own = (&entry.stream.project, &entry.stream.name);
            let tracking = entry.stream.tracking.iter();
            let of_others = tracking.filter(move |of| (&of.project, &of.stream) != own);
            of_others.map(|of| (of.project.clone(), of.stream.clone()))
        })
        .collect()
}

fn overview(
    space: &VisibleSpace,
    used: Option<(&UsageSummary, &HashSet<StreamPath>)>,
    storage: Section<Option<RegistryStorage>>,
    query: OverviewQuery,
    now: DateTime<Utc>,
) -> SpaceOverview {
    let view = space.view();
    let mut projects = view.projects();
    sort_rows(&mut projects, query.order, |row| (&row.project, &row.space));
    let more_projects = truncate_counting(&mut projects, query.limit.rows(MAX_ROWS));
    SpaceOverview {
        space: view.total(),
        read: space.read_projects(),
        projects,
        more_projects,
        biggest_streams: view.biggest_streams(StreamSelection::All, MAX_TOP),
        biggest_tags: view.biggest_tags(StreamSelection::All, MAX_TOP),
        biggest_layers: layer_rows(&view, view.biggest_layers(MAX_TOP)),
        shared_layers: layer_rows(&view, view.most_shared_layers(MAX_TOP)),
        untagged: UntaggedImages::of(&view, StreamSelection::All, MAX_TOP),
        unused: UnusedStreams::of(space, used, query.unused, now),
        storage,
        scope: space.scope(None),
        query,
    }
}
