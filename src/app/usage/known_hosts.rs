//! The hosts under which the integrated registry is known.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::openshift::ApiError;
use registry_model::pull_spec::PullSpec;
use registry_model::{ImageStream, ImageStreamName, ProjectName, RegistryHosts};

/// More hosts than a registry has, over all addresses that its service had.
const MAX_LEARNED_HOSTS: usize = 16;

/// The hosts of the registry: those that are configured, and those that the API server writes into
/// image streams. Cheap to clone; clones share the hosts.
#[derive(Clone, Debug)]
pub(in crate::app) struct KnownHosts(Arc<Mutex<LearnedHosts>>);

#[derive(Debug)]
struct LearnedHosts {
    hosts: RegistryHosts,
    learned: usize,
    /// Whether an image stream was read, with hosts that were not known or without.
    has_read: bool,
}

impl KnownHosts {
    /// The hosts that all clusters use, and `configured` ones.
    pub(in crate::app) fn new<'h>(configured: impl IntoIterator<Item = &'h str>) -> Self {
        let mut hosts = RegistryHosts::new();
        configured.into_iter().for_each(|host| hosts.add(host));
        Self(Arc::new(Mutex::new(LearnedHosts {
            hosts,
            learned: 0,
            has_read: false,
        })))
    }

    /// Adds the hosts in the status of an image stream, which only the API server sets.
    pub(super) fn learn(&self, stream: &ImageStream) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.has_read = true;
        let mut hosts = known.hosts.clone();
        hosts.add_repository(&stream.internal_repository, &stream.project, &stream.name);
        let public = stream.public_repository.as_deref();
        if let Some(host) = public
            .and_then(|name| name.parse::<PullSpec>().ok())
            .as_ref()
            .and_then(PullSpec::host)
        {
            hosts.add(host);
        }
        if hosts != known.hosts && known.learned < MAX_LEARNED_HOSTS {
            known.hosts = hosts;
            known.learned += 1;
        }
    }

    pub(super) fn hosts(&self) -> RegistryHosts {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.hosts.clone()
    }

    fn has_read(&self) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.has_read
    }
}

impl AppForUser<'_> {
    /// An image stream, whose hosts are learned.
    pub(super) async fn stream_of_registry(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<ImageStream, Failure> {
        let found = self.api_server.get_stream(project, stream).await;
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        self.app.known_hosts.learn(&found);
        Ok(found)
    }

    /// The same of an image stream that another part of the page reads. Where that part does not
    /// send it, it is read here.
    pub(super) async fn shown_stream_of_registry(
        &self,
        shown: oneshot::Receiver<ImageStream>,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<ImageStream, Failure> {
        let Ok(found) = shown.await else {
            return self.stream_of_registry(project, stream).await;
        };
        self.app.known_hosts.learn(&found);
        Ok(found)
    }

    /// The hosts of the registry. Until an image stream was read, the API server is asked for one:
    /// `any` of those that the user sees.
    pub(super) async fn known_registry_hosts(
        &self,
        any: Option<(&ProjectName, &ImageStreamName)>,
    ) -> RegistryHosts {
        let known = &self.app.known_hosts;
        if let Some((project, stream)) = any.filter(|_| !known.has_read()) {
            let found: Result<ImageStream, ApiError> =
                self.api_server.get_stream(project, stream).await;
            if let Ok(stream) = found {
                known.learn(&stream);
            }
        }
        known.hosts()
    }
}
