//! What came of an import.

use serde::Deserialize;

use super::Status;
use super::meta::{filled, or_default};
use crate::openshift::imports::{ImportOutcome, ImportResult};

/// `image.openshift.io/v1` `ImageStreamImport`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ImageStreamImport {
    #[serde(deserialize_with = "or_default")]
    spec: Spec,
    #[serde(deserialize_with = "or_default")]
    status: Outcome,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(deserialize_with = "or_default")]
    images: Vec<Wanted>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    #[serde(deserialize_with = "or_default")]
    to: To,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct To {
    #[serde(deserialize_with = "or_default")]
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outcome {
    #[serde(deserialize_with = "or_default")]
    images: Vec<Image>,
    repository: Option<Repository>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Repository {
    #[serde(deserialize_with = "or_default")]
    status: Said,
    #[serde(deserialize_with = "or_default")]
    images: Vec<Image>,
    #[serde(deserialize_with = "or_default")]
    additional_tags: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Image {
    #[serde(deserialize_with = "or_default")]
    status: Said,
    #[serde(deserialize_with = "or_default")]
    tag: String,
    image: Option<super::image::Image>,
}

/// A `Status` within an object has no `kind`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    status: Option<String>,
    reason: Option<String>,
    message: Option<String>,
}

impl Said {
    fn failure(self) -> Option<(String, String)> {
        (self.status.as_deref() == Some("Failure"))
            .then(|| (Status::cut(self.reason), Status::cut(filled(self.message))))
    }
}

impl Image {
    fn into_model(self, tag: Option<String>) -> ImportResult {
        let outcome = match (
            self.status.failure(),
            self.image.and_then(super::image::Image::into_model),
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
            .map(|name| filled(Some(name)));
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
