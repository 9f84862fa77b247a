//! What the API server and the registry together know of an image.

use super::child_manifests::ChildManifests;
use super::registry_image::{IndexLoading, RegistryImage};
use super::{ImageFacts, ImageReference};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::section::{Section, Unavailable};
use crate::openshift::ApiError;
use registry_model::{Digest, Image, ImageStreamName, ProjectName};

/// An image without what a page of its own adds: tags, commands and attachments.
#[derive(Clone, Debug)]
pub(in crate::app) struct ImageContent {
    /// The digest of its manifest.
    pub(in crate::app) digest: Digest,
    /// The facts, not yet cut to what a page can show. The manifests of an index were not read.
    pub(in crate::app) facts: ImageFacts,
    /// Whether the config is that of the registry. The API server's copy of it contains less.
    pub(in crate::app) has_registry_config: bool,
    /// Why the registry's manifest is missing.
    pub(in crate::app) registry_missing: Option<Unavailable>,
    /// Why the registry's config is missing, if there should be one.
    pub(in crate::app) config_missing: Option<Unavailable>,
}

impl AppForUser<'_> {
    /// The content of one image, by tag or digest, or why neither the API server nor the registry
    /// has it.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`]: the API server no longer accepts the token.
    pub(in crate::app) async fn image_content(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ImageReference,
    ) -> Result<Section<ImageContent>, Failure> {
        let (api_image, stored) = tokio::join!(
            self.api_server_image(project, stream, reference),
            self.registry_image(project, stream, reference, IndexLoading::IndexOnly),
        );
        let known = match (api_image, stored.ready()) {
            (Err(ApiError::TokenRefused), _) => return Err(Failure::SignInRequired),
            (Err(error), None) => return Ok(Section::from(Err(error))),
            (api_image, _) => api_image.ok(),
        };
        let (digest, _) = resolved_digest(known.as_ref(), stored.ready())?;
        let facts = combined_facts(known.as_ref(), stored.ready(), &digest);
        let own = stored.ready().filter(|stored| stored.digest == digest);
        let config = own.and_then(|stored| stored.config.as_ref());
        Ok(Section::Ready(ImageContent {
            has_registry_config: own.is_some() && config.is_none_or(|it| it.ready().is_some()),
            registry_missing: stored.missing().cloned(),
            config_missing: config.and_then(Section::missing).cloned(),
            facts,
            digest,
        }))
    }
}

/// The digest of the image: that of the API server, if both know one. With it the digest that the
/// registry has instead, if it is another one.
///
/// # Errors
///
/// [`Failure::Internal`]: neither knows the image.
pub(super) fn resolved_digest(
    known: Option<&Image>,
    stored: Option<&RegistryImage>,
) -> Result<(Digest, Option<Digest>), Failure> {
    let in_stream = known.map(|image| &image.digest);
    let in_registry = stored.map(|image| &image.digest);
    let digest = in_stream
        .or(in_registry)
        .ok_or(Failure::Internal("an image of which nothing is known"))?;
    let disagrees = in_registry.filter(|other| *other != digest);
    Ok((digest.clone(), disagrees.cloned()))
}

/// The facts of the image `digest`. Where the registry has another image under the same reference,
/// they are those of the API server alone.
pub(super) fn combined_facts(
    known: Option<&Image>,
    stored: Option<&RegistryImage>,
    digest: &Digest,
) -> ImageFacts {
    match stored.filter(|stored| stored.digest == *digest) {
        Some(stored) => stored.facts(known),
        None => ImageFacts::new(known, None, None, &ChildManifests::default()),
    }
}
