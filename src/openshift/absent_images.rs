//! Images of image streams that have no object. They are not requested for each page.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use registry_model::{Clock, Digest, ImageStream, ImageStreamName, ProjectName};

/// How long the images of an unchanged image stream are not requested again. A push of the same image
/// creates its object again without a change of the image stream.
const ABSENT_TTL: TimeDelta = TimeDelta::minutes(2);

/// How many image streams have an entry.
const MAX_STREAMS: usize = 2_000;

/// Which images of which image streams the API server had no object for. Shared by all users, who are
/// told only about image streams that they have just read. Cheap to clone; clones share the entries.
#[derive(Clone, Debug)]
pub(super) struct AbsentImages {
    entries: Arc<Mutex<HashMap<(ProjectName, ImageStreamName), Entry>>>,
    clock: Clock,
}

#[derive(Debug)]
struct Entry {
    resource_version: String,
    images: BTreeSet<Digest>,
    read_at: DateTime<Utc>,
}

impl AbsentImages {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            entries: Arc::default(),
            clock,
        }
    }

    /// The images that had no object when this version of the image stream was last read.
    pub(super) fn of_stream(&self, stream: &ImageStream) -> BTreeSet<Digest> {
        let now = self.clock.now();
        let entries = self.lock();
        let entry = entries
            .get(&key(stream))
            .filter(|entry| now - entry.read_at < ABSENT_TTL)
            .filter(|entry| stream.resource_version.as_ref() == Some(&entry.resource_version));
        entry.map(|entry| entry.images.clone()).unwrap_or_default()
    }

    /// Sets the images of this version of the image stream that have no object: those that were known,
    /// and those that a request has just found.
    pub(super) fn insert(&self, stream: &ImageStream, images: BTreeSet<Digest>) {
        let Some(resource_version) = stream.resource_version.clone() else {
            return;
        };
        let (now, mut entries) = (self.clock.now(), self.lock());
        if entries.len() >= MAX_STREAMS {
            entries.retain(|_, entry| now - entry.read_at < ABSENT_TTL);
        }
        let known = entries.remove(&key(stream)).filter(|known| {
            known.resource_version == resource_version && now - known.read_at < ABSENT_TTL
        });
        if entries.len() < MAX_STREAMS {
            let entry = Entry {
                resource_version,
                images,
                // Those that were known before have not been requested again.
                read_at: known.map_or(now, |known| known.read_at),
            };
            entries.insert(key(stream), entry);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(ProjectName, ImageStreamName), Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(stream: &ImageStream) -> (ProjectName, ImageStreamName) {
    (stream.project.clone(), stream.name.clone())
}
