//! The JSON of image stream imports.

use serde::Deserialize;

use super::WireStatus;
use crate::openshift::imports::{ImportOutcome, ImportResult};
use crate::openshift::wire::object_meta::{non_empty, null_to_default};

/// `image.openshift.io/v1` `ImageStreamImport`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ImageStreamImport {
    #[serde(deserialize_with = "null_to_default")]
    spec: WireImportSpec,
    #[serde(deserialize_with = "null_to_default")]
    status: WireImportStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImportSpec {
    #[serde(deserialize_with = "null_to_default")]
    images: Vec<WireImageImportSpec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImageImportSpec {
    #[serde(deserialize_with = "null_to_default")]
    to: WireImportTarget,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImportTarget {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImportStatus {
    #[serde(deserialize_with = "null_to_default")]
    images: Vec<WireImageImport>,
    repository: Option<WireRepositoryImport>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireRepositoryImport {
    #[serde(deserialize_with = "null_to_default")]
    status: WireEmbeddedStatus,
    #[serde(deserialize_with = "null_to_default")]
    images: Vec<WireImageImport>,
    #[serde(deserialize_with = "null_to_default")]
    additional_tags: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImageImport {
    #[serde(deserialize_with = "null_to_default")]
    status: WireEmbeddedStatus,
    #[serde(deserialize_with = "null_to_default")]
    tag: String,
    image: Option<super::image::WireImageObject>,
}

/// A `WireStatus` within an object has no `kind`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEmbeddedStatus {
    status: Option<String>,
    reason: Option<String>,
    message: Option<String>,
}

impl WireEmbeddedStatus {
    fn failure(self) -> Option<(String, String)> {
        (self.status.as_deref() == Some("Failure")).then(|| {
            (
                WireStatus::truncate(self.reason),
                WireStatus::truncate(non_empty(self.message)),
            )
        })
    }
}

impl WireImageImport {
    fn into_model(self, tag: Option<String>) -> ImportResult {
        let outcome = match (
            self.status.failure(),
            self.image
                .and_then(super::image::WireImageObject::into_model),
        ) {
            (Some((reason, message)), _) => ImportOutcome::Failed { reason, message },
            (None, Some(image)) => {
                let (digest, platforms, architecture) =
                    (Some(image.digest), image.platforms, image.architecture);
                ImportOutcome::Found {
                    digest,
                    platforms,
                    architecture,
                }
            }
            (None, None) => ImportOutcome::Found {
                digest: None,
                platforms: Vec::new(),
                architecture: None,
            },
        };
        ImportResult {
            tag: tag.unwrap_or(self.tag),
            outcome,
        }
    }
}

impl ImageStreamImport {
    pub(in crate::openshift) fn into_model(self) -> Vec<ImportResult> {
        let mut names = self
            .spec
            .images
            .into_iter()
            .map(|wanted| wanted.to.name)
            .map(|name| non_empty(Some(name)));
        let mut results: Vec<_> = self
            .status
            .images
            .into_iter()
            .map(|image| image.into_model(names.next().flatten()))
            .collect();
        if let Some(repository) = self.status.repository {
            if let Some((reason, message)) = repository.status.failure() {
                results.push(ImportResult {
                    tag: String::new(),
                    outcome: ImportOutcome::Failed { reason, message },
                });
            }
            results.extend(
                repository
                    .images
                    .into_iter()
                    .map(|image| image.into_model(None)),
            );
            results.extend(
                repository
                    .additional_tags
                    .into_iter()
                    .map(|tag| ImportResult {
                        tag,
                        outcome: ImportOutcome::NotLookedAt,
                    }),
            );
        }
        results
    }
}
