//! What is known of the images that the workloads of a project name. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Pullability, WorkloadImageRow, WorkloadRow};
use crate::app::bounds::truncate_counting;
use crate::app::lists::RowLimit;
use crate::app::usage::{ProjectWorkloads, RecordedImage, UseKind, WorkloadRecord};
use crate::index::{IndexedStream, Snapshot};
use registry_model::{
    Digest, ImagePart, ImageStreamName, ProjectName, ReferencedImage, RegistryHosts,
    StreamReference, TagName, WorkloadImageReference,
};

/// How many images of a workload, and how many tags of an image, are shown.
const MAX_SHOWN_IMAGES: usize = 50;
const MAX_SHOWN_TAGS: usize = 5;

pub(super) type StreamKey = (ProjectName, ImageStreamName);

/// The image streams and images that the workloads of a project name.
#[derive(Debug)]
pub(super) struct KnownImages {
    /// The project of the workloads.
    pub(super) project: ProjectName,
    pub(super) hosts: RegistryHosts,
    /// `None`: there is no such image stream. Those that could not be read are absent.
    pub(super) streams: HashMap<StreamKey, Option<Arc<IndexedStream>>>,
    /// Whether all image streams of the project are known.
    pub(super) is_own_project_known: bool,
    /// Of images that tags point to: the images of an index, and the config of an image.
    pub(super) indexes: HashMap<Digest, HashSet<Digest>>,
    /// Projects from which service accounts of the workloads' project may not pull.
    pub(super) not_allowed: HashSet<(ProjectName, String)>,
}

/// All image streams of a project.
pub(super) fn known_streams(streams: &Snapshot) -> HashMap<StreamKey, Option<Arc<IndexedStream>>> {
    let entries = streams.streams().map(|entry| {
        let key = (entry.stream.project.clone(), entry.stream.name.clone());
        (key, Some(Arc::clone(&entry.stream)))
    });
    entries.collect()
}

/// A part of a workload, with all references that it has.
#[derive(Default)]
struct PartImages<'r> {
    starts: Vec<&'r RecordedImage>,
    running: Vec<&'r RecordedImage>,
    /// The tag of a trigger.
    followed: Option<(StreamKey, TagName)>,
}

impl KnownImages {
    /// The image streams that the workloads name.
    pub(super) fn named_streams(
        &self,
        workloads: &ProjectWorkloads,
    ) -> impl Iterator<Item = StreamKey> {
        let images = workloads.workloads.iter().flat_map(|record| &record.images);
        images.filter_map(|image| Some(self.stream_of(&image.reference)?.0))
    }

    fn stream_of(
        &self,
        reference: &WorkloadImageReference,
    ) -> Option<(StreamKey, StreamReference)> {
        match reference.resolve(&self.hosts) {
            ReferencedImage::Stream(project, stream, reference) => {
                Some(((project, stream), reference))
            }
            // Whether the name is looked up is not known here, but a name of an image stream of the
            // project is hardly meant as another image.
            ReferencedImage::Local(stream, reference) => {
                let key = (self.project.clone(), stream);
                self.streams.contains_key(&key).then_some((key, reference))
            }
            ReferencedImage::Digest(_) | ReferencedImage::OtherRegistry(_) => None,
        }
    }

    fn stream(&self, key: &StreamKey) -> Option<&Arc<IndexedStream>> {
        self.streams.get(key)?.as_ref()
    }

    /// The current images of tags whose workloads run something that the history of the image stream
    /// does not have, each with its tag.
    pub(super) fn images_to_read(
        &self,
        workloads: &ProjectWorkloads,
    ) -> BTreeSet<(StreamKey, TagName, Digest)> {
        let mut found = BTreeSet::new();
        for record in &workloads.workloads {
            for part in self.parts(record).into_values() {
                let Some((key, tag)) = self.tag_of(&part) else {
                    continue;
                };
                let Some(stream) = self.stream(&key) else {
                    continue;
                };
                let is_unknown = |image: &&RecordedImage| {
                    let digest = image.reference.digest();
                    digest.is_some_and(|digest| events(stream, digest).next().is_none())
                };
                if part.running.iter().any(is_unknown)
                    && let Some(current) = current(stream, &tag)
                {
                    found.insert((key, tag, current.clone()));
                }
            }
        }
        found
    }

