//! Changes of image streams by pushes and by their owners.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};

use super::event::WatchedObject;
use super::stream::{ImportCondition, StoredTagEvent};
use super::{
    Cluster, ClusterError, ClusterErrorReason, ClusterState, ImageObject, ImageStreamObject,
    NamedResource, ObjectMetadata, StoredTagSpec,
};
use crate::cluster::image_metadata;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// A manifest that has been pushed to the registry.
#[derive(Clone, Debug)]
pub struct PushedManifest {
    /// The manifest's digest: the image's name.
    pub digest: Digest,
    /// The manifest's media type.
    pub media_type: String,
    pub manifest: Bytes,
    /// Its config, if it has one.
    pub config: Option<Bytes>,
    /// When it was pushed.
    pub pushed_at: DateTime<Utc>,
    pub pushed_by: String,
}

impl Cluster {
    /// Stores a pushed manifest: the image object, and (with a tag) a new item in the tag's
    /// history. The image stream is created if it is missing.
    ///
    /// # Errors
    ///
    /// There is no such project, or it is not a manifest.
    pub fn push(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: Option<&TagName>,
        pushed: &PushedManifest,
    ) -> Result<(), ClusterError> {
        let reference = format!(
            "{}/{project}/{stream}@{}",
            self.hosts().registry_internal,
            pushed.digest
        );
        self.write(|state| {
            if state.project(project.as_str()).is_none() {
                return Err(ClusterErrorReason::NotFound(NamedResource::new(
                    "",
                    "namespaces",
                    project.as_str(),
                ))
                .into());
            }
            state.ensure_stream(project.as_str(), stream.as_str(), pushed.pushed_at);
            state.store_image(pushed, &reference, true)?;
            let Some(tag) = tag else { return Ok(()) };
            let image = pushed.digest.to_string();
            state.change_stream(project.as_str(), stream.as_str(), |stream| {
                let generation = stream.generation();
                stream.push_tag_event(
                    tag.as_str(),
                    StoredTagEvent {
                        created: pushed.pushed_at,
                        reference,
                        image,
                        generation,
                    },
                );
            });
            Ok(())
        })
    }

