//! Removing many tags of a stream at once, and putting them back.

use std::collections::BTreeSet;

use serde::Serialize;

use super::remove_tag::ReadStream;
use crate::app::AsUser;
use crate::app::change::{ChangeFailed, Refusal};
use crate::app::failure::{Failure, Subject};
use crate::app::serialized::ChangeTime;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::set_tag::Shown;
use crate::openshift::Access;
use registry_model::{
    Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSpec, TagTarget,
    version_order,
};

/// How many tags one form removes: even with the longest names, and the digests beside them, they
/// fit into a form of 64 KiB.
pub const MOST: usize = 290;

/// A text that is shorter than this is not looked for in digests.
const SHORTEST_DIGEST: usize = 6;

/// How many of the tags that keep an image are named.
const NAMED: usize = 3;

/// Tags to choose from.
#[derive(Clone, Debug, Serialize)]
pub struct TagChoice {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Only tags whose name or digest contains this. Empty: all.
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
    pub name: TagName,
    /// What it points at.
    pub digest: Option<Digest>,
    /// When it was last changed.
    pub updated: Option<chrono::DateTime<chrono::Utc>>,
}

/// What removing these tags would take, and what not.
#[derive(Clone, Debug, Serialize)]
pub struct TagRemovals {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// The tags that go.
    pub going: Vec<GoingTag>,
    /// Chosen ones that are gone already.
    pub missing: Vec<TagName>,
    /// How many tags of the stream stay.
    pub staying: usize,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: ShellCommand,
}

/// A tag that goes.
#[derive(Clone, Debug, Serialize)]
pub struct GoingTag {
    #[serde(flatten)]
    pub tag: ChosenTag,
    /// The first few tags of the stream that point at the same image and stay.
    pub stays_under: Vec<TagName>,
    /// How many more of them there are.
    pub more: usize,
    /// Whether a tag that stays points at the image or has pointed at it. Else the stream lets go
    /// of it, and there is no way back.
    pub held: bool,
}

/// A tag that somebody asked to remove, or to put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub name: TagName,
    /// What they were shown that it points at. Absent: they were not, and take it as it is.
    pub seen: Option<Shown>,
}

/// What became of many removals.
#[derive(Debug, Default)]
pub struct Removed {
    /// The tags that are gone, and what brings each back: absent where that was an image that the
    /// stream no longer holds.
    pub gone: Vec<(TagName, Option<TagSpec>)>,
    /// Those that are not, and why: [`RefusedBecause::Stale`](crate::app::change::RefusedBecause::Stale) where
    /// one points at something else than was shown.
    pub left: Vec<(TagName, Refusal)>,
}

