//! What image streams take of the registry's storage, and what pruning would free.
//!
//! Everything is read with the user's own token, at the moment it is needed: the API server decides
//! which image streams the user sees, and only their images are counted.

mod image_space;
mod layer_rows;
mod load;
mod overview;
mod project_space;
mod prune_duration;
pub mod prune_instructions;
mod prune_plan;
mod registry_storage;
mod removal;
mod space_loads;
mod stream_space;
mod untagged;
mod unused_streams;
mod visible_space;

pub use image_space::ImageSpaceView;
pub use layer_rows::{LayerHolder, LayerSpaceRow};
pub use load::{ProjectImages, StreamImages};
pub use overview::{LastSpace, OverviewQuery, SpaceOverview};
pub use project_space::{ProjectSpace, SpaceQuery, SpaceSort, StreamSpaceRow};
pub use prune_duration::{MAX_PRUNE_AGE_DAYS, parse_prune_age, prune_age};
pub use prune_plan::{
    ClusterPruner, KeptBy, KeptRevision, PlanRow, PlannedImages, PlannedUse, PrunePlanView,
    PruneQuery, Savings, SavingsRow,
};
pub use removal::{FreedSpace, RemovalImages};
pub(in crate::app) use space_loads::SpaceLoads;
pub use stream_space::{SharingStream, StreamSpaceView, TagSpaceRow};
pub use untagged::{UntaggedImage, UntaggedImages};
pub use unused_streams::{UnusedAge, UnusedStreams};
pub(in crate::app) use visible_space::VisibleSpace;
pub use visible_space::{ReadProjects, SpaceScope};

use std::time::Duration;

use chrono::TimeDelta;

/// How long a page about space waits for the images that it is about.
pub const SPACE_PAGE_TIMEOUT: Duration = Duration::from_millis(8_000);

/// How old images may be that were read with a user's own token.
pub(in crate::app) const SPACE_TTL: TimeDelta = TimeDelta::seconds(30);

/// How many rows of a table about space are shown. Further ones are counted.
const MAX_ROWS: usize = 200;

/// The most images of a plan, which take two lines each on a phone.
const MAX_PLAN_ROWS: usize = 80;

/// How many of the biggest things are named.
const MAX_TOP: usize = 10;

/// Computes in a thread of its own, because on large clusters it takes a part of a second.
async fn compute<T: Send + 'static>(computation: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(computation)
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}