    /// The tags of an image stream that point to an image, and the image: the content of
    /// `v2/…/tags/list`. `None` if there is no such image stream.
    #[must_use]
    pub fn stream_tags(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Option<Vec<(String, Digest)>> {
        self.read(|state| {
            let stream = state.stream(project.as_str(), stream.as_str())?;
            let tagged = |(name, history): (&String, &super::TagHistory)| {
                Some((name.clone(), history.items.first()?.image.parse().ok()?))
            };
            Some(stream.tags.iter().filter_map(tagged).collect())
        })
    }

    /// The image that a tag points to.
    #[must_use]
    pub fn tag_digest(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Option<Digest> {
        self.read(|state| {
            state
                .stream(project.as_str(), stream.as_str())?
                .latest(tag.as_str())?
                .image
                .parse()
                .ok()
        })
    }

    /// The annotations of a tag itself (`spec.tags[].annotations`).
    #[must_use]
    pub fn tag_annotations(
        &self,
        project: &str,
        stream: &str,
        tag: &str,
    ) -> BTreeMap<String, String> {
        self.read(|state| {
            state
                .stream(project, stream)?
                .spec_tags
                .get(tag)?
                .annotations
                .clone()
        })
        .unwrap_or_default()
    }

    /// Sets a tag spec (`spec.tags[]`) and, if it refers to an image of this cluster, points the
    /// tag to it. The image stream is created if it is missing.
    pub fn set_spec_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        spec: StoredTagSpec,
    ) {
        self.write(|state| {
            state.ensure_stream(project.as_str(), stream.as_str(), state.now());
            state.change_stream(project.as_str(), stream.as_str(), |stream| {
                let generation = Some(stream.next_generation());
                stream.spec_tags.insert(
                    tag.as_str().to_owned(),
                    StoredTagSpec { generation, ..spec },
                );
            });
            state.update_tracking_tags(project.as_str(), stream.as_str());
        });
    }

    /// Makes the import of a tag fail: `ImportSuccess` is `False`, with a reason and a message. The
    /// image stream is created if it is missing.
    pub fn fail_import(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        reason: &str,
        message: &str,
        when: DateTime<Utc>,
    ) {
        self.write(|state| {
            state.ensure_stream(project.as_str(), stream.as_str(), when);
            state.change_stream(project.as_str(), stream.as_str(), |stream| {
                let generation = stream.generation();
                let condition = ImportCondition {
                    changed_at: when,
                    reason: reason.to_owned(),
                    message: message.to_owned(),
                    generation,
                };
                stream
                    .tags
                    .entry(tag.as_str().to_owned())
                    .or_default()
                    .conditions = vec![condition];
            });
        });
    }

    /// Annotates an image stream, or (without one) the project.
    pub fn annotate(
        &self,
        project: &ProjectName,
        stream: Option<&ImageStreamName>,
        key: &str,
        value: &str,
    ) {
        let annotate = |meta: &mut ObjectMetadata| {
            drop(meta.annotations.insert(key.to_owned(), value.to_owned()))
        };
        self.write(|state| match stream {
            Some(stream) => drop(state.change_stream(
                project.as_str(),
                stream.as_str(),
                |stream| annotate(&mut stream.meta),
            )),
            None => {
                drop(state.change_project(project.as_str(), |project| annotate(&mut project.meta)))
            }
        });
    }
}

impl ClusterState {
    pub(crate) fn stream(&self, project: &str, name: &str) -> Option<&Arc<ImageStreamObject>> {
        self.streams.get(&(project.to_owned(), name.to_owned()))
    }

