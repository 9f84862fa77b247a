//! Removing many tags of an image stream at once, and restoring them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::remove_tag::TimestampedStream;
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal};
use crate::app::change_lock::ChangeDeadlines;
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::app::tags::set_tag::SeenTag;
use crate::openshift::AccessRight;
use registry_model::{
    Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSpec, TagSpecSource,
    version_order,
};

/// How many tags one form removes: even with the longest names, and their digests, they fit into a
/// form of 64 KiB.
pub const MAX_TAGS_PER_FORM: usize = 290;

/// Shorter texts are not looked for in digests.
const MIN_DIGEST_CHARS: usize = 6;

/// How many of the tags that keep an image are named.
const MAX_NAMED_TAGS: usize = 3;

/// The tags from which the user chooses.
#[derive(Clone, Debug, Serialize)]
pub struct TagChoice {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Only tags whose name or digest contains this. Empty: all.
    pub text: String,
    /// The tags, in order of their versions.
    pub tags: Vec<SelectableTag>,
    /// How many more match.
    pub more: usize,
    /// How many tags the image stream has.
    pub all: usize,
    /// Whether the API server allows the user to remove any.
    pub allowed: bool,
}

/// A tag that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectableTag {
    pub name: TagName,
    /// The image that it points to.
    pub digest: Option<Digest>,
    /// When it was last changed.
    pub updated: Option<chrono::DateTime<chrono::Utc>>,
}

/// What removing these tags would remove, and what it would keep.
#[derive(Clone, Debug, Serialize)]
pub struct BulkTagRemoval {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// The tags that are removed.
    pub going: Vec<TagToDelete>,
    /// Chosen tags that are gone already.
    pub missing: Vec<TagName>,
    /// How many tags of the image stream stay.
    pub staying: usize,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// The same as an `oc` command.
    pub oc: ShellCommand,
}

/// A tag that is removed.
#[derive(Clone, Debug, Serialize)]
pub struct TagToDelete {
    #[serde(flatten)]
    pub tag: SelectableTag,
    /// The first few tags of the image stream that point to the same image and stay.
    pub stays_under: Vec<TagName>,
    /// How many more of them there are.
    pub more: usize,
    /// Whether a tag that stays points to the image or has pointed to it. Otherwise the image
    /// stream releases it, and the removal cannot be undone.
    pub held: bool,
}

/// A tag that the user asked to remove or restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRemovalRequest {
    pub name: TagName,
    /// What the user was shown of the tag. `None`: nothing, and its current state is accepted.
    pub seen: Option<SeenTag>,
}

/// The result of many removals.
#[derive(Debug, Default)]
pub struct TagRemovalOutcome {
    /// The tags that were removed, with the tag spec that restores each; `None` if its image is no
    /// longer in the image stream.
    pub removed: Vec<(TagName, Option<TagSpec>)>,
    /// The tags that were not removed, with the reason:
    /// [`RefusalReason::Stale`](crate::app::change::RefusalReason::Stale) if one points to another
    /// image than was shown.
    pub failed: Vec<(TagName, Refusal)>,
}

