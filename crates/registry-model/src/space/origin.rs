//! Whether images were pushed to the registry or imported into image streams.

use super::index::SpaceIndexBuilder;
use crate::Digest;

impl SpaceIndexBuilder {
    /// Notes that an image was imported into an image stream and, if it is an index whose layers were
    /// added, its images. An image that is also pushed counts as pushed.
    pub fn mark_imported(&mut self, digest: &Digest) {
        for image in self.image_with_children(digest) {
            let entry = &mut self.index.images[image as usize];
            entry.is_managed = entry.is_managed.or(Some(false));
        }
    }

    /// Notes that an image was pushed to the registry and, if it is an index whose layers were added,
    /// its images.
    pub fn mark_pushed(&mut self, digest: &Digest) {
        for image in self.image_with_children(digest) {
            self.index.images[image as usize].is_managed = Some(true);
        }
    }

    fn image_with_children(&mut self, digest: &Digest) -> Vec<u32> {
        let image = self.image(digest);
        self.index.with_children(image).collect()
    }
}