impl AsUser<'_> {
    /// The tags of a stream whose names or digests contain `text`.
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
            self.master.image_stream(project, stream),
            self.allowed([Access::delete_tags(project)])
        );
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

    /// What removing these tags would mean.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn tag_removals(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        names: &[TagName],
    ) -> Result<TagRemovals, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.master.image_stream(project, stream),
            self.allowed([Access::delete_tags(project)])
        );
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let (going, staying): (Vec<&Tag>, Vec<&Tag>) =
            found.tags.iter().partition(|tag| names.contains(&tag.name));
        let going: Vec<GoingTag> = going
            .into_iter()
            .map(|tag| going_tag(tag, &staying))
            .collect();
        let missing = names
            .iter()
            .filter(|name| going.iter().all(|tag| tag.tag.name != **name))
            .cloned()
            .collect();
        let paths = going
            .iter()
            .map(|tag| format!("{project}/{stream}:{}", tag.tag.name));
        let oc = ShellCommand::new("oc tag -d").operands(paths);
        Ok(TagRemovals {
            project: project.clone(),
            stream: stream.clone(),
            missing,
            staying: staying.len(),
            allowed,
            oc,
            going,
        })
    }

    /// Removes the tags, one after the other: all of them are parts of one object. Those that are
    /// gone already count as removed. A tag that points at something else than the person was shown
    /// stays. One that is refused keeps none of the others.
    ///
    /// # Errors
    ///
    /// The failure to read the stream, or nobody is signed in any more: what was removed until then
    /// is gone.
    pub async fn remove_tags(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        asked: Vec<Asked>,
    ) -> Result<Removed, Failure> {
        let time = ChangeTime::starting_now();
        let found = self
            .master
            .image_stream(project, stream)
            .await
            .map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let mut last_read = Some(ReadStream::now(found.clone()));
        let first_read = ReadStream::now(found);
        let mut removed = Removed::default();
        for asked in asked {
            let read = &last_read.as_ref().unwrap_or(&first_read).stream;
            let spec = read
                .tags
                .iter()
                .find(|tag| tag.name == asked.name)
                .and_then(|tag| TagSpec::of(tag, project, stream));
            let outcome = time
                .bound(self.remove_tag_in_turn(project, stream, &asked, &mut last_read, time))
                .await;
            match outcome.map_err(ChangeFailed::refusal) {
                Ok(()) => removed.gone.push((asked.name, spec)),
                Err(refusal) => removed.left.push((asked.name, refusal?)),
            }
        }
        let gone: BTreeSet<TagName> = removed.gone.iter().map(|(name, _)| name.clone()).collect();
        let read = last_read.unwrap_or(first_read).stream;
        let held = |image: &Digest| {
            read.tags
                .iter()
                .any(|tag| !gone.contains(&tag.name) && tag.has_held(image))
        };
        let is_there = |spec: &TagSpec| match &spec.from {
            TagTarget::Image(of, source, image) if of == project && source == stream => held(image),
            TagTarget::Image(..) | TagTarget::Tag(..) | TagTarget::External(_) => true,
        };
        removed
            .gone
            .iter_mut()
            .for_each(|(_, spec)| *spec = spec.take().filter(is_there));
        Ok(removed)
    }

    /// Puts tags back that were removed, each if it is still free and the stream still holds the
    /// image. What came of each, in order.
    ///
    /// # Errors
    ///
    /// Only when nobody is signed in any more: what was put back until then is back.
    pub async fn restore_tags(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        wanted: Vec<(TagName, TagSpec)>,
    ) -> Result<Vec<Option<Refusal>>, Failure> {
        let time = ChangeTime::starting_now();
        let mut outcomes = Vec::with_capacity(wanted.len());
        for (tag, spec) in wanted {
            let outcome = time
                .bound(self.restore_tag_in_turn(project, stream, &tag, &spec, time))
                .await;
            outcomes.push(outcome.err().map(ChangeFailed::refusal).transpose()?);
        }
        Ok(outcomes)
    }
}

fn points_at(tag: &Tag) -> Option<Digest> {
    tag.current().and_then(|event| event.image.clone())
}

fn going_tag(tag: &Tag, staying: &[&Tag]) -> GoingTag {
    let image = points_at(tag);
    let same = |other: &&&Tag| image.is_some() && points_at(other) == image;
    let mut stays_under: Vec<TagName> = staying
        .iter()
        .filter(same)
        .map(|other| other.name.clone())
        .collect();
    let more = stays_under.len().saturating_sub(NAMED);
    stays_under.truncate(NAMED);
    let held = image.is_some_and(|image| staying.iter().any(|other| other.has_held(&image)));
    GoingTag {
        tag: chosen(tag),
        stays_under,
        more,
        held,
    }
}

fn chosen(tag: &Tag) -> ChosenTag {
    ChosenTag {
        name: tag.name.clone(),
        digest: points_at(tag),
        updated: tag.current().and_then(|event| event.created),
    }
}

fn matching(stream: &ImageStream, text: &str) -> Vec<ChosenTag> {
    let wanted = text.to_lowercase();
    // A few letters are in most digests.
    let has_digest = |tag: &Tag| {
        wanted.len() >= SHORTEST_DIGEST
            && points_at(tag).is_some_and(|digest| digest.to_string().contains(&wanted))
    };
    let found = stream
        .tags
        .iter()
        .filter(|tag| tag.name.as_str().to_lowercase().contains(&wanted) || has_digest(tag));
    let mut tags: Vec<ChosenTag> = found.map(chosen).collect();
    tags.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
    tags
}
