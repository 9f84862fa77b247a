//! Which references of workloads mean an image stream, a tag or an image. Pure.

use std::collections::HashSet;

use super::{RecordedImage, UseKind};
use registry_model::{
    Digest, ImageStreamName, ProjectName, ReferencedImage, RegistryHosts, StreamReference, TagName,
    WorkloadImageReference,
};

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    pub(super) project: ProjectName,
    pub(super) stream: ImageStreamName,
    /// Whether pods of the project may name the image stream without a host and project.
    pub(super) local_lookup: bool,
    pub(super) hosts: RegistryHosts,
    pub(super) wanted: Wanted,
    /// The images; of an index, also its images. Of a whole image stream, all that it has.
    pub(super) digests: HashSet<Digest>,
    /// Their configs, by which Docker names images that it has not pulled by digest.
    pub(super) configs: HashSet<Digest>,
}

/// Which references to the image stream count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All.
    Stream,
    /// Those by one of these tags, or by one of the digests. None: by digest only.
    Tags(HashSet<TagName>),
}

/// What a reference is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// A use, by tag or digest, or by a digest without a repository.
    Use(Option<StreamReference>),
    /// The same image, which the container runs from another repository.
    SameImage,
}

impl Matcher {
    /// What a reference of a workload in `project` is. `None`: something else.
    pub(super) fn find(&self, project: &ProjectName, image: &RecordedImage) -> Option<Match> {
        if !self.may_match(&image.reference) {
            return None;
        }
        let is_running = image.kind == UseKind::Running;
        match image.reference.resolve(&self.hosts) {
            ReferencedImage::Stream(named, stream, reference) => {
                self.find_in_stream(&named, &stream, reference, is_running)
            }
            ReferencedImage::Local(stream, reference) => {
                if self.local_lookup {
                    self.find_in_stream(project, &stream, reference, is_running)
                } else {
                    self.same_image(reference.digest(), is_running)
                }
            }
            ReferencedImage::OtherRegistry(digest) => self.same_image(digest.as_ref(), is_running),
            ReferencedImage::Digest(digest) => {
                self.find_by_digest(project, &digest, image.named.as_deref())
            }
        }
    }

    /// Whether a reference has to be looked at: nearly all do not, and to resolve a pull spec takes
    /// much longer than this.
    fn may_match(&self, reference: &WorkloadImageReference) -> bool {
        let WorkloadImageReference::PullSpec(spec) = reference else {
            return true;
        };
        let names_stream = match spec.path().split_once('/') {
            Some((project, stream)) => {
                project == self.project.as_str() && stream == self.stream.as_str()
            }
            None => spec.path() == self.stream.as_str(),
        };
        names_stream
            || spec
                .digest()
                .is_some_and(|digest| self.digests.contains(digest))
    }

    fn find_in_stream(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: StreamReference,
        is_running: bool,
    ) -> Option<Match> {
        if *project != self.project || *stream != self.stream {
            return self.same_image(reference.digest(), is_running);
        }
        let is_wanted = match (&self.wanted, &reference) {
            (Wanted::Stream, _) => true,
            (Wanted::Tags(tags), StreamReference::Tag(tag)) => tags.contains(tag),
            (Wanted::Tags(_), StreamReference::Digest(digest)) => self.digests.contains(digest),
        };
        is_wanted.then_some(Match::Use(Some(reference)))
    }

    /// Only what runs is the same image for certain: what another registry has by a digest is of no
    /// interest here before it runs.
    fn same_image(&self, digest: Option<&Digest>, is_running: bool) -> Option<Match> {
        let is_same = is_running && digest.is_some_and(|digest| self.digests.contains(digest));
        is_same.then_some(Match::SameImage)
    }

    /// Of an image without a repository, what the pod names says which repository it is from.
    fn find_by_digest(
        &self,
        project: &ProjectName,
        digest: &Digest,
        named: Option<&WorkloadImageReference>,
    ) -> Option<Match> {
        let is_known = self.digests.contains(digest) || self.configs.contains(digest);
        let from = match named.map(|named| named.resolve(&self.hosts)) {
            Some(ReferencedImage::Stream(project, stream, reference)) => {
                Some((project, stream, reference))
            }
            Some(ReferencedImage::Local(stream, reference)) if self.local_lookup => {
                Some((project.clone(), stream, reference))
            }
            None | Some(ReferencedImage::Digest(_)) => {
                return is_known.then_some(Match::Use(None));
            }
            _ => None,
        };
        match from {
            Some((project, stream, reference))
                if project == self.project && stream == self.stream =>
            {
                (is_known || self.wanted == Wanted::Stream).then_some(Match::Use(Some(reference)))
            }
            _ => is_known.then_some(Match::SameImage),
        }
    }
}

#[cfg(test)]
mod tests;
