//! What image streams take of the registry's storage, and what pruning would free.
//!
//! Everything is read with the user's own token, at the moment it is needed: the API server decides
//! which image streams the user sees, and only their images are counted.

mod load;
mod project_space;
mod prune_duration;
pub mod prune_instructions;
mod prune_plan;
mod removal;
mod stream_space;
mod untagged;
mod visible_images;

pub use load::{ProjectImages, StreamImages};
pub use project_space::{LayerSpaceRow, ProjectSpace, SpaceQuery, SpaceSort, StreamSpaceRow};
pub use prune_duration::{MAX_PRUNE_AGE_DAYS, parse_prune_age, prune_age};
pub use prune_plan::{
    ClusterPruner, KeptBy, KeptRevision, PlanRow, PlannedFate, PlannedUse, PrunePlanView,
    PruneQuery, Savings, SavingsRow,
};
pub use removal::{FreedSpace, RemovalImages};
pub use stream_space::{SharingStream, StreamSpaceView, TagRow};
pub use untagged::{UntaggedImage, UntaggedImages};
pub use visible_images::SpaceScope;

use std::time::Duration;

/// How long a page about space waits for the images that it is about.
pub const SPACE_PAGE_TIMEOUT: Duration = Duration::from_millis(8_000);

/// How many rows of a table about space are shown. Further ones are counted.
const MAX_ROWS: usize = 200;

/// How many of the biggest things are named.
const MAX_TOP: usize = 10;
