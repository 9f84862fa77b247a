//! `/images/{project}/{stream}:{tag}` and `/images/{project}/{stream}@{digest}` if there is no
//! image: why not, and what the user can do about it.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::connect::{ContainerTool, PullClient, ToolCommand};
use crate::app::images::{AbsenceReason, AbsentImage, ImageReference};
use crate::app::live::ChangeScope;
use crate::app::section::UnavailableReason;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::images::header::image_header;
use crate::web::render::{Area, Chrome, render};
use registry_model::TagSource;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "images/absent.html")]
pub(super) struct AbsentImagePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: AbsentImage,
    /// The client whose commands push.
    #[serde(skip)]
    tool: ContainerTool,
}

impl AbsentImagePage {
    fn header(&self) -> PageHeader {
        let (lang, view) = (self.chrome.lang, &self.view);
        let (project, stream) = (&view.project, &view.stream);
        let header = image_header(lang, project, stream, &view.reference).with_kind(
            if view.reason == AbsenceReason::ReferenceOnly {
                lang.msg("source-reference")
            } else {
                lang.msg("no-image-yet")
            },
        );
        let ImageReference::Tag(tag) = &view.reference else {
            return header;
        };
        header
            .when(view.can_import, |header| {
                header.with_primary(
                    links::import(project, stream, Some(tag)),
                    lang.msg("stream-import"),
                )
            })
            .when(view.can_tag, |header| {
                header.with_secondary(
                    links::new_tag_with_name(project, stream, tag),
                    lang.msg("absent-point-elsewhere"),
                )
            })
            .when(view.can_untag, |header| {
                header.with_dangerous_item(
                    links::remove_tag(project, stream, tag),
                    lang.msg("remove-tag-link"),
                )
            })
    }

    /// The reason why there is no image, in a few words.
    fn title(&self) -> Message {
        let lang = self.chrome.lang;
        match self.view.reason {
            AbsenceReason::ReferenceOnly => lang.msg("absent-reference"),
            AbsenceReason::ImportFailed => lang.msg("absent-import-failed"),
            AbsenceReason::NotImported => lang.msg("absent-not-imported"),
            AbsenceReason::SourceEmpty => lang.msg("absent-source-empty"),
            AbsenceReason::NothingPushed => lang.msg("absent-nothing-pushed"),
            AbsenceReason::ImageDeleted => lang.msg("absent-deleted"),
            AbsenceReason::OnlyInRegistry => lang.msg("absent-only-registry"),
        }
    }

    /// The reason as a sentence, and its consequences.
    fn explanation(&self) -> Message {
        let lang = self.chrome.lang;
        let stays_in_history = self.view.reference_is_digest();
        match self.view.reason {
            AbsenceReason::ReferenceOnly => lang.msg("absent-reference-text"),
            AbsenceReason::ImportFailed => lang.msg("absent-import-failed-text"),
            AbsenceReason::NotImported => lang.msg("absent-not-imported-text"),
            AbsenceReason::SourceEmpty => lang.msg("absent-source-empty-text"),
            AbsenceReason::NothingPushed => lang.msg("absent-nothing-pushed-text"),
            AbsenceReason::ImageDeleted if stays_in_history => {
                lang.msg("absent-deleted-digest-text")
            }
            AbsenceReason::ImageDeleted => lang.msg("absent-deleted-text"),
            AbsenceReason::OnlyInRegistry => lang.msg("absent-only-registry-text"),
        }
    }

    /// Why the registry could not be queried. `None` if the registry answered or there is none: the
    /// explanation then covers it.
    fn registry_error_text(&self) -> Option<String> {
        let missing = &self.view.registry_missing;
        (missing.why != UnavailableReason::NotThere && !self.view.commands.is_without_registry())
            .then(|| self.chrome.missing_text(missing))
    }

    /// Whether pushing an image would give the tag an image.
    /// The commands that push an image under the tag. None where they would not help.
    fn push_commands(&self) -> Vec<&ToolCommand> {
        if self.view.reference_is_digest() || self.view.reason == AbsenceReason::ReferenceOnly {
            return Vec::new();
        }
        let all = self.view.commands.push.iter();
        all.filter(|command| command.tool == self.tool).collect()
    }
}

pub(in crate::web::pages) fn render_absent_image(
    caller: &SignedIn,
    view: AbsentImage,
    title: String,
    client: PullClient,
) -> Response {
    let mut chrome = caller.chrome(Area::Images, title);
    if let ImageReference::Tag(tag) = &view.reference {
        let scope = ChangeScope::Tag(
            view.project.clone(),
            view.stream.clone(),
            tag.clone(),
            view.digest.clone(),
        );
        chrome = chrome.with_live_updates(&scope, view.page_revision.as_ref());
    }
    let tool = match client {
        PullClient::Docker => ContainerTool::Docker,
        _ => ContainerTool::Podman,
    };
    render(&caller.context, &AbsentImagePage { chrome, view, tool })
}
