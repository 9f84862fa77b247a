//! Reading the images of image streams with their blobs: one request for an image stream, or where
//! the API server does not serve that, one for each image. What is remembered is not read again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::section::{Section, Unavailable, UnavailableReason};
use crate::openshift::{ApiError, ConfirmedStream, ImageRecord, StreamLayers};
use registry_model::space::ImageLayers;
use registry_model::{Digest, ImageStream, ImageStreamName, ProjectName, Tag};

/// How many image streams of one user are read concurrently.
const MAX_CONCURRENT_STREAMS: usize = 8;

/// How many images of one image stream are read concurrently, where each takes a request.
const MAX_CONCURRENT_IMAGES: usize = 4;

/// How deep indexes may contain indexes.
const MAX_INDEX_DEPTH: usize = 3;

/// The images of an image stream with their blobs, as far as they could be read.
#[derive(Clone, Debug)]
pub struct StreamImages {
    pub stream: ImageStream,
    /// The images that tags point to, or have pointed to, and the images of their indexes.
    pub images: BTreeMap<Digest, Arc<ImageRecord>>,
    /// The images whose objects have been deleted.
    pub deleted: BTreeSet<Digest>,
    /// The images that could not be read.
    pub unread: BTreeSet<Digest>,
    /// Why they could not be read.
    pub missing: Option<Unavailable>,
}

/// The images of the image streams of a project.
#[derive(Clone, Debug)]
pub struct ProjectImages {
    /// By name.
    pub streams: Vec<StreamImages>,
    /// How many image streams were left out because they are malformed.
    pub malformed: usize,
}

impl StreamImages {
    /// The blobs of the images.
    pub fn layers(&self) -> impl Iterator<Item = &ImageLayers> {
        self.images.values().map(|record| &record.blobs)
    }
}

impl ProjectImages {
    /// How many images could not be read.
    #[must_use]
    pub fn unread_count(&self) -> usize {
        self.streams.iter().map(|stream| stream.unread.len()).sum()
    }
}

impl AppForUser<'_> {
    /// The images of an image stream. Those that have not arrived at `deadline` are missing; they
    /// are read on when the same is requested again.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream itself.
    pub async fn stream_images(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        deadline: Instant,
    ) -> Result<StreamImages, Failure> {
        let confirmed = timeout_at(deadline, self.api_server.confirm_stream(project, name))
            .await
            .map_err(|_| Failure::DeadlineExceeded)?
            .map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        Ok(self.images_of(confirmed, deadline).await)
    }

    /// The images of all image streams of a project, as [`Self::stream_images`].
    ///
    /// # Errors
    ///
    /// The failure to list the image streams.
    pub async fn project_images(
        &self,
        project: &ProjectName,
        deadline: Instant,
    ) -> Result<ProjectImages, Failure> {
        let list = timeout_at(deadline, self.api_server.confirm_streams(project))
            .await
            .map_err(|_| Failure::DeadlineExceeded)?
            .map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let mut waiting = list.streams.into_iter();
        let mut streams = Vec::new();
        // Without a closure: the compiler does not find one general enough that takes a value with a
        // lifetime, in a future that is sent to another thread.
        let mut loads = FuturesUnordered::new();
        loop {
            while loads.len() < MAX_CONCURRENT_STREAMS
                && let Some(confirmed) = waiting.next()
            {
                loads.push(self.images_of(confirmed, deadline));
            }
            match loads.next().await {
                Some(images) => streams.push(images),
                None => break,
            }
        }
        streams.sort_unstable_by(|a, b| a.stream.name.cmp(&b.stream.name));
        Ok(ProjectImages {
            streams,
            malformed: list.unreadable_count,
        })
    }

    async fn images_of(&self, confirmed: ConfirmedStream<'_>, deadline: Instant) -> StreamImages {
        let mut images = CollectedImages::default();
        images.add_known(&confirmed);
        if !images.unread.is_empty() {
            // Of a long list, nothing more is requested once the time is over.
            let is_late = Instant::now() >= deadline
                || timeout_at(deadline, self.read_images(&confirmed, &mut images))
                    .await
                    .is_err();
            if is_late {
                let late = Unavailable::new(Upstream::ApiServer, UnavailableReason::Late);
                images.missing = Some(late);
            }
            if !images.deleted.is_empty() {
                confirmed.remember_absent(images.deleted.clone());
            }
        }
        let CollectedImages {
            records,
            deleted,
            unread,
            missing,
        } = images;
        StreamImages {
            stream: confirmed.into(),
            missing: missing.filter(|_| !unread.is_empty()),
            images: records,
            deleted,
            unread,
        }
    }

    async fn read_images(&self, confirmed: &ConfirmedStream<'_>, images: &mut CollectedImages) {
        let permit = self.app.list_permits.acquire().await;
        let layers = confirmed.load_layers().await;
        drop(permit);
        match layers {
            Ok(layers) => images.add_layers(layers),
            // Users who may not pull may still read image objects.
            Err(ApiError::NotServed | ApiError::Forbidden(_)) => {
                self.read_one_by_one(confirmed.stream(), images).await;
            }
            Err(error) => images.fail(error),
        }
    }

    async fn read_one_by_one(&self, stream: &ImageStream, images: &mut CollectedImages) {
        for _ in 0..MAX_INDEX_DEPTH {
            let unread: Vec<Digest> = images.unread.iter().cloned().collect();
            let mut reads = stream::iter(unread)
                .map(|digest| async move {
                    let _permit = self.app.list_permits.acquire().await;
                    let tag = stream.tags.iter().find(|tag| tag.points_to(&digest));
                    let read = self.stream_image(stream, &digest, tag).await;
                    (digest, read)
                })
                .buffer_unordered(MAX_CONCURRENT_IMAGES);
            let mut has_children = false;
            while let Some((digest, read)) = reads.next().await {
                match read {
                    Ok(record) => has_children |= images.add_record(digest, Arc::new(record)),
                    Err(ApiError::NotFound) => images.add_deleted(digest),
                    Err(error) => images.fail(error),
                }
            }
            if !has_children {
                return;
            }
        }
    }

    async fn stream_image(
        &self,
        stream: &ImageStream,
        digest: &Digest,
        tag: Option<&Tag>,
    ) -> Result<ImageRecord, ApiError> {
        let (project, name) = (&stream.project, &stream.name);
        let image = match tag {
            Some(tag) => {
                let tag = Some(&tag.name);
                self.image_by_digest_or_tag(project, name, digest, tag)
                    .await
            }
            None => self.api_server.get_image(project, name, digest).await,
        };
        Ok((&image?).into())
    }
}

