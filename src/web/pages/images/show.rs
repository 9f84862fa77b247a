//! `/images/{project}/{stream}:{tag}` and `/images/{project}/{stream}@{digest}`: an image with its
//! configuration, layers and attachments.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::connect::PullClient;
use crate::app::images::{
    ContentKind, ImageLookup, ImageReference, ImageTag, ImageView, PlatformKind, RawDocument,
};
use crate::app::live::ChangeScope;
use crate::app::section::{Section, Unavailable, UnavailableReason};
use crate::app::shell_command::ShellCommand;
use crate::app::space::ImageSpaceView;
use crate::i18n::Message;
use crate::web::components;
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::image_streams::used_by::usage_target;
use crate::web::pages::images::header::image_header;
use crate::web::pull_bar::{PullBar, PullParams};
use crate::web::render::{Area, Chrome, render};
use crate::web::storage_messages;
use crate::web::usage::{UsageBrief, load_brief};
use registry_model::build_history::LayerPairing;
use registry_model::manifest::{Artifact, ArtifactKind, SbomFormat};
use registry_model::{
    AttachmentKind, ByteSize, Compression, ImageStreamName, LayerToc, ProjectName, TotalSize,
};

/// How many tags are listed below the title.
const MAX_TAG_CHIPS: usize = 12;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "images/show.html")]
pub(super) struct ImagePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ImageView,
    #[serde(skip)]
    client: PullClient,
    #[serde(skip)]
    pull: Option<PullBar>,
    used_by: Section<UsageBrief>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    space: Option<ImageSpaceView>,
}

impl ImagePage {
    fn header(&self) -> PageHeader {
        let (lang, view) = (self.chrome.lang, &self.view);
        let (project, stream) = (&view.project, &view.stream);
        let compared = self.reference_text();
        let tag_as = links::tag_as(project, stream, &view.reference);
        let header = image_header(lang, project, stream, &view.reference)
            .with_kind(self.chrome.content_kind(&view.facts.kind))
            .when(view.can_tag_in_project, |header| {
                header.with_outlined_primary(tag_as.clone(), lang.msg("tag-as"))
            })
            // Elsewhere, which few who only view this project can.
            .when(view.can_tag && !view.can_tag_in_project, |header| {
                header.with_menu_item(tag_as.clone(), lang.msg("tag-as"))
            })
            .with_menu_item(
                links::compare_with(project, stream, &compared),
                lang.msg("compare-with"),
            );
        let ImageReference::Tag(tag) = &view.reference else {
            return header;
        };
        let header = match &view.previous {
            Some(previous) => header
                .when(view.can_roll_back, |header| {
                    header.with_secondary(
                        links::confirm_roll_back(project, stream, tag, previous),
                        lang.msg("roll-back-link"),
                    )
                })
                .with_menu_item(
                    links::compare_images(project, stream, &previous.to_string(), &compared),
                    lang.msg("compare-with-previous"),
                )
                .with_menu_item(
                    links::history_of_tag(project, stream, tag),
                    lang.msg("history"),
                ),
            None => header,
        };
        header.when(view.can_untag, |header| {
            header.with_dangerous_item(
                links::remove_tag(project, stream, tag),
                lang.msg("remove-tag-link"),
            )
        })
    }

    /// The tag, or the whole digest.
    fn reference_text(&self) -> String {
        match &self.view.reference {
            ImageReference::Tag(tag) => tag.to_string(),
            ImageReference::Digest(digest) => digest.to_string(),
        }
    }

    /// The tags that point to the image now: URL and text of each. The first ones, and how many
    /// more there are. Empty if the page's own tag is the only one.
    fn current_tags(&self) -> (Vec<(String, String)>, usize) {
        let view = &self.view;
        let Section::Ready(names) = &view.names else {
            return (Vec::new(), 0);
        };
        let current: Vec<&ImageTag> = names.iter().filter(|name| name.current).collect();
        let is_own = |name: &ImageTag| {
            (&name.project, &name.stream) == (&view.project, &view.stream)
                && view.reference == ImageReference::Tag(name.tag.clone())
        };
        if current.iter().all(|name| is_own(name)) {
            return (Vec::new(), 0);
        }
        let text = |name: &ImageTag| {
            if (&name.project, &name.stream) == (&view.project, &view.stream) {
                name.tag.to_string()
            } else {
                format!("{}/{}:{}", name.project, name.stream, name.tag)
            }
        };
        let shown = current.iter().take(MAX_TAG_CHIPS);
        (
            shown
                .map(|name| {
                    let href = links::tag(&name.project, &name.stream, &name.tag);
                    (href, text(name))
                })
                .collect(),
            current.len().saturating_sub(MAX_TAG_CHIPS) + view.more_names,
        )
    }

