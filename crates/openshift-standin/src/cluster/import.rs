//! Imports from other registries, without any network: the images that they offer are configured.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::stream::{ImportCondition, StoredTagEvent};
use super::{
    Cluster, ClusterState, ImageObject, ImageStreamObject, NamedResource, PushedManifest,
    StoredTagSpec, Version,
};

const REPOSITORY_CHECK_ANNOTATION: &str = "openshift.io/image.dockerRepositoryCheck";

/// Other registries, as far as this cluster can reach and may use them.
#[derive(Default)]
pub(crate) struct ExternalRegistries {
    /// By pull spec: `host:port/repository:tag`.
    images: BTreeMap<String, PushedManifest>,
    /// The registries from which imports are allowed; `None`: all.
    allowed: Option<Vec<String>>,
}

/// The result of the import of one image.
#[derive(Clone)]
pub(crate) enum SimulatedImport {
    /// The image and, for an index that is kept whole, the images of its platforms.
    Image(Box<ImageObject>, Vec<ImageObject>),
    /// The registry answers, but does not have the image.
    Missing,
    /// The registry does not answer; the error message.
    Unreachable(String),
}

impl Cluster {
    /// Makes another registry offer an image under `reference` (`host:port/repository:tag`, or
    /// `host:port/repository@digest` for a platform of an index), for imports.
    pub fn add_external_image(&self, reference: &str, image: PushedManifest) {
        self.write(|state| {
            state
                .external_registries
                .images
                .insert(reference.to_owned(), image)
        });
    }

    /// Allows imports from these registries (`host:port`) only; `None` allows all, as a new cluster
    /// does.
    pub fn allow_imports_from(&self, registries: Option<&[&str]>) {
        let allowed = registries.map(|registries| {
            registries
                .iter()
                .map(|&registry| registry.to_owned())
                .collect()
        });
        self.write(|state| state.external_registries.allowed = allowed);
    }
}

impl ClusterState {
    /// Why imports from the registry of `reference` are not allowed; `None` if they are.
    pub(crate) fn import_forbidden(&self, reference: &str) -> Option<String> {
        let registry = registry_of(reference);
        let allowed = self
            .external_registries
            .allowed
            .as_ref()
            .filter(|allowed| !allowed.iter().any(|allowed| allowed == registry))?;
        let shown: Vec<String> = allowed
            .iter()
            .take(4)
            .map(|allowed| format!("{allowed:?}"))
            .collect();
        let more = match allowed.len().saturating_sub(4) {
            0 => String::new(),
            more => format!(", and {more} more ..."),
        };
        Some(format!(
            "registry {registry:?} not allowed by whitelist: {}{more}",
            shown.join(", ")
        ))
    }

    /// The tags that another registry offers in a repository.
    pub(crate) fn external_tags(&self, repository: &str) -> Vec<String> {
        let tag = |reference: &String| {
            reference
                .strip_prefix(repository)?
                .strip_prefix(':')
                .map(str::to_owned)
        };
        self.external_registries
            .images
            .keys()
            .filter_map(tag)
            .collect()
    }

    fn is_reachable(&self, registry: &str) -> bool {
        self.external_registries
            .images
            .keys()
            .any(|reference| registry_of(reference) == registry)
    }

    /// Looks up an image in another registry; with `store`, it becomes an image of this cluster. Of
    /// an index, `Legacy` takes the image for linux/amd64, or the first; `PreserveOriginal` takes
    /// the index and all its images.
    pub(crate) fn import(
        &mut self,
        reference: &str,
        spec: &StoredTagSpec,
        store: bool,
    ) -> SimulatedImport {
        let reference = if tag_of(reference).is_none() {
            format!("{reference}:latest")
        } else {
            reference.to_owned()
        };
        let Some(mut found) = self.external_registries.images.get(&reference).cloned() else {
            let registry = registry_of(&reference);
            if self.is_reachable(registry) {
                return SimulatedImport::Missing;
            }
            let host = registry.split(':').next().unwrap_or_default();
            return SimulatedImport::Unreachable(format!(
                "Get \"https://{registry}/v2/\": dial tcp: lookup {host} on 10.255.255.53:53: no such host"
            ));
        };
        found.pushed_at = self.now();
        let repository = repository_of(&reference).to_owned();
        let Some(image) = self.build_imported_image(&found, &repository, false) else {
            return SimulatedImport::Missing;
        };
        if image.platforms.is_empty() {
            return self
                .build_imported_image(&found, &repository, store)
                .map_or(SimulatedImport::Missing, |image| {
                    SimulatedImport::Image(Box::new(image), Vec::new())
                });
        }
        let offered = |digest: &str| {
            self.external_registries
                .images
                .get(&format!("{repository}@{digest}"))
                .cloned()
        };
        if spec.import_mode.is_none() || self.version() == Version::V3_9 {
            let usual = image
                .platforms
                .iter()
                .find(|platform| platform.os == "linux" && platform.architecture == "amd64");
            let chosen = usual
                .or(image.platforms.first())
                .and_then(|platform| offered(&platform.digest));
            let image =
                chosen.and_then(|chosen| self.build_imported_image(&chosen, &repository, store));
            return image.map_or(SimulatedImport::Missing, |image| {
                SimulatedImport::Image(Box::new(image), Vec::new())
            });
        }
        let parts: Vec<PushedManifest> = image
            .platforms
            .iter()
            .filter_map(|platform| offered(&platform.digest))
            .collect();
        let parts = parts
            .iter()
            .filter_map(|part| self.build_imported_image(part, &repository, store))
            .collect();
        self.build_imported_image(&found, &repository, store)
            .map_or(SimulatedImport::Missing, |image| {
                SimulatedImport::Image(Box::new(image), parts)
            })
    }

