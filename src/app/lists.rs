//! Lists of image streams over all visible projects: loading, filtering, sorting, paging.

pub(in crate::app) mod image_list;
pub(in crate::app) mod matching;
pub(in crate::app) mod outage;
pub(in crate::app) mod paging;
pub(in crate::app) mod project_lists;
pub(in crate::app) mod visibility;
pub(in crate::app) mod visible_streams;

pub use image_list::{
    ImageList, ListQuery, ListSort, MissingProject, StreamRow, StreamState, TagBrief, Trouble,
};
pub use outage::Stale;
pub use paging::{Order, Paging};
pub use visibility::Visible;
