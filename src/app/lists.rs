//! Lists of image streams over all visible projects: loading, filtering, sorting, paging.

pub(in crate::app) mod matching_streams;
pub(in crate::app) mod outage;
pub(in crate::app) mod paging;
pub(in crate::app) mod project_lists;
pub(in crate::app) mod stream_list;
mod use_filter;
pub(in crate::app) mod visibility;
pub(in crate::app) mod visible_streams;

pub use outage::StaleData;
pub use paging::{MAX_EXPORT_ROWS, PageSize, Paging, RowLimit, SortOrder, WHOLE_LIST};
pub use stream_list::{
    FailedImports, MissingProject, StreamCounts, StreamListQuery, StreamListSort, StreamListView,
    StreamRow, StreamState, TagBrief,
};
pub use use_filter::{UseAnswer, UseFilter};
pub use visibility::Visibility;