    fn build_imported_image(
        &mut self,
        found: &PushedManifest,
        repository: &str,
        store: bool,
    ) -> Option<ImageObject> {
        let by_digest = format!("{repository}@{}", found.digest);
        if store {
            // An upstream image that is invalid cannot be stored either.
            let _refused = self.store_image(found, &by_digest, false);
        }
        self.build_image(found, &by_digest, false).ok()
    }

    /// Does what the import controller does after an image stream was changed: imports the tags
    /// that track other registries that can be reached. Tags of unknown registries stay unimported.
    pub(crate) fn run_import_controller(&mut self, project: &str, name: &str) {
        let Some(stream) = self.stream(project, name).cloned() else {
            return;
        };
        let mut wanted: Vec<(String, StoredTagSpec)> = self.repository_tags(&stream);
        wanted.extend(
            stream
                .spec_tags
                .iter()
                .filter(|(tag, spec)| is_due(&stream, tag, spec) && !spec.reference)
                .map(|(tag, spec)| (tag.clone(), spec.clone())),
        );
        wanted.retain(|(_, spec)| {
            spec.from
                .as_ref()
                .is_some_and(|from| self.is_reachable(registry_of(&from.name)))
        });
        if wanted.is_empty() {
            return;
        }
        let outcomes: Vec<(String, StoredTagSpec, SimulatedImport)> = wanted
            .into_iter()
            .map(|(tag, spec)| {
                let imported = spec.from.as_ref().map_or(SimulatedImport::Missing, |from| {
                    self.import(&from.name, &spec, true)
                });
                (tag, spec, imported)
            })
            .collect();
        let now = self.now();
        self.change_stream(project, name, |stream| {
            let generation = stream.next_generation();
            stream.meta.annotations.insert(
                REPOSITORY_CHECK_ANNOTATION.to_owned(),
                super::push::rfc3339(now),
            );
            for (tag, spec, imported) in outcomes {
                record_import(stream, &tag, spec, &imported, generation, now);
            }
        });
    }

    fn repository_tags(&self, stream: &ImageStreamObject) -> Vec<(String, StoredTagSpec)> {
        let Some(repository) = &stream.repository else {
            return Vec::new();
        };
        let insecure = stream
            .meta
            .annotations
            .get("openshift.io/image.insecureRepository")
            .is_some_and(|value| value == "true");
        let tags = self
            .external_tags(repository)
            .into_iter()
            .filter(|tag| !stream.spec_tags.contains_key(tag));
        let spec = |tag: &str| StoredTagSpec {
            from: Some(super::TagReference::docker_image(&format!(
                "{repository}:{tag}"
            ))),
            insecure,
            ..StoredTagSpec::default()
        };
        tags.map(|tag| (tag.clone(), spec(&tag))).collect()
    }

    /// Records a posted import in its image stream: sets the tag spec, and the result of the
    /// import.
    pub(crate) fn record_imports(
        &mut self,
        project: &str,
        name: &str,
        outcomes: &[(String, StoredTagSpec, SimulatedImport)],
    ) -> Option<Arc<ImageStreamObject>> {
        let now = self.now();
        if self.stream(project, name).is_none() {
            let mut meta = self.new_meta(Some(project), name);
            meta.generation = Some(1);
            self.put_stream("ADDED", ImageStreamObject::new(meta));
        }
        self.change_stream(project, name, |stream| {
            let generation = stream.next_generation();
            stream.meta.annotations.insert(
                REPOSITORY_CHECK_ANNOTATION.to_owned(),
                super::push::rfc3339(now),
            );
            for (tag, spec, imported) in outcomes {
                record_import(stream, tag, spec.clone(), imported, generation, now);
            }
        })
    }

