//! The space of an image.

use serde::Serialize;
use utoipa::ToSchema;

use super::MAX_TOP;
use super::project_space::difference;
use super::stream_space::SharingStream;
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use registry_model::space::{ImageSpace, SpaceSize};
use registry_model::{Digest, ImageStreamName, ProjectName};

/// The space of an image, compared with all images that the user sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageSpaceView {
    #[serde(flatten)]
    pub space: ImageSpace,
    /// The part of the total that other images have too.
    pub shared: SpaceSize,
    /// The other image streams with which it has the most bytes in common. At most 10.
    pub shares_with: Vec<SharingStream>,
    /// How many others share layers with it.
    pub more_sharing: usize,
}

impl AppForUser<'_> {
    /// The space of an image. `None` where the images of all projects are not in memory: then it would
    /// take too many requests. Sends none.
    #[must_use]
    pub fn known_image_space(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        image: &Digest,
    ) -> Option<ImageSpaceView> {
        let known = self.known_space()?;
        let view = known.view();
        let space = view.image(project, stream, image)?;
        let mut shares_with = view.image_shares_with(project, stream, image, usize::MAX);
        let more_sharing = truncate_counting(&mut shares_with, MAX_TOP);
        Some(ImageSpaceView {
            shared: difference(&space.total, &space.own),
            space,
            shares_with: shares_with.into_iter().map(SharingStream::from).collect(),
            more_sharing,
        })
    }
}