    fn parts<'r>(&self, record: &'r WorkloadRecord) -> BTreeMap<&'r ImagePart, PartImages<'r>> {
        let mut parts: BTreeMap<&ImagePart, PartImages<'_>> = BTreeMap::new();
        for image in &record.images {
            let part = parts.entry(&image.part).or_default();
            match image.kind {
                UseKind::Running => part.running.push(image),
                UseKind::Trigger => {
                    if let Some((key, StreamReference::Tag(tag))) = self.stream_of(&image.reference)
                    {
                        part.followed = Some((key, tag));
                    }
                }
                UseKind::EarlierRevision => {}
                UseKind::Starts | UseKind::Building | UseKind::Builds | UseKind::Pushes => {
                    part.starts.push(image);
                }
            }
        }
        parts
    }

    /// The tag that a part of a workload follows by a trigger, or names.
    fn tag_of(&self, part: &PartImages<'_>) -> Option<(StreamKey, TagName)> {
        part.followed.clone().or_else(|| {
            part.starts.iter().find_map(|image| {
                let (key, reference) = self.stream_of(&image.reference)?;
                Some((key, reference.tag()?.clone()))
            })
        })
    }

    /// The row of a workload.
    pub(super) fn row(&self, record: &WorkloadRecord, limit: RowLimit) -> WorkloadRow {
        let account = record.pulling_account();
        let mut images = Vec::new();
        for (name, part) in self.parts(record) {
            let followed = self.tag_of(&part);
            // What runs says more than what the workload names; without pods there is only that.
            let shown = if part.running.is_empty() {
                &part.starts
            } else {
                &part.running
            };
            images.extend(
                shown
                    .iter()
                    .map(|image| self.image_row(name, image, followed.as_ref(), account)),
            );
        }
        let more_images = truncate_counting(&mut images, limit.rows(MAX_SHOWN_IMAGES));
        WorkloadRow {
            workload: record.workload.clone(),
            is_paused: record.is_paused,
            replicas: record.replicas,
            created: record.created,
            images,
            more_images,
        }
    }

    fn image_row(
        &self,
        part: &ImagePart,
        image: &RecordedImage,
        followed: Option<&(StreamKey, TagName)>,
        account: &str,
    ) -> WorkloadImageRow {
        let named = self
            .stream_of(&image.reference)
            .or_else(|| self.stream_of(image.named.as_deref()?));
        let key = named.as_ref().map(|(key, _)| key);
        let stream = key.and_then(|key| self.stream(key));
        let by_tag = named.as_ref().and_then(|(_, reference)| reference.tag());
        let followed = followed
            .filter(|(followed, _)| Some(followed) == key)
            .map(|(_, tag)| tag);
        let digest = image.reference.digest().cloned().or_else(|| {
            let current = current(stream?, by_tag?)?;
            (image.kind != UseKind::Pushes).then(|| current.clone())
        });
        // The image that the image stream has, of whose index this is a part.
        let in_stream = digest
            .as_ref()
            .zip(stream)
            .map(|(digest, stream)| self.index_of(stream, digest));
        let known = in_stream.zip(stream);
        let history = known.and_then(|(digest, stream)| latest_tag(stream, digest));
        let tag = followed.or(by_tag).or(history.as_ref()).cloned();
        let newer = known
            .zip(tag.as_ref())
            .and_then(|((digest, stream), tag)| self.newer(stream, tag, digest));
        let versions = |digest: Option<&Digest>| {
            digest
                .zip(stream)
                .map(|(digest, stream)| tags_at(stream, digest, tag.as_ref()))
                .unwrap_or_default()
        };
        WorkloadImageRow {
            part: part.clone(),
            kind: image.kind,
            reference: image.reference.to_string(),
            image_since: known.and_then(|(digest, stream)| {
                events(stream, digest).filter_map(|(_, when)| when).min()
            }),
            versions: versions(in_stream),
            newer_versions: versions(newer.as_ref()),
            pullability: self.pullability(image, named.as_ref(), account),
            stream: key.cloned(),
            tag,
            digest,
            newer,
            pods: image.pods,
            since: image.since,
        }
    }

    /// The index of an image that the history of the image stream does not have, or the image itself.
    fn index_of<'d>(&'d self, stream: &IndexedStream, digest: &'d Digest) -> &'d Digest {
        if events(stream, digest).next().is_some() {
            return digest;
        }
        let mut indexes: Vec<&Digest> = self
            .indexes
            .iter()
            .filter(|(_, images)| images.contains(digest))
            .map(|(index, _)| index)
            .collect();
        indexes.sort_unstable();
        indexes.first().copied().unwrap_or(digest)
    }

    /// The image that `tag` points to, if it is another one than `digest` for certain.
    fn newer(&self, stream: &IndexedStream, tag: &TagName, digest: &Digest) -> Option<Digest> {
        let current = current(stream, tag)?;
        if current == digest {
            return None;
        }
        // Of an image that is not in the history, only the images of an index tell.
        let is_other =
            events(stream, digest).next().is_some() || self.indexes.contains_key(current);
        is_other.then(|| current.clone())
    }

    fn pullability(
        &self,
        image: &RecordedImage,
        named: Option<&(StreamKey, StreamReference)>,
        account: &str,
    ) -> Pullability {
        // What a pod names is pulled again, and not what it runs.
        let renamed = image
            .named
            .as_deref()
            .and_then(|named| self.stream_of(named));
        let Some((key, reference)) = renamed.as_ref().or(named) else {
            return Pullability::Elsewhere;
        };
        if image.kind == UseKind::Pushes {
            return Pullability::Pullable;
        }
        let stream = match self.streams.get(key) {
            Some(Some(stream)) => stream,
            Some(None) => return Pullability::NoStream,
            None if key.0 == self.project && self.is_own_project_known => {
                return Pullability::NoStream;
            }
            None => return Pullability::Unknown,
        };
        let is_there = match reference {
            StreamReference::Tag(tag) => current(stream, tag).is_some(),
            StreamReference::Digest(digest) => {
                events(stream, digest).next().is_some()
                    || self.indexes.values().any(|images| images.contains(digest))
            }
        };
        match reference {
            _ if is_there => {
                let subject = (key.0.clone(), account.to_owned());
                if self.not_allowed.contains(&subject) {
                    Pullability::NotAllowed
                } else {
                    Pullability::Pullable
                }
            }
            StreamReference::Tag(_) => Pullability::NoTag,
            StreamReference::Digest(_) => Pullability::NoImage,
        }
    }
}