/// The images of an image stream, while they are read.
#[derive(Debug, Default)]
struct CollectedImages {
    records: BTreeMap<Digest, Arc<ImageRecord>>,
    deleted: BTreeSet<Digest>,
    unread: BTreeSet<Digest>,
    missing: Option<Unavailable>,
}

impl CollectedImages {
    /// Adds what is remembered of the images of the stream.
    fn add_known(&mut self, confirmed: &ConfirmedStream<'_>) {
        let images = confirmed.image_records();
        let unread = images.iter().filter(|(_, record)| record.is_none());
        self.unread.extend(unread.map(|(digest, _)| digest.clone()));
        for (digest, record) in images {
            let Some(record) = record else { continue };
            let children = record.blobs.children.clone();
            self.add_record(digest.clone(), record);
            for child in children {
                if let Some(record) = confirmed.child_record(&digest, &child) {
                    self.add_record(child, record);
                }
            }
        }
        for image in confirmed.absent_images() {
            if self.unread.contains(&image) {
                self.add_deleted(image);
            }
        }
    }

    fn add_layers(&mut self, layers: StreamLayers) {
        // The response names all images of the stream, also those whose objects are gone. Those that
        // it does not name stay unread, and are in no number.
        let listed = std::mem::take(&mut self.unread);
        for digest in layers.deleted {
            self.add_deleted(digest);
        }
        for (digest, record) in layers.images {
            self.add_record(digest, record);
        }
        // Images of indexes without an object are not named.
        self.deleted.append(&mut self.unread);
        let is_unread =
            |digest: &Digest| !self.records.contains_key(digest) && !self.deleted.contains(digest);
        self.unread = listed.into_iter().filter(is_unread).collect();
    }

    /// Adds an image. Returns whether it is an index with images that are not known yet.
    fn add_record(&mut self, digest: Digest, record: Arc<ImageRecord>) -> bool {
        self.unread.remove(&digest);
        self.deleted.remove(&digest);
        let mut has_unread = false;
        for child in &record.blobs.children {
            if !self.records.contains_key(child) && !self.deleted.contains(child) {
                has_unread |= self.unread.insert(child.clone());
            }
        }
        self.records.insert(digest, record);
        has_unread
    }

    fn add_deleted(&mut self, digest: Digest) {
        self.unread.remove(&digest);
        self.deleted.insert(digest);
    }

    fn fail(&mut self, error: ApiError) {
        if let Section::Missing { missing } = Section::<()>::from(Err(error)) {
            self.missing.get_or_insert(missing);
        }
    }
}
