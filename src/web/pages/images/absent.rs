//! `/images/{project}/{stream}:{tag}` and `/images/{project}/{stream}@{digest}` if there is no
//! image: why not, and what the user can do about it.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::images::{AbsenceReason, AbsentImage, ImageReference};
use crate::app::live::ChangeScope;
use crate::app::section::UnavailableReason;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use registry_model::TagSource;

#[derive(Template, Serialize)]
#[template(path = "images/absent.html")]
struct AbsentImagePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: AbsentImage,
}

impl AbsentImagePage {
    /// Stream and tag, or stream and the beginning of the digest.
    fn heading(&self) -> String {
        match &self.view.reference {
            ImageReference::Tag(tag) => format!("{}:{tag}", self.view.stream),
            ImageReference::Digest(digest) => format!("{}@{}", self.view.stream, digest.short()),
        }
    }

    /// The last step of the breadcrumb.
    fn short_reference(&self) -> String {
        match &self.view.reference {
            ImageReference::Tag(tag) => tag.to_string(),
            ImageReference::Digest(digest) => digest.short(),
        }
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

    /// The actions on other pages: URL and label of each.
    fn actions(&self) -> Vec<(String, Message)> {
        let (lang, view) = (self.chrome.lang, &self.view);
        let ImageReference::Tag(tag) = &view.reference else {
            return Vec::new();
        };
        let all = [
            (
                view.can_import,
                links::import(&view.project, &view.stream, Some(tag)),
                lang.msg("stream-import"),
            ),
            (
                view.can_tag,
                links::new_tag_with_name(&view.project, &view.stream, tag),
                lang.msg("absent-point-elsewhere"),
            ),
            (
                view.can_untag,
                links::remove_tag(&view.project, &view.stream, tag),
                lang.msg("remove-tag-link"),
            ),
        ];
        all.into_iter()
            .filter(|(offered, ..)| *offered)
            .map(|(_, href, label)| (href, label))
            .collect()
    }

    /// Whether pushing an image would give the tag an image.
    fn offers_push(&self) -> bool {
        !self.view.commands.push.is_empty()
            && !self.view.reference_is_digest()
            && self.view.reason != AbsenceReason::ReferenceOnly
    }
}

pub(in crate::web::pages) fn render_absent_image(
    caller: &SignedIn,
    view: AbsentImage,
    title: String,
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
    render(&caller.context, &AbsentImagePage { chrome, view })
}