    /// The image streams after `(project, name)` in the order of lists, of all projects.
    pub(crate) fn streams_after<'a>(
        &'a self,
        start: Option<&(String, String)>,
    ) -> impl Iterator<Item = &'a Arc<ImageStreamObject>> {
        use std::ops::Bound;
        let start = start.map_or(Bound::Unbounded, |start| Bound::Excluded(start.clone()));
        self.streams
            .range((start, Bound::Unbounded))
            .map(|(_, stream)| stream)
    }

    /// The streams of a project, by name.
    pub(crate) fn streams_of<'a>(
        &'a self,
        project: &str,
    ) -> impl Iterator<Item = &'a Arc<ImageStreamObject>> + use<'a> {
        self.streams
            .range(super::rbac::project_key_range(project))
            .map(|(_, stream)| stream)
    }

    fn ensure_stream(&mut self, project: &str, name: &str, when: DateTime<Utc>) {
        if self.stream(project, name).is_none() {
            let mut meta = self.new_meta(Some(project), name);
            meta.generation = Some(1);
            meta.created = when;
            self.put_stream("ADDED", ImageStreamObject::new(meta));
        }
    }

    /// Stores an image stream under its own name, and notifies the watches.
    pub(crate) fn put_stream(
        &mut self,
        change: &'static str,
        stream: ImageStreamObject,
    ) -> Arc<ImageStreamObject> {
        let stream = Arc::new(stream);
        self.record_event(change, WatchedObject::Stream(Arc::clone(&stream)));
        self.streams.insert(
            (stream.namespace().to_owned(), stream.meta.name.clone()),
            Arc::clone(&stream),
        );
        stream
    }

    /// Changes a stream, with a new revision.
    pub(crate) fn change_stream(
        &mut self,
        project: &str,
        name: &str,
        change: impl FnOnce(&mut ImageStreamObject),
    ) -> Option<Arc<ImageStreamObject>> {
        let mut stream = self.stream(project, name)?.as_ref().clone();
        change(&mut stream);
        stream.meta.resource_version = self.next_revision();
        Some(self.put_stream("MODIFIED", stream))
    }

    /// Deletes a stream. Its images stay until they are pruned.
    pub(crate) fn remove_stream(
        &mut self,
        project: &str,
        name: &str,
    ) -> Option<Arc<ImageStreamObject>> {
        let removed = self
            .streams
            .remove(&(project.to_owned(), name.to_owned()))?;
        let mut last = removed.as_ref().clone();
        last.meta.resource_version = self.next_revision();
        self.record_event("DELETED", WatchedObject::Stream(Arc::new(last)));
        Some(removed)
    }

    /// Stores the image of a manifest, unless it exists. An imported one is not `managed`: its
    /// blobs are elsewhere.
    pub(super) fn store_image(
        &mut self,
        pushed: &PushedManifest,
        reference: &str,
        managed: bool,
    ) -> Result<(), ClusterError> {
        let name = pushed.digest.to_string();
        if self.images.contains_key(&name) {
            return Ok(());
        }
        let image = self.build_image(pushed, reference, managed)?;
        self.layer_sizes.extend(
            image
                .layers
                .iter()
                .map(|layer| (layer.digest.clone(), layer.size)),
        );
        self.images.insert(name, image);
        Ok(())
    }

    /// Stores an image object as it is.
    pub(crate) fn put_image(&mut self, image: ImageObject) {
        self.images.insert(image.meta.name.clone(), image);
    }

    pub(super) fn build_image(
        &mut self,
        pushed: &PushedManifest,
        reference: &str,
        managed: bool,
    ) -> Result<ImageObject, ClusterError> {
        let facts = image_metadata::read_manifest(pushed, &self.layer_sizes)
            .ok_or_else(|| ClusterErrorReason::BadRequest("not an image manifest".to_owned()))?;
        let order = if facts.platforms.is_empty() {
            "ascending"
        } else {
            ""
        };
        let mut meta = self.new_meta(None, &pushed.digest.to_string());
        meta.created = pushed.pushed_at;
        meta.annotations = BTreeMap::from([(
            "image.openshift.io/dockerLayersOrder".to_owned(),
            order.to_owned(),
        )]);
        if managed {
            meta = meta.with_annotations(
                [
                    "image.openshift.io/manifestBlobStored",
                    "openshift.io/image.managed",
                ]
                .map(|key| (key, "true".to_owned())),
            );
        }
        Ok(ImageObject {
            meta,
            reference: reference.to_owned(),
            media_type: pushed.media_type.clone(),
            metadata: facts.metadata,
            layers: facts.layers,
            platforms: facts.platforms,
            signatures: Vec::new(),
            config: facts.config,
        })
    }

    /// Whether an image belongs to an image stream: in the history of a tag, or as a platform of an
    /// index in one.
    pub(crate) fn stream_image(
        &self,
        stream: &ImageStreamObject,
        digest: &str,
    ) -> Option<&ImageObject> {
        let items = || stream.tags.values().flat_map(|history| &history.items);
        let platform = |image: &ImageObject| {
            image
                .platforms
                .iter()
                .any(|platform| platform.digest == digest)
        };
        let belongs = items().any(|item| item.image == digest)
            || items().any(|item| self.image(&item.image).is_some_and(platform));
        belongs.then(|| self.image(digest)).flatten()
    }

    /// Changes an image, and gives it a new revision. `None`: there is no such image.
    pub(crate) fn change_image<T>(
        &mut self,
        digest: &str,
        change: impl FnOnce(&mut ImageObject) -> T,
    ) -> Option<T> {
        let revision = self.next_revision();
        let image = self.images.get_mut(digest)?;
        image.meta.resource_version = revision;
        Some(change(image))
    }

    pub(crate) fn remove_image(&mut self, digest: &str) -> Option<ImageObject> {
        let image = self.images.remove(digest)?;
        self.next_revision();
        Some(image)
    }
}

/// A time as OpenShift writes it.
pub(crate) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
