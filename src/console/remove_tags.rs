//! Removing many tags of a stream at once.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::time::Instant;

use super::change::{ChangeFailed, Refusal, RefusedBecause};
use super::oc::Oc;
use super::{AsUser, Failure, Subject};
use crate::model::{Digest, ImageStream, ImageStreamName, ProjectName, TagName, version_order};
use crate::openshift::{Access, Error};

/// How long removals are begun: what is left then is said, before the page is out of time.
const PATIENCE: Duration = Duration::from_secs(6);

/// How many tags are removed at once.
const SIDE_BY_SIDE: usize = 4;

/// How many tags one form removes: even with the longest names they fit into a form of 64 KiB.
pub const MOST: usize = 400;

/// Tags to choose from.
#[derive(Clone, Debug, Serialize)]
pub struct TagChoice {
    /// The project.
    pub project: ProjectName,
    /// The image stream.
    pub stream: ImageStreamName,
    /// Only tags whose name contains this. Empty: all.
    pub text: String,
    /// The tags, in order of their versions.
    pub tags: Vec<ChosenTag>,
    /// How many more match.
    pub more: usize,
    /// How many tags the stream has.
    pub all: usize,
    /// Whether the master lets the person remove any.
    pub allowed: bool,
}

/// A tag to be removed, perhaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChosenTag {
    /// Its name.
    pub name: TagName,
    /// What it points at.
    pub digest: Option<Digest>,
    /// When it was last changed.
    pub updated: Option<chrono::DateTime<chrono::Utc>>,
}

/// What became of many removals.
#[derive(Debug, Default)]
pub struct Removed {
    /// How many tags are gone.
    pub gone: usize,
    /// Those that are not, and why.
    pub left: Vec<(TagName, Refusal)>,
}

impl AsUser<'_> {
    /// The tags of a stream whose names contain `text`.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn tag_choice(&self, project: &ProjectName, stream: &ImageStreamName, text: &str) -> Result<TagChoice, Failure> {
        let (found, [allowed]) = tokio::join!(self.master.image_stream(project, stream), self.allowed([Access::delete_tags(project)]));
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let mut tags = matching(&found, text);
        let more = tags.len().saturating_sub(MOST);
        tags.truncate(MOST);
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

    /// Removes the tags, a few at a time; those that are gone already count as removed. One that is refused keeps none of the others.
    ///
    /// # Errors
    ///
    /// Only when nobody is signed in any more: what was removed until then is gone.
    pub async fn remove_tags(&self, project: &ProjectName, stream: &ImageStreamName, tags: Vec<TagName>) -> Result<Removed, Failure> {
        let begun = Instant::now();
        let outcomes = stream::iter(tags)
            .map(async |tag| {
                if begun.elapsed() > PATIENCE {
                    return (tag, Err(Refusal::because(RefusedBecause::Busy).into()));
                }
                let outcome = match self.master.remove_tag(project, stream, &tag).await {
                    Ok(()) | Err(Error::NotFound) => Ok(()),
                    Err(error) => Err(ChangeFailed::from(error)),
                };
                (tag, outcome)
            })
            .buffered(SIDE_BY_SIDE)
            .collect::<Vec<_>>()
            .await;
        let mut removed = Removed::default();
        for (tag, outcome) in outcomes {
            match outcome {
                Ok(()) => removed.gone += 1,
                Err(ChangeFailed::Refused(refusal)) => removed.left.push((tag, refusal)),
                Err(ChangeFailed::Failure(failure)) => return Err(failure),
            }
        }
        Ok(removed)
    }
}

impl TagChoice {
    /// The same in a terminal, for the tags of these names.
    #[must_use]
    pub fn oc(&self, names: &[TagName]) -> Oc {
        let paths = names.iter().map(|name| format!("{}/{}:{name}", self.project, self.stream));
        Oc::new(["tag", "-d"].map(str::to_owned).into_iter().chain(paths))
    }
}

fn matching(stream: &ImageStream, text: &str) -> Vec<ChosenTag> {
    let wanted = text.to_lowercase();
    let mut tags: Vec<ChosenTag> = stream
        .tags
        .iter()
        .filter(|tag| tag.name.as_str().to_lowercase().contains(&wanted))
        .map(|tag| ChosenTag {
            name: tag.name.clone(),
            digest: tag.current().and_then(|event| event.image.clone()),
            updated: tag.current().and_then(|event| event.created),
        })
        .collect();
    tags.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
    tags
}
