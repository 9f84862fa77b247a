//! The preview of removing many tags of an image stream at once.

use serde::Serialize;

use super::remove_tag::is_restorable;
use super::tag_selection::SelectableTag;
use crate::app::AppForUser;
use crate::app::cleanup::{RemovalFigures, images_in_history};
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::openshift::AccessRight;
use registry_model::{ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSpec};

/// How many tags one form removes: even with the longest names, and their digests, they fit into a
/// form of 64 KiB.
pub const MAX_TAGS_PER_FORM: usize = 290;

/// How many of the tags that keep an image are named.
const MAX_NAMED_TAGS: usize = 3;

/// What removing these tags would remove, and what it would keep.
#[derive(Clone, Debug, Serialize)]
pub struct BulkTagRemoval {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// The tags that are removed.
    pub going: Vec<TagToDelete>,
    /// Chosen tags that are gone already.
    pub missing: Vec<TagName>,
    #[serde(flatten)]
    pub figures: RemovalFigures,
    /// How many of the removed tags an undo can restore.
    pub restorable: usize,
    /// The tags that stay and track removed ones: each with the tag that it tracks.
    pub followers: Vec<Follower>,
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
    /// stream releases it.
    pub held: bool,
}

/// A tag that tracks another tag of the image stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Follower {
    pub tag: TagName,
    pub tracks: TagName,
}

impl AppForUser<'_> {
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
        let figures = RemovalFigures::new(&found, &going.iter().map(|tag| &tag.name).collect());
        let held = images_in_history(&staying);
        let can_be_restored = |tag: &&&Tag| {
            TagSpec::from_tag(tag, project, stream)
                .is_some_and(|spec| is_restorable(&spec, project, stream, |it| held.contains(it)))
        };
        let restorable = going.iter().filter(can_be_restored).count();
        let followers = staying
            .iter()
            .flat_map(|tag| {
                let tracked = going
                    .iter()
                    .filter(|gone| tag.tracks(project, stream, &gone.name));
                tracked.map(|gone| Follower {
                    tag: tag.name.clone(),
                    tracks: gone.name.clone(),
                })
            })
            .collect();
        let going: Vec<TagToDelete> = going
            .into_iter()
            .map(|tag| TagToDelete::new(tag, &staying, &found))
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
            figures,
            restorable,
            followers,
            allowed,
            oc,
            going,
        })
    }
}

impl TagToDelete {
    fn new(tag: &Tag, staying: &[&Tag], stream: &ImageStream) -> Self {
        let tag = SelectableTag::new(tag, stream);
        let points_there = |other: &&&Tag| {
            tag.digest.is_some()
                && other.current().and_then(|event| event.image.as_ref()) == tag.digest.as_ref()
        };
        let mut stays_under: Vec<TagName> = staying
            .iter()
            .filter(points_there)
            .map(|other| other.name.clone())
            .collect();
        let more = stays_under.len().saturating_sub(MAX_NAMED_TAGS);
        stays_under.truncate(MAX_NAMED_TAGS);
        let held = tag.digest.as_ref().is_some_and(|image| {
            staying
                .iter()
                .any(|other| other.has_image_in_history(image))
        });
        Self {
            tag,
            stays_under,
            more,
            held,
        }
    }
}