/// The image that a tag points to.
fn current<'s>(stream: &'s IndexedStream, tag: &TagName) -> Option<&'s Digest> {
    let found = stream.tags().find(|found| found.name() == tag)?;
    found.current()?.image.as_ref()
}

/// The tags that have pointed to an image, and since when.
fn events<'s>(
    stream: &'s IndexedStream,
    digest: &'s Digest,
) -> impl Iterator<Item = (&'s TagName, Option<DateTime<Utc>>)> {
    stream.tags().flat_map(move |tag| {
        let events = tag.history.iter();
        events
            .filter(move |event| event.image.as_ref() == Some(digest))
            .map(move |event| (tag.name(), event.when()))
    })
}

/// The tag that points to an image or, if none does, the one that pointed to it last.
fn latest_tag(stream: &IndexedStream, digest: &Digest) -> Option<TagName> {
    let found = events(stream, digest).max_by_key(|(tag, when)| {
        let is_current = current(stream, tag) == Some(digest);
        (is_current, *when, std::cmp::Reverse(tag.as_str()))
    });
    found.map(|(tag, _)| tag.clone())
}

/// The other tags that point to an image, newest version first.
fn tags_at(stream: &IndexedStream, digest: &Digest, except: Option<&TagName>) -> Vec<TagName> {
    let tags: Vec<TagName> = stream
        .tags()
        .filter(|tag| tag.current().and_then(|event| event.image.as_ref()) == Some(digest))
        .map(|tag| tag.name().clone())
        .filter(|tag| Some(tag) != except)
        .collect();
    tags.into_iter().rev().take(MAX_SHOWN_TAGS).collect()
}

#[cfg(test)]
mod tests;
