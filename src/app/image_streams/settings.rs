//! The settings of an image stream: its repositories, what it imports, its annotations and labels.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::facts::StreamFacts;
use crate::app::AppForUser;
use crate::app::bounds::TextBudget;
use crate::app::failure::Failure;
use crate::app::lists::outage::StaleData;
use registry_model::{
    ImageStream, ImageStreamName, InternalRepository, ProjectName, Tag, TruncatedMap,
};

/// The bytes of the names of its repositories.
const MAX_REPOSITORY_BYTES: usize = 16 << 10;
/// The bytes and the number of annotations, and of labels.
const MAX_TEXT_BYTES: usize = 64 << 10;
const MAX_TEXTS: usize = 500;

/// The settings of an image stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StreamSettings {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// Its pull spec inside the cluster.
    #[schema(value_type = Option<String>)]
    pub internal_repository: InternalRepository,
    /// Its pull spec from outside, as the API server or `REGISTRY_HOST` names it.
    pub public_repository: Option<String>,
    /// The remote repository that it tracks. Untrusted.
    pub follows: Option<String>,
    /// How many of its tags are imported from other registries.
    pub imported_tags: usize,
    /// How many of them are imported on a schedule.
    pub scheduled_tags: usize,
    /// Whether pods of the project may use the image stream's name as a pull spec
    /// (`lookupPolicy.local`).
    pub local_lookup: bool,
    /// Annotations. Untrusted.
    pub annotations: BTreeMap<String, String>,
    /// How many more annotations there are.
    pub more_annotations: usize,
    /// Labels. Untrusted.
    pub labels: BTreeMap<String, String>,
    /// How many more labels there are.
    pub more_labels: usize,
    #[serde(skip)]
    pub facts: StreamFacts,
    /// How old the values are, where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

impl AppForUser<'_> {
    /// The settings of an image stream.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream.
    pub async fn stream_settings(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<StreamSettings, Failure> {
        let (stream, stale) = self.shown_stream(project, name).await?.into_parts();
        let host = self.app.registry_host.as_deref();
        Ok(StreamSettings::new(stream, stale, host))
    }
}

impl StreamSettings {
    fn new(stream: ImageStream, stale: Option<StaleData>, host: Option<&str>) -> Self {
        let facts = StreamFacts::from_stream(&stream);
        let imported: Vec<&Tag> = stream.tags.iter().filter(|tag| tag.is_imported()).collect();
        let (imported_tags, scheduled_tags) = (
            imported.len(),
            imported.iter().filter(|tag| tag.scheduled).count(),
        );
        let has_registry = stream.internal_repository != InternalRepository::NoRegistry;
        let public = stream.public_repository.or_else(|| {
            host.filter(|_| has_registry)
                .map(|host| format!("{host}/{}/{}", stream.project, stream.name))
        });
        let (annotations, labels) = (bounded(stream.annotations), bounded(stream.labels));
        let mut settings = Self {
            project: stream.project,
            name: stream.name,
            internal_repository: stream.internal_repository,
            public_repository: public,
            follows: stream.follows,
            imported_tags,
            scheduled_tags,
            local_lookup: stream.local_lookup,
            annotations: annotations.items,
            more_annotations: annotations.more,
            labels: labels.items,
            more_labels: labels.more,
            facts,
            stale,
        };
        let mut repositories = TextBudget::new(MAX_REPOSITORY_BYTES);
        if let InternalRepository::Named(name) = &mut settings.internal_repository {
            repositories.truncate(name);
        }
        repositories.truncate_each([&mut settings.public_repository, &mut settings.follows]);
        settings
    }
}

/// The texts that a page shows.
fn bounded(texts: BTreeMap<String, String>) -> TruncatedMap {
    let mut bounded = TruncatedMap {
        items: texts,
        ..TruncatedMap::default()
    };
    TextBudget::new(MAX_TEXT_BYTES).truncate_pairs(&mut bounded, MAX_TEXTS);
    bounded
}
