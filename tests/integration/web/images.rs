//! Pages of images.

pub(crate) mod absent_images;
pub(crate) mod attachments;
pub(crate) mod build_dates;
pub(crate) mod compare;
pub(crate) mod manifests;
pub(crate) mod storage_redirects;
pub(crate) mod unreadable_image;
