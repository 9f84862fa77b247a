//! Loads the images to compare.

use serde::Serialize;
use utoipa::ToSchema;

use super::candidates::{
    TagOfImage, TagSuggestion, images_newest_first, newest_pair, older_first, tag_of_image,
    tag_suggestions,
};
use super::{
    ComparedImage, ComparedSide, Comparison, ImageName, ImagePair, LayerComparison, Outcome,
    SettingsComparison, StepComparison,
};
use crate::app::AppForUser;
use crate::app::bounds::truncate_brief;
use crate::app::compare::platform::PlatformSelection;
use crate::app::compare::settings;
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::StreamFacts;
use crate::app::images::{ContentKind, ImageContent, ImageReference};
use crate::app::section::Section;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// What the page was asked to compare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CompareRequest {
    /// The two newest images of the image stream.
    #[default]
    Newest,
    /// Nothing, because one of the images is yet to be chosen.
    Unfinished,
    Two(ImageName, ImageName),
    /// Two tags of the image stream, the one with the older image first.
    Tags(TagName, TagName),
}

/// The page of an image stream that compares two images.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompareView {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// How many tags the image stream has.
    pub tag_count: usize,
    /// How many different images its tags point to, or have pointed to.
    pub image_count: usize,
    /// Tags to choose from, the highest version first.
    pub suggestions: Vec<TagSuggestion>,
    /// Absent if there is nothing to compare, or something is yet to be chosen.
    pub pair: Option<ImagePair>,
    /// The tags of the two images, where the page's image stream has them and they are named by
    /// digest.
    #[serde(skip)]
    pub from_tag: Option<TagOfImage>,
    #[serde(skip)]
    pub to_tag: Option<TagOfImage>,
    #[serde(skip)]
    pub facts: StreamFacts,
}

impl AppForUser<'_> {
    /// The comparison that `request` asks for, on the page of an image stream.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream of the page. Images that cannot be read are sections.
    pub async fn compare(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: CompareRequest,
        platform: Option<&str>,
    ) -> Result<CompareView, Failure> {
        let found = self.api_server.get_stream(project, stream).await;
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let images = images_newest_first(&found);
        let names = match request {
            CompareRequest::Newest => newest_pair(&found, &images),
            CompareRequest::Unfinished => None,
            CompareRequest::Two(from, to) => Some((from, to)),
            CompareRequest::Tags(one, other) => Some(older_first(&found, one, other)),
        };
        let (from_tag, to_tag) = names.as_ref().map_or((None, None), |(from, to)| {
            (tag_of_image(&found, from), tag_of_image(&found, to))
        });
        let pair = match names {
            Some((from, to)) => Some(self.image_pair(from, to, platform).await?),
            None => None,
        };
        Ok(CompareView {
            project: project.clone(),
            stream: stream.clone(),
            tag_count: found.tags.len(),
            image_count: images.len(),
            suggestions: tag_suggestions(&found),
            pair,
            from_tag,
            to_tag,
            facts: StreamFacts::from_stream(&found),
        })
    }

    /// Two images, and what differs.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`] only.
    pub(in crate::app) async fn image_pair(
        &self,
        from: ImageName,
        to: ImageName,
        platform: Option<&str>,
    ) -> Result<ImagePair, Failure> {
        let (from_content, to_content) = tokio::try_join!(
            self.image_content(&from.project, &from.stream, &from.reference),
            self.image_content(&to.project, &to.stream, &to.reference),
        )?;
        let selection = match (from_content.ready(), to_content.ready()) {
            (Some(from), Some(to)) => PlatformSelection::new(from, to, platform),
            _ => PlatformSelection::default(),
        };
        let (from_side, to_side) = tokio::try_join!(
            self.side(from, from_content, selection.from.as_ref()),
            self.side(to, to_content, selection.to.as_ref()),
        )?;
        let chosen = selection
            .platforms
            .as_ref()
            .is_none_or(|platforms| platforms.compared.is_some());
        Ok(ImagePair {
            outcome: outcome(&from_side, &to_side, chosen),
            platforms: selection.platforms,
            from: from_side.shown,
            to: to_side.shown,
        })
    }

    /// One side: with the image `of_index` in place of the index that lists it.
    async fn side(
        &self,
        name: ImageName,
        content: Section<ImageContent>,
        of_index: Option<&Digest>,
    ) -> Result<LoadedSide, Failure> {
        let child = match of_index {
            Some(digest) => {
                let reference = ImageReference::Digest(digest.clone());
                Some(
                    self.image_content(&name.project, &name.stream, &reference)
                        .await?,
                )
            }
            None => None,
        };
        let image = match &content {
            Section::Ready(whole) => Section::Ready(ComparedImage::new(whole, child.as_ref())),
            Section::Missing { missing } => Section::Missing {
                missing: missing.clone(),
            },
        };
        let compared = match (content, child) {
            (Section::Ready(_), Some(Section::Ready(child))) => Some(child),
            (Section::Ready(whole), None) if whole.facts.kind != ContentKind::Index => Some(whole),
            _ => None,
        };
        Ok(LoadedSide {
            shown: ComparedSide { name, image },
            compared,
        })
    }
}

/// A side, and the content that is compared.
struct LoadedSide {
    shown: ComparedSide,
    compared: Option<ImageContent>,
}

impl ComparedImage {
    /// The facts of `whole`, or those of `child`, which is an image of the index `whole`.
    fn new(whole: &ImageContent, child: Option<&Section<ImageContent>>) -> Self {
        let content = child.and_then(Section::ready).unwrap_or(whole);
        let facts = &content.facts;
        Self {
            digest: whole.digest.clone(),
            kind: whole.facts.kind,
            platform_digest: child
                .and_then(Section::ready)
                .map(|child| child.digest.clone()),
            platform_missing: child.and_then(Section::missing).cloned(),
            created: facts.created,
            size: facts.size,
            size_at_least: facts.size_at_least,
            platform: facts
                .config
                .as_ref()
                .and_then(settings::platform)
                .map(truncate_brief),
            layer_count: facts.layers.len() + facts.more_layers,
            registry_missing: content.registry_missing.clone(),
            config_missing: content.config_missing.clone(),
        }
    }
}

fn outcome(from: &LoadedSide, to: &LoadedSide, platform_chosen: bool) -> Outcome {
    let (Some(from_image), Some(to_image)) = (from.shown.image.ready(), to.shown.image.ready())
    else {
        return Outcome::Incomplete;
    };
    if from_image.digest == to_image.digest {
        return Outcome::Same;
    }
    if !from_image.kind.is_runnable() || !to_image.kind.is_runnable() {
        return Outcome::NotImages;
    }
    if !platform_chosen {
        return Outcome::NoCommonPlatform;
    }
    match (&from.compared, &to.compared) {
        (Some(from), Some(to)) => Outcome::Compared(Box::new(Comparison::new(from, to))),
        _ => Outcome::Incomplete,
    }
}

impl Comparison {
    fn new(from: &ImageContent, to: &ImageContent) -> Self {
        let exact_size = |content: &ImageContent| {
            content
                .facts
                .size
                .filter(|_| !content.facts.size_at_least)
                .and_then(|size| i64::try_from(size.0).ok())
        };
        let recipes = from.facts.recipe.as_ref().zip(to.facts.recipe.as_ref());
        Self {
            size_change: exact_size(from)
                .zip(exact_size(to))
                .map(|(from, to)| to - from),
            layers: LayerComparison::new(&from.facts, &to.facts),
            settings: SettingsComparison::new(from, to),
            steps: recipes.map(|(from, to)| StepComparison::new(from, to)),
        }
    }
}
