//! What every page of an image stream shows below its name, and what its user may change.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::app::AppForUser;
use crate::app::bounds::truncate_brief;
use crate::app::failure::{Failure, PageSubject};
use crate::openshift::AccessRight;
use registry_model::{ImageStream, ImageStreamName, ProjectName, Tag};

/// The annotation that describes an image stream, as on projects and in the web console.
pub const DESCRIPTION_ANNOTATION: &str = "description";

/// The annotation with the display name, as on projects.
pub const DISPLAY_NAME_ANNOTATION: &str = "openshift.io/display-name";

/// The facts about an image stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamFacts {
    /// Its display name. Untrusted. `None` also where it repeats the description.
    pub display_name: Option<String>,
    /// Its description. Untrusted.
    pub description: Option<String>,
    pub created: Option<DateTime<Utc>>,
    /// How many tags it has, without those of signatures and other attachments.
    pub tags: usize,
    /// How many images its tags point to or have pointed to.
    pub images: usize,
    /// Whether there is anything to import: a tracked repository, or a tag with a source elsewhere.
    pub imports: bool,
}

impl StreamFacts {
    pub(in crate::app) fn from_stream(stream: &ImageStream) -> Self {
        let events = stream.tags.iter().flat_map(|tag| &tag.history);
        let images: BTreeSet<_> = events.filter_map(|event| event.image.as_ref()).collect();
        let tags = stream
            .tags
            .iter()
            .filter(|tag| tag.name.attachment().is_none());
        let text_of = |annotation| {
            let text = stream.annotations.get(annotation)?.trim();
            (!text.is_empty()).then(|| truncate_brief(text.to_owned()))
        };
        let description: Option<String> = text_of(DESCRIPTION_ANNOTATION);
        Self {
            display_name: text_of(DISPLAY_NAME_ANNOTATION)
                .filter(|name| description.as_ref() != Some(name)),
            description,
            created: stream.created,
            tags: tags.count(),
            images: images.len(),
            imports: stream.follows.is_some() || stream.tags.iter().any(Tag::is_imported),
        }
    }
}

/// The changes of an image stream that a user may make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamActions {
    /// Set a tag to an image, move it, or roll it back.
    pub tag: bool,
    pub untag: bool,
    pub edit: bool,
    pub import: bool,
    pub delete: bool,
}

impl AppForUser<'_> {
    /// The facts about an image stream.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream.
    pub async fn stream_facts(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<StreamFacts, Failure> {
        let found = self.api_server.get_stream(project, name).await;
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        Ok(StreamFacts::from_stream(&found))
    }

    /// The changes that the user may make to the image streams of a project.
    pub async fn stream_actions(&self, project: &ProjectName) -> StreamActions {
        let rights = [
            AccessRight::update_tags(project),
            AccessRight::delete_tags(project),
            AccessRight::update_streams(project),
            AccessRight::import_streams(project),
            AccessRight::delete_streams(project),
        ];
        let [tag, untag, edit, import, delete] = self.review_access(rights).await;
        StreamActions {
            tag,
            untag,
            edit,
            import,
            delete,
        }
    }
}
