//! The sizes of all images of the cluster in memory, read in the background: an optional part of the
//! index (`INDEX_SIZES`).
//!
//! One task reads the image streams that have changed, at a bounded rate, with the service account's
//! token. What it reads are records of images by digest, which the clients of users share. It knows
//! no users: what is remembered of an image is shown only to a user to whom the API server has just
//! sent an image stream that contains it ([`crate::openshift::ConfirmedStream`]).

mod queue;
mod reader;
mod source;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::{SizeIndexReader, SizeIndexState};
pub use source::{SizeRead, SizeSource};
pub use writer::SizeIndexWriter;