impl AppForUser<'_> {
    /// The tags of an image stream whose names or digests contain `text`.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn tag_choice(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        text: &str,
    ) -> Result<TagChoice, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.api_server.get_stream(project, stream),
            self.review_access([AccessRight::delete_tags(project)])
        );
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let mut tags = matching_tags(&found, text);
        let more = tags.len().saturating_sub(MAX_TAGS_PER_FORM);
        tags.truncate(MAX_TAGS_PER_FORM);
        Ok(TagChoice {
            project: project.clone(),
            stream: stream.clone(),
            text: text.to_owned(),
            all: found.tags.len(),
            tags,
            more,
            allowed,
        })
    }

    /// What removing these tags would remove.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn bulk_tag_removal(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        names: &[TagName],
    ) -> Result<BulkTagRemoval, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.api_server.get_stream(project, stream),
            self.review_access([AccessRight::delete_tags(project)])
        );
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let (going, staying): (Vec<&Tag>, Vec<&Tag>) =
            found.tags.iter().partition(|tag| names.contains(&tag.name));
        let going: Vec<TagToDelete> = going
            .into_iter()
            .map(|tag| tag_to_delete(tag, &staying))
            .collect();
        let missing = names
            .iter()
            .filter(|name| going.iter().all(|tag| tag.tag.name != **name))
            .cloned()
            .collect();
        let paths = going
            .iter()
            .map(|tag| format!("{project}/{stream}:{}", tag.tag.name));
        let oc = ShellCommand::new("oc tag -d").with_operands(paths);
        Ok(BulkTagRemoval {
            project: project.clone(),
            stream: stream.clone(),
            missing,
            staying: staying.len(),
            allowed,
            oc,
            going,
        })
    }

    /// Removes the tags one after the other, because all of them are parts of one object. Tags that
    /// are gone already count as removed. A tag that points to another image than the user was
    /// shown stays. A refusal does not stop the others.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream, or that the user is no longer signed in: what was
    /// removed until then is gone.
    pub async fn remove_tags(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        requests: Vec<TagRemovalRequest>,
    ) -> Result<TagRemovalOutcome, Failure> {
        let time = ChangeDeadlines::from_now();
        let found = self
            .api_server
            .get_stream(project, stream)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let mut last_read = Some(TimestampedStream::new(found.clone()));
        let first_read = TimestampedStream::new(found);
        let mut removed = TagRemovalOutcome::default();
        for request in requests {
            let current = &last_read.as_ref().unwrap_or(&first_read).stream;
            let spec = current
                .tags
                .iter()
                .find(|tag| tag.name == request.name)
                .and_then(|tag| TagSpec::from_tag(tag, project, stream));
            let outcome = time
                .run_before_deadline(self.remove_tag_before(
                    project,
                    stream,
                    &request,
                    &mut last_read,
                    time,
                ))
                .await;
            match outcome.map_err(ChangeError::into_refusal) {
                Ok(()) => removed.removed.push((request.name, spec)),
                Err(refusal) => removed.failed.push((request.name, refusal?)),
            }
        }
        let removed_tags: BTreeSet<TagName> = removed
            .removed
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        let current = last_read.unwrap_or(first_read).stream;
        let held = |image: &Digest| {
            current
                .tags
                .iter()
                .any(|tag| !removed_tags.contains(&tag.name) && tag.has_image_in_history(image))
        };
        let is_there = |spec: &TagSpec| match &spec.from {
            TagSpecSource::Image(of, source, image) if of == project && source == stream => {
                held(image)
            }
            TagSpecSource::Image(..) | TagSpecSource::Tag(..) | TagSpecSource::External(_) => true,
        };
        removed
            .removed
            .iter_mut()
            .for_each(|(_, spec)| *spec = spec.take().filter(is_there));
        Ok(removed)
    }

    /// Restores tags that were removed, each if its name is still free and the image stream still
    /// contains the image. Returns the result of each, in order.
    ///
    /// # Errors
    ///
    /// Only that the user is no longer signed in: what was restored until then stays.
    pub async fn restore_tags(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tags: Vec<(TagName, TagSpec)>,
    ) -> Result<Vec<Option<Refusal>>, Failure> {
        let time = ChangeDeadlines::from_now();
        let mut outcomes = Vec::with_capacity(tags.len());
        for (tag, spec) in tags {
            let outcome = time
                .run_before_deadline(self.restore_tag_before(project, stream, &tag, &spec, time))
                .await;
            outcomes.push(outcome.err().map(ChangeError::into_refusal).transpose()?);
        }
        Ok(outcomes)
    }
}

fn current_digest(tag: &Tag) -> Option<Digest> {
    tag.current().and_then(|event| event.image.clone())
}

fn tag_to_delete(tag: &Tag, staying: &[&Tag]) -> TagToDelete {
    let image = current_digest(tag);
    let same = |other: &&&Tag| image.is_some() && current_digest(other) == image;
    let mut stays_under: Vec<TagName> = staying
        .iter()
        .filter(same)
        .map(|other| other.name.clone())
        .collect();
    let more = stays_under.len().saturating_sub(MAX_NAMED_TAGS);
    stays_under.truncate(MAX_NAMED_TAGS);
    let held = image.is_some_and(|image| {
        staying
            .iter()
            .any(|other| other.has_image_in_history(&image))
    });
    TagToDelete {
        tag: selectable_tag(tag),
        stays_under,
        more,
        held,
    }
}

fn selectable_tag(tag: &Tag) -> SelectableTag {
    SelectableTag {
        name: tag.name.clone(),
        digest: current_digest(tag),
        updated: tag.current().and_then(|event| event.created),
    }
}

fn matching_tags(stream: &ImageStream, text: &str) -> Vec<SelectableTag> {
    let needle = text.to_lowercase();
    // A few letters are in most digests.
    let has_digest = |tag: &Tag| {
        needle.len() >= MIN_DIGEST_CHARS
            && current_digest(tag).is_some_and(|digest| digest.to_string().contains(&needle))
    };
    let found = stream
        .tags
        .iter()
        .filter(|tag| tag.name.as_str().to_lowercase().contains(&needle) || has_digest(tag));
    let mut tags: Vec<SelectableTag> = found.map(selectable_tag).collect();
    tags.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
    tags
}
