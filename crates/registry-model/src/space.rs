//! Which bytes of the registry belong to what: to images, tags, image streams and projects.
//!
//! The registry stores a blob once, however many images and repositories contain it.

mod image_layers;

pub use image_layers::{ImageLayers, StoredBlob};