    /// The address of the page, where the pull bar sends what is chosen.
    fn own_link(&self) -> String {
        let view = &self.view;
        links::image_by_reference(&view.project, &view.stream, &view.reference)
    }

    fn document_size(&self, document: &RawDocument) -> String {
        let bytes = ByteSize(document.bytes.try_into().unwrap_or(u64::MAX));
        self.chrome.lang.format_size(bytes)
    }

    /// The sections below the first screen: id and title of each.
    fn section_links(&self) -> Vec<(&'static str, Message)> {
        let lang = self.chrome.lang;
        let facts = &self.view.facts;
        let sections = [
            ("facts", lang.msg("image-facts"), true),
            ("platforms", self.index_title(), !facts.platforms.is_empty()),
            ("artifact", lang.msg("artifact"), facts.artifact.is_some()),
            (
                "container",
                lang.msg("image-container"),
                facts.config.is_some(),
            ),
            ("recipe", lang.msg("build-history"), facts.recipe.is_some()),
            (
                "layers",
                lang.msg("layer-files"),
                facts.recipe.is_none() && !facts.layers.is_empty(),
            ),
            (
                "environment",
                lang.msg("environment"),
                facts
                    .config
                    .as_ref()
                    .is_some_and(|config| config.env.total() > 0),
            ),
            (
                "labels",
                lang.msg("labels"),
                facts
                    .config
                    .as_ref()
                    .is_some_and(|config| !config.labels.items.is_empty()),
            ),
            (
                "annotations",
                lang.msg("annotations"),
                !facts.annotations.items.is_empty(),
            ),
            (
                "attachments",
                lang.msg("attachments"),
                !self.view.attachments.is_empty(),
            ),
            ("names", self.names_title(), self.has_name_table()),
            (
                "manifest",
                lang.msg("raw-manifest"),
                self.view.raw_manifest.is_some(),
            ),
        ];
        sections
            .into_iter()
            .filter(|(.., there)| *there)
            .map(|(id, title, _)| (id, title))
            .collect()
    }

    /// Whether the page is about a tag, so that its title has no digest.
    fn names_tag(&self) -> bool {
        matches!(self.view.reference, ImageReference::Tag(_))
    }

    /// The title of the tags that point to the image.
    fn names_title(&self) -> Message {
        let lang = self.chrome.lang;
        if self.view.facts.artifact.is_some() {
            lang.msg("artifact-names")
        } else {
            lang.msg("image-names")
        }
    }

    /// Whether the table of tags has more than the tags below the title: tags that pointed to the
    /// image before, tags that are not named there, or none at all.
    fn has_name_table(&self) -> bool {
        let view = &self.view;
        match &view.names {
            Section::Missing { .. } => true,
            Section::Ready(names) => {
                let current = names.iter().filter(|name| name.current).count();
                current < names.len()
                    || current > MAX_TAG_CHIPS
                    || current == 0
                    || view.more_names > 0
            }
        }
    }

    /// What the registry stores for all images of an index. Absent if no size is known.
    fn index_size(&self) -> Option<TotalSize> {
        let facts = &self.view.facts;
        let images = || {
            let rows = facts.platforms.iter();
            rows.filter(|row| row.kind == PlatformKind::Image)
        };
        let is_complete = facts.more_platforms == 0
            && images().all(|row| row.size.is_some() && !row.size_at_least);
        let bytes: ByteSize = images().filter_map(|row| row.size).sum();
        (facts.kind == ContentKind::Index && images().any(|row| row.size.is_some())).then_some(
            TotalSize {
                bytes,
                at_least: !is_complete,
            },
        )
    }

    /// The title of the section that lists the manifests of an index.
    fn index_title(&self) -> Message {
        let lang = self.chrome.lang;
        if self.view.facts.kind == ContentKind::Index {
            lang.msg("platforms")
        } else {
            lang.msg("index-content")
        }
    }

    /// The sections that are missing: title and reason of each.
    fn missing_sections(&self) -> Vec<(Message, String)> {
        let (lang, view) = (self.chrome.lang, &self.view);
        let parts = [
            (lang.msg("image-object"), view.api_server_missing.as_ref()),
            (
                lang.msg("raw-manifest"),
                view.registry_missing
                    .as_ref()
                    .filter(|_| !view.commands.is_without_registry()),
            ),
            (lang.msg("raw-config"), view.config_missing.as_ref()),
        ];
        let missing = parts
            .into_iter()
            .filter_map(|(part, missing)| Some((part, missing?)));
        let why = |missing: &Unavailable| match &view.storage_failure {
            Some(submit_error) if missing.why == UnavailableReason::InStorage => {
                storage_messages::storage_error_message(submit_error, lang).to_string()
            }
            _ => self.chrome.missing_text(missing),
        };
        missing
            .map(|(part, missing)| (part, why(missing)))
            .collect()
    }

