//! Deleting image streams.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::change_lock::ChangeDeadlines;
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::openshift::AccessRight;
use registry_model::{ImageStreamName, ProjectName, TagName};

/// What deleting an image stream would remove.
#[derive(Clone, Debug, Serialize)]
pub struct StreamDeletion {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tags: Vec<TagName>,
    /// How many images its tags point to or have pointed to.
    pub images: usize,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// The same as an `oc` command.
    pub oc: ShellCommand,
}

impl StreamDeletion {
    /// The confirmation while the image stream cannot be read: nothing is known about it.
    #[must_use]
    pub fn unread(project: ProjectName, stream: ImageStreamName) -> Self {
        let oc = ShellCommand::new("oc delete imagestream")
            .with_operand(stream.as_str())
            .with_option("-n", project.as_str());
        Self {
            project,
            stream,
            tags: Vec::new(),
            images: 0,
            allowed: true,
            oc,
        }
    }

    /// Whether the user confirms the deletion with the name of the image stream.
    #[must_use]
    pub fn needs_name(&self) -> bool {
        self.tags.len() > 1
    }
}

impl AppForUser<'_> {
    /// What deleting the image stream would remove.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn stream_deletion(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<StreamDeletion, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.api_server.get_stream(project, name),
            self.review_access([AccessRight::delete_streams(project)])
        );
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let images: BTreeSet<_> = found
            .tags
            .iter()
            .flat_map(|tag| &tag.history)
            .filter_map(|event| event.image.as_ref())
            .collect();
        Ok(StreamDeletion {
            project: project.clone(),
            stream: name.clone(),
            images: images.len(),
            tags: found.tags.into_iter().map(|tag| tag.name).collect(),
            allowed,
            oc: ShellCommand::new("oc delete imagestream")
                .with_operand(name.as_str())
                .with_option("-n", project.as_str()),
        })
    }

    /// Deletes the image stream. One that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn delete_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<(), ChangeError> {
        let time = ChangeDeadlines::from_now();
        let deletion = async {
            let _turn = self.lock_stream(project, name, time).await?;
            match self.api_server.delete_stream(project, name).await {
                Ok(()) | Err(crate::openshift::ApiError::NotFound) => Ok(()),
                Err(error) => Err(error.into()),
            }
        };
        time.run_before_deadline(deletion).await
    }
}
