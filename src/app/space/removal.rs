//! What the removal of tags frees, once the registry has been pruned.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::SPACE_PAGE_TIMEOUT;
use super::visible_space::{SpaceScope, VisibleSpace};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use registry_model::space::SpaceSize;
use registry_model::{ImageStreamName, ProjectName, TagName};

/// What the removal of tags frees. Nothing of it is free before the registry has been pruned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FreedSpace {
    pub freed: SpaceSize,
    pub scope: SpaceScope,
}

/// The images of an image stream together with those of all visible ones.
#[derive(Debug)]
pub struct RemovalImages {
    project: ProjectName,
    stream: ImageStreamName,
    visible: Arc<VisibleSpace>,
}

impl AppForUser<'_> {
    /// The images from which [`RemovalImages::freed_by`] answers, as far as they are known within 8
    /// seconds.
    ///
    /// # Errors
    ///
    /// The image stream cannot be read.
    pub async fn removal_images(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<RemovalImages, Failure> {
        let deadline = Instant::now() + SPACE_PAGE_TIMEOUT;
        let visible = self.space_with_stream(project, stream, deadline).await?;
        Ok(RemovalImages {
            project: project.clone(),
            stream: stream.clone(),
            visible,
        })
    }
}

impl RemovalImages {
    /// What the removal of these tags frees: what nothing else visible has.
    #[must_use]
    pub fn freed_by<'t>(&self, tags: impl IntoIterator<Item = &'t TagName>) -> FreedSpace {
        let tags: BTreeSet<&TagName> = tags.into_iter().collect();
        let view = self.visible.view();
        FreedSpace {
            freed: view
                .removal(&self.project, &self.stream, &tags)
                .unwrap_or_default(),
            scope: self.visible.scope(Some(&self.project)),
        }
    }
}