    /// Why the image config is missing. `None` if any of it is known.
    fn missing_config(&self) -> Option<&Unavailable> {
        if self.view.facts.config.is_some() {
            None
        } else {
            self.missing_registry_config()
        }
    }

    /// Why the part of the config that only the registry has is missing.
    fn missing_registry_config(&self) -> Option<&Unavailable> {
        self.view
            .config_missing
            .as_ref()
            .or(self.view.registry_missing.as_ref())
    }

    /// Whether the build history already displays each layer beside the step that made it.
    fn has_paired_build_history(&self) -> bool {
        self.view
            .facts
            .recipe
            .as_ref()
            .is_some_and(|recipe| recipe.pairing == LayerPairing::Complete)
    }

    /// Why the page has no command that fetches the image or artifact.
    fn no_pull_reason(&self) -> Option<Message> {
        let lang = self.chrome.lang;
        match self.view.facts.kind {
            ContentKind::ArtifactIndex => Some(lang.msg("no-pull-artifact-index")),
            ContentKind::BuildCache => Some(lang.msg("no-pull-build-cache")),
            ContentKind::EmptyIndex => Some(lang.msg("no-pull-empty-index")),
            // With an answer of the API server alone, the kind of artifact is unknown, and so is
            // the tool that fetches it.
            ContentKind::Artifact => match self.view.facts.artifact.as_ref().map(Artifact::kind) {
                Some(ArtifactKind::BuildCache) => Some(lang.msg("no-pull-build-cache")),
                Some(_) => None,
                None => Some(lang.msg("artifact-pull")),
            },
            ContentKind::Image | ContentKind::Schema1 | ContentKind::Index => None,
        }
    }

    /// Whether the layers are expanded: no other section displays them, and they are few enough.
    fn has_open_layers(&self) -> bool {
        !self.has_paired_build_history()
            && self.view.facts.layers.len() <= components::MAX_INITIAL_ROWS
    }

    /// The command that fetches an artifact: Helm for Helm charts, ORAS for anything else.
    fn artifact_command(&self) -> Option<ShellCommand> {
        let (artifact, repository) = (
            self.view.facts.artifact.as_ref()?,
            self.view.commands.repository.as_ref()?,
        );
        Some(match (&self.view.reference, artifact.kind()) {
            // A tag cannot contain the plus sign of a version. Helm replaces it by an underscore.
            (ImageReference::Tag(tag), ArtifactKind::HelmChart) => {
                let chart = format!("oci://{repository}");
                ShellCommand::new("helm pull")
                    .with_operand(chart)
                    .with_option("--version", tag.as_str().replace('_', "+"))
            }
            (_, ArtifactKind::BuildCache) => return None,
            (reference, _) => {
                ShellCommand::new("oras pull").with_operand(format!("{repository}{reference}"))
            }
        })
    }
}

pub(in crate::web) async fn show_image(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    reference: ImageReference,
    pull_params: &PullParams,
) -> Result<Response, WebError> {
    let title = format!("{project}/{stream}{}", reference.short());
    let target = usage_target(project, stream, Some(&reference));
    let app = caller.app();
    let (found, used_by) = tokio::join!(
        Box::pin(app.image(project, stream, reference)),
        load_brief(caller, target)
    );
    let view = match found? {
        ImageLookup::Found(view) => *view,
        ImageLookup::Absent(view) => {
            return Ok(crate::web::pages::images::absent::render_absent_image(
                caller,
                *view,
                title,
                pull_params.client(),
            ));
        }
    };
    let mut chrome = caller.chrome(Area::Images, title);
    // The content of a digest never changes.
    if let ImageReference::Tag(tag) = &view.reference {
        let scope = ChangeScope::Tag(
            project.clone(),
            stream.clone(),
            tag.clone(),
            Some(view.digest.clone()),
        );
        chrome = chrome.with_live_updates(&scope, view.page_revision.as_ref());
    }
    let page = ImagePage {
        chrome,
        client: pull_params.client(),
        pull: PullBar::for_image(&view, pull_params),
        space: app.known_image_space(project, stream, &view.digest),
        view,
        used_by,
    };
    let response = render(&caller.context, &page);
    Ok(match caller.context.format {
        ResponseFormat::Html => pull_params.remember(response),
        ResponseFormat::Json => response,
    })
}
