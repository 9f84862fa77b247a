//! Which bytes of the registry belong to what: to images, tags, image streams and projects.
//!
//! The registry stores a blob once, however many images and repositories contain it. What an image
//! stream takes is therefore not the sum of the sizes of its images, and what its removal would free
//! is only what nothing else has.
//!
//! A [`SpaceIndex`] is made from image streams and the layers of their images. A [`SpaceView`] of it
//! answers for a user who sees some projects. What is not known makes an answer a lower or upper
//! bound ([`SpaceSize`]), never a wrong number.

mod digest_table;
mod history;
mod image_layers;
pub(crate) mod index;
pub(crate) mod marks;
mod origin;
mod ranking;
mod removal;
mod sharing;
mod space_size;
mod view;

#[cfg(test)]
pub(crate) mod tests;

pub use history::{ImagePlace, ImagePlaces, StreamSelection, UntaggedSpace};
pub use image_layers::{ImageLayers, StoredBlob};
pub use index::{ImageObjectFacts, SpaceIndex, SpaceIndexBuilder};
pub use ranking::{LayerSpace, ProjectTotal, StreamSpace, TagTotal};
pub use sharing::{ImageSpace, SharedSpace};
pub use space_size::SpaceSize;
pub use view::{SpaceUse, SpaceView, TagSpace, VisibleProjects};
