//! Pages and changes of image streams.

pub(crate) mod changes;
pub(crate) mod concurrent_changes;
pub(crate) mod edit;
pub(crate) mod failed_imports;
pub(crate) mod import_advice;
pub(crate) mod import_jobs;
pub(crate) mod import_modes;
pub(crate) mod imports_board;
pub(crate) mod stream_page;
pub(crate) mod upstream_requests;