    /// Points the tags of an image stream that track images of this cluster to them.
    pub(crate) fn update_tracking_tags(&mut self, project: &str, name: &str) {
        let Some(stream) = self.stream(project, name).cloned() else {
            return;
        };
        let due = stream
            .spec_tags
            .iter()
            .filter(|(tag, spec)| is_due(&stream, tag, spec) && !spec.reference);
        let found: Vec<(String, StoredTagEvent)> = due
            .filter_map(|(tag, spec)| Some((tag.clone(), self.tracked_event(&stream, spec)?)))
            .collect();
        if found.is_empty() {
            return;
        }
        let mut stream = stream.as_ref().clone();
        for (tag, event) in found {
            stream.push_tag_event(&tag, event);
        }
        // Part of the same write as the tag itself: the revision stays.
        let stream = Arc::new(stream);
        self.event_log.replace_last(&stream);
        self.streams
            .insert((project.to_owned(), name.to_owned()), stream);
    }

    fn tracked_event(
        &self,
        stream: &ImageStreamObject,
        spec: &StoredTagSpec,
    ) -> Option<StoredTagEvent> {
        let from = spec.from.as_ref()?;
        let project = from.namespace.as_deref().unwrap_or(stream.namespace());
        let event = match from.kind.as_str() {
            "ImageStreamTag" => {
                let (source, tag) = from
                    .name
                    .split_once(':')
                    .unwrap_or((&stream.meta.name, &from.name));
                self.stream(project, source)?.latest(tag)?.clone()
            }
            "ImageStreamImage" => {
                let (source, digest) = from.name.split_once('@')?;
                let image = self.stream_image(self.stream(project, source)?, digest)?;
                StoredTagEvent {
                    created: self.now(),
                    reference: image.reference.clone(),
                    image: digest.to_owned(),
                    generation: 0,
                }
            }
            _ => return None,
        };
        Some(StoredTagEvent {
            created: self.now(),
            generation: stream.generation(),
            ..event
        })
    }
}

fn is_due(stream: &ImageStreamObject, tag: &str, spec: &StoredTagSpec) -> bool {
    let seen = stream.tags.get(tag).and_then(|history| {
        let item = history.items.first().map(|item| item.generation);
        item.max(
            history
                .conditions
                .first()
                .map(|condition| condition.generation),
        )
    });
    seen < spec.generation
}

fn record_import(
    stream: &mut ImageStreamObject,
    tag: &str,
    spec: StoredTagSpec,
    imported: &SimulatedImport,
    generation: i64,
    now: chrono::DateTime<chrono::Utc>,
) {
    let source = spec
        .from
        .as_ref()
        .map(|from| from.name.clone())
        .unwrap_or_default();
    // A successful import sets the source and the policies; a failed one does not change an
    // existing tag (origin, `ensureSpecTag`).
    let spec = match (imported, stream.spec_tags.get(tag).cloned()) {
        (_, None) => spec,
        (SimulatedImport::Image(..), Some(known)) => StoredTagSpec {
            annotations: known.annotations,
            reference: known.reference,
            ..spec
        },
        (_, Some(known)) => known,
    };
    stream.spec_tags.insert(
        tag.to_owned(),
        StoredTagSpec {
            generation: Some(generation),
            ..spec
        },
    );
    let (reason, message) = match imported {
        SimulatedImport::Image(image, _) => {
            let event = StoredTagEvent {
                created: now,
                reference: image.reference.clone(),
                image: image.meta.name.clone(),
                generation,
            };
            return stream.push_tag_event(tag, event);
        }
        SimulatedImport::Missing => (
            "NotFound",
            NamedResource::new("image.openshift.io", "dockerimage", &source).to_string()
                + " not found",
        ),
        SimulatedImport::Unreachable(error) => {
            ("InternalError", format!("Internal error occurred: {error}"))
        }
    };
    let condition = ImportCondition {
        changed_at: now,
        reason: reason.to_owned(),
        message,
        generation,
    };
    stream.tags.entry(tag.to_owned()).or_default().conditions = vec![condition];
}

/// `host:port` of a pull spec; Docker Hub's if it names none.
fn registry_of(reference: &str) -> &str {
    let first = reference.split('/').next().unwrap_or_default();
    if reference.contains('/') && (first.contains(['.', ':']) || first == "localhost") {
        first
    } else {
        "docker.io"
    }
}

/// A pull spec without its tag or digest.
fn repository_of(reference: &str) -> &str {
    let reference = reference.split('@').next().unwrap_or(reference);
    tag_of(reference)
        .and_then(|tag| reference.strip_suffix(tag)?.strip_suffix(':'))
        .unwrap_or(reference)
}

/// The tag of a pull spec.
pub(crate) fn tag_of(reference: &str) -> Option<&str> {
    let last = reference.rsplit('/').next()?;
    Some(last.split_once(':')?.1)
}
